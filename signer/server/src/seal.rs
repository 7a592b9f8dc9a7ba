//! Secrets at rest: AES-256-GCM under a key that argon2id derives from a credential, in a small JSON file.
//!
//! What the secrets belong to goes into the associated data, so that a sealed file opens beside its own public files
//! only. The costs are fixed: a file that names others is refused, whichever way they differ.

use argon2::{Algorithm, Argon2, Params, Version};
use serde::{Deserialize, Serialize};
use signer_core::canonical::{self, CanonicalError};
use signer_core::crypto::{self, CryptoError};
use signer_core::protocol::Base64;
use signer_core::reason::{Code, Coded};
use zeroize::Zeroizing;

use crate::credential::Credential;

/// Most bytes of a sealed file.
pub const MAX_BYTES: usize = 64 * 1024;
/// OWASP's and RFC 9106's modest choice: 19 MiB, two passes, one lane.
const COST: Cost = Cost { memory_kib: 19 * 1024, passes: 2, lanes: 1 };
/// RFC 9106 3.1.
const SALT_BYTES: usize = 16;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    schema: Schema,
    kdf: Kdf,
    cost: Cost,
    salt: Base64,
    sealed: Base64,
}

#[derive(Serialize, Deserialize)]
enum Schema {
    #[serde(rename = "urn:chancery:sealed:v1")]
    Version1,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Kdf {
    Argon2id,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Cost {
    memory_kib: u32,
    passes: u32,
    lanes: u32,
}

/// Seals `secret` under `credential`; `context` must be the same when it is opened.
pub fn seal(credential: &Credential, context: &[u8], secret: &[u8]) -> Result<Vec<u8>, SealError> {
    let salt: [u8; SALT_BYTES] = crypto::random()?;
    let sealed = crypto::seal(&*derive(credential, &salt)?, context, secret)?;
    let document = Document {
        schema: Schema::Version1,
        kdf: Kdf::Argon2id,
        cost: COST,
        salt: Base64(salt.to_vec()),
        sealed: Base64(sealed),
    };
    Ok(canonical::to_vec(&document)?)
}

/// Opens what [`seal`] made. Fails where the credential, the context or any byte differs.
pub fn unseal(credential: &Credential, context: &[u8], bytes: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
    let document: Document = canonical::from_slice(bytes, MAX_BYTES)?;
    let salt: [u8; SALT_BYTES] = document.salt.0.try_into().map_err(|_| SealError::Cost)?;
    if document.cost != COST {
        return Err(SealError::Cost);
    }
    Ok(crypto::unseal(&*derive(credential, &salt)?, context, &document.sealed.0)?)
}

fn derive(credential: &Credential, salt: &[u8]) -> Result<Zeroizing<[u8; 32]>, SealError> {
    let mut key = Zeroizing::new([0; 32]);
    Params::new(COST.memory_kib, COST.passes, COST.lanes, Some(key.len()))
        .map(|parameters| Argon2::new(Algorithm::Argon2id, Version::V0x13, parameters))
        .and_then(|argon2| argon2.hash_password_into(credential.expose(), salt, key.as_mut_slice()))
        .map_err(|said| SealError::Derivation { said })?;
    Ok(key)
}

/// Why something does not seal or open.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// Salt or costs are not those of this format.
    #[error("the sealed file names another cost or salt than this version writes")]
    Cost,
    /// The credential, the context or a byte differs.
    #[error(transparent)]
    Crypto(#[from] CryptoError),
    /// No key from this credential.
    #[error("no key can be derived: {said}")]
    Derivation {
        /// What the derivation said.
        said: argon2::Error,
    },
    /// Not a sealed file.
    #[error("the sealed file is malformed")]
    Malformed(#[from] CanonicalError),
}

impl Coded for SealError {
    fn code(&self) -> Code {
        match self {
            Self::Crypto(CryptoError::Sealed) => Code::EngineSealed,
            Self::Cost | Self::Malformed(_) => Code::EngineState,
            Self::Crypto(_) | Self::Derivation { .. } => Code::Internal,
        }
    }
}

#[cfg(test)]
mod tests;
