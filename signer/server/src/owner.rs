//! The owner credential: whoever has it registers people and agents. The server keeps its SHA-256 and nothing else.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use signer_core::crypto::{self, CryptoError};
use signer_core::digest::{Digest, DigestError};
use zeroize::Zeroizing;

use crate::credential::Credential;

/// What every owner credential starts with, so that scanners for leaked secrets find it.
const PREFIX: &str = "own_";

/// A fresh owner credential: `own_` and 32 random bytes in base64url.
pub fn generate() -> Result<Zeroizing<String>, CryptoError> {
    let random = Zeroizing::new(crypto::random::<32>()?);
    let mut text = Zeroizing::new(String::with_capacity(64));
    text.push_str(PREFIX);
    URL_SAFE_NO_PAD.encode_string(random.as_slice(), &mut text);
    Ok(text)
}

/// The SHA-256 of an owner credential: the credential has 256 random bits, so no slower function is needed.
#[derive(Clone, Copy)]
pub struct OwnerDigest(Digest);

impl OwnerDigest {
    /// The digest of a credential.
    pub fn of(credential: &Credential) -> Self {
        Self(Digest::of(credential.expose()))
    }

    /// Reads what [`Self::encode`] wrote.
    pub fn decode(bytes: &[u8]) -> Result<Self, DigestError> {
        let text = std::str::from_utf8(bytes).map_err(|_| DigestError::Malformed)?;
        text.strip_suffix('\n').ok_or(DigestError::Malformed)?.parse().map(Self)
    }

    /// One line of text.
    pub fn encode(&self) -> Vec<u8> {
        format!("{}\n", self.0).into_bytes()
    }

    /// Whether this is the owner's; takes the same time for any other.
    pub fn is_of(&self, presented: &[u8]) -> bool {
        crypto::equal(self.0.as_bytes(), Digest::of(presented).as_bytes())
    }
}

#[cfg(test)]
mod tests;
