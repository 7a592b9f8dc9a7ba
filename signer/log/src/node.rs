//! Roots of full tiles: the nodes of the tree that tiles above level 0 are made of.
//!
//! A node never changes once its 256 nodes below are there, so it is written once, with the batch that completes it: one
//! row for 256 entries and one for each 65,536, whatever the size of the log. Making tiles from leaves on demand would
//! instead read 65,536 leaves for each hash of level 2.

use signer_core::digest::Digest;
use signer_core::merkle::Frontier;

use crate::tile::FULL_WIDTH;

/// The root of a full tile, as the level above counts it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Node {
    /// Level of the tiles it stands in, from 1.
    pub level: u8,
    /// Its position at that level, from 0.
    pub index: u64,
    /// The root.
    pub hash: Digest,
}

/// Finds the nodes that leaf hashes complete, one after the other from the first. For rebuilding and checking stored
/// nodes; what a batch completes comes with [`Sealed`](crate::Sealed).
#[derive(Default)]
pub struct NodeBuilder {
    /// The last, open tile of each level.
    open: Vec<Vec<Digest>>,
    leaves: u64,
}

impl NodeBuilder {
    /// A builder before the first leaf.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next leaf hash and returns the nodes it completes, lowest level first.
    pub fn push(&mut self, leaf: Digest) -> Vec<Node> {
        self.leaves = self.leaves.saturating_add(1);
        let mut completed = Vec::new();
        let mut hash = leaf;
        let mut end = self.leaves;
        for level in 1_u8..=u8::MAX {
            let below = usize::from(level) - 1;
            if self.open.len() == below {
                self.open.push(Vec::new());
            }
            let Some(tile) = self.open.get_mut(below) else { break };
            tile.push(hash);
            if tile.len() < usize::from(FULL_WIDTH) {
                break;
            }
            hash = root(&std::mem::take(tile));
            end /= u64::from(FULL_WIDTH);
            completed.push(Node { level, index: end.saturating_sub(1), hash });
        }
        completed
    }
}

fn root(nodes: &[Digest]) -> Digest {
    let mut frontier = Frontier::new();
    for node in nodes {
        frontier.push(*node);
    }
    frontier.root()
}
