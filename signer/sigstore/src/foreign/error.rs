//! Why a stranger's bundle does not count, and under which of our codes.

use signer_core::armor::ArmorError;
use signer_core::cms::CmsError;
use signer_core::foreign_time::ForeignTokenError;
use signer_core::log_entry::LogError;
use signer_core::reason::{Code, Coded};
use signer_core::time::TimeError;
use sigstore_verify::{CertificateError, Error as Stock, TimestampError, TransparencyLogError};

use super::json::JsonError;

/// What of a log entry's body differs from what was signed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BodyPart {
    /// The digest that was signed.
    Digest,
    /// The spelling: the parts agree, the bytes do not.
    Encoding,
    /// The certificate or key.
    Key,
    /// The signature.
    Signature,
}

impl BodyPart {
    const fn code(self) -> Code {
        match self {
            Self::Digest => Code::LogBodyMismatchDigest,
            Self::Encoding => Code::LogEntryMalformed,
            Self::Key => Code::LogBodyMismatchKey,
            Self::Signature => Code::LogBodyMismatchSignature,
        }
    }
}

/// Why there is no judgement in favour of a stranger's bundle or signature.
#[derive(Debug, thiserror::Error)]
pub enum ForeignError {
    /// The armour of a signature.
    #[error(transparent)]
    Armor(#[from] ArmorError),
    /// The artifact could not be read.
    #[error("the artifact could not be read")]
    Artifact {
        /// What failed.
        #[source]
        source: std::io::Error,
    },
    /// Not standard base64 with padding.
    #[error("`{member}` is not standard base64 with padding")]
    Base64 {
        /// The member.
        member: &'static str,
    },
    /// Not a checkpoint.
    #[error("the checkpoint is malformed")]
    Checkpoint {
        /// What the client said.
        #[source]
        source: sigstore_types::Error,
    },
    /// The structure of a commit's or tag's signature.
    #[error(transparent)]
    Cms(#[from] CmsError),
    /// Neither a message signature nor an envelope, or both.
    #[error("the bundle does not hold either a message signature or an envelope")]
    ContentCount,
    /// Not the artifact that was signed.
    #[error("the bundle is about other content than this")]
    Differs,
    /// One digest of a subject is the artifact's, another is not.
    #[error("a subject's digests are of different artifacts")]
    DigestConflict,
    /// A subject's digest in no known form.
    #[error("a subject has no digest, or one that is not lower-case hexadecimal of its hash's length")]
    DigestFormat,
    /// No subject has a digest that the artifact can be compared by.
    #[error("no subject has a digest that counts and that this artifact can be compared by")]
    DigestWeak,
    /// An entry whose body cannot be made.
    #[error("the log entry's body cannot be made")]
    Entry {
        /// What is wrong.
        #[source]
        source: LogError,
    },
    /// The log entry is about something else.
    #[error("the log entry's body is not the one that logs this signature: {part:?}")]
    EntryBody {
        /// What differs.
        part: BodyPart,
    },
    /// An entry of a kind we do not know, or one that does not fit the content.
    #[error("the log entry is of an unknown kind, or one that does not log such content")]
    EntryKind,
    /// No log entry.
    #[error("the bundle holds no log entry")]
    EntryMissing,
    /// Other than one signature.
    #[error("the envelope carries {found} signatures, it must carry one")]
    EnvelopeSignatures {
        /// How many.
        found: usize,
    },
    /// A certificate outside its validity at an authenticated time.
    #[error("the certificate was not valid at an authenticated signing time")]
    Expired,
    /// The bundle's word on the digest is wrong, though log and signature are about the artifact.
    #[error("the digest in the bundle is not the artifact's")]
    Hint,
    /// A proof for another entry than this.
    #[error("the entry and its inclusion proof give different places in the log")]
    Index,
    /// Not JSON, or ambiguous.
    #[error("the bundle cannot be read")]
    Json {
        /// What is wrong.
        #[source]
        source: serde_json::Error,
    },
    /// The caller's key cannot be read.
    #[error("the key is not a public key in PEM")]
    KeyMalformed {
        /// What the client said.
        #[source]
        source: sigstore_types::Error,
    },
    /// A bundle under a key, and a caller that gives none.
    #[error("the bundle is signed with a key of its own, and none was given")]
    KeyMissing,
    /// A log of the trust root, but its signature is not on the checkpoint.
    #[error("the checkpoint carries no signature line of the log that the entry names")]
    LogLine,
    /// An entry of a log that the trust root does not name.
    #[error("the entry names a log that the trust root does not")]
    LogUnknown,
    /// Other than one of certificate, chain and key; or not the one the caller asks for.
    #[error("the bundle does not hold exactly one certificate or key of the kind asked for")]
    MaterialCount,
    /// A member is absent.
    #[error("`{member}` is missing")]
    MemberMissing {
        /// The member.
        member: &'static str,
    },
    /// A member stands twice.
    #[error("`{member}` stands twice")]
    MemberTwice {
        /// The member.
        member: String,
    },
    /// A member is of another type.
    #[error("`{member}` is of another type than its schema gives it")]
    MemberType {
        /// The member.
        member: &'static str,
    },
    /// A member nobody knows.
    #[error("`{object}` has an unknown member `{member}`")]
    MemberUnknown {
        /// Where.
        object: &'static str,
        /// The member.
        member: String,
    },
    /// A statement about nothing.
    #[error("the statement names no subject")]
    NoSubject,
    /// Not UTF-8.
    #[error("the {what} is not UTF-8 text")]
    NotText {
        /// Bundle or trust root.
        what: &'static str,
    },
    /// Not a whole number from 0 to 2^63 - 1.
    #[error("`{member}` is not a whole number from 0 to 2^63 - 1")]
    Number {
        /// The member.
        member: &'static str,
    },
    /// An envelope with other content than a statement.
    #[error("the payload type is `{found}`, which says nothing about an artifact")]
    PayloadType {
        /// The type.
        found: String,
    },
    /// No predicate type.
    #[error("the statement has no predicate type")]
    PredicateType,
    /// An entry without its proof or checkpoint.
    #[error("the log entry has no inclusion proof with a checkpoint")]
    ProofMissing,
    /// Not one name.
    #[error("the certificate names {found} subjects, it must name one")]
    Names {
        /// How many.
        found: usize,
    },
    /// A proof in another tree than the checkpoint's.
    #[error("the inclusion proof and its checkpoint are of different trees")]
    Root,
    /// A time-stamp nobody in the trust root vouches for.
    #[error("the time-stamp does not verify")]
    Stamp {
        /// What the client said.
        #[source]
        source: Box<sigstore_verify::tsa::Error>,
    },
    /// A stranger's certificate inside a time-stamp.
    #[error("the time-stamp encloses a certificate that the trust root does not name")]
    StampCertificate,
    /// Not a time-stamp.
    #[error("the time-stamp is malformed")]
    StampForm {
        /// What is wrong.
        #[source]
        source: x509_cert::der::Error,
    },
    /// A payload that is not a statement.
    #[error("the statement cannot be read")]
    Statement {
        /// What is wrong.
        #[source]
        source: serde_json::Error,
    },
    /// A statement of another version.
    #[error("the statement is of type `{found}`")]
    StatementType {
        /// The type.
        found: String,
    },
    /// The client passed the bundle without taking a step.
    #[error("a Sigstore client did not check the {step}")]
    StepMissing {
        /// The step left out.
        step: &'static str,
    },
    /// The client refuses.
    #[error("a Sigstore client refuses the bundle")]
    Stock {
        /// What the client said.
        #[source]
        source: Box<Stock>,
        /// Whether the bundle holds an envelope.
        is_envelope: bool,
    },
    /// Not a bundle to the client.
    #[error("a Sigstore client cannot read the bundle")]
    StockBundle {
        /// What the client said.
        #[source]
        source: sigstore_types::Error,
    },
    /// Signed statement about something else.
    #[error("no subject of the statement is this artifact")]
    SubjectMismatch,
    /// Not the object that was signed.
    #[error("the signature is about another object than this")]
    Object,
    /// Nobody could have signed.
    #[error("nobody is named who may have signed")]
    Nobody,
    /// A time nothing can write.
    #[error("an authenticated time is out of range")]
    Time {
        /// What failed.
        #[source]
        source: TimeError,
    },
    /// A time to come.
    #[error("an authenticated time lies in the future")]
    TimeFuture,
    /// A bare time-stamp token that is not in its one form.
    #[error(transparent)]
    Token(#[from] ForeignTokenError),
    /// Too many bytes.
    #[error("the {what} has {actual} bytes, at most {limit} are allowed")]
    TooLarge {
        /// What.
        what: &'static str,
        /// Most bytes allowed.
        limit: usize,
        /// Bytes found.
        actual: usize,
    },
    /// Too many elements.
    #[error("`{member}` has {found} elements, at most {limit} are allowed")]
    TooMany {
        /// The list.
        member: &'static str,
        /// Most elements allowed.
        limit: usize,
        /// Elements found.
        found: usize,
    },
    /// The trust root cannot be used.
    #[error("the trust root cannot be read")]
    TrustRoot {
        /// What the client said.
        #[source]
        source: sigstore_trust_root::Error,
    },
    /// A trust root whose keys or certificates cannot be used.
    #[error("the trust root cannot be used")]
    TrustUnusable {
        /// What the client said.
        #[source]
        source: Box<Stock>,
    },
    /// A media type we do not know.
    #[error("`{found}` is not a bundle version we know")]
    Version {
        /// The media type.
        found: String,
    },
    /// A log used outside its window.
    #[error("the signature was made outside the log's window in the trust root")]
    Window,
}

impl From<JsonError> for ForeignError {
    fn from(error: JsonError) -> Self {
        match error {
            JsonError::Duplicate { member } => Self::MemberTwice { member },
            JsonError::Syntax { source } => Self::Json { source },
        }
    }
}

impl Coded for ForeignError {
    fn code(&self) -> Code {
        match self {
            Self::Armor(error) => error.code(),
            Self::Artifact { .. } => Code::InternalIo,
            Self::Base64 { .. } => Code::BundleBase64,
            Self::Checkpoint { .. } => Code::LogCheckpointMalformed,
            Self::Cms(error) => error.code(),
            Self::ContentCount | Self::StepMissing { .. } => Code::BundleMalformed,
            Self::Differs => Code::ArtDiffers,
            Self::DigestConflict => Code::IntotoDigestConflict,
            Self::DigestFormat => Code::IntotoDigestFormat,
            Self::DigestWeak => Code::IntotoDigestWeak,
            Self::Entry { source } => source.code(),
            Self::EntryBody { part } => part.code(),
            Self::EntryKind => Code::LogKind,
            Self::EntryMissing => Code::LogEntryMissing,
            Self::EnvelopeSignatures { .. } => Code::DsseSignatureCount,
            Self::Expired => Code::X509Expired,
            Self::Hint => Code::BundleDigestHint,
            Self::Json { .. }
            | Self::MemberMissing { .. }
            | Self::MemberType { .. }
            | Self::MemberUnknown { .. }
            | Self::StockBundle { .. }
            | Self::NotText { what: "bundle" } => Code::BundleJson,
            Self::Index => Code::LogInclusionProof,
            Self::KeyMissing => Code::TrustKeyMissing,
            Self::LogLine | Self::LogUnknown => Code::LogOriginMismatch,
            Self::MaterialCount => Code::BundleMaterial,
            Self::MemberTwice { .. } => Code::BundleDuplicateKey,
            Self::Nobody => Code::IdMismatch,
            Self::NoSubject => Code::IntotoNoSubject,
            Self::Number { .. } => Code::BundleNumber,
            Self::Names { .. } => Code::IdMultipleSan,
            Self::Object => Code::CmsDigest,
            Self::PayloadType { .. } => Code::DssePayloadType,
            Self::PredicateType => Code::IntotoPredicateType,
            Self::ProofMissing => Code::LogProofMissing,
            Self::Root => Code::LogRootMismatch,
            Self::Stamp { source } => stamp(source),
            Self::StampCertificate => Code::TimeTsaUntrusted,
            Self::StampForm { .. } => Code::TimeMalformed,
            Self::Statement { .. } => Code::IntotoMalformed,
            Self::StatementType { .. } => Code::IntotoStatementType,
            Self::Stock { source, is_envelope } => stock(source, *is_envelope),
            Self::SubjectMismatch => Code::IntotoSubject,
            Self::Time { .. } => Code::TimeFormat,
            Self::TimeFuture => Code::TimeFuture,
            Self::Token(error) => error.code(),
            Self::TooLarge { what: "trust root", .. }
            | Self::NotText { .. }
            | Self::KeyMalformed { .. }
            | Self::TrustRoot { .. }
            | Self::TrustUnusable { .. } => Code::TrustMalformed,
            Self::TooLarge { .. } | Self::TooMany { .. } => Code::LimitBundle,
            Self::Version { .. } => Code::BundleVersion,
            Self::Window => Code::TrustWindow,
        }
    }
}

/// The code of what the client said.
fn stock(error: &Stock, is_envelope: bool) -> Code {
    match error {
        Stock::IdentityMismatch { .. } | Stock::IssuerMismatch { .. } => Code::IdMismatch,
        Stock::SignatureInvalid(_) if is_envelope => Code::DsseSignatureInvalid,
        Stock::SignatureInvalid(_) => Code::BundleSignatureInvalid,
        Stock::ArtifactMismatch(_) => Code::ArtDiffers,
        Stock::UnsupportedArtifact(_) | Stock::UnsupportedBundle(_) | Stock::Crypto(_) => Code::BundleAlgMismatch,
        Stock::Bundle(error) => shape(error),
        Stock::Certificate(error) => certificate(error),
        Stock::TransparencyLog(error) => log(error),
        Stock::Timestamp(TimestampError::NoVerifiedTimestamp(_)) => Code::TimeNone,
        Stock::Timestamp(TimestampError::OutsideAuthorityValidity { .. }) => Code::TimeOutsideWindow,
        Stock::Timestamp(_) => Code::TimeRefused,
        Stock::ArtifactRead(_) => Code::InternalIo,
        Stock::InvalidTrustRoot(_) | Stock::TrustRoot(_) | Stock::TrustedCertificate(_) => Code::TrustMalformed,
        _ => Code::BundleMalformed,
    }
}

fn shape(error: &sigstore_verify::bundle::Error) -> Code {
    use sigstore_verify::bundle::Error;
    match error {
        Error::CertificateChainNotAllowed(_) => Code::BundleMaterial,
        Error::CheckpointRootMismatch => Code::LogRootMismatch,
        Error::LogIndexOutOfRange { .. } => Code::LogInclusionProof,
        Error::MissingInclusionPromise(_) => Code::LogPromiseInvalid,
        _ => Code::BundleMalformed,
    }
}

/// The client has one error for a stranger's signature and for an altered one.
fn stamp(error: &sigstore_verify::tsa::Error) -> Code {
    use sigstore_verify::tsa::Error;
    match error {
        Error::HashMismatch { .. } => Code::TimeImprintMismatch,
        Error::InvalidEKU => Code::TimeTsaEku,
        Error::ResponseFailure => Code::TimeStatus,
        Error::TimestampOutsideValidity { .. } => Code::TimeOutsideWindow,
        Error::Asn1(_) | Error::InvalidResponse(_) | Error::NoToken | Error::NoTstInfo | Error::Parse(_) => {
            Code::TimeMalformed
        }
        _ => Code::TimeRefused,
    }
}

fn certificate(error: &CertificateError) -> Code {
    match error {
        CertificateError::ChainInvalid(_) => Code::X509Untrusted,
        CertificateError::NoValidAuthority { .. } => Code::TrustWindow,
        CertificateError::NotYetValid { .. } | CertificateError::Expired { .. } => Code::X509Expired,
        CertificateError::Sct(_) => Code::LogSctInvalid,
        _ => Code::X509Malformed,
    }
}

fn log(error: &TransparencyLogError) -> Code {
    match error {
        TransparencyLogError::UnknownLog { .. } => Code::LogOriginMismatch,
        TransparencyLogError::InclusionProof(_) => Code::LogInclusionProof,
        TransparencyLogError::Checkpoint(_) => Code::LogCheckpointSignature,
        TransparencyLogError::InclusionPromise(_) => Code::LogPromiseInvalid,
        TransparencyLogError::EntryMismatch(_) => Code::LogBodyMismatchDigest,
        TransparencyLogError::IntegratedTime(_) => Code::X509Expired,
        _ => Code::LogEntryMalformed,
    }
}
