//! A piece of the log, by itself: its bodies hashed, its full tiles reduced to their roots, the checkpoints over it
//! verified. Whatever needs nothing from the entries before is done here, on as many threads as there are cores.

use std::ops::Range;

use signer_core::checkpoint::Checkpoint;
use signer_core::digest::Digest;
use signer_core::merkle::{self, Frontier};
use signer_core::reason::{Code, Coded as _};
use signer_core::trust_root::LogKey;
use signer_engine::store::rows::CheckpointRow;
use signer_engine::store::{StoreError, StoreReader as _};
use signer_log::tile::{FULL_WIDTH, HEIGHT};

use super::difference::Difference;
use super::difference::Differences;
use crate::store::SqliteReader;

/// Entries of one piece: whole tiles.
pub(super) const PIECE: u64 = 4096;

/// What a piece comes to.
pub(super) struct Piece {
    /// Number of its entries.
    pub(super) entries: u64,
    /// Roots of full tiles and checkpoints, in the order of the log.
    pub(super) marks: Vec<Mark>,
    /// The edge of the tile that is still open at its end.
    pub(super) open: Frontier,
    /// Entries that are gone or altered, and how many more.
    pub(super) differences: (Vec<Difference>, u64),
}

/// Something that the whole tree must be compared with.
pub(super) enum Mark {
    /// A full tile.
    Tile {
        /// Its root.
        root: Digest,
        /// What the store says its root is.
        stored: Option<Digest>,
    },
    /// A checkpoint.
    Checkpoint {
        /// The row.
        row: CheckpointRow,
        /// What is wrong with its note.
        fault: Option<(Code, String)>,
        /// The edge of the tile that is open at its size.
        open: Frontier,
    },
}

/// Reads the piece of these entries, the first of them the first of a tile.
pub(super) fn read(reader: &SqliteReader, log: &LogKey, places: Range<u64>) -> Result<Piece, StoreError> {
    let Range { start, end } = places;
    let checkpoints = reader.checkpoints_between(start, end)?;
    let tiles = start >> HEIGHT;
    let nodes = reader.nodes(1, tiles, PIECE >> HEIGHT)?;
    let mut reading = Reading {
        log,
        next: start,
        tile: Frontier::new(),
        marks: Vec::with_capacity(checkpoints.len().saturating_add(nodes.len())),
        checkpoints: checkpoints.into_iter().peekable(),
        nodes: nodes.into_iter(),
        differences: Differences::default(),
    };
    reader.each_entry(places, |place, stored, body| {
        let leaf = merkle::leaf_hash(body);
        reading.miss_until(place);
        if stored != leaf.as_bytes() {
            let message = "body and leaf hash do not belong together";
            reading.differences.tell(Code::EngineRowAltered, "entries", place, message);
        }
        reading.push(leaf);
    })?;
    reading.miss_until(end);
    let Reading { marks, tile, differences, .. } = reading;
    Ok(Piece { entries: end.saturating_sub(start), marks, open: tile, differences: differences.into_parts() })
}

struct Reading<'a> {
    log: &'a LogKey,
    /// Place of the next entry.
    next: u64,
    tile: Frontier,
    marks: Vec<Mark>,
    checkpoints: std::iter::Peekable<std::vec::IntoIter<CheckpointRow>>,
    nodes: std::vec::IntoIter<Digest>,
    differences: Differences,
}

impl Reading<'_> {
    /// Entries that are gone are told, and stand as nothing.
    fn miss_until(&mut self, place: u64) {
        while self.next < place {
            self.differences.tell(Code::EngineRowMissing, "entries", self.next, "the entry is gone");
            self.push(Digest::from_bytes([0; 32]));
        }
    }

    fn push(&mut self, leaf: Digest) {
        self.tile.push(leaf);
        self.next = self.next.saturating_add(1);
        if self.tile.size() == u64::from(FULL_WIDTH) {
            let root = std::mem::take(&mut self.tile).root();
            self.marks.push(Mark::Tile { root, stored: self.nodes.next() });
        }
        while let Some(row) = self.checkpoints.next_if(|row| row.size <= self.next) {
            let fault = fault(&row, self.log);
            self.marks.push(Mark::Checkpoint { row, fault, open: self.tile.clone() });
        }
    }
}

/// What is wrong with a checkpoint by itself.
fn fault(row: &CheckpointRow, log: &LogKey) -> Option<(Code, String)> {
    match Checkpoint::verify(&row.note, &log.origin, &log.key) {
        Ok(signed) if (signed.size, signed.root) == (row.size, row.root) => None,
        Ok(_) => Some((Code::EngineRowAltered, "note and row differ".to_owned())),
        Err(error) => Some((error.code(), error.to_string())),
    }
}
