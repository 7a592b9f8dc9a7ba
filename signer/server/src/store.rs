//! The embedded store: `SQLite` behind the engine's port. One writer connection, read-only connections for everybody else.
//!
//! WAL with `synchronous = FULL`: a transaction that returned survives a power failure. Rows have small integer keys and
//! unique indexes on random ids, so that no wide row is clustered on a random value. Registry rows are caches of logged
//! statements and events; editing them changes nothing that a verifier believes.

mod columns;
mod copy;
mod log_room;
mod past;
mod reader;
mod scan;
mod schema;
mod writer;

use std::fs::{File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::sync::Arc;

use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;
use signer_engine::store::StoreError;

pub use copy::copy;
pub(crate) use copy::copy_other;
pub use log_room::LogAhead;
pub use past::Rotation;
pub use reader::SqliteReader;
pub use scan::{Keyed, Named, snapshot};
pub use writer::SqliteWriter;

/// The file of the database inside the engine's state.
pub const DATABASE: &str = "engine.sqlite";
/// The file whose lock says that an engine is running on this state.
const LOCK: &str = "engine.lock";
/// Bytes on the disk under which the write-ahead log is kept short.
const AMPLE: u64 = 1024 * 1024 * 1024;

/// Opens the store in `directory`, which must exist; makes it where there is none.
///
/// Fails where another process has it open, or another version wrote it.
pub fn open(directory: &Path) -> Result<(Arc<SqliteReader>, SqliteWriter), StoreError> {
    open_beside(directory, AMPLE)
}

fn open_beside(directory: &Path, ample: u64) -> Result<(Arc<SqliteReader>, SqliteWriter), StoreError> {
    let lock = lock(&directory.join(LOCK))?;
    let path = directory.join(DATABASE);
    // `SQLite` gives its other files the mode of this one.
    private(&path)?;
    let writer = SqliteWriter::open(&path, lock, ample)?;
    Ok((Arc::new(SqliteReader::new(path)), writer))
}

/// Opens the store in `directory` for reading alone, beside a running engine or without one.
pub fn read(directory: &Path) -> Arc<SqliteReader> {
    Arc::new(SqliteReader::new(directory.join(DATABASE)))
}

fn lock(path: &Path) -> Result<File, StoreError> {
    let file = private(path)?;
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(file),
        Err(Errno::WOULDBLOCK) => Err(StoreError::InUse),
        Err(source) => Err(StoreError::Medium { source: Box::new(source) }),
    }
}

/// A file that only its owner may read.
pub(crate) fn private(path: &Path) -> Result<File, StoreError> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)
        .map_err(|source| StoreError::Medium { source: Box::new(source) })
}

/// What `SQLite` said, as the port says it.
fn refused(error: rusqlite::Error) -> StoreError {
    match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::ConstraintViolation) => StoreError::Conflict,
        _ => StoreError::Medium { source: Box::new(error) },
    }
}

#[cfg(test)]
mod tests;
