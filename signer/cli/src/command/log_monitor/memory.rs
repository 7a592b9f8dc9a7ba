//! What a monitor remembers of a log: the last checkpoint it has followed to its end, and evidence against the log.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde_json::json;
use signer_core::checkpoint::VerifierKey;
use signer_core::digest::Digest;
use signer_wire::whole_file;

use crate::config::Config;
use crate::failure::Failure;
use crate::tlog::{LogTrust, Shown};

/// The checkpoint that was followed last.
pub(super) type Remembered = Option<Shown>;

/// Where it is kept.
pub(super) struct Memory {
    path: PathBuf,
}

impl Memory {
    /// The file that was named, or one in the state directory for this log's name and key.
    pub(super) fn of(config: &Config, named: Option<&Path>, log: &VerifierKey) -> Result<Self, Failure> {
        let path = named.map_or_else(
            || {
                let name = Digest::of(log.to_string().as_bytes()).to_hex();
                config.home.path().join("monitor").join(format!("{name}.checkpoint"))
            },
            Path::to_path_buf,
        );
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        if let Some(folder) = folder {
            fs::create_dir_all(folder).map_err(|error| Failure::io(folder, &error))?;
        }
        Ok(Self { path })
    }

    /// What was kept. Fails where it is not a checkpoint of this log: a monitor that forgets is none.
    pub(super) fn read(&self, trust: &LogTrust) -> Result<Remembered, Failure> {
        match fs::read_to_string(&self.path) {
            Ok(note) => Ok(Some(trust.verify_log(&note)?)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Failure::io(&self.path, &error)),
        }
    }

    /// Keeps what was followed to its end.
    pub(super) fn write(&self, shown: &Shown) -> Result<(), Failure> {
        whole_file::replace(&self.path, shown.note.as_bytes()).map_err(|error| Failure::io(&self.path, &error))
    }

    /// Two checkpoints that exclude each other. The first pair stays.
    pub(super) fn keep_evidence(&self, notes: &[&str]) -> Result<(), Failure> {
        let path = self.path.with_extension("evidence.json");
        if path.exists() {
            return Ok(());
        }
        let document = json!({ "schema": "urn:chancery:log-evidence:v1", "checkpoints": notes });
        whole_file::replace(&path, document.to_string().as_bytes()).map_err(|error| Failure::io(&path, &error))
    }
}
