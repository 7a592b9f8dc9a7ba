//! The store port: a few reads, one durable write per batch.
//!
//! Readers see what has been committed and nothing else. [`StoreWriter::commit`] is one transaction; when it returns,
//! everything in the batch survives a power failure. The engine publishes and answers only after that.

pub mod contract;
pub mod memory;
pub mod rows;

use std::sync::Arc;

use signer_core::digest::Digest;
use signer_core::identity::{Name, Subject};
use signer_core::protocol::AgentRecord;
use signer_core::reason::{Code, Coded};
use signer_core::time::Timestamp;

use rows::{
    Batch, CertificateRow, CheckpointRow, GrantRow, PastLogRow, PersonRow, PolicyRow, PromptRow, RevocationRow,
    SessionRow, State, StatementRow, Wanted,
};

/// What happens once in the life of an engine and has a digest for a name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unique {
    /// A kept answer, by its idempotency key.
    Answer,
    /// A key that was certified: SHA-256 of its point.
    CertifiedKey,
}

/// Reads of committed state, from any thread.
pub trait StoreReader: Send + Sync {
    /// A registered person.
    fn person(&self, subject: &Subject) -> Result<Option<PersonRow>, StoreError>;
    /// Every registered person, by subject.
    fn persons(&self) -> Result<Vec<PersonRow>, StoreError>;
    /// A registered agent.
    fn agent(&self, name: &Name) -> Result<Option<AgentRecord>, StoreError>;
    /// Every registered agent, by name.
    fn agents(&self) -> Result<Vec<AgentRecord>, StoreError>;
    /// A session by its id.
    fn session(&self, id: &str) -> Result<Option<SessionRow>, StoreError>;
    /// A session by the SHA-256 of its credential.
    fn session_of(&self, credential: &Digest) -> Result<Option<SessionRow>, StoreError>;
    /// A grant by its leaf hash.
    fn grant(&self, leaf: &Digest) -> Result<Option<GrantRow>, StoreError>;
    /// An issued certificate by the SHA-256 of its DER.
    fn certificate(&self, digest: &Digest) -> Result<Option<CertificateRow>, StoreError>;
    /// Whether a certificate was ever issued for this key (SHA-256 of its point).
    fn is_key_used(&self, key: &Digest) -> Result<bool, StoreError>;
    /// A countersigned prompt by its leaf hash.
    fn prompt(&self, leaf: &Digest) -> Result<Option<PromptRow>, StoreError>;
    /// Whether a nonce was burnt.
    fn is_nonce_burnt(&self, nonce: &Digest) -> Result<bool, StoreError>;
    /// The kept answer to a request that was fulfilled before.
    fn answer(&self, key: &Digest) -> Result<Option<Vec<u8>>, StoreError>;
    /// Names of a kind that sort behind `last`, in order, at most `count`.
    fn names_after(&self, kind: Unique, last: &Digest, count: u64) -> Result<Vec<Digest>, StoreError>;
    /// A logged statement by its leaf hash.
    fn statement(&self, leaf: &Digest) -> Result<Option<StatementRow>, StoreError>;
    /// The checkpoint that was signed at exactly this size.
    fn checkpoint(&self, size: u64) -> Result<Option<CheckpointRow>, StoreError>;
    /// The checkpoint with the smallest size above this one.
    fn checkpoint_after(&self, size: u64) -> Result<Option<CheckpointRow>, StoreError>;
    /// The checkpoint with the largest size.
    fn newest_checkpoint(&self) -> Result<Option<CheckpointRow>, StoreError>;
    /// Bodies of log entries from `start`, at most `count`.
    fn entries(&self, start: u64, count: u64) -> Result<Vec<Vec<u8>>, StoreError>;
    /// Leaf hashes of log entries from `start`, at most `count`.
    fn leaves(&self, start: u64, count: u64) -> Result<Vec<Digest>, StoreError>;
    /// Roots of full tiles at a level from 1, from the one at `start`, at most `count`.
    fn nodes(&self, level: u8, start: u64, count: u64) -> Result<Vec<Digest>, StoreError>;
    /// When the log was frozen, if it was.
    fn frozen(&self) -> Result<Option<Timestamp>, StoreError>;
    /// Documents of the event chain from `start`, at most `count`.
    fn events(&self, start: u64, count: u64) -> Result<Vec<Vec<u8>>, StoreError>;
    /// Every revocation, in the order of their numbers.
    fn revocations(&self) -> Result<Vec<RevocationRow>, StoreError>;
    /// The policy sets that were in force, oldest first; the last one still is.
    fn policies(&self) -> Result<Vec<PolicyRow>, StoreError>;
    /// Sessions, newest first, with their numbers, which grow.
    fn sessions(&self, wanted: &Wanted) -> Result<Vec<(u64, SessionRow)>, StoreError>;
    /// Grants, newest first, with their numbers, which grow.
    fn grants(&self, wanted: &Wanted) -> Result<Vec<(u64, GrantRow)>, StoreError>;
    /// The logs that were closed before this one began, oldest first.
    fn past_logs(&self) -> Result<Vec<PastLogRow>, StoreError> {
        Ok(Vec::new())
    }
    /// Reads in which entries, checkpoints and nodes are those of a closed log.
    fn past_log(&self, _number: u32) -> Option<Arc<dyn StoreReader>> {
        None
    }
}

/// The one writer.
pub trait StoreWriter: Send {
    /// The state after the last committed batch; [`None`] for an empty store.
    fn load(&mut self) -> Result<Option<State>, StoreError>;
    /// Makes the whole batch durable, or nothing of it.
    fn commit(&mut self, batch: &Batch) -> Result<(), StoreError>;
    /// Told once of a checkpoint of ours that somebody has seen and the store does not hold: the state is an old copy.
    fn regressed(&mut self, _seen: &str) -> Result<(), StoreError> {
        Ok(())
    }
}

/// What a store can refuse.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The store holds a value that is none of its type.
    #[error("the store's {table} hold a malformed row")]
    Corrupt {
        /// Where.
        table: &'static str,
    },
    /// Another process has the store open.
    #[error("another engine is running on this state")]
    InUse,
    /// A row that must be the first of its name is not.
    #[error("the store refuses a second row of the same name")]
    Conflict,
    /// The medium failed.
    #[error("the store failed")]
    Medium {
        /// What the driver said.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Written by another version of this software.
    #[error("the store has schema version {actual}, this version reads {expected}")]
    Version {
        /// Version this code reads.
        expected: u32,
        /// Version found.
        actual: u32,
    },
}

impl Coded for StoreError {
    fn code(&self) -> Code {
        match self {
            Self::Conflict | Self::Medium { .. } => Code::EngineStorage,
            Self::Corrupt { .. } | Self::InUse | Self::Version { .. } => Code::EngineState,
        }
    }
}
