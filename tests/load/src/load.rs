//! `load`: countersignatures from N clients, counted and timed.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow};
use serde_json::json;
use signer_core::protocol::SessionOpened;

use crate::arguments::Load;
use crate::client::{Client, Patience, Pulse};
use crate::ledger;
use crate::measured;
use crate::office::{self, Office};
use crate::report::{self, Latencies};
use crate::synthetic;

/// Runs the clients and prints what they measured.
///
/// Clients that keep no ledger and do not wait for a dead engine are measured by cheaper ones.
pub(crate) fn perform(arguments: &Load) -> Result<bool> {
    if arguments.ledger.is_none() && arguments.patience == 0 {
        return measured::perform(arguments);
    }
    let pulse = Arc::new(Pulse::default());
    let patience = Patience::new(Duration::from_secs(arguments.patience), Arc::clone(&pulse));
    let target = &arguments.target;
    let sessions =
        sessions(&target.engine, &target.owner_file, arguments.clients, arguments.ledger.as_deref(), arguments.resume)?;
    let clients = clients(&target.engine, &sessions, arguments.ledger.as_ref(), &patience)?;
    let before = report::processor_seconds();
    let start = Instant::now();
    let end = start + Duration::from_secs(arguments.seconds);
    let took = run(clients, |done| Instant::now() < end && arguments.count.is_none_or(|count| done < count))?;
    let elapsed = start.elapsed();
    let processor = report::processor_seconds().zip(before).map(|(after, before)| after - before);
    report::answer(&json!({
        "schema": "urn:chancery:load:v1", "kind": "countersignatures", "clients": arguments.clients,
        "ledgers": arguments.ledger.is_some(), "repeats": pulse.repeats.load(Ordering::Relaxed),
        "client_processor_seconds": processor, "result": Latencies::new(took).document(elapsed),
    }))?;
    Ok(true)
}

/// One session per client: new ones, or those that lie beside the ledgers.
pub(crate) fn sessions(
    url: &str,
    owner_file: &Path,
    clients: usize,
    directory: Option<&Path>,
    resume: bool,
) -> Result<Vec<SessionOpened>> {
    if let (Some(directory), true) = (directory, resume) {
        return (0..clients).map(|client| ledger::session(directory, client)).collect();
    }
    let office = Office::open(url, owner_file)?;
    let scope = office::scope(synthetic::REPOSITORY, "refs/heads/", "/");
    let mut sessions = Vec::with_capacity(clients);
    for client in 0..clients {
        let session = office.agent_session(scope.clone())?;
        if let Some(directory) = directory {
            std::fs::create_dir_all(directory).with_context(|| directory.display().to_string())?;
            ledger::keep_session(directory, client, &session)?;
        }
        sessions.push(session);
    }
    Ok(sessions)
}

/// The clients of these sessions.
pub(crate) fn clients(
    url: &str,
    sessions: &[SessionOpened],
    directory: Option<&PathBuf>,
    patience: &Patience,
) -> Result<Vec<Client>> {
    let numbered = sessions.iter().enumerate();
    numbered.map(|(number, session)| Client::new(number, url, session, directory, patience.clone())).collect()
}

/// Lets every client ask on its own thread as long as `more`, told how many it has done, says so.
pub(crate) fn run(clients: Vec<Client>, more: impl Fn(u64) -> bool + Sync) -> Result<Vec<Duration>> {
    thread::scope(|scope| {
        let more = &more;
        let threads: Vec<_> = clients
            .into_iter()
            .map(|mut client| {
                scope.spawn(move || -> Result<Vec<Duration>> {
                    let mut took = Vec::new();
                    while more(u64::try_from(took.len())?) {
                        took.push(client.next()?);
                    }
                    Ok(took)
                })
            })
            .collect();
        let mut all = Vec::new();
        for thread in threads {
            all.extend(thread.join().map_err(|_| anyhow!("a client panicked"))??);
        }
        Ok(all)
    })
}

/// Lets each client do something on a thread of its own, and gives all of them back.
pub(crate) fn on_threads<C: Send>(clients: Vec<C>, act: impl Fn(&mut C) -> Result<()> + Sync) -> Result<Vec<C>> {
    let act = &act;
    thread::scope(|scope| {
        let threads: Vec<_> =
            clients.into_iter().map(|mut client| scope.spawn(move || act(&mut client).map(|()| client))).collect();
        threads.into_iter().map(|thread| thread.join().map_err(|_| anyhow!("a client panicked"))?).collect()
    })
}
