//! Tiles of C2SP tlog-tiles, height 8: which there are, where they lie, which nodes of the tree they hold.
//!
//! A path has one spelling; every other is refused. Positions are checked where a tile is made, so that no arithmetic
//! on a tile overflows. What the tiles' bytes mean is in `tile/bytes.rs`.

mod bytes;
mod error;
#[cfg(test)]
mod tests;

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

pub use bytes::{decode_entries, decode_hashes, encode_entries, encode_hashes};
pub use error::TileError;

/// Nodes of a full tile: 2 to the power of the height.
pub const FULL_WIDTH: u16 = 256;
/// Levels of the tree that one tile spans.
pub const HEIGHT: u32 = 8;
/// The highest level the specification names.
const MAX_LEVEL: u8 = 63;
/// The first index at which positions would not fit a signed 64-bit number.
const INDEX_END: u64 = 1 << 55;
/// Most bytes of a path: six elements of the index, and everything around them.
const MAX_PATH: usize = 48;

/// What a tile holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum TileKind {
    /// The entries themselves: an entry bundle.
    Entries,
    /// Hashes of the nodes at a level of tiles: leaves at 0, roots of full tiles of the level below elsewhere.
    Hashes {
        /// From 0 to 63.
        level: u8,
    },
}

/// One tile: 256 consecutive nodes, or the first of them that a tree has.
// INVARIANT: level ≤ 63, index < 2^55, 1 ≤ width ≤ 256.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub struct Tile {
    kind: TileKind,
    index: u64,
    width: u16,
}

impl Tile {
    /// Names a tile. Fails for a level over 63, an index from 2^55 on, and a width outside 1 to 256.
    pub const fn new(kind: TileKind, index: u64, width: u16) -> Result<Self, TileError> {
        if let TileKind::Hashes { level } = kind
            && level > MAX_LEVEL
        {
            return Err(TileError::Level);
        }
        if index >= INDEX_END {
            return Err(TileError::Index);
        }
        if width == 0 || width > FULL_WIDTH {
            return Err(TileError::Width);
        }
        Ok(Self { kind, index, width })
    }

    /// The tiles that hold the nodes of `range` in a tree of `size` entries, each as wide as that tree has it. Nodes
    /// that the tree does not have are left out.
    pub fn holding(kind: TileKind, range: Range<u64>, size: u64) -> impl Iterator<Item = Self> {
        let end = range.end.min(nodes_in(kind, size));
        let tiles = if range.start < end { range.start >> HEIGHT..end.div_ceil(u64::from(FULL_WIDTH)) } else { 0..0 };
        tiles.filter_map(move |index| {
            let present = nodes_in(kind, size).saturating_sub(index << HEIGHT).min(u64::from(FULL_WIDTH));
            Self::new(kind, index, u16::try_from(present).ok()?).ok()
        })
    }

    /// What it holds.
    pub const fn kind(&self) -> TileKind {
        self.kind
    }

    /// Its place among the tiles of its level, from 0.
    pub const fn index(&self) -> u64 {
        self.index
    }

    /// How many nodes it holds, 1 to 256.
    pub const fn width(&self) -> u16 {
        self.width
    }

    /// Whether nothing can be added to it.
    pub const fn is_full(&self) -> bool {
        self.width == FULL_WIDTH
    }

    /// The positions of its nodes at its level.
    pub fn nodes(&self) -> Range<u64> {
        let start = self.index << HEIGHT;
        start..start + u64::from(self.width)
    }

    /// Whether a tree of `size` entries has all its nodes.
    pub fn is_in(&self, size: u64) -> bool {
        self.nodes().end <= nodes_in(self.kind, size)
    }
}

/// How many nodes of a level are complete in a tree of `size` entries.
fn nodes_in(kind: TileKind, size: u64) -> u64 {
    match kind {
        TileKind::Entries => size,
        TileKind::Hashes { level } => size.checked_shr(HEIGHT * u32::from(level)).unwrap_or(0),
    }
}

impl fmt::Display for Tile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            TileKind::Entries => write!(f, "tile/entries/")?,
            TileKind::Hashes { level } => write!(f, "tile/{level}/")?,
        }
        let mut groups = vec![self.index % 1000];
        let mut rest = self.index / 1000;
        while rest > 0 {
            groups.push(rest % 1000);
            rest /= 1000;
        }
        while groups.len() > 1 {
            write!(f, "x{:03}/", groups.pop().unwrap_or_default())?;
        }
        write!(f, "{:03}", groups.pop().unwrap_or_default())?;
        if self.is_full() { Ok(()) } else { write!(f, ".p/{}", self.width) }
    }
}

impl FromStr for Tile {
    type Err = TileError;

    /// Reads `tile/<L>/<N>[.p/<W>]` and `tile/entries/<N>[.p/<W>]` in their one spelling.
    fn from_str(path: &str) -> Result<Self, TileError> {
        if path.len() > MAX_PATH {
            return Err(TileError::Path);
        }
        let (kind, place) = path.strip_prefix("tile/").and_then(|rest| rest.split_once('/')).ok_or(TileError::Path)?;
        let kind = match kind {
            "entries" => TileKind::Entries,
            level => TileKind::Hashes { level: level.parse().map_err(|_| TileError::Level)? },
        };
        let (index, width) = match place.split_once(".p/") {
            Some((index, width)) => (index, partial_width(width)?),
            None => (place, FULL_WIDTH),
        };
        let tile = Self::new(kind, parse_index(index)?, width)?;
        // Signs, leading zeros and leading `x000` make another text of the same tile.
        if tile.to_string() == path { Ok(tile) } else { Err(TileError::Path) }
    }
}

fn partial_width(text: &str) -> Result<u16, TileError> {
    text.parse().ok().filter(|width| (1..FULL_WIDTH).contains(width)).ok_or(TileError::Width)
}

/// Three digits an element, an `x` before all but the last.
fn parse_index(text: &str) -> Result<u64, TileError> {
    let mut index = 0_u64;
    for element in text.split('/') {
        let digits = element.strip_prefix('x').unwrap_or(element);
        let group: u64 = digits.parse().ok().filter(|_| digits.len() == 3).ok_or(TileError::Index)?;
        index = index.checked_mul(1000).and_then(|index| index.checked_add(group)).ok_or(TileError::Index)?;
    }
    Ok(index)
}
