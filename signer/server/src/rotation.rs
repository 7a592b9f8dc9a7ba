//! `chancery-server rotate`: another key in the place of one in force (docs/formats.md F6, F7; docs/operations.md).
//!
//! The old key is destroyed; in the trust root its window ends, so that what it signed stays verifiable and what it would
//! sign afterwards is refused. A log that is rotated is closed, and the log that follows begins by naming its last tree.
//! One transaction of the store decides whether a rotation happened; the files follow it (`rotation/staging.rs`).

mod error;
mod plan;
mod rehearsal;
mod report;
mod staging;
#[cfg(test)]
mod tests;

use std::fs::OpenOptions;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};

use signer_core::crypto::P256Key;
use signer_core::digest::Digest;
use signer_core::time::Timestamp;
use signer_core::trust_root::TrustRoot;
use signer_engine::engine::Engine;
use signer_engine::ledger::{Succession, Successor};
use signer_engine::store::rows::{Batch, PastLogRow};
use signer_engine::store::{StoreReader, StoreWriter as _};
use signer_policy::PolicySet;

use crate::args::{self, Rotated};
use crate::credential::{Credential, Source};
use crate::engine_file::EngineFile;
use crate::failure::Failure;
use crate::head::Head;
use crate::init::sealing_context;
use crate::seal;
use crate::serve::check_clock;
use crate::state::{self, StateDirectory};
use crate::store::{self, Rotation};
use crate::unsealed::{self, PublicFiles, Unsealed};
use crate::{clock, fork, process};

use plan::Plan;
use rehearsal::Rehearsal;

pub use error::RotationError;
pub use report::Report;
pub(crate) use staging::settle;

/// Rotates, or shows what would be rotated.
pub(crate) fn run(arguments: &args::Rotate) -> Result<Report, Failure> {
    Ok(rotate(arguments)?)
}

fn rotate(arguments: &args::Rotate) -> Result<Report, RotationError> {
    let state = StateDirectory::open(&arguments.state)?;
    let files = PublicFiles::read(&state)?;
    let trust = TrustRoot::from_json(&files.trust_root)?;
    let engine = EngineFile::decode(&files.engine)?;
    let before = Report::of_plan(arguments.what, &state, &engine, &trust)?;
    if arguments.dry_run {
        return Ok(before);
    }
    let source = Source::named(&arguments.credential)?.unwrap_or(Source::Terminal);
    process::harden()?;
    if !arguments.yes {
        ask(&before.text(), arguments.what)?;
    }
    let prepared = prepare(&state, &source.read()?, arguments.what, clock::system())?;
    let report = before.done(&prepared.trust, prepared.past.as_ref(), prepared.now)?;
    prepared.perform(&state)?;
    Ok(report)
}

/// Everything a rotation writes, before anything is written.
struct Prepared {
    writer: store::SqliteWriter,
    batches: Vec<Batch>,
    past: Option<PastLogRow>,
    opening: Option<Batch>,
    trust: TrustRoot,
    files: Vec<(&'static str, Vec<u8>)>,
    now: Timestamp,
}

fn prepare(
    state: &StateDirectory,
    credential: &Credential,
    what: Rotated,
    now: Timestamp,
) -> Result<Prepared, RotationError> {
    // Holds the lock on the state from here on.
    let (reader, mut writer) = store::open(state.path())?;
    let unsealed = unsealed::open(state, credential)?;
    let root = root_key(state, credential, &unsealed.files)?;
    let _head = fork::pass(state, &unsealed.log, &*reader, None)?;
    let stored = writer.load()?;
    check_clock(stored.as_ref().and_then(|state| state.last_time), now)?;
    let rehearsal = Rehearsal::new(stored);
    let plan = Plan::make(what, &unsealed, &root, now)?;
    let Unsealed { engine: before, keyring, files: public, .. } = unsealed;
    let reader: std::sync::Arc<dyn StoreReader> = reader;
    let (keys, names) = (keyring.into_keys(&before.certificates), before.deployment());
    let (engine, mut ledger) =
        Engine::open(keys, names, PolicySet::baseline()?, std::sync::Arc::clone(&reader), Box::new(rehearsal.clone()))?;
    let trust_root = plan.trust.to_json();
    let digest = Digest::of(&trust_root);
    let (past, opening) = if let Some(next) = &plan.successor {
        if reader.frozen()?.is_none() {
            ledger.commit(vec![engine.freeze_log(now)], now).remove(0)?;
        }
        let successor = Successor { origin: next.origin.clone(), key: next.key()?, trust_root: digest };
        let Succession { past, opening } = ledger.succeed(successor, now)?;
        (Some(past), Some(opening))
    } else {
        if let Some(since) = reader.frozen()? {
            return Err(RotationError::Frozen { since });
        }
        rehearsal.take(ledger.rotate(digest, now)?);
        (None, None)
    };
    let batches = rehearsal.into_batches();
    let newest = opening.as_ref().or(batches.last()).and_then(rehearsal::checkpoint_of);
    let engine = EngineFile::new(&plan.deployment, plan.certificates.clone()).encode()?;
    let context = sealing_context(state::KEYS, &[&engine, &trust_root, &public.owner]);
    let keys = seal::seal(credential, &context, &plan.keyring.encode()?)?;
    let root = seal::seal(credential, &sealing_context(state::ROOT_KEY, &[&engine]), &root.to_pkcs8()?)?;
    let files = vec![
        (state::KEYS, keys),
        (state::ROOT_KEY, root),
        (state::HEAD, Head::image(newest)?),
        (state::ENGINE, engine),
        (state::TRUST_ROOT, trust_root),
    ];
    Ok(Prepared { writer, batches, past, opening, trust: plan.trust, files, now })
}

impl Prepared {
    /// Files aside, then the transaction that decides, then the files in their places.
    fn perform(mut self, state: &StateDirectory) -> Result<(), RotationError> {
        staging::stage(state.path(), &self.files)?;
        self.decide()?;
        staging::install(state.path())
    }

    fn decide(&mut self) -> Result<(), RotationError> {
        let trust_root = Digest::of(&self.trust.to_json());
        let succession = self.past.as_ref().zip(self.opening.as_ref());
        Ok(self.writer.rotate(&Rotation { trust_root: &trust_root, batches: &self.batches, succession })?)
    }
}

fn root_key(state: &StateDirectory, credential: &Credential, files: &PublicFiles) -> Result<P256Key, RotationError> {
    let sealed = state.read(state::ROOT_KEY, seal::MAX_BYTES)?;
    let context = sealing_context(state::ROOT_KEY, &[&files.engine]);
    Ok(P256Key::from_pkcs8(&seal::unseal(credential, &context, &sealed)?)?)
}

/// Asks on the terminal. Fails without one, and on any answer but the name of what is rotated.
fn ask(meaning: &str, what: Rotated) -> Result<(), RotationError> {
    let none = |source| RotationError::NoTerminal { source };
    let mut terminal = OpenOptions::new().read(true).write(true).open("/dev/tty").map_err(none)?;
    let name = report::name(what);
    terminal.write_all(format!("{meaning}\nType `{name}` to rotate it: ").as_bytes()).map_err(none)?;
    let mut answer = String::new();
    BufReader::new(terminal.take(64)).read_line(&mut answer).map_err(none)?;
    if answer.trim_end() == name { Ok(()) } else { Err(RotationError::NotConfirmed) }
}
