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

/// The record of an allow decision: canonical JSON, at most 2 KiB; its digest is in the token's `.5.2` attribute. Members
/// stand in the order in which they are written.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DecisionRecord {
    /// Leaf hashes of approvals that counted.
    pub approvals: Vec<Digest>,
    /// SHA-256 of the certificate's DER.
    pub certificate: Digest,
    /// Digest of the change list, where the subject is a commit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<Digest>,
    /// Who held the key.
    pub custody: Custody,
    /// Revocation number the decision was made at.
    pub feed: u64,
    /// Grants the session acts under, root first.
    pub grants: Vec<Digest>,
    /// Leaf hash of the log entry this decision allowed.
    pub leaf: Digest,
    /// Where the entry stands in the log, so that one signature has one valid proof.
    pub log: LogPosition,
    /// Digest of the policy set that was asked.
    pub policy: Digest,
    /// Leaf hash of the prompt the work was done under.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prompt: Option<Digest>,
    /// Repository, where the subject is a commit or tag.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repository: Option<String>,
    /// Names of the rules that determined the answer, sorted.
    pub rules: Vec<String>,
    /// 16 random bytes in hexadecimal.
    pub salt: String,
    /// The session that asked.
    pub session: String,
    /// Subject of the certificate.
    pub subject: Subject,
    /// Target ref, where the subject is a commit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
}

/// Where an entry stands, and in which tree its embedded proof ends.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogPosition {
    /// Index of the entry.
    pub index: u64,
    /// Origin line of the log.
    pub origin: String,
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

    /// The byte form of a record that gets its place in the log later: whatever [`Self::log`] says of index and size is
    /// passed over. Fails where the record would exceed 2 KiB at the last place there is.
    pub fn unplaced(mut self) -> Result<UnplacedRecord, CanonicalError> {
        (self.log.index, self.log.size) = (LAST_PLACE, LAST_PLACE);
        let whole = self.encode()?;
        // A quotation mark inside of a string is escaped, so that these are members.
        let index = [INDEX, LAST_PLACE.to_string().as_bytes()].concat();
        let size = [SIZE, LAST_PLACE.to_string().as_bytes()].concat();
        let (before, rest) = split_behind(&whole, &index, INDEX.len()).ok_or(CanonicalError::NotCanonical)?;
        let (between, after) = split_behind(rest, &size, SIZE.len()).ok_or(CanonicalError::NotCanonical)?;
        Ok(UnplacedRecord {
            before: before.to_vec(),
            between: between.to_vec(),
            after: after.to_vec(),
            feed: self.feed,
        })
    }

    /// Reads the byte form and no other.
    pub fn decode(bytes: &[u8]) -> Result<Self, CanonicalError> {
        canonical::from_slice(bytes, MAX_BYTES)
    }
}

/// What stands before the index and before the size of a record's place.
const INDEX: &[u8] = br#""log":{"index":"#;
const SIZE: &[u8] = br#","size":"#;
/// The largest number canonical JSON writes exactly (RFC 8785 3.2.2.3).
const LAST_PLACE: u64 = (1 << 53) - 1;

/// A decision record but for its place in the log, which is known once nothing else may take time.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UnplacedRecord {
    before: Vec<u8>,
    between: Vec<u8>,
    after: Vec<u8>,
    feed: u64,
}

impl UnplacedRecord {
    /// Revocation number the decision was made at.
    pub const fn feed(&self) -> u64 {
        self.feed
    }

    /// The byte form with its place: what [`DecisionRecord::encode`] writes. Fails beyond the last place that JSON can
    /// write.
    pub fn placed(&self, index: u64, size: u64) -> Result<Vec<u8>, CanonicalError> {
        if index.max(size) > LAST_PLACE {
            return Err(CanonicalError::NotCanonical);
        }
        let (index, size) = (index.to_string(), size.to_string());
        Ok([&self.before, index.as_bytes(), &self.between, size.as_bytes(), &self.after].concat())
    }
}

/// Splits at the first `mark`: `keep` bytes of it stay with what is before, the others are left out.
fn split_behind<'a>(text: &'a [u8], mark: &[u8], keep: usize) -> Option<(&'a [u8], &'a [u8])> {
    let at = std::str::from_utf8(text).ok()?.find(std::str::from_utf8(mark).ok()?)?;
    Some((text.get(..at.checked_add(keep)?)?, text.get(at.checked_add(mark.len())?..)?))
}

#[cfg(test)]
mod tests;
