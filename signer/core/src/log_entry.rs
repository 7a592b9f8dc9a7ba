//! The log entry that travels with a signature: Sigstore's `TransparencyLogEntry` for a Rekor v2 `hashedrekord` 0.0.2,
//! with the proof that leads from the entry to a checkpoint of the log.
//!
//! Commits carry the protobuf form without the body (docs/formats.md F3), bundles the JSON form with it. Both have one
//! encoding. There is no `integratedTime` and no `inclusionPromise`: time comes from tokens alone.

mod body;
mod bundle;
mod error;
mod foreign;
mod observed;
mod protobuf;
#[cfg(test)]
mod tests;

use crate::checkpoint::{self, Checkpoint, CheckpointError, Cosignature, VerifierKey};
use crate::crypto::Ed25519Public;
use crate::digest::Digest;
use crate::merkle;

pub use body::{MAX_BODY, body, certificate, check_body};
pub use error::LogError;
pub use foreign::{ForeignEntry, Promise};
pub use observed::{Observed, observe};

/// Most bytes of the protobuf form.
pub const MAX_BYTES: usize = 12 * 1024;
/// The one kind of entry.
const KIND: &str = "hashedrekord";
/// Its one version.
const VERSION: &str = "0.0.2";

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
        self.verify_cosigned(body, log, &[]).map(|(leaf, _)| leaf)
    }

    /// The same where the checkpoint may carry cosignatures of these witnesses, which are returned.
    pub fn verify_cosigned(
        &self,
        body: &[u8],
        log: &LogKeyParts<'_>,
        witnesses: &[VerifierKey],
    ) -> Result<(Digest, Vec<Cosignature>), LogError> {
        if self.log_id != checkpoint::log_id(log.origin, log.key) {
            return Err(LogError::LogId { origin: log.origin.to_owned() });
        }
        let (checkpoint, cosignatures) = Checkpoint::verify_cosigned(&self.checkpoint, log.origin, log.key, witnesses)?;
        if checkpoint.size != self.size {
            return Err(LogError::SizeMismatch { proof: self.size, checkpoint: checkpoint.size });
        }
        if checkpoint.root != self.root {
            return Err(LogError::RootMismatch { proof: self.root, checkpoint: checkpoint.root });
        }
        let leaf = merkle::leaf_hash(body);
        merkle::verify_inclusion(&leaf, self.index, self.size, &self.hashes, &self.root)?;
        Ok((leaf, cosignatures))
    }

    fn check_limits(&self) -> Result<(), LogError> {
        if self.hashes.len() > merkle::MAX_PROOF {
            return Err(LogError::TooManyHashes);
        }
        if self.checkpoint.len() > checkpoint::MAX_BYTES {
            return Err(
                CheckpointError::TooLarge { actual: self.checkpoint.len(), limit: checkpoint::MAX_BYTES }.into()
            );
        }
        if i64::try_from(self.index).is_ok() && i64::try_from(self.size).is_ok() {
            Ok(())
        } else {
            Err(LogError::IntegerRange)
        }
    }
}
