//! What an installation changed: the values before, a copy of the file, and the digest of the file after.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::git_config::ConfigError;

/// The document beside the repository's or the user's configuration.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// `urn:chancery:hook-install-record:v1`.
    pub schema: String,
    /// The configuration file that was changed.
    pub file: PathBuf,
    /// Whether it existed before.
    pub existed: bool,
    /// SHA-256 of the file after the change; whoever changes it later is not undone.
    pub after: String,
    /// The values before, key by key.
    pub previous: Vec<Previous>,
    /// The values that were set.
    pub settings: Vec<(String, String)>,
}

/// The values one key had.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Previous {
    /// The key.
    pub key: String,
    /// Its values in order; none where it was absent.
    pub values: Vec<String>,
}

/// The schema's name.
pub const SCHEMA: &str = "urn:chancery:hook-install-record:v1";

/// Where the record and the copy of the file are.
pub struct Shelf {
    /// The record.
    pub record: PathBuf,
    /// The file as it was.
    pub copy: PathBuf,
}

impl Shelf {
    /// Reads the record, if there is one.
    pub fn read(&self) -> Result<Option<Record>, ConfigError> {
        let Some(bytes) = contents(&self.record)? else { return Ok(None) };
        let record = serde_json::from_slice(&bytes);
        record.map(Some).map_err(|source| ConfigError::Record { record: self.record.clone(), source })
    }

    /// Writes the record.
    pub fn write(&self, record: &Record) -> Result<(), ConfigError> {
        let mut bytes = serde_json::to_vec_pretty(record)
            .map_err(|source| ConfigError::Record { record: self.record.clone(), source })?;
        bytes.push(b'\n');
        replace(&self.record, &bytes, 0o600)
    }

    /// Removes record and copy, and the folder they leave empty.
    pub fn clear(&self) -> Result<(), ConfigError> {
        for path in [&self.copy, &self.record] {
            remove(path)?;
        }
        // Fails where the folder holds something else, which is then not ours to remove.
        let _kept = self.record.parent().map(fs::remove_dir);
        Ok(())
    }
}

/// The digest by which a later change of the file is noticed.
pub fn digest(bytes: &[u8]) -> String {
    format!("{:x}", Sha256::digest(bytes))
}

/// The file's bytes, or none where it does not exist.
pub fn contents(path: &Path) -> Result<Option<Vec<u8>>, ConfigError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(ConfigError::File { what: "read", path: path.to_path_buf(), source }),
    }
}

/// Puts `bytes` in place of a file's under git's own lock, so that neither git nor a crash sees half of them.
pub fn replace(path: &Path, bytes: &[u8], mode: u32) -> Result<(), ConfigError> {
    // A link, such as a managed ~/.gitconfig, stays a link.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    let mode = fs::metadata(&path).map_or(mode, |found| found.mode() & 0o777);
    let mut lock = path.clone().into_os_string();
    lock.push(".lock");
    let lock = PathBuf::from(lock);
    let failed = |source| ConfigError::File { what: "write", path: path.clone(), source };
    let mut file = match File::options().write(true).create_new(true).mode(mode).open(&lock) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Err(ConfigError::Locked { lock }),
        opened => opened.map_err(failed)?,
    };
    file.write_all(bytes).and_then(|()| file.sync_all()).and_then(|()| fs::rename(&lock, &path)).map_err(|source| {
        let _left = fs::remove_file(&lock);
        failed(source)
    })
}

/// Removes a file that may be absent.
pub fn remove(path: &Path) -> Result<(), ConfigError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(ConfigError::File { what: "remove", path: path.to_path_buf(), source: error })
        }
        _ => Ok(()),
    }
}
