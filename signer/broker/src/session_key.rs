//! Keys of sessions: P-256, made here, never written anywhere, wiped when dropped.

use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use signer_core::crypto::{self, CryptoError, P256Public, SignP256};
use zeroize::Zeroizing;

/// A private key. No `Debug`, no `Clone`; the library wipes it.
pub(crate) struct SessionKey(SigningKey);

impl SessionKey {
    /// A fresh key.
    pub(crate) fn generate() -> Result<Self, CryptoError> {
        // Four numbers in a row over the group's order do not come out of working randomness.
        for _ in 0..4 {
            let number = Zeroizing::new(crypto::random::<32>()?);
            if let Ok(key) = SigningKey::from_slice(number.as_slice()) {
                return Ok(Self(key));
            }
        }
        Err(CryptoError::Generation)
    }
}

impl SignP256 for SessionKey {
    #[expect(clippy::expect_used, reason = "the library writes an uncompressed point of P-256")]
    fn public(&self) -> P256Public {
        P256Public::from_point(self.0.verifying_key().to_encoded_point(false).as_bytes())
            .expect("an uncompressed point")
    }

    fn sign_p256(&self, message: &[u8]) -> Result<Vec<u8>, CryptoError> {
        let signature: Signature = self.0.try_sign(message).map_err(|_| CryptoError::Signing)?;
        // docs/formats.md F1: low s alone.
        let low = signature.normalize_s().unwrap_or(signature);
        Ok(low.to_der().as_bytes().to_vec())
    }
}

#[cfg(test)]
mod tests;
