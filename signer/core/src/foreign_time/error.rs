//! Why a foreign token, or a foreign authority, does not count.

use const_oid::ObjectIdentifier;

use super::{MAX_ACCURACY, MAX_AUTHORITIES, MAX_CHAIN, MAX_FILE};
use crate::pem::PemError;
use crate::reason::{Code, Coded};
use crate::time::Timestamp;
use crate::tlv::TlvError;

/// Why a token is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ForeignTokenError {
    /// The stated accuracy leaves the time open.
    #[error("the token's accuracy is over {MAX_ACCURACY} s, or none")]
    Accuracy,
    /// Another algorithm than those of the table.
    #[error("the token is made with another algorithm than ECDSA or RSA with SHA-256, -384 or -512, over SHA-256")]
    Algorithm,
    /// A mandatory attribute is missing, repeated or empty, or there are too many.
    #[error("the token's signed attributes are not those of RFC 3161")]
    Attributes,
    /// The messageDigest attribute is not the digest of the `TSTInfo`.
    #[error("the signed digest is not that of the token's content")]
    ContentDigest,
    /// Extensions.
    #[error("the token has extensions, and none are known")]
    Extensions,
    /// The token is about another message.
    #[error("the foreign token is about another message")]
    Imprint,
    /// Not as it is embedded.
    #[error("the foreign token is not in its one canonical form")]
    NotCanonical,
    /// No `SignedData` over a `TSTInfo`.
    #[error("there is no TSTInfo under a signature")]
    NotToken,
    /// The time lies outside the authority's window.
    #[error("the foreign token's time {time} lies outside its authority's window")]
    OutsideWindow {
        /// The token's time.
        time: Timestamp,
    },
    /// Under a policy the authority is not trusted for.
    #[error("the foreign token is under policy {found}, for which its authority is not trusted")]
    Policy {
        /// The token's policy.
        found: ObjectIdentifier,
    },
    /// The policy is none that can be named.
    #[error("the token's policy is malformed")]
    Policies,
    /// The signature does not verify.
    #[error("the foreign token's signature does not verify")]
    Signature,
    /// Not exactly one signer.
    #[error("the foreign token does not have exactly one signer")]
    SignerCount,
    /// Named by another certificate than the pinned one.
    #[error("the foreign token names another certificate than its authority's")]
    SignerMismatch,
    /// No signing-certificate attribute.
    #[error("the foreign token does not name its authority's certificate")]
    SignerUnnamed,
    /// Not DER, or not the elements of a token.
    #[error("the foreign token is malformed")]
    Structure(#[from] TlvError),
    /// Not of the form of RFC 3161.
    #[error("the foreign token's time is not of RFC 3161's form")]
    TimeForm,
    /// Too many bytes.
    #[error("the foreign token has {actual} bytes, the format allows {limit}")]
    TooLarge {
        /// Most bytes.
        limit: usize,
        /// Bytes found.
        actual: usize,
    },
    /// Nobody known made it.
    #[error("the foreign token's authority is none of those that count here")]
    Untrusted,
    /// A version is not that of its structure.
    #[error("a version number in the token is unexpected, or the signer is not named by issuer and serial number")]
    Version,
}

impl Coded for ForeignTokenError {
    fn code(&self) -> Code {
        match self {
            Self::Accuracy => Code::TimeAccuracy,
            Self::Algorithm => Code::TimeAlgorithm,
            Self::ContentDigest | Self::Signature => Code::TimeTsaSignature,
            Self::Imprint => Code::TimeImprintMismatch,
            Self::OutsideWindow { .. } => Code::TimeOutsideWindow,
            Self::Policy { .. } => Code::TimePolicy,
            Self::SignerMismatch | Self::SignerUnnamed => Code::TimeTsaSigner,
            Self::Structure(TlvError::Length) => Code::LimitAsn1,
            Self::TimeForm => Code::TimeFormat,
            Self::TooLarge { .. } => Code::LimitSignatureSize,
            Self::Untrusted => Code::TimeTsaUntrusted,
            Self::Attributes
            | Self::Extensions
            | Self::NotCanonical
            | Self::NotToken
            | Self::Policies
            | Self::SignerCount
            | Self::Structure(_)
            | Self::Version => Code::TimeMalformed,
        }
    }
}

/// Why a file of foreign authorities is refused.
#[derive(Debug, thiserror::Error)]
pub enum ForeignAuthorityError {
    /// A certificate is malformed or too large.
    #[error("a certificate of the authority's chain is malformed")]
    Certificate,
    /// The chain is no PEM of certificates.
    #[error("the authority's `chain` is refused")]
    Chain {
        /// Why.
        #[source]
        source: PemError,
    },
    /// Too few or too many certificates.
    #[error(
        "the authority's chain has {actual} certificates; its own, its issuers and their root are 2 to {MAX_CHAIN}"
    )]
    ChainLength {
        /// Certificates found.
        actual: usize,
    },
    /// Nobody, or too many.
    #[error("the file names {actual} authorities, not 1 to {MAX_AUTHORITIES}")]
    Count {
        /// Authorities found.
        actual: usize,
    },
    /// Not the JSON of such a file.
    #[error("the file of time authorities is not of its form")]
    Json {
        /// What the reader said.
        #[source]
        source: serde_json::Error,
    },
    /// The chain does not hold.
    #[error("the authority's chain does not verify")]
    Path {
        /// What the library said.
        #[source]
        source: webpki::Error,
    },
    /// A policy that is no object identifier, or too many.
    #[error("the authority's `policies` are not object identifiers")]
    Policy,
    /// Certificates that the chain does not need.
    #[error("the authority's chain holds certificates that do not lead to its root")]
    Surplus,
    /// Too many bytes.
    #[error("the file of time authorities has {actual} bytes, at most {MAX_FILE} are read")]
    TooLarge {
        /// Bytes found.
        actual: usize,
    },
    /// Neither a trusted root nor a client trust config.
    #[error("the document has no `timestampAuthorities` to add to")]
    TrustedRoot,
    /// The same authority twice.
    #[error("the file names one authority twice")]
    Twice,
    /// No address.
    #[error("the authority's `url` is no address")]
    Url,
    /// Not for time-stamping alone.
    #[error("the authority's certificate is not for time-stamping alone, critically")]
    Usage,
    /// No time at which every certificate counts.
    #[error("at no time does the authority's whole chain count")]
    Window,
}

impl Coded for ForeignAuthorityError {
    fn code(&self) -> Code {
        match self {
            Self::Usage => Code::TimeTsaEku,
            Self::Count { actual: 0 } => Code::TrustTsaMissing,
            Self::Path { .. } | Self::Surplus => Code::X509Untrusted,
            Self::TrustedRoot => Code::TrustMalformed,
            _ => Code::TimeAuthorities,
        }
    }
}
