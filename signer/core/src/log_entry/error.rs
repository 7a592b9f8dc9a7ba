//! Why a log entry is refused, and under which code.

use super::{KIND, VERSION};
use crate::checkpoint::CheckpointError;
use crate::digest::Digest;
use crate::merkle::{self, MerkleError};
use crate::reason::{Code, Coded};

/// Why a log entry is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LogError {
    /// The body is no canonical `hashedrekord`.
    #[error("the entry's body is not a canonical `{KIND}` {VERSION}")]
    BodyMalformed,
    /// The body is about another digest.
    #[error("the entry is about digest `{actual}`, not `{expected}`")]
    BodyDigest {
        /// The digest that was signed, in base64.
        expected: String,
        /// The digest in the body.
        actual: String,
    },
    /// The body is about another certificate.
    #[error("the entry is about another certificate")]
    BodyKey,
    /// The body is about another signature.
    #[error("the entry is about another signature")]
    BodySignature,
    /// The checkpoint is refused.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The entry carries no checkpoint.
    #[error("the log entry carries no checkpoint")]
    CheckpointMissing,
    /// Two indexes differ.
    #[error("the entry stands at index {entry}, its proof is for index {proof}")]
    IndexMismatch {
        /// Index of the entry.
        entry: u64,
        /// Index in its proof.
        proof: u64,
    },
    /// The proof is refused.
    #[error(transparent)]
    Inclusion(#[from] MerkleError),
    /// An integer that int64 cannot hold.
    #[error("an index or size in the log entry is not below 2^63")]
    IntegerRange,
    /// Another kind of entry.
    #[error("the log entry is not a `{KIND}` {VERSION} with an ECDSA P-256 certificate")]
    Kind,
    /// Another log's entry.
    #[error("the log entry is not of log `{origin}`")]
    LogId {
        /// The log that was expected.
        origin: String,
    },
    /// Not the message.
    #[error("the log entry is malformed at `{field}`")]
    Malformed {
        /// Where reading stopped.
        field: &'static str,
    },
    /// Another encoding of the same entry.
    #[error("the log entry is not in its canonical encoding")]
    NotCanonical,
    /// No proof to check.
    #[error("the log entry carries no inclusion proof")]
    ProofMissing,
    /// Proof and checkpoint name different roots.
    #[error("the proof ends in root `{proof}`, the checkpoint names `{checkpoint}`")]
    RootMismatch {
        /// Root in the proof.
        proof: Digest,
        /// Root in the checkpoint.
        checkpoint: Digest,
    },
    /// Proof and checkpoint are of trees of different size.
    #[error("the proof is for a tree of {proof} entries, the checkpoint for one of {checkpoint}")]
    SizeMismatch {
        /// Size in the proof.
        proof: u64,
        /// Size in the checkpoint.
        checkpoint: u64,
    },
    /// Entry or body over its limit.
    #[error("the log entry or its body has {actual} bytes, at most {limit} are allowed")]
    TooLarge {
        /// Most bytes allowed.
        limit: usize,
        /// Bytes found.
        actual: usize,
    },
    /// A proof longer than any tree is deep.
    #[error("the inclusion proof has more than {} hashes", merkle::MAX_PROOF)]
    TooManyHashes,
}

impl Coded for LogError {
    fn code(&self) -> Code {
        match self {
            Self::BodyDigest { .. } => Code::LogBodyMismatchDigest,
            Self::BodyKey => Code::LogBodyMismatchKey,
            Self::BodySignature => Code::LogBodyMismatchSignature,
            Self::BodyMalformed
            | Self::IntegerRange
            | Self::Malformed { .. }
            | Self::NotCanonical
            | Self::TooLarge { .. } => Code::LogEntryMalformed,
            Self::Checkpoint(source) => source.code(),
            Self::CheckpointMissing => Code::LogCheckpointMalformed,
            Self::IndexMismatch { .. } => Code::LogIndexMismatch,
            Self::Inclusion(source) => source.code(),
            Self::Kind => Code::LogKind,
            Self::LogId { .. } => Code::LogOriginMismatch,
            Self::ProofMissing => Code::LogProofMissing,
            Self::RootMismatch { .. } | Self::SizeMismatch { .. } => Code::LogRootMismatch,
            Self::TooManyHashes => Code::LogInclusionProof,
        }
    }
}
