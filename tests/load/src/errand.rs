//! What N clients ask again and again, counted and timed, each over a connection of its own. Requests are made before the
//! clock runs, as clients make them on machines of their own; every answer is verified after it has stopped.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use serde_json::json;
use signer_client::Engine;
use signer_core::trust_root::TrustRoot;

use crate::arguments::Load;
use crate::flight::{self, Asks};
use crate::hand::anyhow_of;
use crate::load;
use crate::report::{self, Latencies};
use crate::wire::Wire;

/// Most answers of a client that are kept for verification.
const KEPT: usize = 100_000;

/// One kind of request.
pub(crate) trait Errand: Send {
    /// What its answer is held against.
    type Asked: Send;

    /// A fresh request, and the body that asks it.
    fn request(&self) -> Result<(Self::Asked, Vec<u8>)>;

    /// Fails where the answer is not the right one.
    fn verify(&self, asked: &Self::Asked, answer: &[u8], trust: &TrustRoot) -> Result<()>;
}

/// One client: its connection, what it will ask and what it was told.
struct Client<E: Errand> {
    errand: E,
    wire: Wire,
    ready: VecDeque<(E::Asked, Vec<u8>)>,
    under_way: Option<E::Asked>,
    answers: Vec<(E::Asked, Vec<u8>)>,
}

/// Runs the clients and prints what they measured.
pub(crate) fn run<E: Errand>(kind: &str, arguments: &Load, errands: Vec<(E, Wire)>) -> Result<bool> {
    let client = |(errand, wire)| Client { errand, wire, ready: VecDeque::new(), under_way: None, answers: Vec::new() };
    let clients: Vec<Client<E>> = errands.into_iter().map(client).collect();
    let mut clients = load::on_threads(clients, |client| client.prepare(arguments.prepare))?;
    let before = report::processor_seconds();
    let start = Instant::now();
    let end = start + Duration::from_secs(arguments.seconds);
    let took = flight::fly(&mut clients, end, arguments.count)?;
    let elapsed = start.elapsed();
    let processor = report::processor_seconds().zip(before).map(|(after, before)| after - before);
    let trust = TrustRoot::from_json(&Engine::new(&arguments.target.engine)?.trust().map_err(anyhow_of)?)?;
    let verified = clients.iter().map(|client| client.answers.len()).sum::<usize>();
    load::on_threads(clients, |client| client.verify(&trust))?;
    report::answer(&json!({
        "schema": "urn:chancery:load:v1", "kind": kind, "clients": arguments.clients,
        "client_processor_seconds": processor, "verified": verified, "result": Latencies::new(took).document(elapsed),
    }))?;
    Ok(true)
}

impl<E: Errand> Client<E> {
    /// Makes this many requests ahead.
    fn prepare(&mut self, count: usize) -> Result<()> {
        for _ in 0..count {
            self.ready.push_back(self.errand.request()?);
        }
        Ok(())
    }

    fn verify(&self, trust: &TrustRoot) -> Result<()> {
        self.answers.iter().try_for_each(|(asked, answer)| self.errand.verify(asked, answer, trust))
    }
}

impl<E: Errand> Asks for Client<E> {
    fn wire(&mut self) -> &mut Wire {
        &mut self.wire
    }

    fn ask(&mut self) -> Result<()> {
        let (asked, body) = self.ready.pop_front().map_or_else(|| self.errand.request(), Ok)?;
        self.wire.send(&[&body])?;
        self.under_way = Some(asked);
        Ok(())
    }

    fn take(&mut self, answer: Vec<u8>) -> Result<()> {
        let asked = self.under_way.take().context("an answer to nothing")?;
        if self.answers.len() < KEPT {
            self.answers.push((asked, answer));
        }
        Ok(())
    }
}
