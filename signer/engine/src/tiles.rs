//! The log as C2SP tlog-tiles shows it: any tile of the newest checkpoint's tree, in at most one read of 256 rows.

use signer_core::reason::Code;
use signer_log::tile::{self, Tile, TileKind};

use crate::engine::Engine;
use crate::refusal::Refusal;
use crate::store::{StoreError, StoreReader};

impl Engine {
    /// The bytes of a tile. Fails where the published tree does not have all of its nodes.
    pub fn tile(&self, tile: &Tile) -> Result<Vec<u8>, Refusal> {
        read(&*self.reader, tile)
    }
}

/// The bytes of a tile of whichever log the reader reads.
pub fn read(reader: &dyn StoreReader, tile: &Tile) -> Result<Vec<u8>, Refusal> {
    let size = reader.newest_checkpoint()?.map_or(0, |row| row.size);
    if !tile.is_in(size) {
        let message = format!("a log of {size} entries does not have `{tile}`");
        return Err(Refusal::new(Code::LogTileAbsent, message));
    }
    let (start, count) = (tile.nodes().start, u64::from(tile.width()));
    let hashes = match tile.kind() {
        TileKind::Entries => {
            let bodies = reader.entries(start, count)?;
            check_count(tile, bodies.len(), "entries")?;
            return Ok(tile::encode_entries(&bodies)?);
        }
        TileKind::Hashes { level: 0 } => reader.leaves(start, count)?,
        TileKind::Hashes { level } => reader.nodes(level, start, count)?,
    };
    check_count(tile, hashes.len(), "nodes")?;
    Ok(tile::encode_hashes(&hashes))
}

/// A store that has lost rows shows nothing in their place.
fn check_count(tile: &Tile, found: usize, table: &'static str) -> Result<(), StoreError> {
    if found == usize::from(tile.width()) { Ok(()) } else { Err(StoreError::Corrupt { table }) }
}

#[cfg(test)]
mod tests;
