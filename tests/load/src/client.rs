//! One client: its own session, key, connection and ledger.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use signer_client::{ClientError, Credential, Engine};
use signer_core::digest::Digest;
use signer_core::identity::Purpose;
use signer_core::log_entry::LogEntry;
use signer_core::protocol::SessionOpened;
use signer_core::reason::{Code, Coded};

use crate::hand::{Hand, PAUSE, anyhow_of};
use crate::ledger::{self, Asked, Ledger, Line};
use crate::synthetic;

/// How long to go on asking an engine that gives no answer.
#[derive(Clone)]
pub(crate) struct Patience {
    limit: Duration,
    pulse: Arc<Pulse>,
}

/// What all clients together are doing.
#[derive(Default)]
pub(crate) struct Pulse {
    /// Requests that were sent and not answered.
    pub(crate) in_flight: AtomicU64,
    /// Tries that had no answer.
    pub(crate) repeats: AtomicU64,
    /// Answers.
    pub(crate) answers: AtomicU64,
    /// Whether to stop.
    pub(crate) stop: AtomicBool,
}

impl Patience {
    pub(crate) fn none() -> Self {
        Self::new(Duration::ZERO, Arc::default())
    }

    pub(crate) const fn new(limit: Duration, pulse: Arc<Pulse>) -> Self {
        Self { limit, pulse }
    }

    /// Asks until there is an answer or a refusal.
    pub(crate) fn until_answered<T>(&self, ask: impl Fn() -> Result<T, ClientError>) -> Result<T, ClientError> {
        let start = Instant::now();
        loop {
            self.pulse.in_flight.fetch_add(1, Ordering::SeqCst);
            let answer = ask();
            self.pulse.in_flight.fetch_sub(1, Ordering::SeqCst);
            match answer {
                Err(error) if is_silence(&error) && start.elapsed() < self.limit => {
                    self.pulse.repeats.fetch_add(1, Ordering::Relaxed);
                    std::thread::sleep(PAUSE);
                }
                outcome => return outcome,
            }
        }
    }
}

/// Whether the engine said nothing about the request.
fn is_silence(error: &ClientError) -> bool {
    matches!(error.code(), Code::EngineUnreachable | Code::EngineBusy | Code::EngineTimeout)
}

/// One client.
pub(crate) struct Client {
    number: usize,
    engine: Engine,
    session: Credential,
    grant: Option<Digest>,
    hand: Hand,
    ledger: Option<Ledger>,
    asked: u64,
    unanswered: Option<Asked>,
    seen: Option<(u64, String)>,
    patience: Patience,
}

impl Client {
    /// A client with this session, and the ledger of its number in `directory`.
    pub(crate) fn new(
        number: usize,
        url: &str,
        opened: &SessionOpened,
        directory: Option<&PathBuf>,
        patience: Patience,
    ) -> Result<Self> {
        let engine = Engine::new(url)?;
        let session = Credential::new(opened.credential.clone())?;
        let hand = Hand::new(&engine, &session, None, Purpose::Commit, &patience)?;
        let mut client = Self {
            number,
            engine,
            session,
            grant: opened.grants.last().copied(),
            hand,
            ledger: None,
            asked: 0,
            unanswered: None,
            seen: None,
            patience,
        };
        if let Some(directory) = directory {
            let lines = ledger::read(directory, number)?;
            let ledger = Ledger::open(directory, number)?;
            client.unanswered = ledger.unanswered(lines.last())?;
            client.asked = lines.last().map_or(0, |line| line.asked.number);
            client.ledger = Some(ledger);
        }
        Ok(client)
    }

    /// Asks for the next countersignature, and tells how long the answer took. What was not answered before a stop is
    /// asked first.
    pub(crate) fn next(&mut self) -> Result<Duration> {
        let asked = match self.unanswered.take() {
            Some(asked) => asked,
            None => self.prepare()?,
        };
        let start = Instant::now();
        let answer = self
            .patience
            .until_answered(|| self.engine.countersign(&self.session, None, &asked.request))
            .map_err(anyhow_of)
            .with_context(|| format!("client {}, request {}", self.number, asked.number))?;
        let took = start.elapsed();
        let entry = LogEntry::decode(&answer.entry.0)?;
        if self.seen.as_ref().is_none_or(|(size, _)| *size < entry.size) {
            self.seen = Some((entry.size, entry.checkpoint));
        }
        if let Some(ledger) = &mut self.ledger {
            ledger.answered(&Line::of(asked, &answer)?)?;
        }
        self.patience.pulse.answers.fetch_add(1, Ordering::Relaxed);
        Ok(took)
    }

    fn prepare(&mut self) -> Result<Asked> {
        if self.hand.is_old() {
            self.hand = Hand::new(&self.engine, &self.session, None, Purpose::Commit, &self.patience)?;
        }
        self.asked = self.asked.saturating_add(1);
        let seen = self.seen.as_ref().map(|(_, checkpoint)| checkpoint.clone());
        let asked = synthetic::asked(&self.hand, self.number, self.asked, self.grant, seen)?;
        if let Some(ledger) = &self.ledger {
            ledger.ask(&asked)?;
        }
        Ok(asked)
    }
}
