//! Credentials that open sealed keys: from a descriptor, a private file or the terminal; never from the command line or
//! the environment.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
use signer_core::reason::{Code, Coded};
use zeroize::Zeroizing;

use crate::args::CredentialSource;
use crate::state::OTHERS;

/// Most bytes of a credential.
pub const MAX_CREDENTIAL: usize = 1024;

/// A credential, wiped when dropped. No `Debug`, no `Clone`.
pub struct Credential(Zeroizing<Vec<u8>>);

impl Credential {
    /// Takes bytes over, without the line end they may have. Fails where nothing is left, or too much.
    pub fn new(mut bytes: Zeroizing<Vec<u8>>) -> Result<Self, CredentialError> {
        if bytes.last() == Some(&b'\n') {
            bytes.pop();
        }
        match bytes.len() {
            0 => Err(CredentialError::Empty),
            1..=MAX_CREDENTIAL => Ok(Self(bytes)),
            _ => Err(CredentialError::TooLong),
        }
    }

    /// The bytes, for the one place that needs them.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

/// An opened source. Opening comes before the process hides `/proc/self`, reading after it.
pub enum Source {
    /// A descriptor or file.
    Stream(File),
    /// The controlling terminal.
    Terminal,
}

impl Source {
    /// Opens what the command line names; [`None`] where it names nothing.
    pub fn named(source: &CredentialSource) -> Result<Option<Self>, CredentialError> {
        match (source.credential_fd, &source.credential_file) {
            (Some(number), _) => {
                let path = PathBuf::from(format!("/proc/self/fd/{number}"));
                File::open(&path).map(|file| Some(Self::Stream(file))).map_err(|source| refused(&path, source))
            }
            (None, Some(path)) => private_file(path).map(|file| Some(Self::Stream(file))),
            (None, None) => Ok(None),
        }
    }

    /// Reads the credential.
    pub fn read(self) -> Result<Credential, CredentialError> {
        match self {
            Self::Stream(file) => read_stream(file),
            Self::Terminal => ask(),
        }
    }
}

fn read_stream(file: File) -> Result<Credential, CredentialError> {
    // One more than fits, so that longer ones are noticed; the buffer never moves.
    let limit = MAX_CREDENTIAL + 2;
    let mut bytes = Zeroizing::new(Vec::with_capacity(limit * 2));
    let limit = u64::try_from(limit).unwrap_or(u64::MAX);
    file.take(limit).read_to_end(&mut bytes).map_err(|source| CredentialError::Read { source })?;
    Credential::new(bytes)
}

/// Fails where others may read it.
fn private_file(path: &Path) -> Result<File, CredentialError> {
    let file = File::open(path).map_err(|source| refused(path, source))?;
    let metadata = file.metadata().map_err(|source| refused(path, source))?;
    if metadata.is_file() && metadata.mode() & OTHERS != 0 {
        return Err(CredentialError::Permissions { path: path.to_owned() });
    }
    Ok(file)
}

fn ask() -> Result<Credential, CredentialError> {
    let none = |source| CredentialError::NoTerminal { source };
    let mut terminal = OpenOptions::new().read(true).write(true).open("/dev/tty").map_err(none)?;
    let before = tcgetattr(&terminal).map_err(|source| none(source.into()))?;
    let mut silent = before.clone();
    silent.local_modes.remove(LocalModes::ECHO);
    tcsetattr(&terminal, OptionalActions::Flush, &silent).map_err(|source| none(source.into()))?;
    let mut answer = Zeroizing::new(Vec::with_capacity(MAX_CREDENTIAL * 2));
    let prompted = terminal.write_all(b"Credential of the engine's keys: ");
    let limit = u64::try_from(MAX_CREDENTIAL + 2).unwrap_or(u64::MAX);
    let read = prompted.and_then(|()| BufReader::new((&terminal).take(limit)).read_until(b'\n', &mut answer));
    // Echo comes back whatever the answer was.
    tcsetattr(&terminal, OptionalActions::Flush, &before).map_err(|source| none(source.into()))?;
    terminal.write_all(b"\n").map_err(none)?;
    read.map_err(none)?;
    Credential::new(answer)
}

fn refused(path: &Path, source: io::Error) -> CredentialError {
    CredentialError::Open { path: path.to_owned(), source }
}

/// Why there is no credential.
#[derive(Debug, thiserror::Error)]
pub enum CredentialError {
    /// Nothing was given.
    #[error("the credential is empty")]
    Empty,
    /// No terminal to ask on.
    #[error("there is no terminal to ask for the credential on; pass --credential-fd or --credential-file")]
    NoTerminal {
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The source does not open.
    #[error("`{}` cannot be opened", path.display())]
    Open {
        /// Which.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// Others may read it.
    #[error("`{}` may be read by others", path.display())]
    Permissions {
        /// Which.
        path: PathBuf,
    },
    /// The source does not read.
    #[error("the credential cannot be read")]
    Read {
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// Longer than any credential.
    #[error("the credential has more than {MAX_CREDENTIAL} bytes")]
    TooLong,
}

impl Coded for CredentialError {
    fn code(&self) -> Code {
        match self {
            Self::Empty | Self::TooLong => Code::EngineSealed,
            Self::NoTerminal { .. } => Code::AgentPresence,
            Self::Open { .. } | Self::Read { .. } => Code::InternalIo,
            Self::Permissions { .. } => Code::EnginePermissions,
        }
    }
}

#[cfg(test)]
mod tests;
