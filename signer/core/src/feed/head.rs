//! The head of a feed: a C2SP signed note.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use serde::Serialize;

use crate::checkpoint::{self, CheckpointError, SignedText};
use crate::crypto::{Ed25519Key, Ed25519Public};
use crate::digest::Digest;
use crate::revocation::Place;
use crate::time::Timestamp;

use super::FeedError;

/// What is added to the log's name: neither the note's first line nor its signer is ever a checkpoint's.
const SUFFIX: &str = "/feed";
/// Stands where there is no last revocation.
const NONE: &str = "-";

/// How far a feed reaches.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct FeedHead {
    /// The log it is about.
    pub origin: String,
    /// Entries of that log which were looked at.
    pub entries: u64,
    /// Revocations among them and in the logs before.
    pub records: u64,
    /// Leaf hash of the last.
    pub last: Option<Digest>,
    /// When it was signed.
    pub time: Timestamp,
    /// From when on a newer one must be asked for.
    pub next: Timestamp,
}

impl FeedHead {
    /// The text that is signed, six lines.
    fn text(&self) -> String {
        let last = self.last.map_or_else(|| NONE.to_owned(), |leaf| STANDARD.encode(leaf.as_bytes()));
        let Self { origin, entries, records, time, next, .. } = self;
        format!("{origin}{SUFFIX}\n{entries}\n{records}\n{last}\n{time}\n{next}\n")
    }

    /// The signed note.
    pub fn sign(&self, key: &Ed25519Key) -> String {
        checkpoint::sign_text(&self.text(), &format!("{}{SUFFIX}", self.origin), key)
    }

    /// The log that a note says it is about; nothing is verified.
    pub fn claimed_origin(note: &str) -> Option<&str> {
        note.lines().next()?.strip_suffix(SUFFIX)
    }

    /// Reads a note that the log of this origin signed. Fails on any byte that signing again would not produce, apart from
    /// the signature's value.
    pub fn verify(note: &str, origin: &str, key: &Ed25519Public) -> Result<Self, FeedError> {
        let signed = SignedText::verify(note, &format!("{origin}{SUFFIX}"), key)?;
        let head = Self::parse(signed.text()).ok_or(FeedError::Head)?;
        if head.origin != origin {
            let (expected, actual) = (origin.to_owned(), head.origin);
            return Err(CheckpointError::OriginMismatch { expected, actual }.into());
        }
        if head.text() == signed.text() { Ok(head) } else { Err(FeedError::Head) }
    }

    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.split_terminator('\n');
        let origin = lines.next()?.strip_suffix(SUFFIX)?.to_owned();
        let entries = lines.next()?.parse().ok()?;
        let records = lines.next()?.parse().ok()?;
        let last = match lines.next()? {
            NONE => None,
            leaf => Some(Digest::try_from(STANDARD.decode(leaf).ok()?.as_slice()).ok()?),
        };
        let time = lines.next()?.parse().ok()?;
        let next = lines.next()?.parse().ok()?;
        Some(Self { origin, entries, records, last, time, next })
    }

    /// Whether a place lies before the head: of another log, by time.
    pub fn covers(&self, place: &Place) -> bool {
        if place.origin == self.origin { place.index < self.entries } else { place.time <= self.time }
    }
}
