//! Why a witness does not cosign, and under which code.

use super::{MAX_PROOF, MAX_SUBMISSION};
use crate::checkpoint::CheckpointError;
use crate::merkle::MerkleError;
use crate::reason::{Code, Coded};

/// Why a witness does not cosign.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WitnessError {
    /// The checkpoint is malformed, another log's, or not signed by its log.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// A line of the proof that is no hash.
    #[error("hash {line} of the consistency proof is not 32 bytes in base64")]
    Hash {
        /// Number of the hash, from 0.
        line: usize,
    },
    /// The new tree does not begin with the one that was seen.
    #[error(transparent)]
    Inconsistent(#[from] MerkleError),
    /// The first line is not `old <size>`.
    #[error("the first line is not `old` and a plain decimal number")]
    OldSize,
    /// The witness has seen another size than the asker believes.
    #[error("the submission starts at {asked} entries, the witness has cosigned {seen}")]
    OtherSize {
        /// Size the asker believes the witness to be at.
        asked: u64,
        /// Size the witness is at.
        seen: u64,
    },
    /// No blank line between proof and checkpoint.
    #[error("no empty line separates the proof from the checkpoint")]
    Separator,
    /// The checkpoint is smaller than where the proof starts.
    #[error("the submission leads from {old_size} entries back to {size}")]
    Shrinks {
        /// Size the proof starts at.
        old_size: u64,
        /// Size of the checkpoint.
        size: u64,
    },
    /// Too many bytes.
    #[error("the submission has {actual} bytes, at most {MAX_SUBMISSION} are allowed")]
    TooLarge {
        /// Bytes found.
        actual: usize,
    },
    /// Too many hashes.
    #[error("the consistency proof has more than {MAX_PROOF} hashes")]
    TooManyHashes,
    /// A log that the witness was not told to watch.
    #[error("the witness does not watch this log")]
    UnknownLog,
}

impl Coded for WitnessError {
    fn code(&self) -> Code {
        match self {
            Self::Checkpoint(source) => source.code(),
            Self::Inconsistent(source) => source.code(),
            Self::Hash { .. } | Self::OldSize | Self::Separator => Code::RequestMalformed,
            Self::OtherSize { .. } => Code::LogWitnessSize,
            Self::Shrinks { .. } => Code::LogRollback,
            Self::TooLarge { .. } => Code::RequestTooLarge,
            Self::TooManyHashes => Code::LogConsistency,
            Self::UnknownLog => Code::LogOriginMismatch,
        }
    }
}
