//! The rim: HTTP in, the engine's answers out. It translates and does not decide.

pub mod auth;
pub mod body;
pub mod connection;
mod fulcio;
pub mod gate;
pub mod near;
mod pem_chain;
pub mod problem;
mod published;
mod registered;
mod rekor;
mod revocations;
mod routes;
mod status_message;
#[cfg(test)]
mod tests;
mod tiles;
mod timestamp;
mod witnesses;

use std::num::NonZero;
use std::sync::Arc;

use axum::response::{IntoResponse, Response};
use signer_core::reason::Code;
use signer_core::time::Timestamp;
use signer_engine::engine::Engine;
use signer_engine::prepared::Prepared;
use signer_engine::refusal::Refusal;
use tokio::sync::Semaphore;
use tokio::task;

use crate::clock::Clock;
use crate::oidc::Issuers;
use crate::owner::OwnerDigest;
use crate::store::LogAhead;
use crate::time_authority::TimeAuthorities;
use crate::witnessing::Witnessing;
use crate::writer::Writer;

pub use routes::router;
pub use tiles::LogReaders;

/// A question to the engine at one moment. Boxed, so that the way of an answer is compiled once for every kind of answer
/// and not once for every route.
type Question<T> = Box<dyn FnOnce(&Engine, Timestamp) -> Result<T, Refusal> + Send>;

/// What every route needs.
pub struct Rim {
    engine: Arc<Engine>,
    writer: Writer,
    owner: OwnerDigest,
    trust_root: Vec<u8>,
    clock: Clock,
    /// Who may read the log's tiles.
    log_readers: LogReaders,
    /// Decisions made at the same time: they are arithmetic, more than cores only wait for each other.
    slots: Arc<Semaphore>,
    /// Whose tokens get open certificates.
    issuers: Option<Issuers>,
    /// Who cosigns the log.
    witnessing: Option<Witnessing>,
    /// Who stamps signatures before they are recorded.
    time_authorities: Option<TimeAuthorities>,
    /// Who is told that something will be recorded.
    log_ahead: Option<Arc<LogAhead>>,
}

impl Rim {
    /// A rim around an engine and the way to its ledger.
    pub fn new(
        engine: Engine,
        writer: Writer,
        owner: OwnerDigest,
        trust_root: Vec<u8>,
        clock: impl Into<Clock>,
    ) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
        let slots = Arc::new(Semaphore::new(cores.saturating_mul(2)));
        let log_readers = LogReaders::Known;
        Self {
            engine: Arc::new(engine),
            writer,
            owner,
            trust_root,
            clock: clock.into(),
            log_readers,
            slots,
            issuers: None,
            witnessing: None,
            time_authorities: None,
            log_ahead: None,
        }
    }

    /// The same rim, whose log others may read.
    #[must_use]
    pub fn with_log_readers(self, log_readers: LogReaders) -> Self {
        Self { log_readers, ..self }
    }

    /// The same rim, which takes the word of OpenID issuers.
    #[must_use]
    pub fn with_issuers(self, issuers: Option<Issuers>) -> Self {
        Self { issuers, ..self }
    }

    /// The same rim, whose log others cosign.
    #[must_use]
    pub fn with_witnessing(self, witnessing: Option<Witnessing>) -> Self {
        Self { witnessing, ..self }
    }

    /// The same rim, whose signatures a foreign clock stamps.
    #[must_use]
    pub fn with_time_authorities(self, time_authorities: Option<TimeAuthorities>) -> Self {
        Self { time_authorities, ..self }
    }

    /// The same rim over a store that likes to know what comes.
    #[must_use]
    pub fn with_log_ahead(self, log_ahead: Option<Arc<LogAhead>>) -> Self {
        Self { log_ahead, ..self }
    }

    /// The engine, for whoever works beside the requests.
    pub(crate) fn engine(&self) -> Arc<Engine> {
        Arc::clone(&self.engine)
    }

    /// Asks the engine on a thread that may take its time.
    fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Engine, Timestamp) -> Result<T, Refusal> + Send + 'static,
    ) -> impl Future<Output = Result<T, Refusal>> {
        self.put(Box::new(question))
    }

    async fn put<T: Send + 'static>(&self, question: Question<T>) -> Result<T, Refusal> {
        let slot = Arc::clone(&self.slots).acquire_owned().await.map_err(failed)?;
        let (engine, now) = (Arc::clone(&self.engine), self.clock.newest());
        let asked = task::spawn_blocking(move || {
            let answer = question(&engine, now);
            // Kept until here, although the caller may have given up long ago.
            drop(slot);
            answer
        });
        asked.await.map_err(failed)?
    }

    /// Asks the engine on this thread, where the answer takes less time than waking another.
    fn ask_here<T>(&self, question: impl FnOnce(&Engine, Timestamp) -> Result<T, Refusal>) -> Result<T, Refusal> {
        question(&self.engine, self.clock.newest())
    }

    /// Prepares a request, records it, and only then answers.
    async fn record(&self, prepare: Question<Prepared>) -> Result<Response, Refusal> {
        self.expect();
        let prepared = self.put(prepare).await?;
        self.recorded(prepared).await
    }

    /// The same for a body of `size` bytes: a small one is prepared on this thread.
    async fn record_sized(&self, size: usize, prepare: Question<Prepared>) -> Result<Response, Refusal> {
        if size > body::SMALL {
            return self.record(prepare).await;
        }
        self.expect();
        let prepared = self.ask_here(prepare)?;
        self.recorded(prepared).await
    }

    /// Something is about to be prepared and recorded.
    fn expect(&self) {
        if let Some(ahead) = &self.log_ahead {
            ahead.expect();
        }
    }

    async fn recorded(&self, prepared: Prepared) -> Result<Response, Refusal> {
        let is_stamped = match &self.time_authorities {
            Some(authorities) => authorities.stamp(&prepared).await?,
            None => false,
        };
        let recorded = self.writer.record(prepared).await?;
        let answer = self.release(recorded.into_inner()).await?;
        let answer = match &self.time_authorities {
            Some(authorities) => authorities.attach(answer, is_stamped)?,
            None => answer,
        };
        Ok(routes::answered(answer).into_response())
    }
}

fn failed(error: impl std::error::Error) -> Refusal {
    tracing::error!(%error, "a request could not be worked on");
    Refusal::new(Code::Internal, "the engine failed; its log says why")
}
