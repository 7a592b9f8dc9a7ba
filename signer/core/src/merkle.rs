//! Merkle trees of RFC 6962 §2: leaf and node hashes, inclusion and consistency proofs, the right edge of a growing tree.
//!
//! Making proofs belongs to `signer-log`.

mod frontier;
mod proof;
#[cfg(test)]
mod tests;

use crate::digest::Digest;
use crate::reason::{Code, Coded};

pub use frontier::Frontier;
pub use proof::{verify_consistency, verify_inclusion};

/// Most hashes of an inclusion proof: one per bit of an index.
pub const MAX_PROOF: usize = 64;

/// The hash of an entry: SHA-256(0x00 ‖ body).
pub fn leaf_hash(body: &[u8]) -> Digest {
    Digest::of_parts(&[&[0x00], body])
}

/// The hash of an interior node: SHA-256(0x01 ‖ left ‖ right).
pub fn node_hash(left: &Digest, right: &Digest) -> Digest {
    Digest::of_parts(&[&[0x01], left.as_bytes(), right.as_bytes()])
}

/// The root of the tree without entries: SHA-256 of nothing.
pub fn empty_root() -> Digest {
    Digest::of(&[])
}

/// Why a proof or a stored edge is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MerkleError {
    /// Another number of hashes than this pair of trees needs.
    #[error("a consistency proof of {actual} hashes does not fit these tree sizes")]
    ConsistencyLength {
        /// Hashes found.
        actual: usize,
    },
    /// The proof leads to other roots.
    #[error("the tree of {new_size} entries does not begin with the tree of {old_size} entries")]
    ConsistencyRoot {
        /// Entries of the old tree.
        old_size: u64,
        /// Entries of the new tree.
        new_size: u64,
    },
    /// The stored right edge is not one.
    #[error("the stored edge of the tree is malformed ({actual} bytes)")]
    Frontier {
        /// Bytes found.
        actual: usize,
    },
    /// Another number of hashes than this position needs.
    #[error("an inclusion proof of {actual} hashes does not fit this position and tree size")]
    InclusionLength {
        /// Hashes found.
        actual: usize,
    },
    /// The proof leads to another root.
    #[error("the inclusion proof leads to root `{computed}`, not `{expected}`")]
    InclusionRoot {
        /// Root that the proof leads to.
        computed: Digest,
        /// Root that was to be reached.
        expected: Digest,
    },
    /// No such entry in a tree of this size.
    #[error("index {index} lies outside a tree of {size} entries")]
    OutsideTree {
        /// Index asked for.
        index: u64,
        /// Entries of the tree.
        size: u64,
    },
    /// A log never shrinks.
    #[error("a tree of {new_size} entries cannot follow one of {old_size}")]
    Shrunk {
        /// Entries of the old tree.
        old_size: u64,
        /// Entries of the new tree.
        new_size: u64,
    },
}

impl Coded for MerkleError {
    fn code(&self) -> Code {
        match self {
            Self::ConsistencyLength { .. } | Self::ConsistencyRoot { .. } | Self::Shrunk { .. } => Code::LogConsistency,
            Self::Frontier { .. } => Code::EngineState,
            Self::InclusionLength { .. } | Self::InclusionRoot { .. } | Self::OutsideTree { .. } => {
                Code::LogInclusionProof
            }
        }
    }
}
