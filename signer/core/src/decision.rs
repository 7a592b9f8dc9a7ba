//! Decisions: the answer a policy gives, and the record of an allow decision that travels with a signature
//! (docs/formats.md F3).

use serde::{Deserialize, Serialize};

use crate::canonical::{self, CanonicalError};
use crate::digest::Digest;
use crate::identity::{Custody, Subject};
use crate::reason::Reason;

/// Most bytes of an encoded decision record.
pub const MAX_BYTES: usize = 2048;

/// A policy's answer. Denial is not an error; an error means "could not decide" and every caller fails closed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Decision {
    /// Allowed, by these rules.
    Allow {
        /// Names of the rules that determined it, sorted.
        determining: Vec<String>,
    },
    /// Denied, for these reasons; never empty.
    Deny(Vec<Reason>),
}

/// The record of an allow decision: canonical JSON, at most 2 KiB; its digest is in the token's `.5.2` attribute.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DecisionRecord {
    /// Leaf hash of the log entry this decision allowed.
    pub leaf: Digest,
    /// Where the entry stands in the log, so that one signature has one valid proof.
    pub log: LogPosition,
    /// Subject of the certificate.
    pub subject: Subject,
    /// Digest of the policy set that was asked.
    pub policy: Digest,
    /// Names of the rules that determined the answer, sorted.
    pub rules: Vec<String>,
    /// The session that asked.
    pub session: String,
    /// SHA-256 of the certificate's DER.
    pub certificate: Digest,
    /// Repository, where the subject is a commit or tag.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repository: Option<String>,
    /// Target ref, where the subject is a commit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// Digest of the change list, where the subject is a commit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<Digest>,
    /// Grants the session acts under, root first.
    pub grants: Vec<Digest>,
    /// Leaf hash of the prompt the work was done under.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prompt: Option<Digest>,
    /// Leaf hashes of approvals that counted.
    pub approvals: Vec<Digest>,
    /// Revocation number the decision was made at.
    pub feed: u64,
    /// Who held the key.
    pub custody: Custody,
    /// 16 random bytes in hexadecimal.
    pub salt: String,
}

/// Where an entry stands, and in which tree its embedded proof ends.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogPosition {
    /// Origin line of the log.
    pub origin: String,
    /// Index of the entry.
    pub index: u64,
    /// Size of the tree that the embedded checkpoint signs.
    pub size: u64,
}

impl DecisionRecord {
    /// The one byte form. Fails where it would exceed 2 KiB.
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
}
