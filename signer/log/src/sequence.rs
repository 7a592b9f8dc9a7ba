//! Sequencing: a log is its name, its key and the right edge of its tree.

use signer_core::checkpoint::{self, Checkpoint, CheckpointError};
use signer_core::crypto::{Ed25519Key, Ed25519Public};
use signer_core::digest::Digest;
use signer_core::log_entry::LogEntry;
use signer_core::merkle::Frontier;
use signer_core::reason::{Code, Coded};

use crate::batch;
use crate::node::Node;

/// A log that can be appended to. It holds the log's key: one per log, never two.
pub struct Log {
    origin: String,
    key: Ed25519Key,
    frontier: Frontier,
}

/// A batch with its positions, its checkpoint and a proof for each entry. Nothing has changed yet: the batch is part of
/// the log once it is durable and [`Log::advance`] has taken it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sealed {
    /// Position of the first entry; equal to the size of the log before.
    pub first_index: u64,
    /// Size of the log with the batch.
    pub size: u64,
    /// Root of the log with the batch.
    pub root: Digest,
    /// C2SP key id of the log.
    pub log_id: [u8; 32],
    /// The signed checkpoint of that tree.
    pub checkpoint: String,
    /// One inclusion proof per entry, in order, ending in `root`.
    pub proofs: Vec<Vec<Digest>>,
    /// The right edge of that tree.
    pub frontier: Frontier,
    /// Roots of the full tiles that the batch completes.
    pub completed: Vec<Node>,
}

impl Log {
    /// Opens a log at a stored edge. Fails where the name is no host name.
    pub fn open(origin: String, key: Ed25519Key, frontier: Frontier) -> Result<Self, SequenceError> {
        checkpoint::check_origin(&origin)?;
        Ok(Self { origin, key, frontier })
    }

    /// Opens a log at a stored edge that must be the one its newest checkpoint names.
    ///
    /// Fails where the checkpoint is not this log's, or edge and checkpoint differ: a log that forgot entries signs nothing.
    pub fn resume(
        origin: String,
        key: Ed25519Key,
        frontier: Frontier,
        newest_checkpoint: &str,
    ) -> Result<Self, SequenceError> {
        let log = Self::open(origin, key, frontier)?;
        let newest = log.read(newest_checkpoint)?;
        if newest.size < log.size() {
            return Err(SequenceError::CheckpointBehind { checkpoint: newest.size, size: log.size() });
        }
        log.compare(&newest)?;
        Ok(log)
    }

    /// The log's name.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The key that its checkpoints verify with.
    pub fn public_key(&self) -> Ed25519Public {
        self.key.public()
    }

    /// C2SP key id of the log.
    pub fn log_id(&self) -> [u8; 32] {
        checkpoint::log_id(&self.origin, &self.key.public())
    }

    /// Number of entries.
    pub const fn size(&self) -> u64 {
        self.frontier.size()
    }

    /// The right edge of the tree.
    pub const fn frontier(&self) -> &Frontier {
        &self.frontier
    }

    /// The signed checkpoint of the log as it is.
    pub fn checkpoint(&self) -> String {
        self.sign(self.size(), self.frontier.root())
    }

    /// Gives positions and proofs to a batch of leaf hashes and signs the tree that holds it, without changing the log.
    pub fn seal(&self, leaves: &[Digest]) -> Sealed {
        let batch = batch::append(&self.frontier, leaves);
        let mut frontier = self.frontier.clone();
        for leaf in leaves {
            frontier.push(*leaf);
        }
        Sealed {
            first_index: self.size(),
            size: frontier.size(),
            root: batch.root,
            log_id: self.log_id(),
            checkpoint: self.sign(frontier.size(), batch.root),
            proofs: batch.proofs,
            frontier,
            completed: batch.completed,
        }
    }

    /// Makes a durable batch part of the log. Fails where another batch was taken since it was sealed.
    pub fn advance(&mut self, sealed: &Sealed) -> Result<(), SequenceError> {
        if sealed.first_index != self.size() {
            return Err(SequenceError::Stale { sealed_at: sealed.first_index, size: self.size() });
        }
        self.frontier = sealed.frontier.clone();
        Ok(())
    }

    /// Compares the log with the newest checkpoint that a client has seen.
    ///
    /// Fails where the log did not sign it, is behind it, or has another tree of that size. An older checkpoint passes:
    /// the edge alone cannot say more.
    pub fn check_seen(&self, seen_checkpoint: &str) -> Result<(), SequenceError> {
        let seen = self.read(seen_checkpoint)?;
        self.compare(&seen)
    }

    fn read(&self, text: &str) -> Result<Checkpoint, SequenceError> {
        Ok(Checkpoint::verify(text, &self.origin, &self.key.public())?)
    }

    fn compare(&self, checkpoint: &Checkpoint) -> Result<(), SequenceError> {
        if checkpoint.size > self.size() {
            return Err(SequenceError::Regression { seen: checkpoint.size, size: self.size() });
        }
        if checkpoint.size == self.size() && checkpoint.root != self.frontier.root() {
            return Err(SequenceError::OtherTree { size: self.size() });
        }
        Ok(())
    }

    fn sign(&self, size: u64, root: Digest) -> String {
        Checkpoint { origin: self.origin.clone(), size, root }.sign(&self.key)
    }
}

impl Sealed {
    /// The log entries of the batch, in order, as they are embedded.
    pub fn entries(&self) -> impl Iterator<Item = LogEntry> + '_ {
        (self.first_index..).zip(&self.proofs).map(|(index, proof)| LogEntry {
            index,
            log_id: self.log_id,
            size: self.size,
            root: self.root,
            hashes: proof.clone(),
            checkpoint: self.checkpoint.clone(),
        })
    }
}

/// Why a log cannot be opened or appended to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SequenceError {
    /// A name or checkpoint that is refused.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// Entries that no checkpoint names.
    #[error("the newest checkpoint names {checkpoint} entries, the stored edge has {size}")]
    CheckpointBehind {
        /// Entries in the checkpoint.
        checkpoint: u64,
        /// Entries in the edge.
        size: u64,
    },
    /// Another tree of the same size was signed.
    #[error("a checkpoint over {size} entries has another root than this log of the same size")]
    OtherTree {
        /// Entries of both.
        size: u64,
    },
    /// The log is older than what it has signed.
    #[error("a checkpoint over {seen} entries was signed, the log has {size}")]
    Regression {
        /// Entries in the checkpoint.
        seen: u64,
        /// Entries of the log.
        size: u64,
    },
    /// The batch was sealed on another state.
    #[error("the batch was sealed at {sealed_at} entries, the log has {size}")]
    Stale {
        /// Size of the log when the batch was sealed.
        sealed_at: u64,
        /// Size of the log.
        size: u64,
    },
}

impl Coded for SequenceError {
    fn code(&self) -> Code {
        match self {
            Self::Checkpoint(source) => source.code(),
            Self::OtherTree { .. } => Code::LogConsistency,
            Self::Regression { .. } => Code::LogStateRegression,
            Self::CheckpointBehind { .. } | Self::Stale { .. } => Code::EngineState,
        }
    }
}
