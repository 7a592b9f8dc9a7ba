//! What this process denies to others: no core dumps, no debugger of the same user.

use std::fs::File;
use std::io;
use std::panic;
use std::sync::{Mutex, PoisonError};

use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit, setsid};
use rustix::stdio::{dup2_stderr, dup2_stdin, dup2_stdout};
use signer_core::reason::{Code, Coded};
use tokio::sync::oneshot;

/// Keeps memory from leaving the process. Must come before any secret is read.
pub(crate) fn harden() -> Result<(), ProcessError> {
    let none = Rlimit { current: Some(0), maximum: Some(0) };
    setrlimit(Resource::Core, none).map_err(|source| ProcessError::Harden { source: source.into() })?;
    set_dumpable_behavior(DumpableBehavior::NotDumpable)
        .map_err(|source| ProcessError::Harden { source: source.into() })
}

/// Tells when the runtime panics in code of its own. A worker that cannot wait for events any more ends so, and when all
/// have, nobody is answered again. What panics in a request is caught where it is answered, and does not count.
pub(crate) fn runtime_ended() -> oneshot::Receiver<()> {
    let (tell, told) = oneshot::channel();
    let (tell, before) = (Mutex::new(Some(tell)), panic::take_hook());
    panic::set_hook(Box::new(move |panicked| {
        before(panicked);
        let is_runtime = panicked.location().is_some_and(|location| is_of_runtime(location.file()));
        let tell = tell.lock().unwrap_or_else(PoisonError::into_inner).take_if(|_| is_runtime);
        // Nobody waits any more where the server is ending anyway.
        let _told = tell.map(|tell| tell.send(()));
    }));
    told
}

/// Whether this source file is the runtime's: `…/tokio-1.0.0/src/runtime/io/driver.rs`.
fn is_of_runtime(file: &str) -> bool {
    file.split_once("/src/runtime/").is_some_and(|(library, _)| {
        library.rsplit('/').next().is_some_and(|name| name == "tokio" || name.starts_with("tokio-"))
    })
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

#[cfg(test)]
mod tests {
    use super::is_of_runtime;

    #[test]
    fn tells_the_runtimes_own_code_from_everybody_elses() {
        for file in ["/x/registry/src/index/tokio-1.54.1/src/runtime/io/driver.rs", "vendor/tokio/src/runtime/park.rs"]
        {
            assert!(is_of_runtime(file), "{file}");
        }
        for file in [
            "signer/server/src/rim/gate.rs",
            "/x/tokio-1.54.1/src/net/tcp.rs",
            "/x/hyper-1.0.0/src/runtime/io.rs",
            "/x/tokio-1.54.1/nested/src/runtime/io.rs",
            "src/runtime/io.rs",
            "",
        ] {
            assert!(!is_of_runtime(file), "{file}");
        }
    }
}
