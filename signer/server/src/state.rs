//! The state directory: 0700, every file 0600 and the owner's, every write atomic and durable.
//!
//! | file | holds |
//! |---|---|
//! | `engine.json` | names and certificates; written last, so that a half-made state never starts |
//! | `trusted_root.json` | what clients trust |
//! | `keys.sealed`, `root.sealed` | private keys; the root's apart, the running engine never opens it |
//! | `owner.digest` | SHA-256 of the owner credential |
//! | `engine.sqlite*`, `engine.lock` | the store (`store.rs`) |
//! | `head` | the newest acknowledged checkpoint (`head.rs`); a database behind it is an old copy |
//! | `restored.json` | the state came from a backup and does not serve until it is known to be the newest (`fork.rs`) |
//! | `oidc.json` | identity issuers whose tokens are taken; may be absent (`oidc.rs`) |
//! | `rotation/`, `rotation.new/` | a rotation that is under way or was interrupted (`rotation/staging.rs`) |
//! | `cosigned.sqlite*` | checkpoints with their cosignatures: each log's newest, and those in answers (`witnessing/cosigned.rs`) |
//! | `stamped.sqlite*` | foreign time authorities' tokens, by signature (`time_authority/stamped.rs`) |
//! | `address`, `server.log` | the running server's URL; its log in the background |

use std::ffi::OsString;
use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, Read, Write};
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::Dir;
use signer_core::reason::{Code, Coded};

use crate::rotation::{self, RotationError};

/// Names and certificates.
pub const ENGINE: &str = "engine.json";
/// What clients trust.
pub const TRUST_ROOT: &str = "trusted_root.json";
/// The running engine's private keys.
pub const KEYS: &str = "keys.sealed";
/// The root's private key.
pub const ROOT_KEY: &str = "root.sealed";
/// SHA-256 of the owner credential.
pub const OWNER: &str = "owner.digest";
/// Identity issuers whose tokens are taken; the operator's own file.
pub const OIDC: &str = "oidc.json";
/// The running server's URL.
pub const ADDRESS: &str = "address";
/// The log of a server in the background.
pub const LOG: &str = "server.log";
/// The newest acknowledged checkpoint, outside the database.
pub const HEAD: &str = "head";
/// Says that the state came from a backup and may be old.
pub const RESTORED: &str = "restored.json";

/// The permission bits of everybody but the owner.
pub(crate) const OTHERS: u32 = 0o077;

/// A state directory whose permissions were checked.
#[derive(Debug)]
pub struct StateDirectory {
    path: PathBuf,
}

impl StateDirectory {
    /// Makes the directory, or takes an empty one and closes it to others. Fails where it holds anything.
    pub fn create(path: &Path) -> Result<Self, StateError> {
        let failed = |source| failed(path, source);
        DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(failed)?;
        if !names(path).map_err(failed)?.is_empty() {
            return Err(StateError::NotEmpty { path: path.to_owned() });
        }
        let path = path.canonicalize().map_err(failed)?;
        fs::set_permissions(&path, Permissions::from_mode(0o700)).map_err(failed)?;
        check_private(&path)?;
        Ok(Self { path })
    }

    /// Opens the directory. Fails where anybody else may read or write it or anything in it.
    pub fn open(path: &Path) -> Result<Self, StateError> {
        let failed = |source| failed(path, source);
        let path = path.canonicalize().map_err(failed)?;
        check_private(&path)?;
        rotation::settle(&path).map_err(|source| StateError::Rotation { source: Box::new(source) })?;
        for name in names(&path).map_err(failed)? {
            check_private(&path.join(name))?;
        }
        Ok(Self { path })
    }

    /// Where it is, absolute.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where one of its files is.
    pub fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Reads a file of at most `limit` bytes.
    pub fn read(&self, name: &'static str, limit: usize) -> Result<Vec<u8>, StateError> {
        let path = self.file(name);
        let absent = |source: io::Error| match source.kind() {
            io::ErrorKind::NotFound => StateError::Absent { file: name },
            _ => failed(&path, source),
        };
        let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
        let mut bytes = Vec::new();
        File::open(&path).and_then(|file| file.take(most).read_to_end(&mut bytes)).map_err(absent)?;
        if bytes.len() > limit { Err(StateError::TooLarge { file: name, limit }) } else { Ok(bytes) }
    }

    /// Replaces a file: after a crash the old or the new one is there, whole.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<(), StateError> {
        let (path, draft) = (self.file(name), self.file(&format!(".{name}.new")));
        let written = || {
            remove(&draft)?;
            let mut file = create(&draft)?;
            file.write_all(bytes)?;
            file.sync_all()?;
            fs::rename(&draft, &path)?;
            File::open(&self.path)?.sync_all()
        };
        written().map_err(|source| failed(&path, source))
    }

    /// Removes a file, where it is.
    pub fn remove(&self, name: &str) -> Result<(), StateError> {
        let path = self.file(name);
        remove(&path).map_err(|source| failed(&path, source))
    }

    /// Opens a file that is there for writing in place.
    pub fn update(&self, name: &str) -> Result<File, StateError> {
        let path = self.file(name);
        OpenOptions::new().write(true).open(&path).map_err(|source| failed(&path, source))
    }

    /// Opens a file for appending.
    pub fn append(&self, name: &str) -> Result<File, StateError> {
        let path = self.file(name);
        OpenOptions::new().append(true).create(true).mode(0o600).open(&path).map_err(|source| failed(&path, source))
    }
}

/// Writes a secret into a file that does not exist yet and nobody else may read.
pub fn write_new(path: &Path, bytes: &[u8]) -> Result<(), StateError> {
    let written = || {
        let mut file = create(path)?;
        file.write_all(bytes)?;
        file.sync_all()
    };
    written().map_err(|source: io::Error| match source.kind() {
        io::ErrorKind::AlreadyExists => StateError::Exists { path: path.to_owned() },
        _ => failed(path, source),
    })
}

fn create(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

/// The names in a directory. The standard library's reader panics where a directory does not close, as it may not on a
/// network's disk.
fn names(path: &Path) -> io::Result<Vec<OsString>> {
    let entries = Dir::new(File::open(path)?)?;
    let names = entries.map(|entry| Ok(OsString::from_vec(entry?.file_name().to_bytes().to_vec())));
    names.filter(|name| !name.as_ref().is_ok_and(|name| name == "." || name == "..")).collect()
}

/// Ours, no link, and closed to group and world.
fn check_private(path: &Path) -> Result<(), StateError> {
    let metadata = match fs::symlink_metadata(path) {
        // A running server's journal comes and goes.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(source) => return Err(failed(path, source)),
        Ok(metadata) => metadata,
    };
    let ours = metadata.uid() == rustix::process::geteuid().as_raw();
    if ours && !metadata.is_symlink() && metadata.mode() & OTHERS == 0 {
        Ok(())
    } else {
        Err(StateError::Permissions { path: path.to_owned(), mode: metadata.mode() & 0o7777 })
    }
}

fn failed(path: &Path, source: io::Error) -> StateError {
    StateError::Io { path: path.to_owned(), source }
}

/// Why a state directory does not serve.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// A file is missing.
    #[error("the state has no `{file}`; `chancery-server init` makes one")]
    Absent {
        /// Which.
        file: &'static str,
    },
    /// A file that must be new is there already.
    #[error("`{}` exists already", path.display())]
    Exists {
        /// Which.
        path: PathBuf,
    },
    /// The system refuses.
    #[error("`{}` cannot be read or written", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// What it said.
        #[source]
        source: io::Error,
    },
    /// The directory holds something.
    #[error("the directory `{}` is not empty", path.display())]
    NotEmpty {
        /// Which.
        path: PathBuf,
    },
    /// Others may read or write it, or it is another user's, or a link.
    #[error("`{}` has mode {mode:04o}, is a link or belongs to somebody else", path.display())]
    Permissions {
        /// Which.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// A rotation was interrupted, and cannot be ended either way.
    #[error("a rotation of this state was interrupted")]
    Rotation {
        /// Why it cannot be ended.
        #[source]
        source: Box<RotationError>,
    },
    /// Larger than its format allows.
    #[error("`{file}` has more than {limit} bytes")]
    TooLarge {
        /// Which.
        file: &'static str,
        /// The most it may have.
        limit: usize,
    },
}

impl Coded for StateError {
    fn code(&self) -> Code {
        match self {
            Self::Absent { .. } | Self::TooLarge { .. } => Code::EngineState,
            Self::Io { .. } => Code::InternalIo,
            Self::Exists { .. } | Self::NotEmpty { .. } => Code::EngineExists,
            Self::Permissions { .. } => Code::EnginePermissions,
            Self::Rotation { source } => source.code(),
        }
    }
}

#[cfg(test)]
mod tests;
