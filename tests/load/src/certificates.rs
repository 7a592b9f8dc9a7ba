//! `certificates`: certificates from N clients, one key each, counted and timed.

use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow};
use serde_json::json;
use signer_client::{Credential, Engine};
use signer_core::identity::Purpose;

use crate::arguments::Load;
use crate::client::Patience;
use crate::hand::Hand;
use crate::load;
use crate::report::{self, Latencies};

/// Runs the clients and prints what they measured. Making the key and its request is part of the time.
pub(crate) fn perform(arguments: &Load) -> Result<bool> {
    let target = &arguments.target;
    let sessions = load::sessions(&target.engine, &target.owner_file, arguments.clients, None, false)?;
    let before = report::processor_seconds();
    let start = Instant::now();
    let end = start + Duration::from_secs(arguments.seconds);
    let took = thread::scope(|scope| -> Result<Vec<Duration>> {
        let threads: Vec<_> = sessions
            .into_iter()
            .map(|session| scope.spawn(move || ask(&target.engine, &session.credential, end, arguments.count)))
            .collect();
        let mut all = Vec::new();
        for thread in threads {
            all.extend(thread.join().map_err(|_| anyhow!("a client panicked"))??);
        }
        Ok(all)
    })?;
    let processor = report::processor_seconds().zip(before).map(|(after, before)| after - before);
    report::answer(&json!({
        "schema": "urn:chancery:load:v1", "kind": "certificates", "clients": arguments.clients,
        "client_processor_seconds": processor, "result": Latencies::new(took).document(start.elapsed()),
    }))?;
    Ok(true)
}

fn ask(url: &str, credential: &str, end: Instant, count: Option<u64>) -> Result<Vec<Duration>> {
    let engine = Engine::new(url)?;
    let session = Credential::new(credential.to_owned())?;
    let patience = Patience::none();
    let mut took = Vec::new();
    while Instant::now() < end && count.is_none_or(|count| u64::try_from(took.len()).is_ok_and(|n| n < count)) {
        let start = Instant::now();
        Hand::new(&engine, &session, None, Purpose::Commit, &patience)?;
        took.push(start.elapsed());
    }
    Ok(took)
}
