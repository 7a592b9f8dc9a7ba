//! The log entry that travels with a signature: Sigstore's `TransparencyLogEntry` for a Rekor v2 `hashedrekord` 0.0.2,
//! with the proof that leads from the entry to a checkpoint of the log.
//!
//! Commits carry the protobuf form without the body (docs/formats.md F3), bundles the JSON form with it. Both have one
//! encoding. There is no `integratedTime` and no `inclusionPromise`: time comes from tokens alone.

mod body;
mod bundle;
mod protobuf;
#[cfg(test)]
mod tests;

use crate::checkpoint::{self, Checkpoint, CheckpointError};
use crate::crypto::Ed25519Public;
use crate::digest::Digest;
use crate::merkle::{self, MerkleError};
use crate::reason::{Code, Coded};

pub use body::{MAX_BODY, body, check_body};

/// Most bytes of the protobuf form.
pub const MAX_BYTES: usize = 12 * 1024;
/// The one kind of entry.
pub(crate) const KIND: &str = "hashedrekord";
/// Its one version.
pub(crate) const VERSION: &str = "0.0.2";

/// A log entry without its body.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LogEntry {
    /// Position in the log, from 0.
    pub index: u64,
    /// C2SP key id of the log.
    pub log_id: [u8; 32],
    /// Size of the tree in which the proof ends.
    pub size: u64,
    /// Root of that tree.
    pub root: Digest,
    /// The inclusion proof, leaf's sibling first.
    pub hashes: Vec<Digest>,
    /// The signed checkpoint of that tree.
    pub checkpoint: String,
}

/// What a verifier knows of a log: its name and key.
#[derive(Clone, Copy, Debug)]
pub struct LogKeyParts<'a> {
    /// The log's name.
    pub origin: &'a str,
    /// The key it signs checkpoints with.
    pub key: &'a Ed25519Public,
}

impl LogEntry {
    /// The protobuf form. Fails over its limits.
    pub fn encode(&self) -> Result<Vec<u8>, LogError> {
        self.check_limits()?;
        Ok(protobuf::encode(self))
    }

    /// Reads the protobuf form and no other encoding of it.
    pub fn decode(bytes: &[u8]) -> Result<Self, LogError> {
        if bytes.len() > MAX_BYTES {
            return Err(LogError::TooLarge { limit: MAX_BYTES, actual: bytes.len() });
        }
        let entry = protobuf::decode(bytes)?;
        if protobuf::encode(&entry) == bytes { Ok(entry) } else { Err(LogError::NotCanonical) }
    }

    /// The element of `tlogEntries` in a Sigstore bundle. Fails over the limits of the entry or its body.
    pub fn to_bundle_json(&self, body: &[u8]) -> Result<serde_json::Value, LogError> {
        self.check_limits()?;
        bundle::write(self, body)
    }

    /// Reads an element of `tlogEntries`: the entry and its body. Fails where it would be written differently.
    pub fn from_bundle_json(value: &serde_json::Value) -> Result<(Self, Vec<u8>), LogError> {
        let (entry, body) = bundle::read(value)?;
        if entry.to_bundle_json(&body)? == *value { Ok((entry, body)) } else { Err(LogError::NotCanonical) }
    }

    /// Checks that the log has an entry with this body, and returns the entry's leaf hash.
    ///
    /// Fails where the entry is another log's, the checkpoint is not the log's or of another tree, or the proof fails.
    pub fn verify(&self, body: &[u8], log: &LogKeyParts<'_>) -> Result<Digest, LogError> {
        if self.log_id != checkpoint::log_id(log.origin, log.key) {
            return Err(LogError::LogId { origin: log.origin.to_owned() });
        }
        let checkpoint = Checkpoint::verify(&self.checkpoint, log.origin, log.key)?;
        if checkpoint.size != self.size {
            return Err(LogError::SizeMismatch { proof: self.size, checkpoint: checkpoint.size });
        }
        if checkpoint.root != self.root {
            return Err(LogError::RootMismatch { proof: self.root, checkpoint: checkpoint.root });
        }
        let leaf = merkle::leaf_hash(body);
        merkle::verify_inclusion(&leaf, self.index, self.size, &self.hashes, &self.root)?;
        Ok(leaf)
    }

    fn check_limits(&self) -> Result<(), LogError> {
        if self.hashes.len() > merkle::MAX_PROOF {
            return Err(LogError::TooManyHashes);
        }
        if self.checkpoint.len() > checkpoint::MAX_BYTES {
            return Err(CheckpointError::TooLarge { actual: self.checkpoint.len() }.into());
        }
        if i64::try_from(self.index).is_ok() && i64::try_from(self.size).is_ok() {
            Ok(())
        } else {
            Err(LogError::IntegerRange)
        }
    }
}

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
