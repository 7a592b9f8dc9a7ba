//! The fork guard: what must hold before this engine signs again, so that no two trees of one log ever exist
//! (docs/operations.md names each refusal and the way on).
//!
//! The store is compared with every checkpoint at hand that left the engine before: the head file's and the one that the
//! operator got from a client, a witness or a mirror. A state that was restored from a backup additionally waits for the
//! newest checkpoint anybody has.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use signer_core::canonical::{self, CanonicalError};
use signer_core::checkpoint::{self, CheckpointError};
use signer_core::crypto::Ed25519Public;
use signer_core::reason::{Code, Coded};
use signer_core::time::Timestamp;
use signer_core::trust_root::LogKey;
use signer_engine::store::{StoreError, StoreReader};

use crate::head::{Head, HeadError, Seen};
use crate::state::{self, StateDirectory, StateError};

/// Most bytes of the note about a restoration.
const MAX_NOTE: usize = 4096;

/// What `restore` leaves behind until the state is known to be the newest.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Restoration {
    /// Entries of the restored log.
    pub entries: u64,
    /// When the backup was made.
    pub backed_up: Timestamp,
    /// When it was restored.
    pub restored: Timestamp,
}

impl Restoration {
    /// Marks a state as restored.
    pub fn mark(&self, state: &StateDirectory) -> Result<(), ForkError> {
        Ok(state.write(state::RESTORED, &canonical::to_vec(self)?)?)
    }

    fn read(state: &StateDirectory) -> Result<Option<Self>, ForkError> {
        match state.read(state::RESTORED, MAX_NOTE) {
            Ok(bytes) => Ok(Some(canonical::from_slice(&bytes, MAX_NOTE)?)),
            Err(StateError::Absent { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}

/// Where a checkpoint comes from that the store must hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Whence {
    /// The file beside the database.
    Head,
    /// The operator, who got it from somebody who saw it.
    Operator,
}

impl std::fmt::Display for Whence {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Head => "the head file",
            Self::Operator => "the expected checkpoint",
        })
    }
}

/// Passes a state that cannot fork the log, and opens its head file.
///
/// `expected` is a file with the newest checkpoint that anybody is known to have.
pub fn pass(
    state: &StateDirectory,
    log: &LogKey,
    reader: &dyn StoreReader,
    expected: Option<&Path>,
) -> Result<Head, ForkError> {
    let newest = reader.newest_checkpoint()?.map(|row| Seen::verify(&row.note, log)).transpose()?;
    let size = newest.as_ref().map_or(0, |seen| seen.checkpoint.size);
    let expected = expected.map(|file| expected_of(file, log, reader)).transpose()?.flatten();
    if let Some(seen) = &expected {
        check_holds(reader, seen, Whence::Operator)?;
    }
    let proves_newest = expected.as_ref().is_some_and(|seen| seen.checkpoint.size == size);
    let restoration = Restoration::read(state)?;
    if let Some(restoration) = restoration.as_ref().filter(|_| !proves_newest) {
        let given = expected.map(|seen| seen.checkpoint.size);
        return Err(ForkError::Restored { entries: size, backed_up: restoration.backed_up, given });
    }
    let head = match Head::open(state, log) {
        Ok(found) => {
            if let Some(seen) = &found.newest {
                check_holds(reader, seen, Whence::Head)?;
            }
            found.head
        }
        // Whoever brings the newest checkpoint brings what the file would have said.
        Err(HeadError::Missing | HeadError::Damaged) if proves_newest => {
            Head::create(state, newest.as_ref().map(|seen| seen.note.as_str()))?
        }
        Err(error) => return Err(error.into()),
    };
    if restoration.is_some() {
        state.remove(state::RESTORED)?;
    }
    Ok(head)
}

/// Whether the store holds a tree that left the engine before.
pub fn check_holds(reader: &dyn StoreReader, seen: &Seen, whence: Whence) -> Result<(), ForkError> {
    let Seen { checkpoint, .. } = seen;
    if checkpoint.size == 0 {
        return Ok(());
    }
    let newest = reader.newest_checkpoint()?.map_or(0, |row| row.size);
    match reader.checkpoint(checkpoint.size)? {
        Some(known) if known.root == checkpoint.root => Ok(()),
        None if newest < checkpoint.size => Err(ForkError::Behind { seen: checkpoint.size, size: newest, whence }),
        Some(_) | None => Err(ForkError::OtherTree { size: checkpoint.size, whence }),
    }
}

/// The checkpoint in a file that the operator names. One of a log that was closed must be held too, and says nothing
/// about the log in force.
fn expected_of(path: &Path, log: &LogKey, reader: &dyn StoreReader) -> Result<Option<Seen>, ForkError> {
    let note = read(path)?;
    let origin = checkpoint::claimed_origin(&note);
    let past = reader.past_logs()?.into_iter().find(|past| origin == Some(past.origin.as_str()));
    let Some(past) = past else { return Ok(Some(Seen::verify(&note, log)?)) };
    let corrupt = || StoreError::Corrupt { table: "past_logs" };
    let key = past.key.as_slice().try_into().map(Ed25519Public::from_bytes).map_err(|_| corrupt())?;
    let seen = Seen::verify(&note, &LogKey { origin: past.origin, key, window: log.window })?;
    check_holds(&*reader.past_log(past.number).ok_or_else(corrupt)?, &seen, Whence::Operator)?;
    Ok(None)
}

fn read(path: &Path) -> Result<String, ForkError> {
    let failed = |source| ForkError::Unreadable { path: path.to_owned(), source };
    let most = u64::try_from(checkpoint::MAX_BYTES).unwrap_or(u64::MAX);
    let mut note = String::new();
    File::open(path).and_then(|file| file.take(most).read_to_string(&mut note)).map_err(failed)?;
    Ok(note)
}

/// Why an engine must not sign on this state.
#[derive(Debug, thiserror::Error)]
pub enum ForkError {
    /// The database is older than what left the engine.
    #[error("{whence} names {seen} entries, the database has {size}: it is older than what this engine acknowledged")]
    Behind {
        /// Entries that were seen.
        seen: u64,
        /// Entries of the database.
        size: u64,
        /// Who saw them.
        whence: Whence,
    },
    /// A checkpoint is not this log's.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// No head.
    #[error(transparent)]
    Head(#[from] HeadError),
    /// The note about the restoration is malformed.
    #[error("`{}` is malformed", state::RESTORED)]
    Note(#[from] CanonicalError),
    /// Another tree was signed.
    #[error("{whence} names another tree of {size} entries than the database holds")]
    OtherTree {
        /// Entries of both.
        size: u64,
        /// Who saw it.
        whence: Whence,
    },
    /// The state comes from a backup.
    #[error("the state was restored from a backup of {backed_up} with {entries} entries{}", told(*.given))]
    Restored {
        /// Entries of the database.
        entries: u64,
        /// When the backup was made.
        backed_up: Timestamp,
        /// Entries of the checkpoint that was given, which is older.
        given: Option<u64>,
    },
    /// The state cannot be read.
    #[error(transparent)]
    State(#[from] StateError),
    /// The store fails.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The named file cannot be read.
    #[error("`{}` cannot be read", path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
}

fn told(given: Option<u64>) -> String {
    given.map_or_else(String::new, |size| format!("; a checkpoint over {size} entries says nothing about the rest"))
}

impl Coded for ForkError {
    fn code(&self) -> Code {
        match self {
            Self::Behind { .. } => Code::LogStateRegression,
            Self::Checkpoint(source) => source.code(),
            Self::Head(source) => source.code(),
            Self::Note(_) => Code::EngineState,
            Self::OtherTree { .. } => Code::LogConsistency,
            Self::Restored { .. } => Code::LogRestored,
            Self::State(source) => source.code(),
            Self::Store(source) => source.code(),
            Self::Unreadable { .. } => Code::InternalIo,
        }
    }
}

#[cfg(test)]
mod tests;
