//! Why a log is not believed, or cannot be read.

use std::io;
use std::path::PathBuf;

use signer_client::ClientError;
use signer_core::checkpoint::CheckpointError;
use signer_core::merkle::MerkleError;
use signer_core::reason::{Code, Coded};
use signer_log::tile::{Tile, TileError};

/// Why a log is not believed, or cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum TlogError {
    /// The checkpoint is malformed, another log's, or not signed.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The log cannot be asked.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// Nothing was logged.
    #[error("the log has no checkpoint")]
    Empty,
    /// A file cannot be read or written.
    #[error("`{}` cannot be read or written", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The checkpoint is not text.
    #[error("the checkpoint is not UTF-8")]
    Text,
    /// Two trees exclude each other, or a proof leads elsewhere.
    #[error(transparent)]
    Merkle(#[from] MerkleError),
    /// The log does not serve a tile that its checkpoint needs.
    #[error("the log does not have `{tile}`, which its checkpoint needs")]
    Missing {
        /// Which.
        tile: Tile,
    },
    /// Too few witnesses.
    #[error("the checkpoint over {size} entries lacks the quorum of witnesses that the policy asks for")]
    Quorum {
        /// Entries of the checkpoint.
        size: u64,
    },
    /// A tile that is none.
    #[error(transparent)]
    Tile(#[from] TileError),
    /// No key of a log of that name is known.
    #[error("no key of the log `{origin}` is known")]
    UnknownLog {
        /// The name the log gives itself.
        origin: String,
    },
}

impl Coded for TlogError {
    fn code(&self) -> Code {
        match self {
            Self::Checkpoint(source) => source.code(),
            Self::Client(source) => source.code(),
            Self::Empty => Code::LogEmpty,
            Self::Io { .. } => Code::InternalIo,
            Self::Text => Code::LogCheckpointMalformed,
            Self::Merkle(source) => source.code(),
            Self::Missing { .. } => Code::LogTile,
            Self::Quorum { .. } => Code::LogWitnessQuorum,
            Self::Tile(source) => source.code(),
            Self::UnknownLog { .. } => Code::LogOriginMismatch,
        }
    }
}
