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
use crate::flight::{self, Asks};
use crate::hand::{Hand, anyhow_of};
use crate::ledger::{Asked, Line};
use crate::load;
use crate::report::{self, Latencies};
use crate::synthetic;
use crate::wire::{JSON, Wire};

/// Most answers of a client that are kept for verification.
const KEPT: usize = 100_000;
/// The last member of a request; what stands before it does not change once it is signed.
const SEEN: &str = "\"newest_checkpoint\":";
/// A client learns the newest checkpoint from every so many answers.
const LEARN: usize = 8;

/// One client: session, key, connection, what it will ask and what it was told.
struct Client {
    number: usize,
    engine: Arc<Engine>,
    session: Credential,
    opened: SessionOpened,
    hand: Hand,
    wire: Wire,
    asked: u64,
    ready: VecDeque<Ready>,
    /// The newest checkpoint it was shown, as the last member of a request.
    seen: (u64, Vec<u8>),
    under_way: Option<Asked>,
    answers: Vec<(Asked, Vec<u8>)>,
}

/// A signed request, written up to its last member.
struct Ready {
    asked: Asked,
    body: Vec<u8>,
}

/// Runs the clients and prints what they measured.
pub(crate) fn perform(arguments: &Load) -> Result<bool> {
    let target = &arguments.target;
    let sessions = load::sessions(&target.engine, &target.owner_file, arguments.clients, None, false)?;
    // One for all: the engine accepts 512 connections, and each client measures on one of its own.
    let engine = Arc::new(Engine::new(&target.engine)?);
    let clients = sessions.into_iter().enumerate();
    let clients = clients.map(|(number, opened)| Client::new(number, &engine, opened)).collect::<Result<_>>()?;
    let mut clients = load::on_threads(clients, |client| client.sign(arguments.prepare))?;
    let before = report::processor_seconds();
    let start = Instant::now();
    let end = start + Duration::from_secs(arguments.seconds);
    let took = flight::fly(&mut clients, end, arguments.count)?;
    let elapsed = start.elapsed();
    let processor = report::processor_seconds().zip(before).map(|(after, before)| after - before);
    let log_size = clients.iter().map(|client| client.seen.0).max();
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
            wire: Wire::new(engine.url(), "/v1/countersign", Some(&opened.credential), JSON)?,
            opened,
            asked: 0,
            ready: VecDeque::new(),
            seen: (0, b"null}".to_vec()),
            under_way: None,
            answers: Vec::new(),
        })
    }

    /// Signs this many requests ahead.
    fn sign(&mut self, count: usize) -> Result<()> {
        for _ in 0..count {
            let ready = self.next()?;
            self.ready.push_back(ready);
        }
        Ok(())
    }

    fn next(&mut self) -> Result<Ready> {
        if self.hand.is_old() {
            self.hand = Hand::new(&self.engine, &self.session, None, Purpose::Commit, &Patience::none())?;
        }
        self.asked = self.asked.saturating_add(1);
        let asked = synthetic::asked(&self.hand, self.number, self.asked, self.opened.grants.last().copied(), None)?;
        let mut body = serde_json::to_vec(&asked.request)?;
        let rest = body.strip_suffix(b"null}").filter(|rest| rest.ends_with(SEEN.as_bytes()));
        body.truncate(rest.context("a request does not end with the checkpoint that was seen")?.len());
        Ok(Ready { asked, body })
    }

    /// Remembers the checkpoint of an answer where it is newer.
    fn learn(&mut self, answer: &Countersignature) -> Result<()> {
        let entry = LogEntry::decode(&answer.entry.0)?;
        if self.seen.0 < entry.size {
            let mut member = serde_json::to_vec(&entry.checkpoint)?;
            member.push(b'}');
            self.seen = (entry.size, member);
        }
        Ok(())
    }
}

impl Asks for Client {
    fn wire(&mut self) -> &mut Wire {
        &mut self.wire
    }

    /// Each request shows a checkpoint that the client was shown, as a broker's does.
    fn ask(&mut self) -> Result<()> {
        let ready = match self.ready.pop_front() {
            Some(ready) => ready,
            None => self.next()?,
        };
        self.wire.send(&[&ready.body, &self.seen.1])?;
        self.under_way = Some(ready.asked);
        Ok(())
    }

    fn take(&mut self, answer: Vec<u8>) -> Result<()> {
        let asked = self.under_way.take().context("an answer to nothing")?;
        if self.answers.len().is_multiple_of(LEARN) {
            self.learn(&serde_json::from_slice(&answer)?)?;
        }
        if self.answers.len() < KEPT {
            self.answers.push((asked, answer));
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

fn verify_part(verifier: &Verifier, answers: &[(Asked, Vec<u8>)]) -> Result<Vec<u64>> {
    let one = |(asked, answer): &(Asked, Vec<u8>)| {
        let answer: Countersignature = serde_json::from_slice(answer)?;
        let line = Line::of(asked.clone(), &answer)?;
        check::verify(verifier, &line, &answer).with_context(|| format!("request {}", asked.number))?;
        Ok(line.index)
    };
    answers.iter().map(one).collect()
}
