//! Why the broker refused, or could not decide.

use std::io;

use signer_client::ClientError;
use signer_core::armor::ArmorError;
use signer_core::canonical::CanonicalError;
use signer_core::certificate::CertificateError;
use signer_core::cms::CmsError;
use signer_core::crypto::CryptoError;
use signer_core::csr::CsrError;
use signer_core::digest::DigestError;
use signer_core::grant::GrantError;
use signer_core::identity::{IdentityError, Name, Purpose};
use signer_core::log_entry::LogError;
use signer_core::oracle::OracleError;
use signer_core::reason::{Code, Coded, Severity};
use signer_core::repository_config::{ConfigError, PATH};
use signer_core::revocation::RevocationError;
use signer_core::statement::StatementError;
use signer_core::trust_root::{Role, TrustRootError};
use signer_git::{ChangeListError, ObjectError, ObjectKind, RepositoryError};
use signer_wire::message::{Refusal, Severity as WireSeverity};

/// Most characters of a message to a caller.
const MAX_MESSAGE: usize = 2048;

/// Why a request was refused or could not be decided.
#[derive(Debug, thiserror::Error)]
pub enum BrokerError {
    /// The anchor does not name a key of the engine.
    #[error(
        "the tree's newest anchor does not name the engine's {role} `{name}`: no verifier would accept the signature"
    )]
    AnchorBehind {
        /// What the key is for.
        role: Role,
        /// Its name in the engine's trust root.
        name: String,
    },
    /// The tree names no repository.
    #[error("the tree holds no {PATH}, so that nothing says which repository this is")]
    AnchorMissing,
    /// Armour that does not hold a signature.
    #[error(transparent)]
    Armor(#[from] ArmorError),
    /// A canonical document that cannot be written or read.
    #[error(transparent)]
    Canonical(#[from] CanonicalError),
    /// An agent's process asked for what a person may do.
    #[error("the caller belongs to agent session `{session}` and may not act as a person")]
    CallerNotPerson {
        /// The session, as far as it is known.
        session: String,
    },
    /// The caller's process is gone, or cannot be seen.
    #[error("process {pid}, which asked, cannot be seen")]
    CallerUnseen {
        /// Which process.
        pid: u32,
    },
    /// The engine issued a certificate that does not fit.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// The engine issued a certificate for somebody or something else.
    #[error("the engine's certificate differs from what was asked for in its {what}")]
    CertificateMismatch {
        /// What differs.
        what: &'static str,
    },
    /// The engine writes to a log again that it had left for another.
    #[error("the engine's answer is of log `{origin}`, which another had followed already")]
    LogLeft {
        /// Its origin.
        origin: String,
    },
    /// The list of changed paths cannot be made.
    #[error(transparent)]
    ChangeList(#[from] ChangeListError),
    /// The engine refused or cannot be reached.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// A signature that cannot be put together.
    #[error(transparent)]
    Cms(#[from] CmsError),
    /// The repository's configuration does not fit its schema.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A key that cannot be made or used.
    #[error(transparent)]
    Crypto(#[from] CryptoError),
    /// A certificate request that cannot be made.
    #[error(transparent)]
    Csr(#[from] CsrError),
    /// A digest that is none.
    #[error(transparent)]
    Digest(#[from] DigestError),
    /// The home names no engine.
    #[error("the home's config.toml names no engine")]
    EngineUnknown,
    /// A tag of something else than a commit, which no policy can judge.
    #[error("the tag names a {kind}, not a commit")]
    Tagged {
        /// What it names.
        kind: ObjectKind,
    },
    /// The engine's answer is about something else.
    #[error("the engine's evidence differs from what was signed in its {what}")]
    EvidenceMismatch {
        /// What differs.
        what: &'static str,
    },
    /// A handle of one session, presented by a process of another.
    #[error("a process of session `{actual}` presented the handle of another")]
    ForeignHandle {
        /// The session the process belongs to.
        actual: String,
    },
    /// The user at the other end is another.
    #[error("user {actual} asked the broker of user {expected}")]
    ForeignUser {
        /// Whose broker this is.
        expected: u32,
        /// Who asked.
        actual: u32,
    },
    /// A grant that is none.
    #[error(transparent)]
    Grant(#[from] GrantError),
    /// Not a revocation.
    #[error(transparent)]
    Revocation(#[from] RevocationError),
    /// Grants to redeem, and none for this repository.
    #[error(
        "the newest unredeemed grant for agent `{agent}` is for repository `{granted}`, not for `{repository}`, where it starts"
    )]
    GrantElsewhere {
        /// For whom.
        agent: Name,
        /// The repositories it allows.
        granted: String,
        /// Where the agent starts.
        repository: String,
    },
    /// No grant to redeem.
    #[error("no unredeemed grant for agent `{agent}` was made through this broker")]
    GrantUnknown {
        /// For whom.
        agent: Name,
    },
    /// A name or subject that is none.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// The system refused.
    #[error("cannot {what}")]
    Io {
        /// What was tried.
        what: &'static str,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// A log entry that does not fit.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The launcher names processes that are not its own.
    #[error("process {root} is neither the caller {caller} nor beneath it")]
    NotDescendant {
        /// The process named.
        root: u32,
        /// Who named it.
        caller: u32,
    },
    /// Nobody is logged in.
    #[error("nobody is logged in here")]
    NotLoggedIn,
    /// A git object git would not write.
    #[error(transparent)]
    Object(#[from] ObjectError),
    /// An object that carries a signature already.
    #[error("the object carries a signature already; git hands over objects without one")]
    ObjectSigned,
    /// Bytes that are no statement of the form they should have.
    #[error(transparent)]
    Oracle(#[from] OracleError),
    /// The owner credential is another.
    #[error("the owner credential is not the one that logged in")]
    OwnerWrong,
    /// Nobody confirmed.
    #[error("{why}")]
    PresenceMissing {
        /// Why nobody could, or that nobody would.
        why: &'static str,
    },
    /// A statement under a purpose that does not sign its type.
    #[error("a statement of type `{predicate}` is not signed under purpose {purpose}")]
    PurposeMismatch {
        /// Type of the statement.
        predicate: String,
        /// The purpose asked for.
        purpose: Purpose,
    },
    /// The repository cannot be read.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
    /// No such session.
    #[error("the session is unknown or has ended")]
    SessionUnknown,
    /// A statement that is none.
    #[error(transparent)]
    Statement(#[from] StatementError),
    /// A trust root that is none.
    #[error(transparent)]
    TrustRoot(#[from] TrustRootError),
    /// The session may not work for the target in the tree.
    #[error("`{target}`, the target in {PATH}, is outside the session's scope")]
    TargetOutsideScope {
        /// The target.
        target: String,
    },
}

impl Coded for BrokerError {
    fn code(&self) -> Code {
        match self {
            Self::AnchorBehind { .. } => Code::AnchorBehind,
            Self::AnchorMissing => Code::AnchorMissing,
            Self::Tagged { .. } => Code::GitTagTarget,
            Self::Armor(error) => error.code(),
            Self::CallerNotPerson { .. } => Code::AgentCallerNotPerson,
            Self::CallerUnseen { .. }
            | Self::ForeignHandle { .. }
            | Self::ForeignUser { .. }
            | Self::NotDescendant { .. } => Code::AgentCachePeer,
            Self::Canonical(_) | Self::Crypto(_) => Code::Internal,
            Self::Certificate(error) => error.code(),
            Self::CertificateMismatch { .. } | Self::EvidenceMismatch { .. } => Code::EngineAnswer,
            Self::ChangeList(ChangeListError::Repository(RepositoryError::Missing { .. }))
            | Self::Repository(RepositoryError::Missing { .. }) => Code::AgentForeignPayload,
            Self::ChangeList(error) => error.code(),
            Self::Client(error) => error.code(),
            Self::LogLeft { .. } => Code::LogStateRegression,
            Self::Cms(error) => error.code(),
            Self::Config(error) => error.code(),
            Self::Csr(error) => error.code(),
            Self::Digest(_) => Code::RequestMalformed,
            Self::EngineUnknown => Code::EngineUnreachable,
            Self::Grant(error) => error.code(),
            Self::Revocation(error) => error.code(),
            Self::GrantElsewhere { .. } => Code::ScopeRepository,
            Self::GrantUnknown { .. } => Code::IssueGrantUnknown,
            Self::Identity(_) => Code::IssueBadIdentity,
            Self::Io { .. } => Code::InternalIo,
            Self::Log(error) => error.code(),
            Self::NotLoggedIn | Self::OwnerWrong => Code::IssueUnauthorized,
            Self::Object(error) => error.code(),
            Self::ObjectSigned => Code::GitSigDuplicateHeader,
            Self::Oracle(error) => error.code(),
            Self::PresenceMissing { .. } => Code::AgentPresence,
            Self::PurposeMismatch { .. } => Code::ScopePurpose,
            Self::Repository(error) => error.code(),
            Self::SessionUnknown => Code::AgentSessionUnknown,
            Self::Statement(error) => error.code(),
            Self::TargetOutsideScope { .. } => Code::ScopeTarget,
            Self::TrustRoot(error) => error.code(),
        }
    }
}

impl From<&BrokerError> for Refusal {
    fn from(error: &BrokerError) -> Self {
        let reason = error.reason();
        let severity = match reason.severity {
            Severity::Undetermined => WireSeverity::Undetermined,
            Severity::Reject | Severity::Warn => WireSeverity::Reject,
        };
        Self {
            code: reason.code.to_string(),
            severity,
            message: reason.message.chars().take(MAX_MESSAGE).collect(),
            help: reason.help.into_owned(),
        }
    }
}
