//! Replaying a log's entries: each bundle is proven to be part of the tree that the checkpoint names before it is handed on.

use signer_core::checkpoint::Checkpoint;
use signer_core::digest::Digest;
use signer_core::merkle::{self, Frontier};
use signer_log::tile::{FULL_WIDTH, Tile, TileKind};
use signer_log::tiled::TiledTree;

use super::{Tiles, TlogError};

/// Checks that the tree of `size` entries with `root` is the beginning of what the checkpoint names, by a proof made from
/// the log's own tiles. Where it is, no tile had to be believed; where it is not, the log cannot show that it only grew.
pub fn prove_growth(tiles: &Tiles<'_>, size: u64, root: &Digest, checkpoint: &Checkpoint) -> Result<(), TlogError> {
    let proof = TiledTree::new(tiles, checkpoint.size).prove_consistency(size)?.unwrap_or_default();
    Ok(merkle::verify_consistency(size, root, checkpoint.size, &checkpoint.root, &proof)?)
}

/// Entries that were proven, from an index on.
pub struct Bundle {
    /// Where they lie.
    pub tile: Tile,
    /// The bodies of the whole bundle, in order.
    pub bodies: Vec<Vec<u8>>,
}

impl Bundle {
    /// The entries with their indexes, from `start` on.
    pub fn from(&self, start: u64) -> impl Iterator<Item = (u64, &[u8])> {
        let entries = self.tile.nodes().zip(self.bodies.iter().map(Vec::as_slice));
        entries.filter(move |(index, _)| *index >= start)
    }
}

/// A replay under way.
pub struct Replay<'a> {
    tiles: &'a Tiles<'a>,
    checkpoint: &'a Checkpoint,
    frontier: Frontier,
}

impl<'a> Replay<'a> {
    /// From the bundle that holds `start` on. The edge before it comes from the tiles, and is proven like everything after.
    pub fn new(tiles: &'a Tiles<'a>, checkpoint: &'a Checkpoint, start: u64) -> Result<Self, TlogError> {
        let aligned = start.min(checkpoint.size) / u64::from(FULL_WIDTH) * u64::from(FULL_WIDTH);
        let frontier = TiledTree::within(tiles, aligned, checkpoint.size).frontier()?;
        prove_growth(tiles, aligned, &frontier.root(), checkpoint)?;
        Ok(Self { tiles, checkpoint, frontier })
    }

    /// How many entries are proven.
    pub const fn size(&self) -> u64 {
        self.frontier.size()
    }

    /// The next bundle; none at the end. Fails where its entries are not those of the tree.
    pub fn next_bundle(&mut self) -> Result<Option<Bundle>, TlogError> {
        let (start, size) = (self.frontier.size(), self.checkpoint.size);
        let Some(tile) = Tile::holding(TileKind::Entries, start..size.min(start.saturating_add(1)), size).next() else {
            return Ok(None);
        };
        let bodies = self.tiles.source().entries(&tile)?;
        let mut frontier = self.frontier.clone();
        for body in &bodies {
            frontier.push(merkle::leaf_hash(body));
        }
        prove_growth(self.tiles, frontier.size(), &frontier.root(), self.checkpoint)?;
        self.frontier = frontier;
        Ok(Some(Bundle { tile, bodies }))
    }
}
