//! `<home>/last-refusal.json`: why the signing program signed nothing the last time. Git before 2.41 drops what that
//! program says, so that this file is where a person and `chancery` find it.

use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::home::Home;
use crate::whole_file;

/// Variable of a caller of git that reads this file and tells the person itself: once is enough.
pub const TOLD_BY_CALLER: &str = "CHANCERY_TOLD_BY_CALLER";

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
        whole_file::replace(&path(home), &serde_json::to_vec(self)?)
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
