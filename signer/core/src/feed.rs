//! The feed: every revocation of an engine in one file, under a head that says how far it reaches (docs/formats.md F16).
//!
//! The head is a C2SP signed note of the log's key under a name of its own, so that it is never a checkpoint: "the first
//! N entries of this log hold exactly n revocations, the last is this one; ask again by then". The records are bundles with
//! their decisions, and each is verified like any other statement.

mod error;
mod head;

use serde::{Deserialize, Serialize};

use crate::canonical;
use crate::protocol::Base64;
use crate::revocation::{self, Chain, Place, Record, Records};
use crate::verify::Countersigned;

pub use error::FeedError;
pub use head::FeedHead;

/// Most bytes of a feed: its revocations fit into it, whose records have some 8.4 KB, and 60 bytes more in a log twice as
/// large.
pub const MAX_BYTES: usize = 128 * 1024 * 1024;
/// Most revocations in it.
pub const MAX_RECORDS: usize = 10_000;

const SCHEMA: &str = "urn:chancery:feed:v1";

/// A feed as it travels: canonical JSON. Untrusted until verified.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FeedFile {
    /// The signed head.
    pub head: String,
    /// The revocations, in the order of their numbers.
    pub records: Vec<FeedEntry>,
}

/// One revocation of a feed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeedEntry {
    /// The Sigstore bundle, as [`crate::bundle::Bundle::to_json`] writes it.
    pub bundle: Base64,
    /// The decision record, canonical JSON.
    pub decision: Base64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    head: String,
    records: Vec<FeedEntry>,
    schema: String,
}

impl FeedFile {
    /// The one byte form. Fails over [`MAX_BYTES`] or [`MAX_RECORDS`].
    pub fn encode(self) -> Result<Vec<u8>, FeedError> {
        check_count(&self.records)?;
        let Self { head, records } = self;
        let bytes = canonical::to_vec(&Document { head, records, schema: SCHEMA.to_owned() })?;
        if bytes.len() > MAX_BYTES { Err(FeedError::TooLarge { actual: bytes.len() }) } else { Ok(bytes) }
    }

    /// Reads the byte form and no other.
    pub fn decode(bytes: &[u8]) -> Result<Self, FeedError> {
        let Document { head, records, schema } = canonical::from_slice(bytes, MAX_BYTES)?;
        if schema != SCHEMA {
            return Err(FeedError::Schema { found: schema });
        }
        check_count(&records)?;
        Ok(Self { head, records })
    }
}

/// Whether so many bytes may be a feed: for whoever asks before parsing.
pub const fn check_size(actual: usize) -> Result<(), FeedError> {
    if actual > MAX_BYTES { Err(FeedError::TooLarge { actual }) } else { Ok(()) }
}

fn check_count(records: &[FeedEntry]) -> Result<(), FeedError> {
    if records.len() > MAX_RECORDS { Err(FeedError::TooMany { actual: records.len() }) } else { Ok(()) }
}

/// A verified feed. Made by [`crate::verify::Verifier::feed`] only.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Feed {
    head: FeedHead,
    records: Records,
}

impl Feed {
    /// INVARIANT: the caller has verified the head and every record.
    pub(crate) fn new(head: FeedHead, records: Vec<Record>) -> Self {
        Self { head, records: Records::new(records) }
    }

    /// How far it reaches.
    pub const fn head(&self) -> &FeedHead {
        &self.head
    }

    /// V16: nothing that this signature rests on was revoked before it was logged.
    ///
    /// Fails too where the feed does not reach as far as the signature, or is older than one that its decision knew of.
    pub fn check(&self, signed: &Countersigned) -> Result<(), FeedError> {
        let decision = &signed.decision;
        let place = Place { origin: decision.log.origin.clone(), index: decision.log.index, time: signed.time };
        if !self.head.covers(&place) || self.head.records < decision.feed {
            return Err(FeedError::Behind { entries: self.head.entries, index: place.index });
        }
        if self.records.is_empty() {
            return Ok(());
        }
        let mut authorities = Chain::default();
        authorities.add(revocation::SelectorKind::Certificate, &signed.authority);
        if let Some(by) = self.records.struck(&authorities, &place) {
            return Err(FeedError::Authority { by });
        }
        match self.records.struck(&chain(signed)?, &place) {
            Some(by) => Err(FeedError::Struck { by }),
            None => Ok(()),
        }
    }
}

/// Everything that a verified signature rests on, its time authority apart.
fn chain(signed: &Countersigned) -> Result<Chain, FeedError> {
    use revocation::SelectorKind::{Certificate, Leaf};
    let decision = &signed.decision;
    let mut chain = Chain::default();
    chain.add_leaf(signed.leaf.leaf())?;
    chain.add(Certificate, &signed.leaf.issuing_digest());
    chain.add(Leaf, &decision.leaf);
    decision.prompt.iter().for_each(|prompt| chain.add(Leaf, prompt));
    if let Some(repository) = &decision.repository {
        chain.add_repository(repository);
    }
    Ok(chain)
}

#[cfg(test)]
mod tests;
