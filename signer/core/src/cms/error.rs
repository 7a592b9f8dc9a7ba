//! Why bytes are not a commit's or tag's signature.

use const_oid::ObjectIdentifier;

use crate::attribute_set::AttributeFault;
use crate::canonical::CanonicalError;
use crate::log_entry::LogError;
use crate::reason::{Code, Coded};
use crate::signed_data::AlgorithmFault;
use crate::tlv::TlvError;

/// Why a `SignedData` is refused.
#[derive(Debug, thiserror::Error)]
pub enum CmsError {
    /// The signer's digest and signature algorithm name different hashes.
    #[error("digest and signature algorithm name different hashes")]
    AlgorithmMismatch,
    /// Another algorithm than SHA-256 and ECDSA with SHA-256, parameters absent.
    #[error("the algorithms are not SHA-256 and ECDSA with SHA-256, parameters absent")]
    AlgorithmNotAllowed,
    /// A mandatory attribute is missing or empty.
    #[error("attribute {attribute} is missing")]
    AttributeMissing {
        /// Its type.
        attribute: ObjectIdentifier,
    },
    /// An attribute stands twice or has several values.
    #[error("attribute {attribute} stands twice or has several values")]
    AttributeRepeated {
        /// Its type.
        attribute: ObjectIdentifier,
    },
    /// An attribute's value is of the wrong type.
    #[error("the value of attribute {attribute} is of the wrong type")]
    AttributeType {
        /// Its type.
        attribute: ObjectIdentifier,
    },
    /// More certificates than the leaf.
    #[error("{count} certificates are enclosed, one is allowed")]
    CertificateCount {
        /// How many.
        count: usize,
    },
    /// The enclosed certificate is not cut like one.
    #[error("the enclosed certificate is malformed")]
    CertificateMalformed {
        /// Where it departs.
        #[source]
        source: TlvError,
    },
    /// The signing-certificate attribute names another certificate.
    #[error("the signing-certificate attribute does not name the enclosed certificate alone")]
    CertificateNotNamed,
    /// A detached signature with content.
    #[error("content is enclosed in a detached signature")]
    ContentPresent,
    /// The contentType attribute is not id-data.
    #[error("the contentType attribute does not say plain data")]
    ContentTypeMismatch,
    /// The content is not id-data.
    #[error("the content is not plain data")]
    ContentTypeUnexpected,
    /// An engine's signature where one without an engine is judged.
    #[error("the signature is an engine's, with its decision")]
    Countersigned,
    /// Revocation lists are enclosed.
    #[error("revocation lists are enclosed")]
    CrlsPresent,
    /// The decision is missing.
    #[error("the signature carries no decision")]
    DecisionMissing,
    /// The digest algorithms outside are not exactly the signer's.
    #[error("the digest algorithms outside are not exactly the signer's")]
    DigestAlgorithmInconsistent,
    /// The log entry that the signature carries.
    #[error("the signature's log entry is not in its one form")]
    Entry {
        /// What is wrong with it.
        #[source]
        source: LogError,
    },
    /// The log entry is missing.
    #[error("the signature carries no log entry")]
    EntryMissing,
    /// The messageDigest is not 32 bytes.
    #[error("the messageDigest attribute has {actual} bytes, not 32")]
    MessageDigestLength {
        /// The bytes found.
        actual: usize,
    },
    /// No certificate.
    #[error("no certificate is enclosed")]
    NoCertificates,
    /// No signer.
    #[error("there is no signer")]
    NoSigners,
    /// Well-formed, but not as it would be written.
    #[error("the structure is not in its one canonical form")]
    NotCanonical,
    /// Another content type than `SignedData`.
    #[error("the structure is not SignedData")]
    NotSignedData,
    /// The provenance is not its schema's canonical JSON.
    #[error("the provenance is malformed")]
    Provenance {
        /// What is wrong with it.
        #[from]
        source: CanonicalError,
    },
    /// Nothing but a search in the log would find its entry.
    #[error("the signature carries no log entry: its client left the evidence in the log")]
    Online,
    /// No signed attributes.
    #[error("there are no signed attributes")]
    SignedAttributesMissing,
    /// More than one signer.
    #[error("there is more than one signer")]
    SignerCount,
    /// The signer is named by another certificate than the enclosed one.
    #[error("the signer is not the holder of the enclosed certificate")]
    SignerMismatch,
    /// Not DER, or not the elements of the format.
    #[error("the structure is malformed")]
    Structure(#[from] TlvError),
    /// Several tokens.
    #[error("the signature carries several time-stamp tokens of the countersigning authority")]
    TokenDuplicate,
    /// The token is missing.
    #[error("the signature carries no time-stamp token")]
    TokenMissing,
    /// Larger than the format allows.
    #[error("the structure has {actual} bytes, the format allows {limit}")]
    TooLarge {
        /// The most bytes allowed.
        limit: usize,
        /// The bytes found.
        actual: usize,
    },
    /// So many certificates that counting them is all that is done.
    #[error("{count} certificates are enclosed")]
    TooManyCertificates {
        /// How many.
        count: usize,
    },
    /// More tokens than there is room for.
    #[error("the signature carries more time-stamp tokens than the engine's and one foreign authority's")]
    TooManyTokens,
    /// Bytes follow.
    #[error("bytes follow the structure")]
    TrailingData,
    /// A signed attribute that is none of the five.
    #[error("the signed attribute at position {position} is none of the five")]
    UnknownSignedAttribute {
        /// Its place, from 0.
        position: usize,
    },
    /// An unsigned attribute that is none of the three.
    #[error("the unsigned attribute at position {position} is none of the three")]
    UnknownUnsignedAttribute {
        /// Its place, from 0.
        position: usize,
    },
    /// Version and signer identifier are not those of version 1.
    #[error("a version is not 1, or the signer is not named by issuer and serial number")]
    Version,
}

impl CmsError {
    /// What a fault among the signed attributes means.
    pub(crate) fn signed(fault: AttributeFault) -> Self {
        match fault {
            AttributeFault::Unknown { position } => Self::UnknownSignedAttribute { position },
            fault => Self::attribute(fault),
        }
    }

    /// What a fault among the unsigned attributes means.
    pub(crate) fn unsigned(fault: AttributeFault) -> Self {
        match fault {
            AttributeFault::Unknown { position } => Self::UnknownUnsignedAttribute { position },
            AttributeFault::SeveralValues { attribute } | AttributeFault::Twice { attribute }
                if attribute == crate::oid::TIME_STAMP_TOKEN =>
            {
                Self::TokenDuplicate
            }
            fault => Self::attribute(fault),
        }
    }

    fn attribute(fault: AttributeFault) -> Self {
        match fault {
            AttributeFault::NoValue { attribute } => Self::AttributeMissing { attribute },
            AttributeFault::SeveralValues { attribute } | AttributeFault::Twice { attribute } => {
                Self::AttributeRepeated { attribute }
            }
            AttributeFault::Structure(source) => Self::Structure(source),
            AttributeFault::Unknown { position } => Self::UnknownSignedAttribute { position },
        }
    }
}

impl From<AlgorithmFault> for CmsError {
    fn from(fault: AlgorithmFault) -> Self {
        match fault {
            AlgorithmFault::Inconsistent => Self::DigestAlgorithmInconsistent,
            AlgorithmFault::Mismatch => Self::AlgorithmMismatch,
            AlgorithmFault::NotAllowed => Self::AlgorithmNotAllowed,
        }
    }
}

impl Coded for CmsError {
    fn code(&self) -> Code {
        match self {
            Self::AlgorithmMismatch => Code::CmsAlgMismatch,
            Self::AlgorithmNotAllowed => Code::CmsAlgNotAllowed,
            Self::AttributeMissing { .. } | Self::DecisionMissing => Code::CmsAttrMissing,
            Self::AttributeRepeated { .. } => Code::CmsAttrDuplicate,
            Self::AttributeType { .. } => Code::CmsAttrType,
            Self::CertificateCount { .. } => Code::CmsCertificateCount,
            Self::CertificateMalformed { .. } => Code::X509Malformed,
            Self::CertificateNotNamed => Code::CmsEss,
            Self::ContentPresent => Code::CmsContentPresent,
            Self::ContentTypeMismatch => Code::CmsContentTypeMismatch,
            Self::ContentTypeUnexpected => Code::CmsContentTypeUnexpected,
            Self::Countersigned => Code::CmsCountersigned,
            Self::CrlsPresent => Code::CmsCrls,
            Self::DigestAlgorithmInconsistent => Code::CmsDigestAlgInconsistent,
            Self::Entry { source } => source.code(),
            Self::EntryMissing => Code::LogEntryMissing,
            Self::MessageDigestLength { .. } => Code::CmsMessageDigestLength,
            Self::NoCertificates => Code::CmsNoCertificates,
            Self::NoSigners => Code::CmsNoSigners,
            Self::NotSignedData => Code::CmsNotSignedData,
            Self::Online => Code::LogOnline,
            Self::Provenance { .. } => Code::CmsProvenance,
            Self::SignedAttributesMissing => Code::CmsSignedAttrsMissing,
            Self::SignerCount => Code::CmsSignerCount,
            Self::SignerMismatch => Code::CmsSignerMismatch,
            Self::Structure(TlvError::Length) => Code::LimitAsn1,
            Self::NotCanonical | Self::Structure(_) => Code::CmsNotDer,
            Self::TokenDuplicate => Code::TimeDuplicate,
            Self::TokenMissing => Code::TimeNone,
            Self::TooLarge { .. } => Code::LimitSignatureSize,
            Self::TooManyCertificates { .. } => Code::LimitCertificates,
            Self::TooManyTokens => Code::LimitTimestamps,
            Self::TrailingData => Code::CmsTrailingData,
            Self::UnknownSignedAttribute { .. } => Code::CmsAttrUnknown,
            Self::UnknownUnsignedAttribute { .. } => Code::CmsUnsignedAttrUnknown,
            Self::Version => Code::CmsVersionMismatch,
        }
    }
}
