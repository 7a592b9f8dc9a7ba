//! `certificates`: certificates from N clients, one key each, counted and timed. Keys and their requests are made before
//! the clock runs, as brokers make them on machines of their own; every certificate is verified after it has stopped.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::json;
use signer_client::Engine;
use signer_core::certificate::Leaf;
use signer_core::crypto::{P256Key, P256Public, SignP256};
use signer_core::csr;
use signer_core::identity::Purpose;
use signer_core::protocol::{Base64, CertificateIssued, CertificateRequest};
use signer_core::trust_root::TrustRoot;

use crate::arguments::Load;
use crate::flight::{self, Asks};
use crate::hand::anyhow_of;
use crate::load;
use crate::report::{self, Latencies};
use crate::wire::Wire;

/// Most certificates of a client that are kept for verification.
const KEPT: usize = 100_000;

/// One client: its session's connection, what it will ask and what it was given.
struct Client {
    wire: Wire,
    ready: VecDeque<(P256Public, Vec<u8>)>,
    under_way: Option<P256Public>,
    issued: Vec<(P256Public, Vec<u8>)>,
}

/// Runs the clients and prints what they measured.
pub(crate) fn perform(arguments: &Load) -> Result<bool> {
    let target = &arguments.target;
    let sessions = load::sessions(&target.engine, &target.owner_file, arguments.clients, None, false)?;
    let connect = |bearer: &str| -> Result<Client> {
        let wire = Wire::new(&target.engine, "/v1/certificates", bearer)?;
        Ok(Client { wire, ready: VecDeque::new(), under_way: None, issued: Vec::new() })
    };
    let clients = sessions.iter().map(|session| connect(&session.credential)).collect::<Result<_>>()?;
    let mut clients = load::on_threads(clients, |client| client.make(arguments.prepare))?;
    let before = report::processor_seconds();
    let start = Instant::now();
    let end = start + Duration::from_secs(arguments.seconds);
    let took = flight::fly(&mut clients, end, arguments.count)?;
    let elapsed = start.elapsed();
    let processor = report::processor_seconds().zip(before).map(|(after, before)| after - before);
    let trust = TrustRoot::from_json(&Engine::new(&target.engine)?.trust().map_err(anyhow_of)?)?;
    let verified = clients.iter().map(|client| client.issued.len()).sum::<usize>();
    load::on_threads(clients, |client| client.verify(&trust))?;
    report::answer(&json!({
        "schema": "urn:chancery:load:v1", "kind": "certificates", "clients": arguments.clients,
        "client_processor_seconds": processor, "verified": verified, "result": Latencies::new(took).document(elapsed),
    }))?;
    Ok(true)
}

impl Client {
    /// Makes this many keys and requests ahead.
    fn make(&mut self, count: usize) -> Result<()> {
        for _ in 0..count {
            self.ready.push_back(request()?);
        }
        Ok(())
    }

    /// Each certificate is for its key, of its profile, promised and issued under the trust root.
    fn verify(&self, trust: &TrustRoot) -> Result<()> {
        for (key, answer) in &self.issued {
            let issued: CertificateIssued = serde_json::from_slice(answer)?;
            let certified = trust.certify(Leaf::parse(&issued.certificate.0)?)?;
            ensure!(certified.leaf().public_key() == key, "a certificate for another key");
        }
        Ok(())
    }
}

impl Asks for Client {
    fn wire(&mut self) -> &mut Wire {
        &mut self.wire
    }

    fn ask(&mut self) -> Result<()> {
        let (key, body) = self.ready.pop_front().map_or_else(request, Ok)?;
        self.wire.send(&[&body])?;
        self.under_way = Some(key);
        Ok(())
    }

    fn take(&mut self, answer: Vec<u8>) -> Result<()> {
        let key = self.under_way.take().context("an answer to nothing")?;
        if self.issued.len() < KEPT {
            self.issued.push((key, answer));
        }
        Ok(())
    }
}

/// A fresh key and the body that asks for its certificate.
fn request() -> Result<(P256Public, Vec<u8>)> {
    let key = P256Key::generate()?;
    let csr = Base64(csr::make(&key)?);
    let body = serde_json::to_vec(&CertificateRequest { purpose: Purpose::Commit, csr, presence: None })?;
    Ok((key.public(), body))
}
