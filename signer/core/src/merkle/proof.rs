//! Checking proofs, by the algorithms of RFC 9162 §2.1.3.2 and §2.1.4.2.

use super::{MerkleError, empty_root, node_hash};
use crate::digest::Digest;

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
    let edge = Edge { node: index, last: size - 1 };
    let (_, computed) = edge.climb(*leaf, proof).ok_or(MerkleError::InclusionLength { actual: proof.len() })?;
    if computed == *root { Ok(()) } else { Err(MerkleError::InclusionRoot { computed, expected: *root }) }
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
    // A complete old tree is a node of the new one, which the proof leaves out.
    let (seed, siblings) = if old_size.is_power_of_two() {
        (old_root, proof)
    } else {
        proof.split_first().ok_or(MerkleError::ConsistencyLength { actual: 0 })?
    };
    let mut edge = Edge { node: old_size - 1, last: new_size - 1 };
    while edge.node & 1 == 1 {
        edge.ascend();
    }
    let roots = edge.climb(*seed, siblings).ok_or(MerkleError::ConsistencyLength { actual: proof.len() })?;
    if roots == (*old_root, *new_root) { Ok(()) } else { Err(MerkleError::ConsistencyRoot { old_size, new_size }) }
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
    /// Climbs to the root: the hash over what stands to the left alone, which is the old root where the climb starts at
    /// the old tree's edge, and the hash over everything. None where the number of siblings is not the height left.
    fn climb(mut self, start: Digest, siblings: &[Digest]) -> Option<(Digest, Digest)> {
        let (mut old, mut new) = (start, start);
        for sibling in siblings {
            if self.last == 0 {
                return None;
            }
            if self.node & 1 == 1 || self.node == self.last {
                old = node_hash(sibling, &old);
                new = node_hash(sibling, &new);
                self.skip_lone_levels();
            } else {
                new = node_hash(&new, sibling);
            }
            self.ascend();
        }
        (self.last == 0).then_some((old, new))
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
