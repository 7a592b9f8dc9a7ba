//! The head: the newest checkpoint this engine acknowledged, in a file outside the database. A database that is copied
//! back from an earlier hour is behind it, and an engine that is behind what it has signed must not sign again
//! (docs/formats.md F6).
//!
//! The file holds two slots that are written in turn, in place: a write that power loss tears leaves the other slot. It
//! follows the database's own durable transaction and is not synced, so that it may be behind the database and never
//! before it. What a slot holds is signed by the log, so that a torn or foreign slot is told apart.

use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

use signer_core::checkpoint::{self, Checkpoint};
use signer_core::reason::{Code, Coded};
use signer_core::trust_root::LogKey;
use signer_engine::store::rows::{Batch, State, Write};
use signer_engine::store::{StoreError, StoreWriter};

use crate::state::{self, StateDirectory, StateError};

/// Bytes of a slot: a length and the longest checkpoint.
const SLOT: usize = checkpoint::MAX_BYTES + LENGTH;
const LENGTH: usize = 4;
const SLOTS: usize = 2;

/// The open file.
pub struct Head {
    file: File,
    next: usize,
}

/// A head file as it was found.
pub struct Found {
    /// The file, ready for the next head.
    pub head: Head,
    /// The newest checkpoint in it; none before the first.
    pub newest: Option<Seen>,
}

/// A checkpoint that left this engine once, with its signed text.
#[derive(Clone, Debug)]
pub struct Seen {
    /// What it says.
    pub checkpoint: Checkpoint,
    /// The signed note.
    pub note: String,
}

impl Head {
    /// Makes the file with both slots empty, or with `newest` in the first.
    pub fn create(state: &StateDirectory, newest: Option<&str>) -> Result<Self, HeadError> {
        state.write(state::HEAD, &Self::image(newest)?)?;
        Ok(Self { file: state.update(state::HEAD)?, next: usize::from(newest.is_some()) })
    }

    /// The bytes of such a file.
    pub(crate) fn image(newest: Option<&str>) -> Result<Vec<u8>, HeadError> {
        let mut bytes = newest.map(slot).transpose()?.unwrap_or_default();
        bytes.resize(SLOT.saturating_mul(SLOTS), 0);
        Ok(bytes)
    }

    /// Opens the file and reads its newest checkpoint. Fails where it is missing, or holds something and nothing that this
    /// log has signed.
    pub fn open(state: &StateDirectory, log: &LogKey) -> Result<Found, HeadError> {
        let bytes = state.read(state::HEAD, SLOT.saturating_mul(SLOTS)).map_err(|error| match error {
            StateError::Absent { .. } => HeadError::Missing,
            error => HeadError::State(error),
        })?;
        let written = bytes.iter().any(|byte| *byte != 0);
        let newest = bytes
            .chunks(SLOT)
            .enumerate()
            .filter_map(|(place, slot)| Some((place, read(slot, log)?)))
            .max_by_key(|(_, seen)| seen.checkpoint.size);
        if written && newest.is_none() {
            return Err(HeadError::Damaged);
        }
        let next = newest.as_ref().map_or(0, |(place, _)| place.saturating_add(1) % SLOTS);
        let head = Self { file: state.update(state::HEAD)?, next };
        Ok(Found { head, newest: newest.map(|(_, seen)| seen) })
    }

    /// Writes the newest head over the older slot.
    pub fn write(&mut self, note: &str) -> Result<(), HeadError> {
        let at = u64::try_from(self.next.saturating_mul(SLOT)).unwrap_or(u64::MAX);
        let failed = |source| HeadError::State(StateError::Io { path: Path::new(state::HEAD).to_owned(), source });
        self.file.write_all_at(&slot(note)?, at).map_err(failed)?;
        self.next = self.next.saturating_add(1) % SLOTS;
        Ok(())
    }

    /// Makes what was written durable.
    pub fn sync(&self) -> Result<(), HeadError> {
        let failed = |source| HeadError::State(StateError::Io { path: Path::new(state::HEAD).to_owned(), source });
        self.file.sync_data().map_err(failed)
    }
}

fn slot(note: &str) -> Result<Vec<u8>, HeadError> {
    let length = u32::try_from(note.len()).map_err(|_| HeadError::Damaged)?;
    if note.len() > checkpoint::MAX_BYTES {
        return Err(HeadError::Damaged);
    }
    Ok([length.to_be_bytes().as_slice(), note.as_bytes()].concat())
}

/// The checkpoint in a slot; none in an empty, torn or foreign one.
fn read(slot: &[u8], log: &LogKey) -> Option<Seen> {
    let (length, rest) = slot.split_first_chunk::<LENGTH>()?;
    let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
    let note = std::str::from_utf8(rest.get(..length)?).ok()?;
    Seen::verify(note, log).ok()
}

impl Seen {
    /// Reads a checkpoint of this log, as it was published or embedded.
    pub fn verify(note: &str, log: &LogKey) -> Result<Self, checkpoint::CheckpointError> {
        let checkpoint = Checkpoint::verify_published(note, &log.origin, &log.key)?;
        Ok(Self { checkpoint, note: note.to_owned() })
    }
}

/// A store whose every acknowledged checkpoint is also in the head file.
pub struct Headed<W> {
    store: W,
    head: Head,
}

impl<W: StoreWriter> Headed<W> {
    /// Writes heads beside a store.
    pub const fn new(store: W, head: Head) -> Self {
        Self { store, head }
    }
}

impl<W: StoreWriter> StoreWriter for Headed<W> {
    fn load(&mut self) -> Result<Option<State>, StoreError> {
        self.store.load()
    }

    /// The head follows the transaction. Where it cannot be written nothing is acknowledged: the batch is durable, and
    /// whoever asks again gets its answers.
    fn commit(&mut self, batch: &Batch) -> Result<(), StoreError> {
        self.store.commit(batch)?;
        let newest = batch.writes.iter().rev().find_map(|write| match write {
            Write::Checkpoint(row) => Some(&row.note),
            _ => None,
        });
        newest.map_or(Ok(()), |note| self.head.write(note).map_err(unwritten))
    }

    /// Remembers what a client has seen, so that the engine does not start again on this state either.
    fn regressed(&mut self, seen: &str) -> Result<(), StoreError> {
        self.head.write(seen).and_then(|()| self.head.sync()).map_err(unwritten)
    }
}

fn unwritten(source: HeadError) -> StoreError {
    StoreError::Medium { source: Box::new(source) }
}

/// Why there is no head.
#[derive(Debug, thiserror::Error)]
pub enum HeadError {
    /// Something is in it, and nothing that this log signed.
    #[error("`{}` holds nothing that this log has signed", state::HEAD)]
    Damaged,
    /// There is no such file.
    #[error("the state has no `{}`, which says how far the log has come", state::HEAD)]
    Missing,
    /// The file cannot be read or written.
    #[error(transparent)]
    State(#[from] StateError),
}

impl Coded for HeadError {
    fn code(&self) -> Code {
        match self {
            Self::Damaged => Code::LogHeadDamaged,
            Self::Missing => Code::LogHeadMissing,
            Self::State(source) => source.code(),
        }
    }
}

#[cfg(test)]
mod tests;
