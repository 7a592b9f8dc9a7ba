//! Answers and certificates against the events that gave them. Each stands by itself once its place is known, so that
//! they are looked up and read on as many threads as there are cores, behind the walk along the chain.

use std::mem;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{Scope, ScopedJoinHandle};

use signer_core::certificate::Leaf;
use signer_core::digest::Digest;
use signer_core::reason::Code;
use signer_engine::event::AnswerMark;
use signer_engine::rebuild::{Place, is_given_answer};
use signer_engine::store::rows::CheckpointRow;
use signer_engine::store::{StoreError, StoreReader as _};

use super::difference::Differences;
use super::turns;
use crate::store::SqliteReader;

/// Rows handed on at once.
const BATCH: usize = 256;
/// Batches that wait.
const WAITING: usize = 8;

/// A row that an event says is kept.
pub(super) enum Kept {
    /// An answer, with the place it must name.
    Answer { event: u64, mark: AnswerMark, place: Option<(u64, Digest, Arc<CheckpointRow>)> },
    /// A certificate.
    Certificate { event: u64, session: String, digest: Digest },
}

/// What was found of them.
#[derive(Default)]
pub(super) struct Outcome {
    /// Answers that some event explains.
    pub(super) answers: u64,
    /// Certificates that some event explains.
    pub(super) certificates: u64,
    differences: Differences,
}

/// The threads at work, and what is not handed on yet.
pub(super) struct Checking<'scope> {
    send: SyncSender<Vec<Kept>>,
    waiting: Vec<Kept>,
    threads: Vec<ScopedJoinHandle<'scope, Result<Outcome, StoreError>>>,
}

impl<'scope> Checking<'scope> {
    /// Starts the threads, each with its own connection to the store that `snapshot` reads.
    pub(super) fn start(scope: &'scope Scope<'scope, '_>, snapshot: &SqliteReader) -> Self {
        let (send, receive) = sync_channel(WAITING);
        let receive = Arc::new(Mutex::new(receive));
        let threads = (0..turns::workers())
            .map(|_| {
                let (reader, receive) = (snapshot.again(), Arc::clone(&receive));
                scope.spawn(move || check_all(&reader, &receive))
            })
            .collect();
        Self { send, waiting: Vec::new(), threads }
    }

    /// Hands a row on.
    pub(super) fn take(&mut self, kept: Kept) {
        self.waiting.push(kept);
        if self.waiting.len() == BATCH {
            self.hand_on();
        }
    }

    fn hand_on(&mut self) {
        // Threads that have failed say so at the end.
        let _failed = self.send.send(mem::take(&mut self.waiting));
    }

    /// Waits for all of them, and tells what differs.
    pub(super) fn end(mut self, differences: &mut Differences) -> Result<Outcome, StoreError> {
        self.hand_on();
        drop(self.send);
        let mut all = Outcome::default();
        for thread in self.threads {
            let found = thread.join().unwrap_or(Err(StoreError::Corrupt { table: "answers" }))?;
            all.answers = all.answers.saturating_add(found.answers);
            all.certificates = all.certificates.saturating_add(found.certificates);
            let (told, untold) = found.differences.into_parts();
            differences.extend(told, untold);
        }
        Ok(all)
    }
}

fn check_all(reader: &SqliteReader, batches: &Mutex<Receiver<Vec<Kept>>>) -> Result<Outcome, StoreError> {
    let mut outcome = Outcome::default();
    loop {
        let batch = batches.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(batch) = batch else { return Ok(outcome) };
        for kept in batch {
            match kept {
                Kept::Answer { event, mark, place } => outcome.answer(reader, event, &mark, place.as_ref())?,
                Kept::Certificate { event, session, digest } => {
                    outcome.certificate(reader, event, &session, &digest)?;
                }
            }
        }
    }
}

impl Outcome {
    fn answer(
        &mut self,
        reader: &SqliteReader,
        event: u64,
        mark: &AnswerMark,
        place: Option<&(u64, Digest, Arc<CheckpointRow>)>,
    ) -> Result<(), StoreError> {
        let Some(document) = reader.answer(&mark.key)? else {
            let message = format!("the answer of event {event} is gone");
            self.differences.tell(Code::EngineRowMissing, "answers", mark.key, message);
            return Ok(());
        };
        self.answers = self.answers.saturating_add(1);
        let place = place.map(|(index, leaf, checkpoint)| Place { index: *index, leaf: *leaf, checkpoint });
        if !is_given_answer(&document, mark, place.as_ref()) {
            let message = format!("it is not the answer that event {event} gave");
            self.differences.tell(Code::EngineRowAltered, "answers", mark.key, message);
        }
        Ok(())
    }

    fn certificate(
        &mut self,
        reader: &SqliteReader,
        event: u64,
        session: &str,
        digest: &Digest,
    ) -> Result<(), StoreError> {
        let Some(row) = reader.certificate(digest)? else {
            let message = format!("the certificate of event {event} is gone");
            self.differences.tell(Code::EngineRowMissing, "certificates", digest, message);
            return Ok(());
        };
        self.certificates = self.certificates.saturating_add(1);
        let is_issued = Digest::of(&row.der) == *digest
            && row.session == session
            && Leaf::parse(&row.der).is_ok_and(|leaf| Digest::of(leaf.public_key().point()) == row.key);
        if !is_issued {
            let message = format!("it is not the certificate that event {event} issued");
            self.differences.tell(Code::EngineRowAltered, "certificates", digest, message);
        }
        Ok(())
    }
}
