//! Trees from tiles against the same trees from all their leaves.

use std::cell::RefCell;

use signer_core::merkle::{leaf_hash, verify_consistency, verify_inclusion};

use super::*;
use crate::{NodeBuilder, prove_consistency, prove_inclusion};

/// Every tile of a log, and which were asked for.
struct Shelf {
    leaves: Vec<Digest>,
    nodes: Vec<crate::Node>,
    asked: RefCell<Vec<Tile>>,
}

impl Shelf {
    fn of(size: u32) -> Self {
        let leaves: Vec<_> = (0..size).map(|index| leaf_hash(&index.to_be_bytes())).collect();
        let mut builder = NodeBuilder::new();
        let nodes = leaves.iter().flat_map(|leaf| builder.push(*leaf)).collect();
        Self { leaves, nodes, asked: RefCell::default() }
    }
}

impl HashTiles for Shelf {
    type Error = TileError;

    fn hashes(&self, tile: &Tile) -> Result<Vec<Digest>, TileError> {
        self.asked.borrow_mut().push(*tile);
        let nodes = tile.nodes();
        let TileKind::Hashes { level } = tile.kind() else { return Err(TileError::Path) };
        Ok(match level {
            0 => self.leaves[usize::try_from(nodes.start).unwrap()..usize::try_from(nodes.end).unwrap()].to_vec(),
            level => {
                let held = self.nodes.iter().filter(|node| node.level == level && nodes.contains(&node.index));
                held.map(|node| node.hash).collect()
            }
        })
    }
}

fn root(leaves: &[Digest]) -> Digest {
    let mut frontier = Frontier::new();
    for leaf in leaves {
        frontier.push(*leaf);
    }
    frontier.root()
}

fn at(leaves: &[Digest], size: u64) -> &[Digest] {
    &leaves[..usize::try_from(size).unwrap()]
}

#[test]
fn roots_and_proofs_are_those_of_the_leaves() {
    let shelf = Shelf::of(65_537);
    // One size above the border of the second level: hashing every leaf anew for each pair is what takes long here.
    let sizes = [0, 1, 2, 3, 7, 255, 256, 257, 511, 512, 513, 1000, 65_537];
    for size in sizes {
        let (tree, leaves) = (TiledTree::new(&shelf, size), at(&shelf.leaves, size));
        let expected = root(leaves);
        assert_eq!(tree.root(), Ok(expected), "{size}");
        for old in sizes {
            let proof = tree.prove_consistency(old).unwrap();
            assert_eq!(proof, prove_consistency(leaves, usize::try_from(old).unwrap()), "{old} of {size}");
            if let Some(proof) = proof {
                verify_consistency(old, &root(at(&shelf.leaves, old)), size, &expected, &proof).unwrap();
            }
        }
        for index in [0, 1, size / 2, size.saturating_sub(1), size] {
            let proof = tree.prove_inclusion(index).unwrap();
            assert_eq!(proof, prove_inclusion(leaves, usize::try_from(index).unwrap()), "{index} of {size}");
            if let Some(proof) = proof {
                let leaf = shelf.leaves[usize::try_from(index).unwrap()];
                verify_inclusion(&leaf, index, size, &proof, &expected).unwrap();
            }
        }
    }
}

#[test]
fn a_tree_goes_on_growing_from_its_edge() {
    let shelf = Shelf::of(70_000);
    let mut frontier = TiledTree::new(&shelf, 66_049).frontier().unwrap();
    shelf.leaves[66_049..].iter().for_each(|leaf| frontier.push(*leaf));
    assert_eq!(frontier.root(), root(&shelf.leaves));
}

#[test]
fn asks_for_tiles_of_its_own_size_and_for_few() {
    let shelf = Shelf::of(70_000);
    TiledTree::new(&shelf, 66_000).prove_consistency(65_537).unwrap().unwrap();
    let asked = shelf.asked.take();
    assert!(asked.iter().all(|tile| tile.is_in(66_000)), "{asked:?}");
    assert!(asked.len() < 24, "{asked:?}");
}

#[test]
fn an_older_tree_is_read_from_the_tiles_of_a_newer_one() {
    let shelf = Shelf::of(70_000);
    for size in [0, 1, 255, 256, 257, 65_536, 66_000] {
        shelf.asked.borrow_mut().clear();
        assert_eq!(TiledTree::within(&shelf, size, 70_000).root(), Ok(root(at(&shelf.leaves, size))));
        for tile in shelf.asked.borrow().iter() {
            let newest = Tile::holding(tile.kind(), tile.nodes(), 70_000).next();
            assert_eq!(newest, Some(*tile), "of the newer tree's width");
        }
    }
}

/// LOG-30: a tile narrower than it must be gives no proof.
#[test]
fn refuses_a_tile_of_another_width() {
    let mut shelf = Shelf::of(600);
    shelf.nodes.clear();
    assert!(matches!(TiledTree::new(&shelf, 600).root(), Err(TileError::Length { .. })));
}
