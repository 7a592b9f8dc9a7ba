//! Why a signature is not what it says.

use der::asn1::ObjectIdentifier;

use crate::armor::ArmorError;
use crate::canonical::CanonicalError;
use crate::certificate::CertificateError;
use crate::cms::CmsError;
use crate::crypto::CryptoError;
use crate::foreign_time::ForeignTokenError;
use crate::identity::Purpose;
use crate::log_entry::LogError;
use crate::prompt::PromptError;
use crate::reason::{Code, Coded};
use crate::rights::RightsError;
use crate::time::Timestamp;
use crate::token::TokenError;

/// The first step of docs/formats.md V that failed.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// V1: the armour.
    #[error(transparent)]
    Armor(#[from] ArmorError),
    /// V2: the `SignedData`.
    #[error(transparent)]
    Cms(#[from] CmsError),
    /// V2: a bundle under another payload type.
    #[error("the envelope's payload type is `{found}`")]
    PayloadType {
        /// The type found.
        found: String,
    },
    /// V3, V9: the certificate.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// V4: another purpose.
    #[error("the certificate's purpose is {found}, {wanted} is needed")]
    OtherPurpose {
        /// Needed.
        wanted: Purpose,
        /// Found.
        found: Purpose,
    },
    /// V5: other bytes.
    #[error("the object's bytes are not those that were signed")]
    OtherPayload,
    /// V7: the signature over the signed attributes.
    #[error("the signature over the signed attributes is refused")]
    Signature {
        /// What failed.
        #[source]
        source: CryptoError,
    },
    /// V7: the signature over the envelope.
    #[error("the envelope's signature is refused")]
    EnvelopeSignature {
        /// What failed.
        #[source]
        source: CryptoError,
    },
    /// V13: a prompt's text, binding or expiry.
    #[error(transparent)]
    Prompt(#[from] PromptError),
    /// V8: the token.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// V8: the foreign token.
    #[error(transparent)]
    Foreign(#[from] ForeignTokenError),
    /// V9: a foreign time at which what signed was not valid.
    #[error("a foreign authority says {time}, when the certificate, its issuer or the log was not valid")]
    Conflict {
        /// The foreign authority's time.
        time: Timestamp,
    },
    /// V8: a plain time-stamp.
    #[error("the token is under policy {found}, which is no countersignature's")]
    TokenPolicy {
        /// The policy found.
        found: ObjectIdentifier,
    },
    /// V8: a time to come.
    #[error("the token says {time}, and it is {now}")]
    Future {
        /// The token's time.
        time: Timestamp,
        /// The verifier's time.
        now: Timestamp,
    },
    /// V10: another decision.
    #[error("the token carries the digest of another decision")]
    OtherDecision,
    /// V10: the decision's form.
    #[error("the decision is malformed")]
    Decision {
        /// What failed.
        #[source]
        source: CanonicalError,
    },
    /// V11: the log entry.
    #[error(transparent)]
    Log(#[from] LogError),
    /// V11: a log the trust root does not name.
    #[error("the trust root names no log `{origin}`")]
    UnknownLog {
        /// Origin in the decision.
        origin: String,
    },
    /// V11: a log key outside its window.
    #[error("the trust root does not trust log `{origin}` at {time}")]
    LogWindow {
        /// Origin of the log.
        origin: String,
        /// The authenticated time.
        time: Timestamp,
    },
    /// V11: an entry the decision is not about.
    #[error("the decision is about another log entry")]
    OtherLeaf,
    /// V11: a proof at another place than the decision's.
    #[error("the proof is for index {index} in a tree of {size}, the decision names another place")]
    OtherPosition {
        /// Index of the proof.
        index: u64,
        /// Tree size of the proof.
        size: u64,
    },
    /// V12, V13: the decision contradicts the signature.
    #[error("the decision's `{field}` contradicts what was signed")]
    Contradiction {
        /// The field.
        field: &'static str,
    },
    /// V13: the provenance's form.
    #[error("the provenance is malformed")]
    Provenance {
        /// What failed.
        #[source]
        source: CanonicalError,
    },
    /// V13: a tag's provenance in a commit, or the reverse.
    #[error("the provenance is of another kind of object")]
    OtherKind,
    /// V13: another repository.
    #[error("the signature is bound to repository `{found}`")]
    OtherRepository {
        /// The repository it is bound to.
        found: String,
    },
    /// V13: another change.
    #[error("the signed change list is not what the commit changes")]
    OtherChange,
    /// V13: another tag.
    #[error("the signed provenance is about another tag")]
    OtherTag,
    /// V14: outside the scope.
    #[error(transparent)]
    Rights(#[from] RightsError),
}

impl Coded for VerifyError {
    fn code(&self) -> Code {
        match self {
            Self::Armor(error) => error.code(),
            Self::Cms(error) => error.code(),
            Self::PayloadType { .. } => Code::DssePayloadType,
            Self::Certificate(error) => error.code(),
            Self::OtherPurpose { .. } => Code::X509Purpose,
            Self::OtherPayload => Code::CmsDigest,
            Self::Signature { source: CryptoError::SignatureEncoding } => Code::CmsSignatureEncoding,
            Self::Signature { .. } => Code::CmsSignatureInvalid,
            Self::EnvelopeSignature { .. } => Code::DsseSignatureInvalid,
            Self::Prompt(error) => error.code(),
            Self::Token(error) => error.code(),
            Self::Foreign(error) => error.code(),
            Self::Conflict { .. } => Code::TimeConflict,
            Self::TokenPolicy { .. } => Code::TimePolicy,
            Self::Future { .. } => Code::TimeFuture,
            Self::OtherDecision => Code::TimeDecision,
            Self::Decision { .. } => Code::DecisionMalformed,
            Self::Log(error) => error.code(),
            Self::UnknownLog { .. } => Code::LogOriginMismatch,
            Self::LogWindow { .. } => Code::TrustWindow,
            Self::OtherLeaf => Code::LogLeafMismatch,
            Self::OtherPosition { .. } => Code::LogIndexMismatch,
            Self::Contradiction { .. } => Code::DecisionContradiction,
            Self::Provenance { .. } => Code::CmsProvenance,
            Self::OtherKind => Code::ScopeKind,
            Self::OtherRepository { .. } => Code::ScopeRepository,
            Self::OtherChange => Code::ScopeClaimMismatch,
            Self::OtherTag => Code::ScopeTagMismatch,
            Self::Rights(error) => error.code(),
        }
    }
}
