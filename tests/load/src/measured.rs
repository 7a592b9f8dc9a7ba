//! Countersignatures as fast as they come: requests are signed before the clock runs, as brokers sign on machines of
//! their own, and every answer is verified in full after it has stopped.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, ensure};
use serde_json::json;
use signer_client::{Credential, Engine};
use signer_core::identity::Purpose;
use signer_core::log_entry::LogEntry;
use signer_core::protocol::{Countersignature, SessionOpened};
use signer_core::trust_root::TrustRoot;
use signer_core::verify::Verifier;

use crate::arguments::Load;
use crate::check;
use crate::client::Patience;
use crate::clock;
use crate::hand::{Hand, anyhow_of};
use crate::ledger::{Asked, Line};
use crate::load;
use crate::report::{self, Latencies};
use crate::synthetic;
use crate::wire::Wire;

/// Most answers of a client that are kept for verification.
const KEPT: usize = 100_000;

/// One client: session, key, connection, what it will ask and what it was told.
struct Client {
    number: usize,
    engine: Arc<Engine>,
    session: Credential,
    opened: SessionOpened,
    hand: Hand,
    wire: Wire,
    asked: u64,
    ready: VecDeque<Asked>,
    seen: Option<(u64, String)>,
    answers: Vec<(Asked, Countersignature)>,
    took: Vec<Duration>,
}

/// Runs the clients and prints what they measured.
pub(crate) fn perform(arguments: &Load) -> Result<bool> {
    let target = &arguments.target;
    let sessions = load::sessions(&target.engine, &target.owner_file, arguments.clients, None, false)?;
    // One for all: the engine accepts 512 connections, and each client measures on one of its own.
    let engine = Arc::new(Engine::new(&target.engine)?);
    let clients = sessions.into_iter().enumerate();
    let clients = clients.map(|(number, opened)| Client::new(number, &engine, opened)).collect::<Result<_>>()?;
    let clients = load::on_threads(clients, |client| client.sign(arguments.prepare))?;
    let before = report::processor_seconds();
    let start = Instant::now();
    let end = start + Duration::from_secs(arguments.seconds);
    let mut clients = load::on_threads(clients, |client| client.work(end, arguments.count))?;
    let elapsed = start.elapsed();
    let processor = report::processor_seconds().zip(before).map(|(after, before)| after - before);
    let took = clients.iter_mut().flat_map(|client| std::mem::take(&mut client.took)).collect();
    let log_size = clients.iter().filter_map(|client| client.seen.as_ref().map(|(size, _)| *size)).max();
    let verified = verify(&engine, clients)?;
    report::answer(&json!({
        "schema": "urn:chancery:load:v1", "kind": "countersignatures", "clients": arguments.clients,
        "client_processor_seconds": processor, "verified": verified, "log_size": log_size,
        "result": Latencies::new(took).document(elapsed),
    }))?;
    Ok(true)
}

impl Client {
    fn new(number: usize, engine: &Arc<Engine>, opened: SessionOpened) -> Result<Self> {
        let session = Credential::new(opened.credential.clone())?;
        let hand = Hand::new(engine, &session, None, Purpose::Commit, &Patience::none())?;
        Ok(Self {
            number,
            engine: Arc::clone(engine),
            session,
            hand,
            wire: Wire::new(engine.url(), "/v1/countersign", &opened.credential)?,
            opened,
            asked: 0,
            ready: VecDeque::new(),
            seen: None,
            answers: Vec::new(),
            took: Vec::new(),
        })
    }

    /// Signs this many requests ahead.
    fn sign(&mut self, count: usize) -> Result<()> {
        for _ in 0..count {
            let asked = self.next()?;
            self.ready.push_back(asked);
        }
        Ok(())
    }

    fn next(&mut self) -> Result<Asked> {
        if self.hand.is_old() {
            self.hand = Hand::new(&self.engine, &self.session, None, Purpose::Commit, &Patience::none())?;
        }
        self.asked = self.asked.saturating_add(1);
        synthetic::asked(&self.hand, self.number, self.asked, self.opened.grants.last().copied(), None)
    }

    /// Asks until `end`, or `count` times. Each request shows the newest checkpoint seen, as a broker's does.
    fn work(&mut self, end: Instant, count: Option<u64>) -> Result<()> {
        let mut done = 0;
        while Instant::now() < end && count.is_none_or(|count| done < count) {
            let mut asked = match self.ready.pop_front() {
                Some(asked) => asked,
                None => self.next()?,
            };
            asked.request.newest_checkpoint = self.seen.as_ref().map(|(_, checkpoint)| checkpoint.clone());
            let body = serde_json::to_vec(&asked.request)?;
            let start = Instant::now();
            let answer = self.wire.post(&body)?;
            self.took.push(start.elapsed());
            done += 1;
            let answer: Countersignature = serde_json::from_slice(answer)?;
            let entry = LogEntry::decode(&answer.entry.0)?;
            if self.seen.as_ref().is_none_or(|(size, _)| *size < entry.size) {
                self.seen = Some((entry.size, entry.checkpoint));
            }
            if self.answers.len() < KEPT {
                self.answers.push((asked, answer));
            }
        }
        Ok(())
    }
}

/// Verifies what was answered under the engine's own trust root; no two answers share a place in the log. Gives how many.
fn verify(engine: &Engine, clients: Vec<Client>) -> Result<usize> {
    let trust = TrustRoot::from_json(&engine.trust().map_err(anyhow_of)?)?;
    let verifier = Verifier::new(trust, clock::now().plus(5));
    let answers: Vec<_> = clients.into_iter().flat_map(|client| client.answers).collect();
    let cores = thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let places = thread::scope(|scope| -> Result<Vec<u64>> {
        let verifier = &verifier;
        let parts = answers.chunks(answers.len().div_ceil(cores).max(1));
        let threads: Vec<_> = parts.map(|part| scope.spawn(move || verify_part(verifier, part))).collect();
        let mut all = Vec::new();
        for thread in threads {
            all.extend(thread.join().map_err(|_| anyhow!("a verification panicked"))??);
        }
        Ok(all)
    })?;
    let mut found = HashSet::new();
    for place in &places {
        ensure!(found.insert(place), "two answers share log index {place}");
    }
    Ok(places.len())
}

fn verify_part(verifier: &Verifier, answers: &[(Asked, Countersignature)]) -> Result<Vec<u64>> {
    let one = |(asked, answer): &(Asked, Countersignature)| {
        let line = Line::of(asked.clone(), answer)?;
        check::verify(verifier, &line, answer).with_context(|| format!("request {}", asked.number))?;
        Ok(line.index)
    };
    answers.iter().map(one).collect()
}
