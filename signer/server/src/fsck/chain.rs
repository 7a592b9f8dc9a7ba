//! The event chain again, link by link, through every audit head, and with it the registry. Each event is compared with
//! what the store keeps because of it: entry and statement here, answer and certificate in [`super::kept`].

use std::sync::Arc;
use std::thread;

use signer_core::digest::Digest;
use signer_core::dsse;
use signer_core::log_entry::{self, LogError};
use signer_core::reason::Code;
use signer_core::statement::Statement;
use signer_core::time::Timestamp;
use signer_engine::event::{ChainHead, Event, EventKind};
use signer_engine::ledger::{AuditHead, LastTree, SuccessionTerms};
use signer_engine::rebuild::Registry;
use signer_engine::store::rows::{CheckpointRow, PastLogRow, StatementRow};
use signer_engine::store::{StoreError, StoreReader as _};

use super::ahead::{self, Found};
use super::difference::Differences;
use super::kept::{Checking, Kept};
use super::leaves::Leaves;
use super::lineage::PastLog;
use super::progress::Progress;
use crate::store::SqliteReader;

/// What the chain tells.
pub(super) struct Told {
    pub(super) chain: ChainHead,
    pub(super) newest: Option<Timestamp>,
    pub(super) registry: Registry,
    pub(super) explained: Explained,
}

/// How many rows of each table some event explains.
#[derive(Default)]
pub(super) struct Explained {
    pub(super) answers: u64,
    pub(super) certificates: u64,
    pub(super) statements: u64,
}

/// Follows the chain to its end, through every closed log and the one with this origin.
pub(super) fn check(
    snapshot: &SqliteReader,
    past: &[PastLog],
    origin: &str,
    events: u64,
    differences: &mut Differences,
) -> Result<Told, StoreError> {
    let first = past.first().map_or(origin, |past| past.row.origin.as_str());
    // A running engine may add more meanwhile, which is no part of the snapshot.
    let end = snapshot.events_end()?;
    thread::scope(|scope| {
        let mut walk = Walk {
            snapshot,
            log: past.first().map_or(snapshot, |past| &past.reader),
            past: past.iter(),
            differences,
            chain: ChainHead::empty(first),
            newest: None,
            registry: Registry::default(),
            statements: 0,
            kept: Checking::start(scope, snapshot),
            place: 0,
            leaves: Leaves::default(),
            head: None,
        };
        let mut progress = Progress::new("events", events);
        walk.load_head()?;
        for page in ahead::events(scope, snapshot, end) {
            for found in page? {
                walk.take(found)?;
            }
            progress.reached(walk.chain.count);
        }
        walk.end();
        let Walk { chain, newest, registry, statements, kept, differences, .. } = walk;
        let kept = kept.end(differences)?;
        let explained = Explained { answers: kept.answers, certificates: kept.certificates, statements };
        Ok(Told { chain, newest, registry, explained })
    })
}

struct Walk<'a, 'scope> {
    snapshot: &'a SqliteReader,
    /// Where the entries are that events are about.
    log: &'a SqliteReader,
    /// Closed logs that no event has left behind yet, the one that is read among them.
    past: std::slice::Iter<'a, PastLog>,
    differences: &'a mut Differences,
    chain: ChainHead,
    newest: Option<Timestamp>,
    registry: Registry,
    /// Statements that some event explains.
    statements: u64,
    kept: Checking<'scope>,
    /// Index of the next entry.
    place: u64,
    leaves: Leaves,
    head: Option<Head>,
}

/// The next checkpoint, with the audit head under it where that can be read.
struct Head {
    row: Arc<CheckpointRow>,
    said: Option<AuditHead>,
}

impl Walk<'_, '_> {
    fn take(&mut self, found: Found) -> Result<(), StoreError> {
        while self.chain.count < found.number {
            self.differences.tell(Code::EngineRowMissing, "events", self.chain.count, "the event is gone");
            self.chain.count = self.chain.count.saturating_add(1);
        }
        let before = self.chain;
        // Where the document was altered, the digest beside it may still be the one that was chained.
        self.chain = ChainHead { count: before.count.saturating_add(1), digest: found.digest };
        if let Some(event) = found.event {
            if event.number != before.count || event.previous != before.digest {
                let message = "the event does not follow from the one before it";
                self.differences.tell(Code::LogConsistency, "events", found.number, message);
            }
            self.newest = Some(event.time);
            if event.kind == EventKind::Succession {
                self.succeed()?;
            }
            self.compare(&event)?;
        } else {
            let message = "the event is not the one that was chained";
            self.differences.tell(Code::EngineRowAltered, "events", found.number, message);
        }
        self.pass_heads()
    }

    /// The log that was read so far is closed; the next event is about an entry of the one that follows.
    fn succeed(&mut self) -> Result<(), StoreError> {
        self.end();
        let Some(closed) = self.past.next() else {
            let message = "the event closes a log that is not kept";
            self.differences.tell(Code::LogConsistency, "events", self.chain.count.saturating_sub(1), message);
            return Ok(());
        };
        let follows = self.past.as_slice().first().map_or(self.snapshot, |next| &next.reader);
        if !names(follows, &closed.row)? {
            let message = "the log that follows does not begin by naming the last tree of this one";
            self.differences.tell(Code::LogConsistency, "past_logs", closed.row.number, message);
        }
        (self.log, self.place, self.leaves, self.head) = (follows, 0, Leaves::default(), None);
        self.load_head()
    }

    fn compare(&mut self, event: &Event) -> Result<(), StoreError> {
        let place = if event.kind.is_entry() { Some(self.next_place(event)?) } else { None };
        let statement = match (event.statement, place) {
            (Some(payload), Some(place)) => self.statement(event, payload, place)?,
            _ => None,
        };
        if let Some(mark) = event.answer {
            let place = match (place, event.about, &self.head) {
                (Some(index), Some(leaf), Some(head)) => Some((index, leaf, Arc::clone(&head.row))),
                _ => None,
            };
            self.kept.take(Kept::Answer { event: event.number, mark, place });
        }
        if let (EventKind::Issuance, Some(session), Some(digest)) = (event.kind, &event.session, event.about) {
            self.kept.take(Kept::Certificate { event: event.number, session: session.clone(), digest });
        }
        // A statement that is lost has been told already.
        if event.statement.is_some() == statement.is_some()
            && let Err(error) = self.registry.apply(event, statement.as_ref())
        {
            self.differences.tell(Code::LogConsistency, "events", event.number, error);
        }
        Ok(())
    }

    /// The next entry must be the one that the event is about.
    fn next_place(&mut self, event: &Event) -> Result<u64, StoreError> {
        // A head that cannot be read still has its place.
        if self.head.as_ref().is_some_and(|head| head.said.is_none() && self.place.saturating_add(1) == head.row.size) {
            self.next_head()?;
        }
        let place = self.place;
        if self.leaves.at(self.log, place)? != event.about {
            let message = format!("it is not the entry that event {} is about", event.number);
            self.differences.tell(Code::LogConsistency, "entries", place, message);
        }
        self.place = place.saturating_add(1);
        Ok(place)
    }

    fn statement(&mut self, event: &Event, payload: Digest, place: u64) -> Result<Option<StatementRow>, StoreError> {
        let leaf = event.about.unwrap_or(payload);
        let Some(row) = self.found_statement(&leaf, event.number)? else { return Ok(None) };
        let body = self.log.entries(place, 1)?.pop().unwrap_or_default();
        if Digest::of(&row.payload) == payload && is_logged(&row, &body) {
            return Ok(Some(row));
        }
        let message = format!("it is not the statement that event {} logged", event.number);
        self.differences.tell(Code::EngineRowAltered, "statements", leaf, message);
        Ok(None)
    }

    fn found_statement(&mut self, leaf: &Digest, number: u64) -> Result<Option<StatementRow>, StoreError> {
        self.statements = self.statements.saturating_add(1);
        let row = self.snapshot.statement(leaf);
        match row {
            Ok(Some(row)) => Ok(Some(row)),
            Ok(None) => {
                self.statements = self.statements.saturating_sub(1);
                let message = format!("the statement of event {number} is gone");
                self.differences.tell(Code::EngineRowMissing, "statements", leaf, message);
                Ok(None)
            }
            Err(StoreError::Corrupt { table }) => {
                self.differences.tell(Code::EngineRowAltered, table, leaf, "the row does not read back");
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Goes past every audit head that was signed at this point of the chain.
    fn pass_heads(&mut self) -> Result<(), StoreError> {
        while let Some(Head { row, said }) = &self.head {
            let is_behind_entries = self.place.saturating_add(1) == row.size;
            match said {
                Some(said) if said.events > self.chain.count => break,
                Some(said) if *said != (AuditHead { events: self.chain.count, head: self.chain.digest, ..*said }) => {
                    let message = format!("the audit head at entry {} is of another chain", row.size.saturating_sub(1));
                    self.differences.tell(Code::LogConsistency, "events", said.events.saturating_sub(1), message);
                }
                Some(_) if !is_behind_entries => {
                    let message = "an entry before the audit head is not explained by any event";
                    self.differences.tell(Code::LogConsistency, "entries", self.place, message);
                }
                Some(_) => {}
                // Nobody knows how many events it named; its place comes after the batch's entries.
                None if is_behind_entries => {}
                None => break,
            }
            self.next_head()?;
        }
        Ok(())
    }

    fn next_head(&mut self) -> Result<(), StoreError> {
        if let Some(head) = self.head.take() {
            self.place = head.row.size;
        }
        self.load_head()
    }

    fn load_head(&mut self) -> Result<(), StoreError> {
        let Some(row) = self.log.checkpoints_after(self.place, 1)?.pop() else { return Ok(()) };
        let place = row.size.saturating_sub(1);
        let leaf = self.leaves.at(self.log, place)?;
        let body = self.log.entries(place, 1)?.pop().unwrap_or_default();
        let statement = match leaf {
            Some(leaf) => self.found_statement(&leaf, self.chain.count)?,
            None => None,
        };
        let said = statement.as_ref().filter(|row| is_logged(row, &body)).and_then(|row| {
            let head = Statement::<AuditHead>::decode(&row.payload).ok()?;
            Some(*head.predicate())
        });
        if said.is_none() {
            let message = "the newest entry under a checkpoint is no audit head, or its statement is lost or altered";
            self.differences.tell(Code::LogConsistency, "statements", place, message);
        }
        self.head = Some(Head { row: Arc::new(row), said });
        Ok(())
    }

    /// A head that no event led to was signed over events that are gone.
    fn end(&mut self) {
        if let Some(Head { row, said: Some(said) }) = &self.head {
            let message =
                format!("the audit head at entry {} names {} events", row.size.saturating_sub(1), said.events);
            self.differences.tell(Code::LogConsistency, "events", self.chain.count, message);
        }
    }
}

/// Whether a log begins with the statement that closes the one before it.
fn names(log: &SqliteReader, closed: &PastLogRow) -> Result<bool, StoreError> {
    let leaf = log.leaves(0, 1)?.pop();
    let statement = leaf.map(|leaf| log.statement(&leaf)).transpose()?.flatten();
    let terms = statement.and_then(|row| Statement::<SuccessionTerms>::decode(&row.payload).ok());
    let PastLogRow { origin, last, .. } = closed;
    let CheckpointRow { size, root, note } = last.clone();
    let previous = LastTree { origin: origin.clone(), size, root, checkpoint: note };
    Ok(terms.is_some_and(|terms| terms.predicate().previous == previous))
}

/// Whether this is the statement of the entry with this body: payload, signature and certificate.
fn is_logged(row: &StatementRow, body: &[u8]) -> bool {
    let digest = Digest::of(&dsse::pae(&row.payload_type, &row.payload));
    // Digest and signature are compared before the certificate, of which only the digest is kept.
    matches!(log_entry::check_body(body, &digest, &row.signature, &[]), Err(LogError::BodyKey))
        && log_entry::certificate(body).is_ok_and(|der| Digest::of(&der) == row.certificate)
}
