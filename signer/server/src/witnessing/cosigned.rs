//! Checkpoints with their cosignatures, kept by log and size: what is embedded in an answer stands in every repeat of it,
//! after a restart too. They are witnesses' words and not the engine's, and have a database of their own beside it.

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

const TABLES: &str = "
CREATE TABLE IF NOT EXISTS cosigned (
    origin TEXT NOT NULL, size INTEGER NOT NULL, note TEXT NOT NULL, PRIMARY KEY (origin, size)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS witnessed (origin TEXT PRIMARY KEY, note TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS embedding (origin TEXT PRIMARY KEY, since INTEGER NOT NULL) STRICT, WITHOUT ROWID;
";

/// What witnesses have cosigned of this engine's logs.
pub(crate) struct Cosigned(Mutex<Connection>);

/// Whether a cosigned checkpoint is for answers, or for readers of the log alone.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    Embedded,
    Published,
}

/// From here on answers carry no cosignatures, or what is kept is older than what witnesses have seen: nothing that was
/// recorded until now is held back for its own checkpoint any more.
pub(crate) fn embed_nothing(state: &Path) -> Result<(), StoreError> {
    if !state.join(FILE).exists() {
        return Ok(());
    }
    Cosigned::open(state)?.with(|connection| connection.execute("DELETE FROM embedding", []).map(drop))
}

impl Cosigned {
    /// Opens the file, or makes it, for its owner alone.
    pub(super) fn open(state: &Path) -> Result<Self, StoreError> {
        Ok(Self(Mutex::new(beside::open(state, FILE, TABLES)?)))
    }

    /// The size above which every answer of this log carries the cosignatures of its own checkpoint: `size` where that
    /// begins with this start of the server.
    pub(super) fn embeds_above(&self, origin: &str, size: u64) -> Result<u64, StoreError> {
        let size = number(size)?;
        let since: i64 = self.with(|connection| {
            connection
                .execute("INSERT OR IGNORE INTO embedding (origin, since) VALUES (?1, ?2)", params![origin, size])?;
            connection.query_row("SELECT since FROM embedding WHERE origin = ?1", [origin], |row| row.get(0))
        })?;
        u64::try_from(since).map_err(|_| StoreError::Corrupt { table: "embedding" })
    }

    /// Keeps a cosigned checkpoint as the log's newest. Of those that are embedded the first of its size stays.
    pub(super) fn keep(&self, origin: &str, size: u64, note: &str, used: Use) -> Result<(), StoreError> {
        let size = number(size)?;
        self.with(|connection| {
            let transaction = connection.transaction()?;
            if used == Use::Embedded {
                let sql = "INSERT OR IGNORE INTO cosigned (origin, size, note) VALUES (?1, ?2, ?3)";
                transaction.execute(sql, params![origin, size, note])?;
            }
            transaction.execute("INSERT OR REPLACE INTO witnessed (origin, note) VALUES (?1, ?2)", [origin, note])?;
            transaction.commit()
        })
    }

    /// The checkpoint of this size with its cosignatures.
    pub(super) fn find(&self, origin: &str, size: u64) -> Result<Option<String>, StoreError> {
        let size = number(size)?;
        self.with(|connection| {
            let sql = "SELECT note FROM cosigned WHERE origin = ?1 AND size = ?2";
            connection.prepare_cached(sql)?.query_row(params![origin, size], |row| row.get(0)).optional()
        })
    }

    /// The newest checkpoint of a log that had its quorum.
    pub(super) fn newest(&self, origin: &str) -> Result<Option<String>, StoreError> {
        let sql = "SELECT note FROM witnessed WHERE origin = ?1";
        self.with(|connection| connection.query_row(sql, [origin], |row| row.get(0)).optional())
    }

    fn with<T>(&self, work: impl FnOnce(&mut Connection) -> rusqlite::Result<T>) -> Result<T, StoreError> {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner)).map_err(failed)
    }
}

/// An answer whose entry carries this checkpoint.
pub(super) fn with_checkpoint(answer: Answer, note: String) -> Result<Answer, Refusal> {
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
