//! The tree again from every entry, against every checkpoint and every stored node. Pieces of it are read on as many
//! threads as there are cores; one puts them together, which takes a hash for each tile and a few for each checkpoint.

use std::thread;

use signer_core::merkle::Frontier;
use signer_core::reason::Code;
use signer_core::trust_root::LogKey;
use signer_engine::store::rows::CheckpointRow;
use signer_engine::store::{StoreError, StoreReader as _};
use signer_log::tile::HEIGHT;
use signer_log::{Node, NodeBuilder};

use super::difference::Differences;
use super::piece::{self, Mark, PIECE, Piece};
use super::progress::Progress;
use super::turns;
use crate::store::SqliteReader;

/// Replays the first `size` entries; gives the edge of their tree.
pub(super) fn check(
    snapshot: &SqliteReader,
    log: &LogKey,
    size: u64,
    differences: &mut Differences,
) -> Result<Frontier, StoreError> {
    thread::scope(|scope| {
        let pieces = turns::take(scope, snapshot, (size, PIECE), |reader, places| piece::read(reader, log, places));
        let mut growing = Growing {
            snapshot,
            tiles: Frontier::new(),
            open: Frontier::new(),
            nodes: NodeBuilder::new(),
            sound: Some(0),
            differences,
        };
        let mut progress = Progress::new("entries", size);
        let mut done = 0;
        for piece in pieces {
            let piece = piece?;
            done = piece.entries.saturating_add(done);
            growing.take(piece)?;
            progress.reached(done);
        }
        Ok(Frontier::over(&growing.tiles, HEIGHT, &growing.open))
    })
}

struct Growing<'a> {
    snapshot: &'a SqliteReader,
    /// The edge of the tree whose leaves are full tiles.
    tiles: Frontier,
    /// The edge of the tile that is still open.
    open: Frontier,
    nodes: NodeBuilder,
    /// Size of the last checkpoint whose root fits, until one does not.
    sound: Option<u64>,
    differences: &'a mut Differences,
}

impl Growing<'_> {
    fn take(&mut self, piece: Piece) -> Result<(), StoreError> {
        let (told, untold) = piece.differences;
        self.differences.extend(told, untold);
        for mark in piece.marks {
            match mark {
                Mark::Tile { root, stored } => {
                    let index = self.tiles.size();
                    self.compare_node(Node { level: 1, index, hash: root }, stored == Some(root));
                    self.tiles.push(root);
                    // Roots of tiles are to level 2 what entries are to level 1.
                    for node in self.nodes.push(root) {
                        let node = Node { level: node.level.saturating_add(1), ..node };
                        let stored = self.snapshot.nodes(node.level, node.index, 1)?;
                        self.compare_node(node, stored == [node.hash]);
                    }
                }
                Mark::Checkpoint { row, fault, open } => {
                    if let Some((code, message)) = fault {
                        self.differences.tell(code, "checkpoints", row.size, message);
                    }
                    self.compare(&row, &open);
                }
            }
        }
        self.open = piece.open;
        Ok(())
    }

    fn compare_node(&mut self, node: Node, is_stored: bool) {
        if !is_stored && self.sound.is_some() {
            let row = format!("{}/{}", node.level, node.index);
            self.differences.tell(Code::EngineRowAltered, "nodes", row, "it is not the root of its tile");
        }
    }

    fn compare(&mut self, row: &CheckpointRow, open: &Frontier) {
        if row.root == Frontier::over(&self.tiles, HEIGHT, open).root() {
            self.sound = self.sound.map(|_| row.size);
        } else if let Some(from) = self.sound.take() {
            let last = row.size.saturating_sub(1);
            let message = format!("the entries from {from} to {last} do not lead to the root that was signed");
            self.differences.tell(Code::LogConsistency, "checkpoints", row.size, message);
        }
    }
}
