//! A consistent copy of a database that may be in use, by `SQLite`'s own backup.

use std::fs::File;
use std::path::Path;

use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};
use signer_engine::store::StoreError;

use super::{DATABASE, private, refused, schema};

/// Pages copied between two looks at how far it is.
const PAGES: i32 = 4096;

/// Copies the database of one directory into another, where none may be. `progress` is told pages done and pages in all.
///
/// A read transaction holds one snapshot for the whole copy: without it a busy writer would make the copy begin again and
/// again. The copy is one file, durable when this returns.
pub fn copy(from: &Path, to: &Path, progress: impl FnMut(u64, u64)) -> Result<(), StoreError> {
    let source = reader(from, DATABASE)?;
    schema::prepare_reader(&source)?;
    source.execute_batch("BEGIN; SELECT count(*) FROM state;").map_err(refused)?;
    copy_pages(&source, to, DATABASE, progress)
}

/// Copies another database of a directory in the same way.
pub(crate) fn copy_other(from: &Path, to: &Path, name: &str) -> Result<(), StoreError> {
    let source = reader(from, name)?;
    source.execute_batch("BEGIN; SELECT count(*) FROM sqlite_schema;").map_err(refused)?;
    copy_pages(&source, to, name, |_, _| {})
}

fn reader(directory: &Path, name: &str) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Connection::open_with_flags(directory.join(name), flags).map_err(refused)
}

fn copy_pages(
    source: &Connection,
    to: &Path,
    name: &str,
    mut progress: impl FnMut(u64, u64),
) -> Result<(), StoreError> {
    let path = to.join(name);
    if path.exists() {
        return Err(StoreError::Conflict);
    }
    private(&path)?;
    let mut target = Connection::open(&path).map_err(refused)?;
    let backup = Backup::new(source, &mut target).map_err(refused)?;
    let pages = |count: i32| u64::try_from(count).unwrap_or_default();
    loop {
        match backup.step(PAGES).map_err(refused)? {
            StepResult::Done => break,
            StepResult::More => {
                let told = backup.progress();
                progress(pages(told.pagecount.saturating_sub(told.remaining)), pages(told.pagecount));
            }
            _ => return Err(StoreError::InUse),
        }
    }
    drop(backup);
    drop(target);
    let failed = |source: std::io::Error| StoreError::Medium { source: Box::new(source) };
    File::open(&path).and_then(|file| file.sync_all()).map_err(failed)?;
    File::open(to).and_then(|directory| directory.sync_all()).map_err(failed)
}
