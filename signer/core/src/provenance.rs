//! Provenance: what a commit or tag says of itself inside the signed attributes (docs/formats.md F3).

use serde::{Deserialize, Serialize};

use crate::canonical::{self, CanonicalError};
use crate::change::{ChangeList, Entry};
use crate::digest::Digest;
use crate::scope::Operation;

/// Most bytes of an encoded provenance.
pub const MAX_BYTES: usize = 4096;

/// The provenance attribute: canonical JSON, closed schema, at most 4 KiB.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Provenance {
    /// Of a commit.
    Commit(CommitProvenance),
    /// Of a tag.
    Tag(TagProvenance),
}

impl Provenance {
    /// The one byte form. Fails where it would exceed 4 KiB.
    pub fn encode(&self) -> Result<Vec<u8>, CanonicalError> {
        let bytes = canonical::to_vec(self)?;
        if bytes.len() > MAX_BYTES {
            return Err(CanonicalError::TooLarge { limit: MAX_BYTES, actual: bytes.len() });
        }
        Ok(bytes)
    }

    /// Reads the byte form and no other.
    pub fn decode(bytes: &[u8]) -> Result<Self, CanonicalError> {
        canonical::from_slice(bytes, MAX_BYTES)
    }

    /// The repository id it is bound to.
    pub fn repository(&self) -> &str {
        match self {
            Self::Commit(commit) => &commit.repository,
            Self::Tag(tag) => &tag.repository,
        }
    }
}

/// What a commit says of itself.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CommitProvenance {
    /// The repository id in the anchor, never read from remotes.
    pub repository: String,
    /// Full name of the protected ref the work is meant for.
    pub target: String,
    /// Digest of the change list.
    pub change: Digest,
    /// How much the change list holds.
    pub counts: Counts,
    /// The grant the signer acted under.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grant: Option<Digest>,
    /// Leaf hash of the newest prompt the work was done under.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prompt: Option<Digest>,
    /// Digest of the instruction set in force.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instructions: Option<Digest>,
    /// Digest of the tool set in force.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tools: Option<Digest>,
    /// Digest of a line attribution document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attribution: Option<Digest>,
    /// Leaf hashes of signed changes that this one rewrites.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub derived: Vec<Digest>,
    /// 16 random bytes in hexadecimal, so that digests of guessable things stay opaque.
    pub salt: String,
}

/// What a tag says of itself.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TagProvenance {
    /// The repository id in the anchor.
    pub repository: String,
    /// The tag's name, as in the object.
    pub name: String,
    /// Hexadecimal id of the tagged object.
    pub object: String,
    /// Kind of the tagged object.
    #[serde(rename = "type")]
    pub object_type: String,
    /// The grant the signer acted under.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grant: Option<Digest>,
    /// 16 random bytes in hexadecimal.
    pub salt: String,
}

/// Entries of a change list by operation, and bytes of new content.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counts {
    /// Paths added.
    pub added: u32,
    /// Paths modified.
    pub modified: u32,
    /// Paths deleted.
    pub deleted: u32,
    /// Bytes of new content.
    pub bytes: u64,
}

impl Counts {
    /// Counts a change list.
    pub fn of(list: &ChangeList) -> Self {
        let count = |operation: Operation| {
            let found = list.entries().iter().map(Entry::operation).filter(|o| *o == operation).count();
            u32::try_from(found).unwrap_or(u32::MAX)
        };
        Self {
            added: count(Operation::Add),
            modified: count(Operation::Modify),
            deleted: count(Operation::Delete),
            bytes: list.bytes(),
        }
    }
}
