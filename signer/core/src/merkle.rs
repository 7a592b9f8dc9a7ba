//! Merkle trees of RFC 6962 §2: leaf and node hashes, inclusion and consistency proofs, the right edge of a growing tree.
//!
//! Proofs are checked by the algorithms of RFC 9162 §2.1.3.2 and §2.1.4.2. Making proofs belongs to `signer-log`.

mod frontier;
#[cfg(test)]
mod tests;

use crate::digest::Digest;
use crate::reason::{Code, Coded};

pub use frontier::Frontier;

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

/// Checks that `leaf` stands at `index` of the tree of `size` entries with this root.
///
/// Fails where the index lies outside the tree, or the proof has another length or leads to another root.
pub fn verify_inclusion(
    leaf: &Digest,
    index: u64,
    size: u64,
    proof: &[Digest],
    root: &Digest,
) -> Result<(), MerkleError> {
    if index >= size {
        return Err(MerkleError::OutsideTree { index, size });
    }
    let mut edge = Edge { node: index, last: size - 1 };
    let mut hash = *leaf;
    for sibling in proof {
        if edge.last == 0 {
            return Err(MerkleError::InclusionLength { actual: proof.len() });
        }
        hash = if edge.has_left_sibling() {
            edge.skip_lone_levels();
            node_hash(sibling, &hash)
        } else {
            node_hash(&hash, sibling)
        };
        edge.ascend();
    }
    if edge.last != 0 {
        return Err(MerkleError::InclusionLength { actual: proof.len() });
    }
    if hash == *root { Ok(()) } else { Err(MerkleError::InclusionRoot { computed: hash, expected: *root }) }
}

/// Checks that the tree of `old_size` entries with `old_root` is the beginning of the new one.
///
/// Fails where the old tree is larger, or the proof has another length or leads to another root of either tree.
pub fn verify_consistency(
    old_size: u64,
    old_root: &Digest,
    new_size: u64,
    new_root: &Digest,
    proof: &[Digest],
) -> Result<(), MerkleError> {
    if old_size > new_size {
        return Err(MerkleError::Shrunk { old_size, new_size });
    }
    if old_size == 0 || old_size == new_size {
        return verify_trivial_consistency(old_size, old_root, new_size, new_root, proof);
    }
    let wrong_length = MerkleError::ConsistencyLength { actual: proof.len() };
    // A complete old tree is a node of the new one, which the proof leaves out.
    let (seed, rest) = if old_size.is_power_of_two() {
        (old_root, proof)
    } else {
        proof.split_first().ok_or(MerkleError::ConsistencyLength { actual: 0 })?
    };
    let mut edge = Edge { node: old_size - 1, last: new_size - 1 };
    while edge.node & 1 == 1 {
        edge.ascend();
    }
    let (mut old, mut new) = (*seed, *seed);
    for sibling in rest {
        if edge.last == 0 {
            return Err(wrong_length);
        }
        if edge.has_left_sibling() {
            old = node_hash(sibling, &old);
            new = node_hash(sibling, &new);
            edge.skip_lone_levels();
        } else {
            new = node_hash(&new, sibling);
        }
        edge.ascend();
    }
    if edge.last != 0 {
        return Err(wrong_length);
    }
    if old == *old_root && new == *new_root { Ok(()) } else { Err(MerkleError::ConsistencyRoot { old_size, new_size }) }
}

/// Growth from nothing and no growth need no proof, so none may be given.
fn verify_trivial_consistency(
    old_size: u64,
    old_root: &Digest,
    new_size: u64,
    new_root: &Digest,
    proof: &[Digest],
) -> Result<(), MerkleError> {
    if !proof.is_empty() {
        return Err(MerkleError::ConsistencyLength { actual: proof.len() });
    }
    let expected_old = if old_size == 0 { empty_root() } else { *new_root };
    let new_is_possible = new_size != 0 || *new_root == empty_root();
    if *old_root == expected_old && new_is_possible {
        Ok(())
    } else {
        Err(MerkleError::ConsistencyRoot { old_size, new_size })
    }
}

/// A node on its way up, and the last node of its level.
struct Edge {
    node: u64,
    last: u64,
}

impl Edge {
    /// Whether the next sibling stands to the left: an odd node, or the last of its level.
    fn has_left_sibling(&self) -> bool {
        self.node & 1 == 1 || self.node == self.last
    }

    /// The last node of a level without a sibling moves up unchanged until it has a left one.
    fn skip_lone_levels(&mut self) {
        while self.node & 1 == 0 && self.node != 0 {
            self.ascend();
        }
    }

    fn ascend(&mut self) {
        self.node >>= 1;
        self.last >>= 1;
    }
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
