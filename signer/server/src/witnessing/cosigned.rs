//! Checkpoints with their cosignatures, kept by size: what is embedded in an answer stands in every repeat of it, after a
//! restart too. They are witnesses' words and not the engine's, and have a database of their own beside it.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use rusqlite::{Connection, OptionalExtension as _, params};
use signer_core::log_entry::LogEntry;
use signer_core::protocol::{Base64, Countersignature};
use signer_engine::answer::Answer;
use signer_engine::refusal::Refusal;
use signer_engine::store::StoreError;

use crate::beside::{self, failed};

/// The file in the state.
pub(crate) const FILE: &str = "cosigned.sqlite";
/// Most checkpoints that are asked for at a time; older ones that nobody cosigned are given up.
const MAX_WANTED: usize = 4096;

/// Cosigned checkpoints of one log, and sizes whose checkpoints are still to be cosigned.
pub(crate) struct Cosigned {
    origin: String,
    kept: Mutex<Connection>,
    wanted: Mutex<BTreeSet<u64>>,
}

impl Cosigned {
    /// Opens the file, or makes it, for its owner alone.
    pub(super) fn open(state: &Path, origin: &str) -> Result<Self, StoreError> {
        let table = "CREATE TABLE IF NOT EXISTS cosigned (
                         origin TEXT NOT NULL, size INTEGER NOT NULL, note TEXT NOT NULL, PRIMARY KEY (origin, size)
                     ) STRICT, WITHOUT ROWID";
        let connection = beside::open(state, FILE, table)?;
        Ok(Self { origin: origin.to_owned(), kept: Mutex::new(connection), wanted: Mutex::default() })
    }

    /// Wants the checkpoint of this size cosigned.
    pub(super) fn want(&self, size: u64) {
        let mut wanted = self.wanted.lock().unwrap_or_else(PoisonError::into_inner);
        wanted.insert(size);
        if wanted.len() > MAX_WANTED {
            wanted.pop_first();
        }
    }

    /// The smallest size above `cosigned` that is wanted: witnesses cosign a log in the order in which it grows, so that
    /// smaller ones can never be had.
    pub(super) fn next(&self, cosigned: u64) -> Option<u64> {
        let mut wanted = self.wanted.lock().unwrap_or_else(PoisonError::into_inner);
        wanted.retain(|size| *size > cosigned);
        wanted.first().copied()
    }

    /// Keeps a cosigned checkpoint; the first of its size stays.
    pub(super) fn keep(&self, size: u64, note: &str) -> Result<(), StoreError> {
        let connection = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let sql = "INSERT OR IGNORE INTO cosigned (origin, size, note) VALUES (?1, ?2, ?3)";
        connection.execute(sql, params![self.origin, number(size)?, note]).map(drop).map_err(failed)
    }

    /// The checkpoint of this size with its cosignatures.
    pub(super) fn find(&self, size: u64) -> Result<Option<String>, StoreError> {
        let connection = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let sql = "SELECT note FROM cosigned WHERE origin = ?1 AND size = ?2";
        let mut statement = connection.prepare_cached(sql).map_err(failed)?;
        statement.query_row(params![self.origin, number(size)?], |row| row.get(0)).optional().map_err(failed)
    }
}

/// An answer whose entry carries this checkpoint; the same answer where there is none.
pub(super) fn with_checkpoint(answer: Answer, note: Option<String>) -> Result<Answer, Refusal> {
    let Some(note) = note else { return Ok(answer) };
    Ok(match answer {
        Answer::Countersigned(given) => Answer::Countersigned(exchanged(given, note)?),
        Answer::Grant(mut recorded) => {
            recorded.countersignature = exchanged(recorded.countersignature, note)?;
            Answer::Grant(recorded)
        }
        other => other,
    })
}

fn exchanged(given: Countersignature, note: String) -> Result<Countersignature, Refusal> {
    let entry = LogEntry { checkpoint: note, ..LogEntry::decode(&given.entry.0)? };
    Ok(Countersignature { entry: Base64(entry.encode()?), ..given })
}

fn number(size: u64) -> Result<i64, StoreError> {
    i64::try_from(size).map_err(|_| StoreError::Corrupt { table: "cosigned" })
}
