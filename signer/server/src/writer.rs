//! The writer: one thread that owns the ledger and commits whatever waits, in one batch and without a timer. Under load
//! batches grow and the disk is asked less often; alone, a request waits for nobody.

use std::io;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
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

struct Job {
    prepared: Prepared,
    answer: oneshot::Sender<Outcome>,
}

/// The way to the ledger. Clones share one queue; the thread ends with the last of them.
#[derive(Clone)]
pub struct Writer {
    queue: SyncSender<Job>,
}

/// The running thread.
pub struct Writing {
    thread: JoinHandle<()>,
    /// Resolves when the thread ends, which it must not do while anybody may still ask.
    pub ended: oneshot::Receiver<()>,
}

impl Writer {
    /// Starts the thread.
    pub fn start(mut ledger: Ledger, clock: impl Into<Clock>) -> io::Result<(Self, Writing)> {
        let clock = clock.into();
        let (queue, jobs) = sync_channel(QUEUE);
        let (alive, ended) = oneshot::channel();
        let thread = thread::Builder::new().name("ledger".to_owned()).spawn(move || {
            while let Some(batch) = next_batch(&jobs) {
                commit(&mut ledger, batch, &clock);
            }
            drop(alive);
        })?;
        Ok((Self { queue }, Writing { thread, ended }))
    }

    /// Hands a request to the ledger and waits until it is durable. A full queue refuses at once.
    pub async fn record(&self, prepared: Prepared) -> Result<Recorded<Answer>, Refusal> {
        let (answer, outcome) = oneshot::channel();
        self.queue.try_send(Job { prepared, answer }).map_err(|error| match error {
            TrySendError::Full(_) => Refusal::new(Code::EngineBusy, format_args!("{QUEUE} requests are waiting")),
            TrySendError::Disconnected(_) => stopped(),
        })?;
        outcome.await.unwrap_or_else(|_| Err(stopped()))
    }

    /// A writer whose queue is full.
    #[cfg(test)]
    pub(crate) fn full() -> (Self, impl Send) {
        let (queue, jobs) = sync_channel(0);
        (Self { queue }, jobs)
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

/// Waits for one request, then takes what else is there.
fn next_batch(jobs: &Receiver<Job>) -> Option<Vec<Job>> {
    let first = jobs.recv().ok()?;
    Some(std::iter::once(first).chain(jobs.try_iter().take(BATCH - 1)).collect())
}

fn commit(ledger: &mut Ledger, batch: Vec<Job>, clock: &Clock) {
    let (prepared, answers): (Vec<_>, Vec<_>) = batch.into_iter().map(|job| (job.prepared, job.answer)).unzip();
    // A clock that is not believed records nothing: every answer carries a time or has a place among times.
    let outcomes = match clock.now() {
        Ok(now) => ledger.commit(prepared, now),
        Err(fault) => prepared.iter().map(|_| Err(Refusal::from(fault))).collect(),
    };
    for (answer, outcome) in answers.into_iter().zip(outcomes) {
        // Whoever gave up waiting asks again and gets the same answer.
        let _gone = answer.send(outcome);
    }
}

fn stopped() -> Refusal {
    Refusal::new(Code::Internal, "the ledger has stopped")
}

#[cfg(test)]
mod tests;
