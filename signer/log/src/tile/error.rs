//! Why a tile is refused. One code for all of them: whoever meets it gets no answer it could use.

use signer_core::reason::{Code, Coded};

use super::FULL_WIDTH;

/// Why a tile's path or bytes are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TileError {
    /// The bytes end inside an entry.
    #[error("the entry bundle ends inside an entry")]
    BundleTruncated,
    /// An entry too long for its length prefix.
    #[error("an entry of {actual} bytes does not fit a bundle")]
    EntryTooLarge {
        /// Its length.
        actual: usize,
    },
    /// Not an index, or one that no tree has.
    #[error("the tile's index is not below 2^55 in elements of three digits")]
    Index,
    /// Another number of bytes than its width needs.
    #[error("the tile has {actual} bytes, its width needs {expected}")]
    Length {
        /// Bytes that its width needs.
        expected: usize,
        /// Bytes found.
        actual: usize,
    },
    /// Not a level.
    #[error("the tile's level is not a number from 0 to 63")]
    Level,
    /// Not a path, or another spelling of one.
    #[error("the path is not `tile/<level or entries>/<index>[.p/<width>]` in its one spelling")]
    Path,
    /// Bytes after the last entry.
    #[error("{excess} bytes follow the last entry of the bundle")]
    TrailingBytes {
        /// How many.
        excess: usize,
    },
    /// Not a width.
    #[error("a tile is 1 to {FULL_WIDTH} nodes wide, a partial one fewer than {FULL_WIDTH}")]
    Width,
}

impl Coded for TileError {
    fn code(&self) -> Code {
        Code::LogTile
    }
}
