//! `<home>/last-refusal.json`: why the signing program signed nothing the last time. Git before 2.41 drops what that
//! program says, so that this file is where a person and `chancery` find it.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::home::Home;

/// Most bytes of the file.
const MAX_FILE: u64 = 64 * 1024;

/// A refusal, as it was told: foreign text is escaped already.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LastRefusal {
    /// The stable code.
    pub code: String,
    /// What happened.
    pub message: String,
    /// What to do next.
    pub help: String,
    /// When, in milliseconds since 1970: a caller compares it with the start of its own git.
    pub time: u64,
}

impl LastRefusal {
    /// Takes the place of the one before, whole, for this user alone. Fails where there is no home to keep it in.
    pub fn keep(&self, home: &Home) -> io::Result<()> {
        let fresh = home.path().join(format!("last-refusal.json.{}", std::process::id()));
        match fs::remove_file(&fresh) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file = File::options().write(true).create_new(true).mode(0o600).open(&fresh)?;
        let written = file.write_all(&serde_json::to_vec(self)?).and_then(|()| fs::rename(&fresh, path(home)));
        written.inspect_err(|_| drop(fs::remove_file(&fresh)))
    }

    /// The last one of a home; none where there is none, or what there is cannot be read.
    pub fn of(home: &Home) -> Option<Self> {
        let mut bytes = Vec::new();
        File::open(path(home)).ok()?.take(MAX_FILE).read_to_end(&mut bytes).ok()?;
        serde_json::from_slice(&bytes).ok()
    }
}

fn path(home: &Home) -> PathBuf {
    home.path().join("last-refusal.json")
}

#[cfg(test)]
mod tests;
