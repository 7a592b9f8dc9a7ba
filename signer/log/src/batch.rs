//! Appending a batch: root and proofs of the new entries, from the right edge of the tree before and nothing else.
//!
//! Every sibling on the way up from a new entry is either above new entries alone, or the whole left part of a subtree
//! that new entries complete; the latter are exactly the nodes of the old edge.

use std::ops::Range;

use signer_core::digest::Digest;
use signer_core::merkle::{Frontier, node_hash};

use crate::node::Node;
use crate::tile::HEIGHT;

/// The tree with a batch: its root, one proof per entry of the batch, and the full tiles that the batch completes.
pub(crate) struct Batch {
    pub(crate) root: Digest,
    pub(crate) proofs: Vec<Vec<Digest>>,
    pub(crate) completed: Vec<Node>,
}

/// Computes what the tree becomes. An empty batch leaves the root as it is.
pub(crate) fn append(frontier: &Frontier, leaves: &[Digest]) -> Batch {
    let mut proofs = vec![Vec::new(); leaves.len()];
    let mut edge = frontier.nodes().iter().rev();
    let mut level = leaves.to_vec();
    // Position in its level of the node above the first new entry.
    let mut first = frontier.size();
    let mut height = 0_u32;
    let mut completed = Vec::new();
    if leaves.is_empty() {
        return Batch { root: frontier.root(), proofs, completed };
    }
    let size = frontier.size().saturating_add(u64::try_from(leaves.len()).unwrap_or(u64::MAX));
    while first > 0 || level.len() > 1 {
        // INVARIANT: an odd position at this height is a set bit of the old size, so the edge has a node for it.
        let left = if first & 1 == 1 { edge.next() } else { None };
        let nodes: Vec<Digest> = left.into_iter().copied().chain(level).collect();
        let aligned = first & !1;
        for (index, proof) in (frontier.size()..).zip(&mut proofs) {
            let sibling = ((index >> height) ^ 1).checked_sub(aligned).and_then(|at| usize::try_from(at).ok());
            proof.extend(sibling.and_then(|at| nodes.get(at)));
        }
        // The last node of a level without a sibling moves up unchanged (RFC 6962 §2.1).
        level = nodes.chunks(2).filter_map(|pair| pair.iter().copied().reduce(|l, r| node_hash(&l, &r))).collect();
        first >>= 1;
        height += 1;
        completed.extend(nodes_of_tiles(height, first..size >> height, &level));
    }
    Batch { root: level.first().copied().unwrap_or_else(|| frontier.root()), proofs, completed }
}

/// The complete nodes at this height, where tiles have it; those of `level` after them still grow.
fn nodes_of_tiles(height: u32, complete: Range<u64>, level: &[Digest]) -> impl Iterator<Item = Node> {
    let tiles = u8::try_from(height / HEIGHT).ok().filter(|_| height.is_multiple_of(HEIGHT));
    complete.zip(level).filter_map(move |(index, hash)| Some(Node { level: tiles?, index, hash: *hash }))
}
