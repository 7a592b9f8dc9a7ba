//! Why a certificate is refused.

use const_oid::ObjectIdentifier;

use crate::crypto::CryptoError;
use crate::identity::ActorClass;
use crate::leaf::LeafError;
use crate::reason::{Code, Coded};
use crate::scope::ScopeError;
use crate::sct::SctError;
use crate::time::{Timestamp, Window};

use super::MAX_BYTES;

/// The first rule that a certificate breaks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    /// A signature algorithm other than ECDSA with SHA-256 without parameters.
    #[error("the certificate's signature algorithm {found} is not allowed")]
    AlgorithmNotAllowed {
        /// The algorithm found.
        found: ObjectIdentifier,
    },
    /// Two signature algorithms.
    #[error("the certificate is signed with another algorithm than it says inside")]
    AlgorithmMismatch,
    /// An agent without name, class or sponsor, or somebody else with them.
    #[error("the certificate of a {class} has too little or too much about an agent")]
    AgentParticulars {
        /// The class of the subject.
        class: ActorClass,
    },
    /// A subject that shows another name than its own.
    #[error("the subject's common name is not that of its alternative name")]
    CommonName,
    /// Critical where the profile says not critical, or the reverse.
    #[error("extension {oid} has the wrong criticality for a {profile}")]
    Criticality {
        /// The profile.
        profile: &'static str,
        /// The extension.
        oid: ObjectIdentifier,
        /// Its code.
        code: Code,
    },
    /// Not DER of a certificate.
    #[error("the certificate is not DER of its structure")]
    Der(#[from] der::Error),
    /// One extension twice.
    #[error("extension {oid} stands twice")]
    DuplicateExtension {
        /// The extension.
        oid: ObjectIdentifier,
    },
    /// Outside its own life.
    #[error("the certificate is valid from {} until {}, and the time is {time}", window.start, window.end)]
    Expired {
        /// The certificate's life.
        window: Window,
        /// The time asked for.
        time: Timestamp,
    },
    /// Outside an issuer's life.
    #[error("the {profile} is valid from {} until {}, and the time is {time}", window.start, window.end)]
    ExpiredChain {
        /// Which issuer.
        profile: &'static str,
        /// The issuer's life.
        window: Window,
        /// The time asked for.
        time: Timestamp,
    },
    /// Another value than the profile's, or one that belongs to another profile.
    #[error("extension {oid} does not hold what a {profile} holds")]
    ExtensionValue {
        /// The profile.
        profile: &'static str,
        /// The extension.
        oid: ObjectIdentifier,
        /// The code of this row of the profile.
        code: Code,
    },
    /// A delegation chain that nobody could have made.
    #[error("the delegation chain of a {class} has {hops} hops, or starts or continues with the wrong class of actor")]
    Hops {
        /// The class of the subject.
        class: ActorClass,
        /// Hops found.
        hops: usize,
    },
    /// The Chancery extension.
    #[error("the Chancery extension is refused")]
    Identity(#[from] LeafError),
    /// Subject and Chancery extension name different actors.
    #[error("the subject names another agent or session than the Chancery extension")]
    IdentityMismatch,
    /// The two issuer extensions differ.
    #[error("the two issuer extensions name different issuers")]
    IssuerConflict,
    /// Not an uncompressed point on P-256.
    #[error("the certificate's key is refused")]
    Key {
        /// What is wrong with it.
        #[source]
        source: CryptoError,
    },
    /// A key identifier that is not that of its key.
    #[error("extension {oid} is not the identifier of its key")]
    KeyIdentifier {
        /// The extension.
        oid: ObjectIdentifier,
    },
    /// Lives too long.
    #[error("the certificate lives {actual} seconds, a {profile} lives at most {limit}")]
    Lifetime {
        /// The profile.
        profile: &'static str,
        /// The most seconds.
        limit: u64,
        /// Seconds found.
        actual: u64,
    },
    /// A mandatory extension is absent.
    #[error("a {profile} needs extension {oid}")]
    MissingExtension {
        /// The profile.
        profile: &'static str,
        /// The extension.
        oid: ObjectIdentifier,
        /// The code of this row of the profile.
        code: Code,
    },
    /// Not exactly one subject alternative name.
    #[error("the certificate names {actual} subjects, it must name one")]
    NameCount {
        /// Names found.
        actual: usize,
    },
    /// A name with characters no subject of ours has.
    #[error("the subject alternative name is no subject of ours")]
    NameText,
    /// A name of a type other than its text's or its class's.
    #[error("the subject alternative name is of another type than its text or its class demands")]
    NameType,
    /// A second encoding of the same certificate.
    #[error("the certificate is not in its canonical form")]
    NotCanonical,
    /// A hop, the leaf's scope or its life exceeds the hop before.
    #[error("hop {hop} of the delegation chain is exceeded by what follows it")]
    NotNarrower {
        /// The hop that is exceeded, counted from the root.
        hop: usize,
    },
    /// Extensions in another order than the profile's.
    #[error("the extensions are not in the order of a {profile}")]
    Order {
        /// The profile.
        profile: &'static str,
    },
    /// Used outside the trust root's window for its issuer.
    #[error("the trust root trusts the issuer from {} until {}, and the time is {time}", window.start, window.end)]
    OutsideTrust {
        /// The trust root's window.
        window: Window,
        /// The time asked for.
        time: Timestamp,
    },
    /// A certificate that outlives its issuer.
    #[error("the certificate is valid when its {profile} is not")]
    OutlivesIssuer {
        /// Which issuer.
        profile: &'static str,
    },
    /// A scope over its limits.
    #[error("a scope in the certificate is refused")]
    Scope(#[from] ScopeError),
    /// The promise of logging.
    #[error(transparent)]
    Sct(#[from] SctError),
    /// Not a positive 20-byte number.
    #[error("the serial number is not a positive number of 20 bytes")]
    Serial,
    /// A session id that cannot be shown.
    #[error("the session id is not 1 to 128 printable ASCII characters")]
    Session,
    /// The issuer's signature.
    #[error("the issuer's signature on the certificate is refused")]
    Signature {
        /// What is wrong with it.
        #[source]
        source: CryptoError,
    },
    /// A time in the wrong form, or an end before its start.
    #[error("a validity time is malformed, or the end is not after the start")]
    Time,
    /// Too many bytes.
    #[error("the certificate has {actual} bytes, at most {MAX_BYTES} are allowed")]
    TooLarge {
        /// Bytes found.
        actual: usize,
    },
    /// A critical extension that the profile does not list.
    #[error("a {profile} has no critical extension {oid}")]
    UnknownCritical {
        /// The profile.
        profile: &'static str,
        /// The extension.
        oid: ObjectIdentifier,
    },
    /// An extension that the profile does not list.
    #[error("a {profile} has no extension {oid}")]
    UnknownExtension {
        /// The profile.
        profile: &'static str,
        /// The extension.
        oid: ObjectIdentifier,
    },
    /// An extension that cannot be read.
    #[error("extension {oid} cannot be read")]
    Unreadable {
        /// The extension.
        oid: ObjectIdentifier,
    },
    /// Nobody in the trust root issued it.
    #[error("no certificate authority of the trust root issued the certificate")]
    Untrusted,
    /// Not version 3, an empty name, or a unique id.
    #[error("the certificate is not version 3 with issuer and subject and without unique ids")]
    Version,
}

impl Coded for CertificateError {
    fn code(&self) -> Code {
        match self {
            Self::AlgorithmNotAllowed { .. } => Code::X509AlgNotAllowed,
            Self::AlgorithmMismatch => Code::X509AlgMismatch,
            Self::CommonName | Self::IdentityMismatch | Self::NameText => Code::IdMismatch,
            Self::Der(_) | Self::NotCanonical | Self::Order { .. } | Self::Serial | Self::Version => {
                Code::X509Malformed
            }
            Self::DuplicateExtension { .. } => Code::X509DuplicateExtension,
            Self::Expired { .. } => Code::X509Expired,
            Self::ExpiredChain { .. } | Self::OutlivesIssuer { .. } => Code::X509ExpiredChain,
            Self::Criticality { code, .. }
            | Self::ExtensionValue { code, .. }
            | Self::MissingExtension { code, .. } => *code,
            Self::Hops { .. } | Self::Identity(LeafError::TooManyHops { .. }) => Code::AgentHops,
            Self::Identity(_) | Self::Session | Self::Unreadable { .. } => Code::X509ExtensionUnparsable,
            Self::IssuerConflict | Self::KeyIdentifier { .. } => Code::X509ExtensionConflict,
            Self::Key { .. } => Code::X509BadKey,
            Self::Lifetime { .. } => Code::X509Lifetime,
            Self::NameCount { .. } => Code::IdMultipleSan,
            Self::AgentParticulars { .. } | Self::NameType => Code::IdTypeMismatch,
            Self::NotNarrower { .. } => Code::ScopeNotNarrower,
            Self::OutsideTrust { .. } => Code::TrustWindow,
            Self::Scope(_) => Code::ScopeElement,
            Self::Sct(error) => error.code(),
            Self::Signature { .. } => Code::X509Signature,
            Self::Time => Code::X509BadTime,
            Self::TooLarge { .. } => Code::LimitAsn1,
            Self::UnknownCritical { .. } => Code::X509UnknownCritical,
            Self::UnknownExtension { .. } => Code::X509UnknownExtension,
            Self::Untrusted => Code::X509Untrusted,
        }
    }
}
