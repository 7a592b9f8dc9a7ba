//! What this process denies to others: no core dumps, no debugger of the same user.

use std::io;

use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit, setsid};
use signer_core::reason::{Code, Coded};

/// Keeps memory from leaving the process. Must come before any secret is read.
pub(crate) fn harden() -> Result<(), ProcessError> {
    let none = Rlimit { current: Some(0), maximum: Some(0) };
    setrlimit(Resource::Core, none).map_err(|source| ProcessError::Harden { source: source.into() })?;
    set_dumpable_behavior(DumpableBehavior::NotDumpable)
        .map_err(|source| ProcessError::Harden { source: source.into() })
}

/// Leaves the terminal's session, so that closing it does not end the engine.
pub(crate) fn leave_session() -> Result<(), ProcessError> {
    match setsid() {
        // Whoever leads its process group was put there by a shell's job control, and is apart already.
        Ok(_) | Err(rustix::io::Errno::PERM) => Ok(()),
        Err(source) => Err(ProcessError::Session { source: source.into() }),
    }
}

/// What the system refuses.
#[derive(Debug, thiserror::Error)]
pub enum ProcessError {
    /// The process cannot be protected.
    #[error("the process could not be closed to debuggers and core dumps")]
    Harden {
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The session cannot be left.
    #[error("the terminal's session could not be left")]
    Session {
        /// What the system said.
        #[source]
        source: io::Error,
    },
}

impl Coded for ProcessError {
    fn code(&self) -> Code {
        match self {
            Self::Harden { .. } | Self::Session { .. } => Code::Internal,
        }
    }
}
