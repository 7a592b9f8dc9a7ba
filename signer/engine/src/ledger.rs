//! The ledger: the one writer. [`Ledger::commit`] is the only function that appends to the log, whichever wire asked, and
//! the only maker of [`Recorded`]: record before release (docs/formats.md F6).
//!
//! Order of effects: check what may have changed → positions → decisions → tokens → events → audit head → seal → one
//! durable transaction → advance → answer. A batch that fails anywhere has changed nothing.

mod admission;
mod audit_head;
mod evidence;
mod recent;
mod succession;
#[cfg(test)]
mod tests;
mod workload;

use std::sync::Arc;

use signer_core::canonical::CanonicalError;
use signer_core::crypto::CryptoError;
use signer_core::digest::Digest;
use signer_core::identity::IdentityError;
use signer_core::issue::IssueError;
use signer_core::log_entry::LogError;
use signer_core::reason::{Code, Coded};
use signer_core::statement::StatementError;
use signer_core::time::Timestamp;
use signer_core::token::TokenError;
use signer_log::{Log, Sealed, SequenceError};

use crate::answer::Answer;
use crate::deployment::Deployment;
use crate::engine::{Memories, regressed};
use crate::event::{ChainHead, EventKind, Keeping, Occurrence, Record};
use crate::keys::Authorities;
use crate::prepared::Prepared;
use crate::refusal::Refusal;
use crate::store::rows::{Batch, CheckpointRow, EventRow, PolicyRow, State, Write};
use crate::store::{StoreError, StoreReader, StoreWriter};

use admission::Item;
use audit_head::SignedHead;
use evidence::Completed;
use recent::RecentAnswers;
use workload::Workload;

pub use audit_head::{AUDIT_HEAD, AuditHead};
pub use succession::{LastTree, SUCCESSION, Succession, SuccessionTerms, Successor};
pub use workload::identity as engine_identity;

/// Something durable in the log and the store. Made here only.
pub struct Recorded<T>(T);

impl<T> Recorded<T> {
    /// What was recorded.
    pub const fn get(&self) -> &T {
        &self.0
    }

    /// Gives up the evidence that it was recorded.
    pub fn into_inner(self) -> T {
        self.0
    }
}

/// An answer that may be released, or why there is none.
pub type Outcome = Result<Recorded<Answer>, Refusal>;

/// The one writer of an engine.
pub struct Ledger {
    authorities: Arc<Authorities>,
    deployment: Arc<Deployment>,
    workload: Option<Workload>,
    log: Log,
    chain: ChainHead,
    last_time: Option<Timestamp>,
    /// Since when nothing is recorded any more: only a batch of this ledger can say so.
    frozen: Option<Timestamp>,
    /// The policy set in force, until an event says so.
    unsaid_policy: Option<Digest>,
    recent: RecentAnswers,
    reader: Arc<dyn StoreReader>,
    writer: Box<dyn StoreWriter>,
    memories: Memories,
    /// A batch whose transaction failed: it may be durable all the same.
    doubtful: Option<Doubtful>,
    /// Whether the store was told of it.
    has_stopped: bool,
}

struct Doubtful {
    sealed: Option<Sealed>,
    batch: Batch,
}

impl Ledger {
    pub(crate) fn new(
        authorities: Arc<Authorities>,
        deployment: Arc<Deployment>,
        log: Log,
        state: &State,
        reader: Arc<dyn StoreReader>,
        writer: Box<dyn StoreWriter>,
        memories: Memories,
    ) -> Result<Self, StoreError> {
        let chain = ChainHead { count: state.events, digest: state.event_head };
        memories.events.reached(state.events);
        Ok(Self {
            authorities,
            deployment,
            workload: None,
            log,
            chain,
            last_time: state.last_time,
            frozen: reader.frozen()?,
            unsaid_policy: None,
            recent: RecentAnswers::since(state.events),
            reader,
            writer,
            memories,
            doubtful: None,
            has_stopped: false,
        })
    }

    /// The same under a policy set: the first batch says that it decides, unless the last one said so.
    pub(crate) fn under(self, policy: Digest) -> Result<Self, StoreError> {
        let said = self.reader.policies()?.last().map(|row| row.digest);
        Ok(Self { unsaid_policy: (said != Some(policy)).then_some(policy), ..self })
    }

    /// Commits a batch and answers each of its requests, in order.
    ///
    /// Requests that exclude each other are committed one after the other, so that a repeat inside one batch gets the
    /// answer of the first.
    pub fn commit(&mut self, batch: Vec<Prepared>, now: Timestamp) -> Vec<Outcome> {
        if let Some(seen) = self.memories.regression.get().cloned() {
            self.stop(&seen);
            return batch.iter().map(|_| Err(regressed(&seen))).collect();
        }
        let mut outcomes: Vec<Option<Outcome>> = batch.iter().map(|_| None).collect();
        let mut waiting: Vec<(usize, Prepared)> = batch.into_iter().enumerate().collect();
        while !waiting.is_empty() {
            if let Err(error) = self.settle_doubt() {
                let places: Vec<usize> = waiting.iter().map(|(place, _)| *place).collect();
                settle(&mut outcomes, refuse_all(&places, &error));
                break;
            }
            let round = self.admit(waiting, now);
            let places: Vec<usize> = round.items.iter().map(|(place, _)| *place).collect();
            let recorded = self.record(round.items, now).unwrap_or_else(|error| {
                // Its issuance may not be in the chain.
                self.workload = None;
                refuse_all(&places, &error)
            });
            settle(&mut outcomes, round.settled);
            settle(&mut outcomes, recorded);
            waiting = round.later;
        }
        // INVARIANT: every round settles, records or postpones each of its requests, and the first is never postponed.
        outcomes.into_iter().map(|outcome| outcome.unwrap_or_else(|| Err(unanswered()))).collect()
    }

    /// Number of log entries.
    pub const fn size(&self) -> u64 {
        self.log.size()
    }

    /// The newest time that was recorded.
    pub const fn last_time(&self) -> Option<Timestamp> {
        self.last_time
    }

    /// Tells the store, once, that the state is an old copy.
    fn stop(&mut self, seen: &str) {
        if self.has_stopped {
            return;
        }
        tracing::error!(seen, "this state is older than what was signed; nothing is recorded any more");
        match self.writer.regressed(seen) {
            Ok(()) => self.has_stopped = true,
            Err(error) => tracing::error!(error = %error.reason(), "the regression could not be remembered"),
        }
    }

    /// Makes a round durable, or changes nothing.
    fn record(&mut self, items: Vec<(usize, Item)>, now: Timestamp) -> Result<Vec<(usize, Outcome)>, RecordError> {
        if items.is_empty() {
            return Ok(Vec::new());
        }
        let completed = self.complete(items, now)?;
        let mut chain = self.chain;
        // Denials wait for the next head; whatever is released is under one.
        let is_released = completed.iter().any(|(_, item)| item.is_released());
        let policy = self.unsaid_policy.filter(|_| is_released).map(|digest| PolicyRow { digest, since: now });
        let mut events: Vec<EventRow> =
            policy.iter().map(|row| activation(&mut chain, *row)).collect::<Result<_, _>>()?;
        for (_, item) in &completed {
            events.push(chain.link(item.occurrence(), item.keeping(), now)?);
        }
        let head = if is_released { Some(self.sign_head(&mut chain, &mut events, now)?) } else { None };
        let sealed = head.as_ref().map(|head| {
            let leaves: Vec<_> = completed.iter().filter_map(|(_, item)| item.leaf()).chain([head.leaf()]).collect();
            self.log.seal(&leaves)
        });
        let mut writes: Vec<Write> = events.into_iter().map(Write::Event).chain(policy.map(Write::Policy)).collect();
        let outcomes = self.answer(completed, sealed.as_ref(), &mut writes)?;
        if let (Some(head), Some(sealed)) = (head, &sealed) {
            writes.extend(head.rows(sealed.size.saturating_sub(1)));
            writes.extend(sealed.completed.iter().copied().map(Write::Node));
            let row = CheckpointRow { size: sealed.size, root: sealed.root, note: sealed.checkpoint.clone() };
            writes.push(Write::Checkpoint(row));
        }
        self.make_durable(writes, sealed, chain, now)?;
        Ok(outcomes)
    }

    /// The head of the chain, signed.
    fn sign_head(
        &mut self,
        chain: &mut ChainHead,
        events: &mut Vec<EventRow>,
        now: Timestamp,
    ) -> Result<SignedHead, RecordError> {
        let workload = self.workload(chain, events, now)?;
        SignedHead::sign(chain, now, workload)
    }

    /// The workload of this hour. A fresh one's certificate is itself an event of the chain.
    fn workload(
        &mut self,
        chain: &mut ChainHead,
        events: &mut Vec<EventRow>,
        now: Timestamp,
    ) -> Result<&Workload, RecordError> {
        let held = self.workload.take().filter(|workload| workload.window.contains(now));
        let workload = if let Some(held) = held {
            held
        } else {
            let fresh = Workload::certify(&self.authorities, &self.deployment, now)?;
            events.push(chain.link(&fresh.occurrence(), Keeping::default(), now)?);
            fresh
        };
        Ok(self.workload.insert(workload))
    }

    /// Gives each signature its place, its decision and its token. The size of the tree is known before: the entries of
    /// the round and one audit head, last.
    fn complete(&self, items: Vec<(usize, Item)>, now: Timestamp) -> Result<Vec<(usize, Completed)>, RecordError> {
        let signings = items.iter().filter(|(_, item)| matches!(item, Item::Signing(_))).count();
        let added = u64::try_from(signings).unwrap_or(u64::MAX).saturating_add(1);
        let mut places = evidence::Places::new(self.log.size(), added);
        items.into_iter().map(|(at, item)| Ok((at, places.complete(item, now, &self.authorities)?))).collect()
    }

    /// The answers, which leave only after the transaction; collects the rows of each.
    fn answer(
        &self,
        completed: Vec<(usize, Completed)>,
        sealed: Option<&Sealed>,
        writes: &mut Vec<Write>,
    ) -> Result<Vec<(usize, Outcome)>, RecordError> {
        let mut entries = sealed.into_iter().flat_map(Sealed::entries);
        let mut outcomes = Vec::with_capacity(completed.len());
        for (place, item) in completed {
            let entry = if item.leaf().is_some() { entries.next() } else { None };
            let outcome = item.answer(entry, &self.authorities, writes)?;
            outcomes.push((place, outcome.map(Recorded)));
        }
        Ok(outcomes)
    }

    fn make_durable(
        &mut self,
        writes: Vec<Write>,
        sealed: Option<Sealed>,
        chain: ChainHead,
        now: Timestamp,
    ) -> Result<(), RecordError> {
        let frontier = sealed.as_ref().map_or_else(|| self.log.frontier(), |sealed| &sealed.frontier).encode();
        let revoked = writes.iter().filter(|write| matches!(write, Write::Revocation(_))).count();
        let feed = self.memories.standing.number().saturating_add(u64::try_from(revoked).unwrap_or(u64::MAX));
        let state = State { frontier, last_time: Some(now), events: chain.count, event_head: chain.digest, feed };
        let batch = Batch { state, writes };
        self.remember(&batch);
        let committed = self.writer.commit(&batch);
        self.memories.sessions.forget(&batch.writes);
        if let Err(error) = committed {
            self.doubtful = Some(Doubtful { sealed, batch });
            return Err(error.into());
        }
        self.advance(sealed.as_ref(), &batch)
    }

    /// What is given is known as given before it is, and also where nobody knows whether it was.
    fn remember(&mut self, batch: &Batch) {
        for write in &batch.writes {
            match write {
                Write::Answer(row) => {
                    self.recent.add(row.key, batch.state.events);
                    self.memories.given.add(&row.key);
                }
                Write::Certificate(row) => self.memories.given.add(&row.key),
                _ => {}
            }
        }
    }

    /// Memory follows the store, never the other way round.
    fn advance(&mut self, sealed: Option<&Sealed>, batch: &Batch) -> Result<(), RecordError> {
        let Batch { state, writes } = batch;
        if let Some(sealed) = sealed {
            self.log.advance(sealed)?;
            self.memories.published.add(sealed.size, &sealed.checkpoint);
        }
        self.chain = ChainHead { count: state.events, digest: state.event_head };
        self.last_time = state.last_time;
        let freeze = writes.iter().find_map(|write| if let Write::Freeze { at } = write { Some(*at) } else { None });
        self.frozen = self.frozen.or(freeze);
        for write in writes {
            match write {
                Write::Policy(_) => self.unsaid_policy = None,
                Write::Revocation(row) => self.memories.standing.apply(row),
                _ => {}
            }
        }
        self.memories.events.reached(state.events);
        Ok(())
    }

    /// After a failed transaction: asks the store whether it happened, and goes on from there or not at all.
    fn settle_doubt(&mut self) -> Result<(), RecordError> {
        let Some(doubtful) = &self.doubtful else { return Ok(()) };
        let stored = self.writer.load()?;
        let events = stored.as_ref().map_or(0, |state| state.events);
        if stored.as_ref() == Some(&doubtful.batch.state) {
            if let Some(Doubtful { sealed, batch }) = self.doubtful.take() {
                self.advance(sealed.as_ref(), &batch)?;
            }
            return Ok(());
        }
        if events != self.chain.count {
            return Err(RecordError::Diverged { stored: events, known: self.chain.count });
        }
        self.doubtful = None;
        Ok(())
    }
}

/// The event that says which policy set decides from here on.
fn activation(chain: &mut ChainHead, row: PolicyRow) -> Result<EventRow, CanonicalError> {
    let kind = EventKind::PolicyActivation;
    let occurrence = Occurrence { kind, subject: None, session: None, about: Some(row.digest), code: None };
    let keeping = Keeping { record: Record::of(&[Write::Policy(row)]), ..Keeping::default() };
    chain.link(&occurrence, keeping, row.since)
}

fn settle(outcomes: &mut [Option<Outcome>], settled: Vec<(usize, Outcome)>) {
    for (place, outcome) in settled {
        if let Some(slot) = outcomes.get_mut(place) {
            *slot = Some(outcome);
        }
    }
}

fn refuse_all(places: &[usize], error: &RecordError) -> Vec<(usize, Outcome)> {
    tracing::error!(error = %error.reason(), "a batch was not recorded");
    places.iter().map(|place| (*place, Err(Refusal::new(error.code(), "nothing was recorded")))).collect()
}

fn unanswered() -> Refusal {
    Refusal::new(Code::Internal, "the ledger gave no answer")
}

/// Why a batch could not be recorded. None of it says anything about the requests in it.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// A document cannot be written.
    #[error(transparent)]
    Canonical(#[from] CanonicalError),
    /// A key does not sign.
    #[error(transparent)]
    Crypto(#[from] CryptoError),
    /// The store has moved without this ledger.
    #[error("the store holds {stored} events, this ledger wrote {known}: somebody else writes to it")]
    Diverged {
        /// Events in the store.
        stored: u64,
        /// Events this ledger knows.
        known: u64,
    },
    /// The engine's name is none.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// The workload certificate cannot be issued.
    #[error(transparent)]
    Issue(#[from] IssueError),
    /// An entry cannot be written.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The sealed batch does not fit the log.
    #[error(transparent)]
    Sequence(#[from] SequenceError),
    /// An entry without a place.
    #[error("an entry has no place in the sealed batch")]
    Place,
    /// The audit head cannot be written.
    #[error(transparent)]
    Statement(#[from] StatementError),
    /// The store fails.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A token cannot be minted.
    #[error(transparent)]
    Token(#[from] TokenError),
}

impl Coded for RecordError {
    fn code(&self) -> Code {
        match self {
            Self::Diverged { .. } => Code::EngineState,
            Self::Store(source) => source.code(),
            Self::Canonical(_)
            | Self::Crypto(_)
            | Self::Identity(_)
            | Self::Issue(_)
            | Self::Log(_)
            | Self::Place
            | Self::Sequence(_)
            | Self::Statement(_)
            | Self::Token(_) => Code::Internal,
        }
    }
}
