//! `chancery-server backup` and `restore`: a state on another medium, and back.
//!
//! A backup is one snapshot of the database, taken beside a running engine, with the sealed keys, the public files and the
//! head, and it is checked as `fsck` checks a state. A restored state is as old as its backup, and an engine that signed
//! on it would fork the log; so a restored state waits until somebody brings the newest checkpoint that anybody has
//! (`fork.rs`, docs/operations.md).

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use signer_core::canonical::{self, CanonicalError};
use signer_core::digest::Digest;
use signer_core::reason::{Code, Coded};
use signer_core::time::Timestamp;
use signer_core::{checkpoint, trust_root};
use signer_engine::store::{StoreError, StoreReader as _};

use crate::failure::Failure;
use crate::fork::{ForkError, Restoration};
use crate::fsck::{self, FsckError, Progress};
use crate::head::{Head, HeadError};
use crate::state::{self, StateDirectory, StateError};
use crate::{args, beside, clock, engine_file, seal, store, witnessing};

/// The description of a backup.
const MANIFEST: &str = "backup.json";
/// Most bytes of it.
const MAX_MANIFEST: usize = 64 * 1024;
/// Files beside the database, with the most bytes of each. `engine.json` is last, so that nothing half-made starts.
const FILES: &[(&str, usize)] = &[
    (state::TRUST_ROOT, trust_root::MAX_BYTES),
    (state::OWNER, 256),
    (state::ROOT_KEY, seal::MAX_BYTES),
    (state::KEYS, seal::MAX_BYTES),
    (state::ENGINE, engine_file::MAX_BYTES),
];

/// What a backup holds.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    schema: Schema,
    /// When it was made.
    made: Timestamp,
    /// Entries of the log.
    entries: u64,
    /// Newest checkpoint; absent before the first entry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    checkpoint: Option<String>,
    /// Digest of each file, by name.
    files: Vec<(String, Digest)>,
}

impl Manifest {
    fn names(&self, file: &str) -> bool {
        self.files.iter().any(|(name, _)| name == file)
    }
}

#[derive(Serialize, Deserialize)]
enum Schema {
    #[serde(rename = "urn:chancery:backup:v1")]
    Version1,
}

/// What `backup` and `restore` answer.
#[derive(Debug, Serialize)]
pub struct Copied {
    schema: &'static str,
    #[serde(serialize_with = "crate::output::path")]
    directory: PathBuf,
    entries: u64,
    root: Option<Digest>,
    made: Timestamp,
    #[serde(skip)]
    remark: &'static str,
}

impl Copied {
    /// For people.
    pub fn text(&self) -> String {
        let Self { directory, entries, made, remark, .. } = self;
        format!("{}: {entries} entries, as of {made}\n{remark}", directory.display())
    }
}

/// Makes a backup of a state.
pub(crate) fn back_up(arguments: &args::Backup) -> Result<Copied, Failure> {
    Ok(copy_out(&arguments.state, &arguments.directory, clock::system())?)
}

/// Makes a state of a backup.
pub(crate) fn restore(arguments: &args::Restore) -> Result<Copied, Failure> {
    Ok(copy_in(&arguments.directory, &arguments.state, clock::system())?)
}

fn copy_out(state: &Path, directory: &Path, now: Timestamp) -> Result<Copied, BackupError> {
    let state = StateDirectory::open(state)?;
    let backup = StateDirectory::create(directory)?;
    let mut progress = Progress::new("pages", 0);
    store::copy(state.path(), backup.path(), |done, total| progress.reached_of(done, total))?;
    let mut files = Vec::with_capacity(FILES.len());
    for (name, limit) in FILES {
        let bytes = state.read(name, *limit)?;
        backup.write(name, &bytes)?;
        files.push(((*name).to_owned(), Digest::of(&bytes)));
    }
    let report = check(&backup)?;
    let newest = store::read(backup.path()).newest_checkpoint()?.map(|row| row.note);
    files.push((store::DATABASE.to_owned(), digest_of(&backup.file(store::DATABASE))?));
    for name in beside::FILES.into_iter().filter(|name| state.file(name).exists()) {
        store::copy_other(state.path(), backup.path(), name)?;
        files.push((name.to_owned(), digest_of(&backup.file(name))?));
    }
    let manifest = Manifest { schema: Schema::Version1, made: now, entries: report.entries, checkpoint: newest, files };
    // Written last: what has no manifest is no backup.
    backup.write(MANIFEST, &canonical::to_vec(&manifest)?)?;
    Ok(Copied {
        schema: "urn:chancery:backup:v1",
        directory: backup.path().to_owned(),
        entries: report.entries,
        root: report.root,
        made: now,
        remark: "every row was checked; keep it where whoever takes this machine does not reach it",
    })
}

fn copy_in(directory: &Path, target: &Path, now: Timestamp) -> Result<Copied, BackupError> {
    let backup = StateDirectory::open(directory)?;
    let manifest: Manifest = canonical::from_slice(&backup.read(MANIFEST, MAX_MANIFEST)?, MAX_MANIFEST)?;
    if manifest.checkpoint.as_ref().is_some_and(|note| note.len() > checkpoint::MAX_BYTES) {
        return Err(BackupError::Altered { file: MANIFEST.to_owned() });
    }
    check_files(&backup, &manifest)?;
    let state = StateDirectory::create(target)?;
    store::copy(backup.path(), state.path(), |_, _| {})?;
    for name in beside::FILES.into_iter().filter(|name| manifest.names(name)) {
        store::copy_other(backup.path(), state.path(), name)?;
    }
    witnessing::embed_nothing(state.path())?;
    Restoration { entries: manifest.entries, backed_up: manifest.made, restored: now }.mark(&state)?;
    Head::create(&state, manifest.checkpoint.as_deref())?;
    for (name, limit) in FILES {
        state.write(name, &backup.read(name, *limit)?)?;
    }
    let report = check(&state)?;
    Ok(Copied {
        schema: "urn:chancery:restore:v1",
        directory: state.path().to_owned(),
        entries: report.entries,
        root: report.root,
        made: manifest.made,
        remark: "it does not serve before the newest checkpoint that anybody has is brought: \
                 `chancery-server serve --expect-checkpoint FILE`",
    })
}

/// Every file is there and is the one that was written, the database included.
fn check_files(backup: &StateDirectory, manifest: &Manifest) -> Result<(), BackupError> {
    let others = beside::FILES.into_iter().filter(|name| manifest.names(name));
    let expected = FILES.iter().map(|(name, _)| *name).chain([store::DATABASE]).chain(others);
    let named = manifest.files.iter().map(|(name, _)| name.as_str());
    if !expected.eq(named) {
        return Err(BackupError::Altered { file: MANIFEST.to_owned() });
    }
    for (name, digest) in &manifest.files {
        if digest_of(&backup.file(name))? != *digest {
            return Err(BackupError::Altered { file: name.clone() });
        }
    }
    Ok(())
}

fn digest_of(path: &Path) -> Result<Digest, BackupError> {
    let failed = |source| BackupError::Unreadable { path: path.to_owned(), source };
    signer_core::digest::of_reader(File::open(path).map_err(failed)?).map_err(failed)
}

fn check(state: &StateDirectory) -> Result<fsck::Report, BackupError> {
    let report = fsck::check(state)?;
    match report.differences.first() {
        None => Ok(report),
        Some(first) => Err(BackupError::Differs { code: first.code, table: first.table, row: first.row.clone() }),
    }
}

/// Why there is no backup, or no state of it.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// A file is not the one that was written.
    #[error("the backup's `{file}` is not the file that was written")]
    Altered {
        /// Which.
        file: String,
    },
    /// What was copied is not what the log says.
    #[error("the {table} row `{row}` is not what was recorded ({code}); `chancery-server fsck` names every such row")]
    Differs {
        /// How it differs.
        code: Code,
        /// Its table.
        table: &'static str,
        /// Its name.
        row: String,
    },
    /// The restored state cannot be marked as such.
    #[error(transparent)]
    Fork(#[from] ForkError),
    /// The copy cannot be checked.
    #[error(transparent)]
    Fsck(#[from] FsckError),
    /// The head file cannot be made.
    #[error(transparent)]
    Head(#[from] HeadError),
    /// The description of the backup is malformed.
    #[error("`{MANIFEST}` is malformed")]
    Manifest(#[from] CanonicalError),
    /// A directory does not serve.
    #[error(transparent)]
    State(#[from] StateError),
    /// The database cannot be copied.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A file cannot be read.
    #[error("`{}` cannot be read", path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
}

impl Coded for BackupError {
    fn code(&self) -> Code {
        match self {
            Self::Altered { .. } | Self::Manifest(_) => Code::EngineBackup,
            Self::Differs { code, .. } => *code,
            Self::Fork(source) => source.code(),
            Self::Fsck(source) => source.code(),
            Self::Head(source) => source.code(),
            Self::State(source) => source.code(),
            Self::Store(source) => source.code(),
            Self::Unreadable { .. } => Code::InternalIo,
        }
    }
}

#[cfg(test)]
mod tests;
