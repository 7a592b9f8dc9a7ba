//! Why a time-stamp token is refused, or could not be minted.

use const_oid::ObjectIdentifier;

use crate::attribute_set::AttributeFault;
use crate::crypto::CryptoError;
use crate::reason::{Code, Coded};
use crate::time::Timestamp;
use crate::tlv::TlvError;

/// Why a token is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// The token states an accuracy: its time would be a span.
    #[error("the token states an accuracy; its time must be a point")]
    Accuracy,
    /// Another algorithm than SHA-256 and ECDSA with SHA-256, parameters absent.
    #[error("the algorithms are not SHA-256 and ECDSA with SHA-256, parameters absent")]
    Algorithm,
    /// A mandatory attribute is missing.
    #[error("attribute {attribute} is missing")]
    AttributeMissing {
        /// Its type.
        attribute: ObjectIdentifier,
    },
    /// An attribute is repeated, empty, unknown or malformed.
    #[error("the token's attributes are not of its form")]
    Attributes(#[from] AttributeFault),
    /// The authority's own certificate is not cut like one.
    #[error("the authority's certificate is malformed")]
    AuthorityCertificate {
        /// Where it departs.
        #[source]
        source: TlvError,
    },
    /// The messageDigest attribute is not the digest of the `TSTInfo`.
    #[error("the signed digest is not that of the token's content")]
    ContentDigest,
    /// The content is not a `TSTInfo`, or the contentType attribute says otherwise.
    #[error("the content is not a TSTInfo")]
    ContentType,
    /// A countersignature without a decision, or a decision in another token.
    #[error("a token under policy {policy} must carry a decision if and only if that is the countersigning policy")]
    DecisionPolicy {
        /// The token's policy.
        policy: ObjectIdentifier,
    },
    /// Certificates, revocation lists or unsigned attributes.
    #[error("the token encloses certificates, revocation lists or unsigned attributes")]
    Enclosure,
    /// The token is about another message.
    #[error("the token is about another message")]
    Imprint,
    /// No `TSTInfo` inside.
    #[error("the token has no content")]
    NoContent,
    /// No signed attributes.
    #[error("the token has no signed attributes")]
    NoSignedAttributes,
    /// A nonce in a countersignature.
    #[error("a countersignature carries no nonce")]
    Nonce,
    /// Well-formed, but not as it would be written.
    #[error("the token is not in its one canonical form")]
    NotCanonical,
    /// The authority's answer is not `granted`.
    #[error("the time authority did not plainly grant the request")]
    NotGranted,
    /// Another content type than `SignedData`.
    #[error("the token is not SignedData")]
    NotSignedData,
    /// The `ordering` member is written out.
    #[error("the token writes out `ordering`")]
    Ordering,
    /// The time lies outside the authority's window.
    #[error("the token's time {time} lies outside its authority's window")]
    OutsideWindow {
        /// The token's time.
        time: Timestamp,
    },
    /// The token is under another policy than its authority's.
    #[error("the token is under policy {found}, its authority stamps {expected}")]
    Policy {
        /// The token's policy.
        found: ObjectIdentifier,
        /// The authority's.
        expected: ObjectIdentifier,
    },
    /// The signature does not verify.
    #[error("the token's signature does not verify")]
    Signature {
        /// What is wrong with it.
        #[source]
        source: CryptoError,
    },
    /// Not exactly one signer.
    #[error("the token does not have exactly one signer")]
    SignerCount,
    /// The signer is named otherwise than the certificate that the token names.
    #[error("the token names one authority as signer and another as certificate holder")]
    SignerMismatch,
    /// The authority could not sign.
    #[error("the authority could not sign")]
    Signing {
        /// What failed.
        #[source]
        source: CryptoError,
    },
    /// Not DER, or not the elements of a token.
    #[error("the token is malformed")]
    Structure(#[from] TlvError),
    /// The time is not `YYYYMMDDHHMMSSZ`.
    #[error("the token's time is not in whole seconds of UTC")]
    TimeForm,
    /// Larger than any token of ours.
    #[error("the token has {actual} bytes, the format allows {limit}")]
    TooLarge {
        /// The most bytes allowed.
        limit: usize,
        /// The bytes found.
        actual: usize,
    },
    /// No authority of the trust root has that certificate.
    #[error("the token's authority is not in the trust root")]
    Untrusted,
    /// A version is not that of its structure.
    #[error("a version number in the token is unexpected, or the signer is not named by issuer and serial number")]
    Version,
}

impl Coded for TokenError {
    fn code(&self) -> Code {
        match self {
            Self::Accuracy | Self::TimeForm => Code::TimeFormat,
            Self::Algorithm => Code::TimeAlgorithm,
            Self::AuthorityCertificate { .. } => Code::X509Malformed,
            Self::ContentDigest | Self::Signature { .. } => Code::TimeTsaSignature,
            Self::DecisionPolicy { .. } | Self::Policy { .. } => Code::TimePolicy,
            Self::Imprint => Code::TimeImprintMismatch,
            Self::NotGranted => Code::TimeStatus,
            Self::OutsideWindow { .. } => Code::TimeOutsideWindow,
            Self::Signing { .. } => Code::Internal,
            Self::SignerMismatch | Self::Untrusted => Code::TimeTsaUntrusted,
            Self::Structure(TlvError::Length) => Code::LimitAsn1,
            Self::TooLarge { .. } => Code::LimitSignatureSize,
            Self::AttributeMissing { .. }
            | Self::Attributes(_)
            | Self::ContentType
            | Self::Enclosure
            | Self::NoContent
            | Self::NoSignedAttributes
            | Self::Nonce
            | Self::NotCanonical
            | Self::NotSignedData
            | Self::Ordering
            | Self::SignerCount
            | Self::Structure(_)
            | Self::Version => Code::TimeMalformed,
        }
    }
}
