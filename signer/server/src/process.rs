//! What this process denies to others: no core dumps, no debugger of the same user.

use std::fs::File;
use std::io;

use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit, setsid};
use rustix::stdio::{dup2_stderr, dup2_stdin, dup2_stdout};
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

/// Lets go of the starter's streams: a caller that reads to their end would wait as long as the server lives. What the
/// process still says on stderr goes to `log`.
pub(crate) fn leave_streams(log: &File) -> Result<(), ProcessError> {
    let failed = |source: io::Error| ProcessError::Streams { source };
    let null = File::options().read(true).write(true).open("/dev/null").map_err(failed)?;
    dup2_stdin(&null)
        .and_then(|()| dup2_stdout(&null))
        .and_then(|()| dup2_stderr(log))
        .map_err(|source| failed(source.into()))
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
    /// The starter's streams cannot be let go of.
    #[error("the starter's streams could not be let go of")]
    Streams {
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
            Self::Harden { .. } | Self::Session { .. } | Self::Streams { .. } => Code::Internal,
        }
    }
}
