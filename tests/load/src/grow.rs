//! `grow`: a state with a log of millions of entries, in minutes.
//!
//! Rows are those that an engine writes: entries with their leaf hashes, events in the chain, an audit head as the last
//! entry of each batch, roots of full tiles, a signed checkpoint for each batch, the head file. They pass the store's own
//! write function and `fsck` finds every one of them right. What is synthetic: nobody asked and nothing was decided, so
//! that no answers are kept; what is signed is a number; certificates in the bodies are a few bytes; a transaction holds a
//! thousand batches and is not synced.

mod batch;

use std::sync::mpsc::sync_channel;
use std::thread;
use std::time::Instant;

use anyhow::{Context, Result, anyhow, ensure};
use serde_json::json;
use signer_core::merkle::Frontier;
use signer_engine::event::ChainHead;
use signer_engine::store::rows::State;
use signer_engine::store::{StoreReader as _, StoreWriter as _};
use signer_log::Log;
use signer_server::args::CredentialSource;
use signer_server::credential::Source;
use signer_server::head::Headed;
use signer_server::state::StateDirectory;
use signer_server::{fork, serve, store};

use crate::arguments::Grow;
use crate::clock;
use crate::report;
use batch::Growth;

/// Batches of one transaction.
const TRANSACTION: u64 = 1024;

/// Grows the log to the number of entries that was asked for, and prints how long that took.
pub(crate) fn perform(arguments: &Grow) -> Result<bool> {
    ensure!((2..=65_536).contains(&arguments.batch), "a batch has from 2 to 65536 entries, one of them its audit head");
    let state = StateDirectory::open(&arguments.state)?;
    let source = CredentialSource { credential_fd: None, credential_file: Some(arguments.owner_file.clone()) };
    let credential = Source::named(&source)?.context("no credential")?.read()?;
    let (keys, deployment, public) = serve::unseal(&state, &credential)?;
    let (reader, writer) = store::open(state.path())?;
    let head = fork::pass(&state, &public.log, &*reader, None)?;
    let newest = reader.newest_checkpoint()?;
    // The journal's mode changes only where nobody else has the database open.
    drop(reader);
    writer.danger_unsynced()?;
    let mut store = Headed::new(writer, head);
    let stored = store.load()?;
    let origin = deployment.origin.clone();
    let (chain, feed) = stored.as_ref().map_or_else(
        || (ChainHead::empty(&origin), 0),
        |state| (ChainHead { count: state.events, digest: state.event_head }, state.feed),
    );
    let edge = stored.map_or_else(|| Ok(Frontier::new()), |state: State| Frontier::decode(&state.frontier))?;
    let now = clock::now();
    let workload = batch::Workload::certify(&keys, &deployment, now)?;
    let log = match newest {
        Some(newest) => Log::resume(origin, keys.log, edge, &newest.note)?,
        None => Log::open(origin, keys.log, edge)?,
    };
    let (before, start) = (log.size(), Instant::now());
    let mut growth = Growth::new(log, chain, feed, workload, now)?;
    let (send, receive) = sync_channel(1);
    let size = thread::scope(|scope| -> Result<u64> {
        // One core makes rows while the other writes them.
        let making = scope.spawn(move || -> Result<u64> {
            while growth.size() < arguments.entries {
                let transaction = growth.transaction(arguments.entries, arguments.batch, TRANSACTION)?;
                if send.send((growth.size(), transaction)).is_err() {
                    break;
                }
            }
            Ok(growth.size())
        });
        for (size, transaction) in receive {
            store.commit(&transaction)?;
            report::remark(&format!("{size} of {} entries after {} s", arguments.entries, start.elapsed().as_secs()));
        }
        making.join().map_err(|_| anyhow!("the maker of rows panicked"))?
    })?;
    drop(store);
    // Opened once more, the store has its write-ahead log again.
    store::open(state.path())?;
    report::answer(&json!({
        "schema": "urn:chancery:load-grow:v1", "entries": size, "grown": size.saturating_sub(before),
        "seconds": (start.elapsed().as_secs_f64() * 100.0).round() / 100.0,
    }))?;
    Ok(true)
}
