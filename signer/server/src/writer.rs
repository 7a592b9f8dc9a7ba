//! The writer: one thread that commits whatever waits, in one batch and without a timer. Under load batches grow and the
//! disk is asked less often. Whoever comes alone commits on its own thread: waking another and being woken by it takes
//! longer than some of the work.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

use signer_core::reason::Code;
use signer_engine::answer::Answer;
use signer_engine::ledger::{Ledger, Outcome, Recorded};
use signer_engine::prepared::Prepared;
use signer_engine::refusal::Refusal;
use tokio::sync::oneshot;

use crate::clock::Clock;

/// Most requests that wait; more are told to come again.
pub const QUEUE: usize = 1024;
/// Most requests of one transaction.
pub const BATCH: usize = 256;
/// How many in a row must have found nobody before the next commits alone. Among several who ask at the same time a batch
/// costs each of them less.
const CALM: usize = 4;

struct Job {
    prepared: Prepared,
    answer: oneshot::Sender<Outcome>,
}

/// The way to the ledger. Clones share one queue; the thread ends with the last of them.
#[derive(Clone)]
pub struct Writer {
    queue: SyncSender<Job>,
    desk: Arc<Desk>,
}

/// Where the ledger lies: with the thread while anybody waits, else with whoever takes it. One that panicked is never
/// taken again, and the thread ends.
struct Desk {
    ledger: Mutex<Option<Ledger>>,
    waiting: AtomicUsize,
    /// How many in a row have found nobody.
    calm: AtomicUsize,
    clock: Clock,
}

/// The running thread.
pub struct Writing {
    thread: JoinHandle<()>,
    /// Resolves when the thread ends, which it must not do while anybody may still ask.
    pub ended: oneshot::Receiver<()>,
}

impl Writer {
    /// Starts the thread.
    pub fn start(ledger: Ledger, clock: impl Into<Clock>) -> io::Result<(Self, Writing)> {
        let (queue, jobs) = sync_channel(QUEUE);
        let (alive, ended) = oneshot::channel();
        let (ledger, clock) = (Mutex::new(Some(ledger)), clock.into());
        let (waiting, calm) = (AtomicUsize::default(), AtomicUsize::new(CALM));
        let desk = Arc::new(Desk { ledger, waiting, calm, clock });
        let at = Arc::clone(&desk);
        let thread = thread::Builder::new().name("ledger".to_owned()).spawn(move || {
            while at.commit_next(&jobs).is_some() {}
            drop(alive);
        })?;
        Ok((Self { queue, desk }, Writing { thread, ended }))
    }

    /// Hands a request to the ledger and waits until it is durable. A full queue refuses at once.
    pub async fn record(&self, prepared: Prepared) -> Result<Recorded<Answer>, Refusal> {
        let prepared = match self.desk.commit_alone(prepared) {
            Ok(outcome) => return outcome,
            Err(prepared) => prepared,
        };
        let (answer, outcome) = oneshot::channel();
        self.desk.waiting.fetch_add(1, Ordering::SeqCst);
        self.queue.try_send(Job { prepared, answer }).map_err(|error| {
            self.desk.waiting.fetch_sub(1, Ordering::SeqCst);
            match error {
                TrySendError::Full(_) => Refusal::new(Code::EngineBusy, format_args!("{QUEUE} requests are waiting")),
                TrySendError::Disconnected(_) => stopped(),
            }
        })?;
        outcome.await.unwrap_or_else(|_| Err(stopped()))
    }

    /// A writer whose queue is full.
    #[cfg(test)]
    pub(crate) fn full() -> (Self, impl Send) {
        let (queue, jobs) = sync_channel(0);
        let clock = Clock::system();
        let (waiting, calm) = (AtomicUsize::default(), AtomicUsize::default());
        let desk = Desk { ledger: Mutex::default(), waiting, calm, clock };
        (Self { queue, desk: Arc::new(desk) }, jobs)
    }
}

impl Writing {
    /// Waits for the thread, after every [`Writer`] is gone.
    pub fn join(self) {
        if self.thread.join().is_err() {
            tracing::error!("the ledger's thread ended by a panic");
        }
    }
}

impl Desk {
    /// Waits for one request, takes what else is there, and commits all of it. Nothing when nobody can ask any more.
    fn commit_next(&self, jobs: &Receiver<Job>) -> Option<()> {
        let first = jobs.recv().ok()?;
        let mut ledger = self.ledger.lock().ok()?;
        let batch = std::iter::once(first).chain(jobs.try_iter().take(BATCH - 1));
        let (prepared, answers): (Vec<_>, Vec<_>) = batch.map(|job| (job.prepared, job.answer)).unzip();
        self.waiting.fetch_sub(answers.len(), Ordering::SeqCst);
        let outcomes = commit(ledger.as_mut()?, prepared, &self.clock);
        drop(ledger);
        for (answer, outcome) in answers.into_iter().zip(outcomes) {
            // Whoever gave up waiting asks again and gets the same answer.
            let _gone = answer.send(outcome);
        }
        Some(())
    }

    /// Commits a request on this thread where it has been calm, nobody waits and nobody commits; else gives it back.
    fn commit_alone(&self, prepared: Prepared) -> Result<Outcome, Prepared> {
        let free = if self.waiting.load(Ordering::SeqCst) == 0 { self.ledger.try_lock().ok() } else { None };
        let Some(mut held) = free else {
            self.calm.store(0, Ordering::SeqCst);
            return Err(prepared);
        };
        let is_calm = self.calm.fetch_add(1, Ordering::SeqCst) >= CALM;
        match held.as_mut() {
            Some(ledger) if is_calm => {
                Ok(commit(ledger, vec![prepared], &self.clock).pop().unwrap_or_else(|| Err(stopped())))
            }
            Some(_) | None => Err(prepared),
        }
    }
}

fn commit(ledger: &mut Ledger, prepared: Vec<Prepared>, clock: &Clock) -> Vec<Outcome> {
    // A clock that is not believed records nothing: every answer carries a time or has a place among times.
    match clock.now() {
        Ok(now) => ledger.commit(prepared, now),
        Err(fault) => prepared.iter().map(|_| Err(Refusal::from(fault))).collect(),
    }
}

fn stopped() -> Refusal {
    Refusal::new(Code::Internal, "the ledger has stopped")
}

#[cfg(test)]
mod tests;
