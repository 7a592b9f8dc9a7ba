//! The right edge of a growing tree: all that appending needs to know about the entries before.

use super::{MerkleError, empty_root, node_hash};
use crate::digest::Digest;

/// Most entries: sizes and indexes are int64 in Sigstore's messages.
const MAX_SIZE: u64 = i64::MAX.unsigned_abs();

/// Roots of the complete subtrees that a tree of `size` entries consists of, largest first.
// INVARIANT: one node per set bit of `size`.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Frontier {
    size: u64,
    nodes: Vec<Digest>,
}

impl Frontier {
    /// The edge of a tree without entries.
    pub const fn new() -> Self {
        Self { size: 0, nodes: Vec::new() }
    }

    /// The edge of a tree that begins with complete subtrees of 2^`height` entries each and ends with `last`, which has
    /// fewer: `subtrees` is the edge of the tree whose leaves are their roots.
    // INVARIANT: `last` has less than 2^`height` entries; the set bits of the sum are those of both.
    pub fn over(subtrees: &Self, height: u32, last: &Self) -> Self {
        let nodes = [subtrees.nodes.as_slice(), last.nodes.as_slice()].concat();
        Self { size: (subtrees.size << height) + last.size, nodes }
    }

    /// Number of entries.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Roots of the complete subtrees, largest first; one per set bit of the size.
    pub fn nodes(&self) -> &[Digest] {
        &self.nodes
    }

    /// Appends the hash of one entry.
    pub fn push(&mut self, leaf: Digest) {
        let mut node = leaf;
        for _ in 0..self.size.trailing_ones() {
            let Some(left) = self.nodes.pop() else { break };
            node = node_hash(&left, &node);
        }
        self.nodes.push(node);
        self.size += 1;
    }

    /// The root of the whole tree.
    pub fn root(&self) -> Digest {
        self.nodes.iter().rev().copied().reduce(|right, left| node_hash(&left, &right)).unwrap_or_else(empty_root)
    }

    /// The stored form: size as eight bytes, big-endian, then the nodes.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = self.size.to_be_bytes().to_vec();
        bytes.extend(self.nodes.iter().flat_map(|node| *node.as_bytes()));
        bytes
    }

    /// Reads the stored form. Fails where the number of nodes does not fit the size.
    pub fn decode(bytes: &[u8]) -> Result<Self, MerkleError> {
        let malformed = MerkleError::Frontier { actual: bytes.len() };
        let (size, rest) = bytes.split_first_chunk::<8>().ok_or(malformed)?;
        let size = u64::from_be_bytes(*size);
        let (nodes, odd) = rest.as_chunks::<32>();
        let expected = usize::try_from(size.count_ones()).map_err(|_| malformed)?;
        if size > MAX_SIZE || !odd.is_empty() || nodes.len() != expected {
            return Err(malformed);
        }
        Ok(Self { size, nodes: nodes.iter().copied().map(Digest::from_bytes).collect() })
    }
}
