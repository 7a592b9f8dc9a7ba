//! A P-256 key that was read once, for whoever verifies with it more than once: reading a point takes the library as long
//! as many a check around the signature.

use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1, ParsedPublicKey};
use spki::SubjectPublicKeyInfoOwned;

use super::low_s::has_low_s;
use super::{CryptoError, P256Public};

/// A public key, ready to verify with.
#[derive(Clone, Debug)]
pub struct P256Verifier {
    key: P256Public,
    parsed: ParsedPublicKey,
}

impl P256Verifier {
    /// Reads a key. Fails where the library refuses the point.
    pub fn new(key: P256Public) -> Result<Self, CryptoError> {
        let parsed = ParsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, key.point()).map_err(|_| CryptoError::BadKey)?;
        Ok(Self { key, parsed })
    }

    /// Reads the key of a request: what [`P256Public::from_spki`] reads, and nothing else.
    pub fn from_spki(spki: &SubjectPublicKeyInfoOwned) -> Result<Self, CryptoError> {
        let point = P256Public::form_of(spki)?;
        let parsed = ParsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, point).map_err(|_| CryptoError::BadKey)?;
        Ok(Self { key: P256Public(*point), parsed })
    }

    /// The key.
    pub const fn public(&self) -> &P256Public {
        &self.key
    }

    /// The same as [`P256Public::verify`].
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), CryptoError> {
        if !has_low_s(signature) {
            return Err(CryptoError::SignatureEncoding);
        }
        self.verify_either_s(message, signature)
    }

    /// The same as [`P256Public::verify_either_s`].
    pub fn verify_either_s(&self, message: &[u8], signature: &[u8]) -> Result<(), CryptoError> {
        self.parsed.verify_sig(message, signature).map_err(|_| CryptoError::SignatureInvalid)
    }
}

#[cfg(test)]
mod tests;
