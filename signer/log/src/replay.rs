//! Replay: the tree again from stored entries, compared with what the log has signed. `chancery log fsck` and the crash
//! tests stand on this.

use signer_core::checkpoint::Checkpoint;
use signer_core::digest::Digest;
use signer_core::merkle::{self, Frontier};
use signer_core::reason::{Code, Coded};

/// An entry as it is stored.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum StoredEntry {
    /// The body itself.
    Body(Vec<u8>),
    /// Only the leaf hash is left: the body was erased (docs/formats.md F6).
    Erased(Digest),
}

impl StoredEntry {
    /// The hash that stands in the tree.
    pub fn leaf(&self) -> Digest {
        match self {
            Self::Body(body) => merkle::leaf_hash(body),
            Self::Erased(leaf) => *leaf,
        }
    }
}

/// The root of the tree over these bodies.
pub fn root_of<B: AsRef<[u8]>>(bodies: impl IntoIterator<Item = B>) -> Digest {
    let mut frontier = Frontier::new();
    for body in bodies {
        frontier.push(merkle::leaf_hash(body.as_ref()));
    }
    frontier.root()
}

/// Replays the entries and checks that the first of them are exactly the tree that `checkpoint` names. Returns the edge
/// of the tree over all entries; those after the checkpoint's are counted, not judged.
///
/// Fails where entries are missing or lead to another root. The checkpoint must be verified already.
pub fn check_entries(
    entries: impl IntoIterator<Item = StoredEntry>,
    checkpoint: &Checkpoint,
) -> Result<Frontier, ReplayError> {
    let mut frontier = Frontier::new();
    let mut signed = (checkpoint.size == 0).then(|| frontier.root());
    for entry in entries {
        frontier.push(entry.leaf());
        if frontier.size() == checkpoint.size {
            signed = Some(frontier.root());
        }
    }
    let Some(computed) = signed else {
        return Err(ReplayError::Missing { found: frontier.size(), signed: checkpoint.size });
    };
    if computed == checkpoint.root {
        Ok(frontier)
    } else {
        Err(ReplayError::OtherRoot { size: checkpoint.size, computed, signed: checkpoint.root })
    }
}

/// Why stored entries are not what the log has signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReplayError {
    /// Fewer entries than were signed.
    #[error("{found} entries are stored, the checkpoint names {signed}")]
    Missing {
        /// Entries found.
        found: u64,
        /// Entries in the checkpoint.
        signed: u64,
    },
    /// Other entries than were signed.
    #[error("the first {size} entries lead to root `{computed}`, the checkpoint names `{signed}`")]
    OtherRoot {
        /// Entries in the checkpoint.
        size: u64,
        /// Root of the stored entries.
        computed: Digest,
        /// Root in the checkpoint.
        signed: Digest,
    },
}

impl Coded for ReplayError {
    fn code(&self) -> Code {
        match self {
            Self::Missing { .. } => Code::LogStateRegression,
            Self::OtherRoot { .. } => Code::LogConsistency,
        }
    }
}
