//! `chancery-server fsck`: is what is stored what was signed and recorded? Needs no credential: the log's public key is in
//! the trust root, and everything else is recomputed.
//!
//! Entries lead to the root of every checkpoint; events are a chain through every audit head; rows of the registry,
//! statements, certificates and answers are those that entries and events tell. Every row that differs is named. All of
//! it is one snapshot: a running engine is not disturbed and does not disturb.

mod ahead;
mod chain;
mod difference;
mod kept;
mod leaves;
mod lineage;
mod piece;
mod progress;
mod rows;
mod tree;
mod turns;

use std::io;
use std::process::ExitCode;

use serde::Serialize;
use signer_core::canonical::CanonicalError;
use signer_core::checkpoint::{Checkpoint, CheckpointError};
use signer_core::digest::Digest;
use signer_core::merkle::Frontier;
use signer_core::reason::{Code, Coded};
use signer_core::trust_root::{self, LogKey, TrustRoot, TrustRootError};
use signer_engine::event::ChainHead;
use signer_engine::store::rows::State;
use signer_engine::store::{StoreError, StoreReader as _};

use crate::engine_file::{self, EngineFile};
use crate::failure::Failure;
use crate::output::{Output, one_line};
use crate::state::{self, StateDirectory, StateError};
use crate::store::SqliteReader;
use crate::{args, store};

use difference::Differences;
use lineage::PastLog;

pub use difference::Difference;
pub(crate) use progress::Progress;

/// What was found.
#[derive(Debug, Serialize)]
pub struct Report {
    schema: &'static str,
    origin: String,
    /// Entries of the newest checkpoint.
    pub entries: u64,
    /// Root of the newest checkpoint.
    pub root: Option<Digest>,
    /// Events in the chain; none where the log alone was checked.
    pub events: Option<u64>,
    event_head: Option<Digest>,
    /// Every row that differs, at most a thousand.
    pub differences: Vec<Difference>,
    /// How many more there are.
    pub further_differences: u64,
}

impl Report {
    /// Whether everything fits.
    pub const fn is_sound(&self) -> bool {
        self.differences.is_empty()
    }

    /// For people.
    pub fn text(&self) -> String {
        let root = self.root.map_or_else(|| "none".to_owned(), |root| root.to_string());
        let Self { origin, entries, differences, further_differences, .. } = self;
        let log = format!("log {origin}: {entries} entries under the signed root {root}");
        let (what, chain) = match (self.events, self.event_head) {
            (Some(events), Some(newest)) => ("every row", format!("\n{events} events, the newest {newest}")),
            _ => ("every entry", String::new()),
        };
        let verdict = match u64::try_from(differences.len()).unwrap_or(u64::MAX).saturating_add(*further_differences) {
            0 => format!("{what} is what the log says"),
            count => format!("{count} differences"),
        };
        format!("{log}{chain}\n{verdict}")
    }
}

/// Checks the state named on the command line, and prints what was found.
pub(crate) fn run(arguments: &args::Fsck, output: Output) -> Result<io::Result<ExitCode>, Failure> {
    let state = StateDirectory::open(&arguments.state).map_err(FsckError::from)?;
    let report = check_as(&state, if arguments.log_only { Extent::Log } else { Extent::Everything })?;
    for Difference { code, table, row, message, help, .. } in &report.differences {
        let text = one_line(&format!("{table} `{row}`: {message}"));
        Output::remark(&format!("error[{code}]: {text}\nhelp: {help}"));
    }
    let code = if report.is_sound() { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    Ok(output.answer(&report, &report.text()).map(|()| code))
}

/// The key of this engine's own log.
pub(crate) fn log_key(state: &StateDirectory) -> Result<LogKey, FsckError> {
    let trust_root = TrustRoot::from_json(&state.read(state::TRUST_ROOT, trust_root::MAX_BYTES)?)?;
    let engine = EngineFile::decode(&state.read(state::ENGINE, engine_file::MAX_BYTES)?)?;
    trust_root.log(&engine.deployment().origin).cloned().ok_or(FsckError::NoLog)
}

/// How much is checked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Extent {
    /// Log, events and rows.
    Everything,
    /// Entries, tiles and checkpoints.
    Log,
}

/// Checks everything stored in a state.
///
/// Fails where nothing can be compared: no state, no key, or a newest checkpoint that is not this log's.
pub fn check(state: &StateDirectory) -> Result<Report, FsckError> {
    check_as(state, Extent::Everything)
}

/// Checks so much of a state; fails as [`check`] does.
pub fn check_as(state: &StateDirectory, extent: Extent) -> Result<Report, FsckError> {
    let log = log_key(state)?;
    let snapshot = store::snapshot(state.path())?;
    let newest = snapshot.newest_checkpoint()?;
    let checkpoint = newest.map(|row| Checkpoint::verify(&row.note, &log.origin, &log.key)).transpose()?;
    let size = checkpoint.as_ref().map_or(0, |checkpoint| checkpoint.size);
    let mut differences = Differences::default();
    let past = lineage::check(state, &snapshot, &mut differences)?;
    let frontier = tree::check(&snapshot, &log, size, &mut differences)?;
    let stored = snapshot.state()?;
    check_end(&snapshot, stored.as_ref(), &frontier, &mut differences)?;
    let chain = match extent {
        Extent::Everything => Some(check_rows(&snapshot, &past, &log.origin, stored.as_ref(), &mut differences)?),
        Extent::Log => None,
    };
    let (differences, further_differences) = differences.into_parts();
    Ok(Report {
        schema: "urn:chancery:fsck:v1",
        origin: log.origin,
        entries: size,
        root: checkpoint.map(|checkpoint| checkpoint.root),
        events: chain.map(|chain| chain.count),
        event_head: chain.map(|chain| chain.digest),
        differences,
        further_differences,
    })
}

/// Events, and whatever the store keeps because of them.
fn check_rows(
    snapshot: &SqliteReader,
    past: &[PastLog],
    origin: &str,
    stored: Option<&State>,
    differences: &mut Differences,
) -> Result<ChainHead, StoreError> {
    let told = chain::check(snapshot, past, origin, stored.map_or(0, |state| state.events), differences)?;
    let kept = stored.map_or(ChainHead { count: 0, ..told.chain }, |state| ChainHead {
        count: state.events,
        digest: state.event_head,
    });
    if kept != told.chain {
        differences.tell(Code::EngineRowAltered, "state", 1, "the end of the chain is another than the events'");
    }
    if stored.is_some_and(|state| told.newest.is_some() && state.last_time != told.newest) {
        differences.tell(Code::EngineRowAltered, "state", 1, "the newest time is not the newest event's");
    }
    rows::check(snapshot, told.registry, &told.explained, differences)?;
    Ok(told.chain)
}

/// The tree ends where the state says, and nothing stands after the signed one.
fn check_end(
    snapshot: &SqliteReader,
    state: Option<&State>,
    frontier: &Frontier,
    differences: &mut Differences,
) -> Result<(), StoreError> {
    let size = frontier.size();
    if !snapshot.leaves(size, 1)?.is_empty() {
        differences.tell(Code::EngineRowUnfounded, "entries", size, "no checkpoint names it");
    }
    if state.map_or_else(|| Frontier::new().encode(), |state| state.frontier.clone()) != frontier.encode() {
        differences.tell(Code::EngineRowAltered, "state", 1, "the edge of the tree is another than the entries'");
    }
    Ok(())
}

/// Why nothing can be compared.
#[derive(Debug, thiserror::Error)]
pub enum FsckError {
    /// The newest checkpoint is not the log's.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// `engine.json` is malformed.
    #[error("`{}` is malformed", state::ENGINE)]
    Engine(#[from] CanonicalError),
    /// The trust root names no log of this engine.
    #[error("the trust root does not name the log of `{}`", state::ENGINE)]
    NoLog,
    /// The state directory does not serve.
    #[error(transparent)]
    State(#[from] StateError),
    /// The store fails.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The trust root is malformed.
    #[error(transparent)]
    TrustRoot(#[from] TrustRootError),
}

impl Coded for FsckError {
    fn code(&self) -> Code {
        match self {
            Self::Checkpoint(source) => source.code(),
            Self::Engine(_) | Self::NoLog => Code::EngineState,
            Self::State(source) => source.code(),
            Self::Store(source) => source.code(),
            Self::TrustRoot(source) => source.code(),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
