//! `chancery-server witness serve`, from a closed state to the last answer.

use std::path::Path;
use std::sync::Arc;

use signer_core::checkpoint::VerifierKey;
use signer_core::witness_policy::MAX_ITEMS;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::signal::unix::{SignalKind, signal};

use super::memory::Memory;
use super::routes::{self, Desk};
use super::{Cosigner, WitnessFailure};
use crate::clock::Clock;
use crate::credential::Source;
use crate::failure::Failure;
use crate::output::Output;
use crate::rim::connection;
use crate::serve::{self, ServeError};
use crate::state::{self, StateDirectory};
use crate::witnessing::read_policy;
use crate::{args, process};

/// Serves until it is told to stop.
pub(crate) fn run(arguments: &args::WitnessServe, output: Output) -> Result<(), Failure> {
    let address = serve::loopback(arguments.listen)?;
    let state = StateDirectory::open(&arguments.state).map_err(WitnessFailure::from)?;
    serve::log_to(&arguments.log, arguments.background, &state)?;
    let logs = logs(&arguments.known_logs, arguments.policy.as_deref())?;
    let source = Source::named(&arguments.credential).map_err(WitnessFailure::from)?.unwrap_or(Source::Terminal);
    process::harden().map_err(WitnessFailure::from)?;
    let cosigner = Cosigner::open(&state, &source.read().map_err(WitnessFailure::from)?)?;
    let home = StateDirectory::open(&arguments.state).map_err(WitnessFailure::from)?;
    let memory = Arc::new(Memory::open(state, cosigner, &logs)?);
    tracing::info!(witness = %memory.key(), logs = logs.len(), "the witness is open");
    let runtime = Runtime::new().map_err(|source| ServeError::Start { source })?;
    runtime.block_on(async {
        let start = |source| ServeError::Start { source };
        let mut terminate = signal(SignalKind::terminate()).map_err(start)?;
        let mut interrupt = signal(SignalKind::interrupt()).map_err(start)?;
        let listener = TcpListener::bind(address).await.map_err(|source| ServeError::Bind { source })?;
        serve::announce(&listener, &home, arguments.background, output)?;
        let stop = async move {
            tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
        };
        connection::serve(listener, routes::router(Desk { memory, clock: Clock::system() }), stop).await;
        Ok::<_, ServeError>(())
    })?;
    home.remove(state::ADDRESS).map_err(WitnessFailure::from)?;
    tracing::info!("stopped");
    Ok(())
}

/// The logs that were named on the command line, and those of the policy.
fn logs(named: &[String], policy: Option<&Path>) -> Result<Vec<VerifierKey>, Failure> {
    let mut logs = Vec::new();
    for text in named {
        logs.push(text.parse::<VerifierKey>().map_err(WitnessFailure::from)?);
    }
    if let Some(path) = policy {
        logs.extend(read_policy(path)?.logs().iter().map(|log| log.key.clone()));
    }
    if logs.len() > MAX_ITEMS {
        return Err(WitnessFailure::TooManyLogs { actual: logs.len() }.into());
    }
    Ok(logs)
}
