//! Signed certificate timestamps of RFC 6962: the promise, inside a leaf, that its issuance is in the log.
//!
//! One promise per leaf, version 1, ECDSA P-256 with SHA-256, no extensions: what stock Sigstore clients accept.

use der::asn1::OctetStringRef;
use der::{Decode, Encode};

use crate::crypto::{CryptoError, P256Public, SignP256};
use crate::digest::Digest;
use crate::reason::{Code, Coded};

/// `sct_version` v1, and `signature_type` `certificate_timestamp`.
const VERSION_AND_TYPE: [u8; 2] = [0, 0];
/// `entry_type` `precert_entry`.
const PRECERTIFICATE: [u8; 2] = [0, 1];
/// `SignatureAndHashAlgorithm`: SHA-256, ECDSA.
const ECDSA_SHA256: [u8; 2] = [4, 3];
/// `CtExtensions`: none.
const NO_EXTENSIONS: [u8; 2] = [0, 0];

/// A promise: which log, when, and its signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Promise {
    /// SHA-256 of the log's public key.
    pub log_id: Digest,
    /// Milliseconds since the epoch.
    pub timestamp: u64,
    signature: Vec<u8>,
}

impl Promise {
    /// Promises a certificate: `promised` is what is to be signed of it, without this extension.
    pub fn make(ct_key: &dyn SignP256, timestamp: u64, issuer: &P256Public, promised: &[u8]) -> Result<Self, SctError> {
        let signature = ct_key.sign_p256(&statement(timestamp, issuer, promised)?)?;
        Ok(Self { log_id: log_id(&ct_key.public())?, timestamp, signature })
    }

    /// The value of the extension: a list with this one promise.
    pub fn to_extension(&self) -> Result<Vec<u8>, SctError> {
        let timestamp = self.timestamp.to_be_bytes();
        let length = u16_of(self.signature.len())?;
        let promise = [
            VERSION_AND_TYPE.get(..1).unwrap_or_default(),
            self.log_id.as_bytes(),
            &timestamp,
            &NO_EXTENSIONS,
            &ECDSA_SHA256,
            &length,
            &self.signature,
        ]
        .concat();
        let outer = u16_of(promise.len().saturating_add(2))?;
        let list = [outer.as_slice(), &u16_of(promise.len())?, &promise].concat();
        Ok(OctetStringRef::new(&list)?.to_der()?)
    }

    /// Reads the value of the extension. Fails on anything but one promise of our form.
    pub fn from_extension(value: &[u8]) -> Result<Self, SctError> {
        let list = OctetStringRef::from_der(value)?.as_bytes();
        let promise = Self::read(list).ok_or(SctError::Malformed)?;
        if promise.to_extension()? == value { Ok(promise) } else { Err(SctError::Malformed) }
    }

    /// Fixed fields are compared by writing the promise again.
    fn read(list: &[u8]) -> Option<Self> {
        let body = list.get(5..)?;
        let (log_id, body) = body.split_first_chunk::<32>()?;
        let (timestamp, body) = body.split_first_chunk::<8>()?;
        let signature = body.get(6..)?;
        Some(Self {
            log_id: Digest::from_bytes(*log_id),
            timestamp: u64::from_be_bytes(*timestamp),
            signature: signature.to_vec(),
        })
    }

    /// Checks the promise against the log's key, for a certificate of `issuer`, the key of the path that was verified.
    pub fn verify(&self, log: &P256Public, issuer: &P256Public, promised: &[u8]) -> Result<(), SctError> {
        if self.log_id != log_id(log)? {
            return Err(SctError::UnknownLog { log_id: self.log_id });
        }
        log.verify(&statement(self.timestamp, issuer, promised)?, &self.signature)
            .map_err(|source| SctError::Signature { source })
    }
}

/// The id of a certificate log: SHA-256 of its public key.
pub fn log_id(key: &P256Public) -> Result<Digest, SctError> {
    Ok(Digest::of(&key.to_spki_der()?))
}

/// RFC 6962 3.2: what the log signs.
fn statement(timestamp: u64, issuer: &P256Public, promised: &[u8]) -> Result<Vec<u8>, SctError> {
    let issuer = Digest::of(&issuer.to_spki_der()?);
    let length = u32::try_from(promised.len()).map_err(|_| SctError::Malformed)?.to_be_bytes();
    let [0, length @ ..] = length else { return Err(SctError::Malformed) };
    let timestamp = timestamp.to_be_bytes();
    Ok([VERSION_AND_TYPE.as_slice(), &timestamp, &PRECERTIFICATE, issuer.as_bytes(), &length, promised, &NO_EXTENSIONS]
        .concat())
}

fn u16_of(length: usize) -> Result<[u8; 2], SctError> {
    u16::try_from(length).map(u16::to_be_bytes).map_err(|_| SctError::Malformed)
}

/// Why a promise of logging is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SctError {
    /// The key cannot sign or be written.
    #[error("the certificate log's key is unusable")]
    Key(#[from] CryptoError),
    /// Not DER.
    #[error("the promise of logging is not DER")]
    Der(#[from] der::Error),
    /// Not a list with one promise of our form.
    #[error("the promise of logging is not one version 1 promise without extensions")]
    Malformed,
    /// Promised after the certificate has ended.
    #[error("the promise of logging is later than the certificate's life")]
    Late,
    /// The log's signature.
    #[error("the promise of logging is refused")]
    Signature {
        /// What is wrong with it.
        #[source]
        source: CryptoError,
    },
    /// A log that the trust root does not name at that time.
    #[error("the trust root names no certificate log {log_id} at the time of the promise")]
    UnknownLog {
        /// The log's id.
        log_id: Digest,
    },
}

impl Coded for SctError {
    fn code(&self) -> Code {
        Code::LogSctInvalid
    }
}

#[cfg(test)]
mod tests;
