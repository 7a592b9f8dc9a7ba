//! PKCS#10 requests: how somebody shows that they hold the key they want certified.
//!
//! Nothing but the key is taken from a request: name and rights come from the session.

use der::asn1::{BitString, SetOfVec};
use der::{Decode, Encode};
use spki::AlgorithmIdentifierOwned;
use x509_cert::name::Name;
use x509_cert::request::{CertReq, CertReqInfo, Version};

use crate::crypto::{CryptoError, P256Public, P256Verifier, SignP256};
use crate::oid;
use crate::reason::{Code, Coded};
use crate::tlv::{self, SEQUENCE};

/// Most bytes of a request.
pub const MAX_BYTES: usize = 4096;

/// Reads a request and checks that the key it names has signed it.
pub fn parse(der: &[u8]) -> Result<P256Public, CsrError> {
    proven(der, P256Verifier::verify)
}

/// The same for a client of somebody else's: its signature may have a high s. Whatever name or extension such a request
/// asks for is passed over.
pub fn parse_foreign(der: &[u8]) -> Result<P256Public, CsrError> {
    proven(der, P256Verifier::verify_either_s)
}

fn proven(
    der: &[u8],
    verify: impl FnOnce(&P256Verifier, &[u8], &[u8]) -> Result<(), CryptoError>,
) -> Result<P256Public, CsrError> {
    if der.len() > MAX_BYTES {
        return Err(CsrError::TooLarge { actual: der.len() });
    }
    let request = CertReq::from_der(der)?;
    if request.to_der()? != der {
        return Err(CsrError::NotCanonical);
    }
    let key = P256Verifier::from_spki(&request.info.public_key).map_err(|source| CsrError::Key { source })?;
    if request.algorithm != algorithm() {
        return Err(CsrError::Algorithm);
    }
    let signature = request.signature.as_bytes().ok_or(CsrError::NotCanonical)?;
    verify(&key, signed(der)?, signature).map_err(|source| CsrError::Proof { source })?;
    Ok(key.public().clone())
}

/// The first part of a request, which is what its key signs.
fn signed(der: &[u8]) -> Result<&[u8], CsrError> {
    let signed = tlv::only(der, SEQUENCE).and_then(|request| request.open().expect(SEQUENCE));
    signed.map(|part| part.whole).map_err(|_| CsrError::NotCanonical)
}

/// A request without a name and without attributes, signed by its own key.
pub fn make(key: &dyn SignP256) -> Result<Vec<u8>, CsrError> {
    let public_key = key.public().to_spki().map_err(|source| CsrError::Key { source })?;
    let info =
        CertReqInfo { version: Version::V1, subject: Name::default(), public_key, attributes: SetOfVec::default() };
    let signature = key.sign_p256(&info.to_der()?).map_err(|source| CsrError::Signing { source })?;
    let request = CertReq { info, algorithm: algorithm(), signature: BitString::from_bytes(&signature)? };
    Ok(request.to_der()?)
}

/// RFC 5758 3.2: no parameters.
const fn algorithm() -> AlgorithmIdentifierOwned {
    AlgorithmIdentifierOwned { oid: oid::ECDSA_SHA256, parameters: None }
}

/// Why a request is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CsrError {
    /// Another signature algorithm.
    #[error("the certificate request is not signed with ECDSA and SHA-256")]
    Algorithm,
    /// Not DER of a request.
    #[error("the certificate request is not DER of its structure")]
    Der(#[from] der::Error),
    /// Not an uncompressed point on P-256.
    #[error("the certificate request's key is refused")]
    Key {
        /// What is wrong with it.
        #[source]
        source: CryptoError,
    },
    /// A second encoding of the same request.
    #[error("the certificate request is not in its canonical form")]
    NotCanonical,
    /// Not signed by its own key.
    #[error("the certificate request is not signed by the key it names")]
    Proof {
        /// What is wrong with the signature.
        #[source]
        source: CryptoError,
    },
    /// The key could not sign.
    #[error("the key could not sign its request")]
    Signing {
        /// What failed.
        #[source]
        source: CryptoError,
    },
    /// Too many bytes.
    #[error("the certificate request has {actual} bytes, at most {MAX_BYTES} are allowed")]
    TooLarge {
        /// Bytes found.
        actual: usize,
    },
}

impl Coded for CsrError {
    fn code(&self) -> Code {
        match self {
            Self::Der(_) | Self::NotCanonical | Self::TooLarge { .. } => Code::IssueCsrMalformed,
            Self::Key { .. } => Code::IssueCsrKey,
            Self::Algorithm | Self::Proof { .. } => Code::IssueCsrProof,
            Self::Signing { .. } => Code::Internal,
        }
    }
}

#[cfg(test)]
mod tests;
