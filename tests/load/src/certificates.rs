//! `certificates`: certificates from N clients, one key each, counted and timed. Keys and their requests are made before
//! the clock runs, as brokers make them on machines of their own; every certificate is verified after it has stopped.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use serde_json::json;
use signer_client::Engine;
use signer_core::certificate::Leaf;
use signer_core::crypto::{P256Key, P256Public, SignP256};
use signer_core::csr;
use signer_core::identity::Purpose;
use signer_core::protocol::{Base64, CertificateIssued, CertificateRequest};
use signer_core::trust_root::TrustRoot;

use crate::arguments::Load;
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
    issued: Vec<(P256Public, Vec<u8>)>,
    took: Vec<Duration>,
}

/// Runs the clients and prints what they measured.
pub(crate) fn perform(arguments: &Load) -> Result<bool> {
    let target = &arguments.target;
    let sessions = load::sessions(&target.engine, &target.owner_file, arguments.clients, None, false)?;
    let connect = |bearer: &str| -> Result<Client> {
        let wire = Wire::new(&target.engine, "/v1/certificates", bearer)?;
        Ok(Client { wire, ready: VecDeque::new(), issued: Vec::new(), took: Vec::new() })
    };
    let clients = sessions.iter().map(|session| connect(&session.credential)).collect::<Result<_>>()?;
    let clients = load::on_threads(clients, |client| client.make(arguments.prepare))?;
    let before = report::processor_seconds();
    let start = Instant::now();
    let end = start + Duration::from_secs(arguments.seconds);
    let mut clients = load::on_threads(clients, |client| client.ask(end, arguments.count))?;
    let elapsed = start.elapsed();
    let processor = report::processor_seconds().zip(before).map(|(after, before)| after - before);
    let took = clients.iter_mut().flat_map(|client| std::mem::take(&mut client.took)).collect();
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

    /// Asks until `end`, or `count` times.
    fn ask(&mut self, end: Instant, count: Option<u64>) -> Result<()> {
        let mut done = 0;
        while Instant::now() < end && count.is_none_or(|count| done < count) {
            let (key, body) = self.ready.pop_front().map_or_else(request, Ok)?;
            let start = Instant::now();
            let answer = self.wire.post(&body)?;
            self.took.push(start.elapsed());
            done += 1;
            if self.issued.len() < KEPT {
                let issued: CertificateIssued = serde_json::from_slice(answer)?;
                self.issued.push((key, issued.certificate.0));
            }
        }
        Ok(())
    }

    /// Each certificate is for its key, of its profile, promised and issued under the trust root.
    fn verify(&self, trust: &TrustRoot) -> Result<()> {
        for (key, der) in &self.issued {
            let certified = trust.certify(Leaf::parse(der)?)?;
            ensure!(certified.leaf().public_key() == key, "a certificate for another key");
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
