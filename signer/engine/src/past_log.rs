//! Logs that this engine's log has followed: read as before, and nothing is added to them (docs/formats.md F6).

use std::sync::Arc;

use signer_core::checkpoint::{Checkpoint, claimed_origin};
use signer_core::crypto::Ed25519Public;

use crate::engine::Engine;
use crate::refusal::Refusal;
use crate::store::rows::{CheckpointRow, PastLogRow};
use crate::store::{StoreError, StoreReader};

/// A log that was closed.
pub struct PastLog {
    /// What is known of it.
    pub row: PastLogRow,
    key: Ed25519Public,
    reader: Arc<dyn StoreReader>,
}

/// A log that this engine writes or wrote.
#[derive(Clone)]
pub struct WrittenLog {
    /// Its origin.
    pub origin: String,
    /// Its key.
    pub key: Ed25519Public,
    /// Reads of its tree.
    pub reader: Arc<dyn StoreReader>,
    /// Entries of one that was closed; none where more come.
    pub end: Option<u64>,
}

/// Which of an engine's logs somebody wants to read.
pub enum Shelf {
    /// The one that is written.
    Current,
    /// One that was closed: its last checkpoint, and reads of its tree.
    Past(CheckpointRow, Arc<dyn StoreReader>),
}

impl PastLog {
    /// A checkpoint that claims this origin, verified, and what the store holds at its size.
    pub(crate) fn look_up(&self, note: &str) -> Result<(Checkpoint, Option<CheckpointRow>), Refusal> {
        let seen = Checkpoint::verify_published(note, &self.row.origin, &self.key)?;
        let known = self.reader.checkpoint(seen.size)?;
        Ok((seen, known))
    }
}

impl Engine {
    /// The log that is written, and the closed ones, oldest first.
    pub fn written_logs(&self) -> (WrittenLog, Vec<WrittenLog>) {
        let current = WrittenLog {
            origin: self.deployment().origin.clone(),
            key: self.log_key.clone(),
            reader: Arc::clone(&self.reader),
            end: None,
        };
        let closed = self.past_logs().iter().map(|past| WrittenLog {
            origin: past.row.origin.clone(),
            key: past.key.clone(),
            reader: Arc::clone(&past.reader),
            end: Some(past.row.last.size),
        });
        (current, closed.collect())
    }

    /// The log of this origin; none where the engine never wrote one.
    pub fn shelf(&self, origin: &str) -> Option<Shelf> {
        if origin == self.deployment().origin {
            return Some(Shelf::Current);
        }
        let past = self.past_logs().iter().find(|past| past.row.origin == origin)?;
        Some(Shelf::Past(past.row.last.clone(), Arc::clone(&past.reader)))
    }
}

/// Every closed log, oldest first.
pub(crate) fn open(reader: &dyn StoreReader) -> Result<Vec<PastLog>, StoreError> {
    let corrupt = || StoreError::Corrupt { table: "past_logs" };
    let opened = reader.past_logs()?.into_iter().map(|row| {
        let key = row.key.as_slice().try_into().map(Ed25519Public::from_bytes).map_err(|_| corrupt())?;
        let reader = reader.past_log(row.number).ok_or_else(corrupt)?;
        Ok(PastLog { row, key, reader })
    });
    opened.collect()
}

/// The closed log that a checkpoint claims to be of.
pub(crate) fn named<'a>(logs: &'a [PastLog], note: &str) -> Option<&'a PastLog> {
    let origin = claimed_origin(note)?;
    logs.iter().find(|past| past.row.origin == origin)
}
