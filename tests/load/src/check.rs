//! `check`: does the engine still stand by every answer that the ledgers hold?

use std::collections::HashMap;
use std::path::Path;
use std::thread;

use anyhow::{Context, Result, anyhow, bail, ensure};
use serde_json::json;
use signer_client::{Credential, Engine};
use signer_core::armor;
use signer_core::change::ChangeList;
use signer_core::checkpoint::Checkpoint;
use signer_core::cms::{self, Evidence};
use signer_core::digest::Digest;
use signer_core::merkle;
use signer_core::protocol::{Base64, Countersignature};
use signer_core::trust_root::TrustRoot;
use signer_core::verify::Verifier;

use crate::arguments::Check;
use crate::clock;
use crate::hand::anyhow_of;
use crate::ledger::{self, Line};
use crate::report;
use crate::synthetic;

/// Asks again for every line, verifies the answers, and recomputes the log.
pub(crate) fn perform(arguments: &Check) -> Result<bool> {
    let trust = TrustRoot::from_json(&std::fs::read(&arguments.trust_root)?)?;
    let verifier = Verifier::new(trust.clone(), clock::now().plus(5));
    let clients = ledger::clients(&arguments.ledger)?;
    let lines = thread::scope(|scope| -> Result<Vec<Line>> {
        let verifier = &verifier;
        let threads: Vec<_> = (0..clients)
            .map(|client| scope.spawn(move || repeat(&arguments.engine, &arguments.ledger, client, verifier)))
            .collect();
        let mut all = Vec::new();
        for thread in threads {
            all.extend(thread.join().map_err(|_| anyhow!("a check panicked"))??);
        }
        Ok(all)
    })?;
    let engine = Engine::new(&arguments.engine)?;
    let entries = recompute(&engine, &trust)?;
    distinct(&lines, &entries)?;
    report::answer(&json!({
        "schema": "urn:chancery:load-check:v1", "clients": clients, "lines": lines.len(), "entries": entries.len(),
    }))?;
    Ok(true)
}

/// Every line of one client, asked again and verified.
fn repeat(url: &str, directory: &Path, client: usize, verifier: &Verifier) -> Result<Vec<Line>> {
    let engine = Engine::new(url)?;
    let session = Credential::new(ledger::session(directory, client)?.credential)?;
    let lines = ledger::read(directory, client)?;
    for line in &lines {
        let place = || format!("client {client}, request {}", line.asked.number);
        let answer = engine.countersign(&session, None, &line.asked.request).map_err(anyhow_of).with_context(place)?;
        let again = Line::of(line.asked.clone(), &answer)?;
        ensure!(again.index == line.index && again.size == line.size, "{}: another place in the log", place());
        ensure!(again.token == line.token, "{}: another token", place());
        verify(verifier, line, &answer).with_context(place)?;
    }
    Ok(lines)
}

/// Everything a verifier checks of a commit.
pub(crate) fn verify(verifier: &Verifier, line: &Line, answer: &Countersignature) -> Result<()> {
    let sent = &line.asked.request;
    let evidence = Evidence {
        token: answer.token.0.clone(),
        entry: answer.entry.0.clone(),
        decision: answer.decision.0.clone(),
        foreign: answer.foreign.as_ref().map(|token| token.0.clone()),
    };
    let signature = cms::assemble(&sent.signed_attributes.0, &sent.signature.0, &sent.certificate.0, &evidence)?;
    let Some(Base64(list)) = &sent.change_list else { bail!("no change list was sent") };
    let armored = armor::encode(&signature);
    verifier.commit(&line.asked.payload.0, armored.as_bytes(), synthetic::REPOSITORY, &ChangeList::decode(list)?)?;
    Ok(())
}

/// Pages through the log and compares its root with the newest checkpoint. Gives the leaf of every entry.
fn recompute(engine: &Engine, trust: &TrustRoot) -> Result<Vec<Digest>> {
    let checkpoint = engine.checkpoint().map_err(anyhow_of)?;
    let origin = checkpoint.lines().next().unwrap_or_default();
    let log = trust.log(origin).with_context(|| format!("the trust root names no log `{origin}`"))?;
    let checkpoint = Checkpoint::verify_published(&checkpoint, origin, &log.key)?;
    let mut bodies: Vec<Vec<u8>> = Vec::new();
    loop {
        let start = u64::try_from(bodies.len())?;
        if start >= checkpoint.size {
            break;
        }
        let page = engine.entries(start, checkpoint.size - start).map_err(anyhow_of)?;
        ensure!(page.start == start && !page.entries.is_empty(), "the log has a gap at {start}");
        bodies.extend(page.entries.into_iter().map(|Base64(body)| body));
    }
    ensure!(u64::try_from(bodies.len())? == checkpoint.size, "the log gave more entries than its checkpoint names");
    ensure!(signer_log::root_of(&bodies) == checkpoint.root, "the entries lead to another root than was signed");
    Ok(bodies.iter().map(|body| merkle::leaf_hash(body)).collect())
}

/// No two lines share a place, and at each place stands the line's own entry.
fn distinct(lines: &[Line], entries: &[Digest]) -> Result<()> {
    let mut places = HashMap::new();
    for line in lines {
        ensure!(places.insert(line.index, line.request).is_none(), "two answers share log index {}", line.index);
        let found = usize::try_from(line.index).ok().and_then(|index| entries.get(index));
        ensure!(found == Some(&line.leaf), "the log holds another entry at {}", line.index);
    }
    Ok(())
}
