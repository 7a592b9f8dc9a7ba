//! Rotation, as the log tells it: a log that follows another begins by naming it, and other keys that were replaced are
//! an event under an audit head like any other (docs/formats.md F6).
//!
//! Nothing here is committed: the server writes these batches in the transaction that makes the whole rotation true.

use serde::{Deserialize, Serialize};
use signer_core::crypto::Ed25519Key;
use signer_core::digest::Digest;
use signer_core::merkle::Frontier;
use signer_core::statement::{self, Predicate, Resource, Statement, StatementError};
use signer_core::time::Timestamp;
use signer_log::{Log, Sealed};

use super::audit_head::SignedHead;
use super::{Ledger, RecordError};
use crate::event::{ChainHead, EventKind, Keeping, Occurrence};
use crate::store::rows::{Batch, CheckpointRow, EventRow, PastLogRow, State, Write};

/// The predicate type of a log's first entry where it follows another; only the workload key signs it.
pub const SUCCESSION: &str = "urn:chancery:succession:v1";

/// The last tree of a log.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LastTree {
    /// The log's origin.
    pub origin: String,
    /// Entries.
    pub size: u64,
    /// Root over them.
    pub root: Digest,
    /// The checkpoint, as the log signed it.
    pub checkpoint: String,
}

/// What a log says of the one before it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SuccessionTerms {
    /// The log that was closed.
    pub previous: LastTree,
    /// Origin of the log that follows, whose first entry this is.
    pub origin: String,
    /// Digest of the trust root that names both.
    pub trust_root: Digest,
    /// When.
    pub time: Timestamp,
}

impl Predicate for SuccessionTerms {
    type Error = StatementError;
    const TYPE: &'static str = SUCCESSION;
    const MAX_BYTES: usize = 16 * 1024;

    fn check(&self, subjects: &[Resource]) -> Result<(), StatementError> {
        statement::check_about_itself(self, subjects)
    }
}

/// The log that is to follow.
pub struct Successor {
    /// Its origin.
    pub origin: String,
    /// Its key.
    pub key: Ed25519Key,
    /// Digest of the trust root that names it and the log before.
    pub trust_root: Digest,
}

/// A log that is closed and the first batch of the one that follows.
pub struct Succession {
    /// The closed log.
    pub past: PastLogRow,
    /// The first batch: the statement about the log before, and an audit head.
    pub opening: Batch,
}

/// What the engine tells of itself, before it has its place in a log.
struct Told {
    chain: ChainHead,
    events: Vec<EventRow>,
    entries: Vec<SignedHead>,
}

impl Ledger {
    /// Begins the log that follows this one, which the caller has frozen.
    pub fn succeed(mut self, successor: Successor, now: Timestamp) -> Result<Succession, RecordError> {
        let (size, root, note) = (self.log.size(), self.log.frontier().root(), self.log.checkpoint());
        let previous = LastTree { origin: self.log.origin().to_owned(), size, root, checkpoint: note.clone() };
        let Successor { origin, key, trust_root } = successor;
        let terms = SuccessionTerms { previous, origin: origin.clone(), trust_root, time: now };
        let payload = Statement::about_itself("succession", terms)?.encode()?;
        let (mut chain, mut events) = (self.chain, Vec::new());
        let entry = SignedHead::over(payload, self.workload(&mut chain, &mut events, now)?)?;
        let occurrence = occurrence(EventKind::Succession, entry.leaf());
        let told = self.tell(Told { chain, events, entries: vec![entry] }, &occurrence, now)?;
        let opening = batch(&Log::open(origin, key, Frontier::new())?, told, self.memories.standing.number(), now);
        let number = u32::try_from(self.reader.past_logs()?.len()).unwrap_or(u32::MAX).saturating_add(1);
        let (origin, key) = (self.log.origin().to_owned(), self.log.public_key().as_bytes().to_vec());
        Ok(Succession { past: PastLogRow { number, origin, key, last: CheckpointRow { size, root, note } }, opening })
    }

    /// The batch that says that keys of the trust root with this digest are new.
    pub fn rotate(mut self, trust_root: Digest, now: Timestamp) -> Result<Batch, RecordError> {
        let told = Told { chain: self.chain, events: Vec::new(), entries: Vec::new() };
        let told = self.tell(told, &occurrence(EventKind::Rotation, trust_root), now)?;
        Ok(batch(&self.log, told, self.memories.standing.number(), now))
    }

    /// Adds the event about the entry at hand, if there is one, and the audit head over it.
    fn tell(&mut self, mut told: Told, occurrence: &Occurrence, now: Timestamp) -> Result<Told, RecordError> {
        let keeping = Keeping { statement: told.entries.first().map(SignedHead::payload), ..Keeping::default() };
        told.events.push(told.chain.link(occurrence, keeping, now)?);
        let head = self.sign_head(&mut told.chain, &mut told.events, now)?;
        told.entries.push(head);
        Ok(told)
    }
}

fn occurrence(kind: EventKind, about: Digest) -> Occurrence {
    Occurrence { kind, subject: None, session: None, about: Some(about), code: None }
}

/// What was told, at the end of this log.
fn batch(log: &Log, told: Told, feed: u64, now: Timestamp) -> Batch {
    let Told { chain, events, entries } = told;
    let Sealed { first_index, size, root, checkpoint: note, frontier, completed, .. } =
        log.seal(&entries.iter().map(SignedHead::leaf).collect::<Vec<_>>());
    let mut writes: Vec<Write> = events.into_iter().map(Write::Event).collect();
    writes.extend((first_index..).zip(entries).flat_map(|(index, entry)| entry.rows(index)));
    writes.extend(completed.into_iter().map(Write::Node));
    writes.push(Write::Checkpoint(CheckpointRow { size, root, note }));
    let (events, event_head) = (chain.count, chain.digest);
    Batch { state: State { frontier: frontier.encode(), last_time: Some(now), events, event_head, feed }, writes }
}
