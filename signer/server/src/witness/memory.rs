//! What a witness has seen: for each log one file with the newest checkpoint it cosigned, the log's line first, its own
//! after it. The file says everything and is signed twice, so that nothing else has to be kept in step with it.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::sync::{Mutex, PoisonError};

use rustix::fs::{FlockOperation, flock};
use signer_core::checkpoint::{self, KeyRole, Published, VerifierKey};
use signer_core::digest::Digest;
use signer_core::witness::{self, Seen, Submission, WitnessError};

use super::{Cosigner, WitnessFailure};
use crate::clock::Clock;
use crate::state::{StateDirectory, StateError};

/// The file whose lock says that a witness is running on this state.
const LOCK: &str = "witness.lock";
/// More bytes than a checkpoint may have.
const LIMIT: u64 = 256 * 1024;

/// A witness at work.
pub(super) struct Memory {
    state: StateDirectory,
    cosigner: Cosigner,
    logs: Vec<Watched>,
    /// Held while the witness runs.
    _lock: File,
}

/// One log.
struct Watched {
    key: VerifierKey,
    /// The hexadecimal SHA-256 of the origin, which names its file and its checkpoint's URL.
    name: String,
    held: Mutex<Option<Published>>,
}

/// Why nothing was cosigned.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refused {
    /// The log's fault, or the asker's.
    #[error(transparent)]
    Submission(#[from] WitnessError),
    /// The witness's own.
    #[error(transparent)]
    Failed(#[from] WitnessFailure),
}

impl Memory {
    /// Opens the memory of a witness that watches these logs. Fails where another one runs on it, or a kept checkpoint was
    /// not signed by both the log and this witness.
    pub(super) fn open(
        state: StateDirectory,
        cosigner: Cosigner,
        logs: &[VerifierKey],
    ) -> Result<Self, WitnessFailure> {
        let lock = lock(&state)?;
        if logs.is_empty() {
            return Err(WitnessFailure::NoLog);
        }
        let mut watched: Vec<Watched> = Vec::with_capacity(logs.len());
        for key in logs {
            if key.role() != KeyRole::Log || watched.iter().any(|known| known.key.name() == key.name()) {
                return Err(WitnessFailure::Log { origin: key.name().to_owned() });
            }
            let name = Digest::of(key.name().as_bytes()).to_hex();
            let held = Mutex::new(kept(&state, &name, key, &cosigner.named)?);
            watched.push(Watched { key: key.clone(), name, held });
        }
        Ok(Self { state, cosigner, logs: watched, _lock: lock })
    }

    /// The witness's own name and key.
    pub(super) const fn key(&self) -> &VerifierKey {
        &self.cosigner.named
    }

    /// Cosigns what grows from the newest tree seen: the answer's signature line.
    pub(super) fn add_checkpoint(&self, body: &str, clock: &Clock) -> Result<String, Refused> {
        let submission = Submission::parse(body)?;
        let origin = checkpoint::claimed_origin(submission.note);
        let log = self.logs.iter().find(|log| Some(log.key.name()) == origin).ok_or(WitnessError::UnknownLog)?;
        // From here to the new memory is one step: two submissions from one size must not both be cosigned.
        let mut held = log.held.lock().unwrap_or_else(PoisonError::into_inner);
        let seen = held.as_ref().map_or_else(Seen::nothing, |held| Seen::from(held.checkpoint()));
        let mut shown = witness::judge(&submission, &log.key, seen).inspect_err(|error| {
            if let (WitnessError::Inconsistent(_), Some(held)) = (error, held.as_ref()) {
                self.keep_fork(log, held, submission.note);
            }
        })?;
        let now = clock.now().map_err(WitnessFailure::from)?;
        let last = held.as_ref().and_then(|held| held.cosignatures().first()).map(|cosignature| cosignature.time);
        if last.is_some_and(|last| now < last) {
            return Err(WitnessFailure::Clock.into());
        }
        let line = checkpoint::cosign(shown.text(), &self.cosigner.named, &self.cosigner.key, now);
        shown.admit(&line, std::slice::from_ref(&self.cosigner.named)).map_err(WitnessError::from)?;
        self.state.write(&file(&log.name), shown.note().as_bytes()).map_err(WitnessFailure::from)?;
        *held = Some(shown);
        Ok(line)
    }

    /// The newest cosigned checkpoint of the log whose origin has this SHA-256.
    pub(super) fn checkpoint(&self, origin: &str) -> Option<String> {
        let log = self.logs.iter().find(|log| log.name == origin)?;
        log.held.lock().unwrap_or_else(PoisonError::into_inner).as_ref().map(Published::note)
    }

    /// Two checkpoints of one log that exclude each other are proof against it: the first pair is kept.
    fn keep_fork(&self, log: &Watched, held: &Published, shown: &str) {
        let name = format!("{}.fork", log.name);
        tracing::error!(
            origin = log.key.name(),
            file = name,
            "the log showed a tree that excludes the one it showed before"
        );
        if self.state.file(&name).exists() {
            return;
        }
        if let Err(error) = self.state.write(&name, format!("{}\n{shown}", held.note()).as_bytes()) {
            tracing::error!(%error, "the evidence could not be kept");
        }
    }
}

fn file(name: &str) -> String {
    format!("{name}.checkpoint")
}

fn lock(state: &StateDirectory) -> Result<File, WitnessFailure> {
    let path = state.file(LOCK);
    let opened = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(&path);
    let file = opened.map_err(|source| StateError::Io { path, source })?;
    flock(&file, FlockOperation::NonBlockingLockExclusive).map_err(|_| WitnessFailure::InUse)?;
    Ok(file)
}

/// The checkpoint that was kept, if there is one; never one that this witness did not cosign.
fn kept(
    state: &StateDirectory,
    name: &str,
    log: &VerifierKey,
    own: &VerifierKey,
) -> Result<Option<Published>, WitnessFailure> {
    let path = state.file(&file(name));
    let read = File::open(&path).and_then(|file| {
        let mut bytes = Vec::new();
        // A longer file is cut short, and then no checkpoint.
        file.take(LIMIT).read_to_end(&mut bytes).map(|_| bytes)
    });
    let bytes = match read {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(StateError::Io { path, source }.into()),
        Ok(bytes) => bytes,
    };
    let note = String::from_utf8(bytes).map_err(|_| WitnessFailure::Kept)?;
    let held = Published::verify(&note, log, std::slice::from_ref(own))?;
    if held.cosignatures().is_empty() { Err(WitnessFailure::Kept) } else { Ok(Some(held)) }
}
