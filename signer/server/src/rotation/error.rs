//! Why nothing was rotated.

use std::io;
use std::path::PathBuf;

use signer_core::canonical::CanonicalError;
use signer_core::crypto::CryptoError;
use signer_core::issue::IssueError;
use signer_core::reason::{Code, Coded};
use signer_core::time::Timestamp;
use signer_core::trust_root::TrustRootError;
use signer_engine::engine::OpenError;
use signer_engine::ledger::RecordError;
use signer_engine::refusal::Refusal;
use signer_engine::store::StoreError;
use signer_policy::PolicyError;

use crate::credential::CredentialError;
use crate::fork::ForkError;
use crate::founding::FoundingError;
use crate::head::HeadError;
use crate::keyring::KeyringError;
use crate::process::ProcessError;
use crate::seal::SealError;
use crate::serve::ServeError;
use crate::state::StateError;
use crate::unsealed::UnsealError;

/// What stood in the way. Nothing has changed unless [`RotationError::Files`] says that the store knows better.
#[derive(Debug, thiserror::Error)]
pub enum RotationError {
    /// A document cannot be written or read.
    #[error(transparent)]
    Canonical(#[from] CanonicalError),
    /// The clock is behind the log.
    #[error(transparent)]
    Clock(#[from] ServeError),
    /// The ledger does not freeze the log.
    #[error("the log cannot be closed: {message}")]
    Closing {
        /// The ledger's code.
        code: Code,
        /// What it said.
        message: String,
    },
    /// The credential is none.
    #[error(transparent)]
    Credential(#[from] CredentialError),
    /// A key cannot be made.
    #[error(transparent)]
    Crypto(#[from] CryptoError),
    /// Files of the state cannot be written; the next command that opens it carries on or forgets.
    #[error("`{}` cannot be written or moved", path.display())]
    Files {
        /// Which.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The state could fork the log.
    #[error(transparent)]
    Fork(#[from] ForkError),
    /// No name for the log that follows.
    #[error(transparent)]
    Founding(#[from] FoundingError),
    /// A frozen log cannot tell of other keys.
    #[error("the log was frozen at {since}, and a rotation is an event in it; rotate the log first")]
    Frozen {
        /// Since when.
        since: Timestamp,
    },
    /// The head file cannot be made.
    #[error(transparent)]
    Head(#[from] HeadError),
    /// A certificate cannot be made.
    #[error(transparent)]
    Issue(#[from] IssueError),
    /// Keys cannot be written.
    #[error(transparent)]
    Keyring(#[from] KeyringError),
    /// No terminal to ask on.
    #[error("there is no terminal to ask on; pass --yes in scripts")]
    NoTerminal {
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// Somebody thought better of it.
    #[error("the name was not repeated; nothing was rotated")]
    NotConfirmed,
    /// The engine refuses its own state.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The policy is none.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// The process cannot be protected.
    #[error(transparent)]
    Process(#[from] ProcessError),
    /// What the log is to say cannot be written.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// Keys do not open, or cannot be sealed.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The state cannot be read.
    #[error(transparent)]
    State(#[from] StateError),
    /// The store fails, or an engine runs on it.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The trust root would be refused.
    #[error(transparent)]
    TrustRoot(#[from] TrustRootError),
    /// The keys do not open.
    #[error(transparent)]
    Unseal(#[from] UnsealError),
}

impl From<Refusal> for RotationError {
    fn from(refusal: Refusal) -> Self {
        let message = refusal.reasons().next().map(|reason| reason.message.clone()).unwrap_or_default();
        Self::Closing { code: refusal.code(), message }
    }
}

impl Coded for RotationError {
    fn code(&self) -> Code {
        match self {
            Self::Canonical(_) => Code::EngineState,
            Self::Clock(source) => source.code(),
            Self::Closing { code, .. } => *code,
            Self::Credential(source) => source.code(),
            Self::Crypto(_) => Code::Internal,
            Self::Files { .. } => Code::InternalIo,
            Self::Fork(source) => source.code(),
            Self::Founding(source) => source.code(),
            Self::Frozen { .. } => Code::LogFrozen,
            Self::Head(source) => source.code(),
            Self::Issue(source) => source.code(),
            Self::Keyring(source) => source.code(),
            Self::NoTerminal { .. } | Self::NotConfirmed => Code::AgentPresence,
            Self::Open(source) => source.code(),
            Self::Policy(source) => source.code(),
            Self::Process(source) => source.code(),
            Self::Record(source) => source.code(),
            Self::Seal(source) => source.code(),
            Self::State(source) => source.code(),
            Self::Store(StoreError::InUse) => Code::EngineInUse,
            Self::Store(source) => source.code(),
            Self::TrustRoot(source) => source.code(),
            Self::Unseal(source) => source.code(),
        }
    }
}
