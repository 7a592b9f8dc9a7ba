//! Room for the write-ahead log. To sync a file that grew, a file system commits its journal as well, which takes as long
//! as the log's own bytes do; a log that has its length already is synced by writing them.
//!
//! `SQLite` takes no frame whose salt or running checksum is not that of the frames before it
//! (<https://www.sqlite.org/fileformat2.html#the_write_ahead_log>), so that zeros behind the newest one say nothing.

use std::fs::OpenOptions;
use std::io::{self, BufWriter, Read as _, Write as _};
use std::path::Path;

use rustix::fs::statvfs;

/// Bytes that are written at a time. What is written in large pieces lies in memory in large ones, and a file system goes
/// through all of one for each small write into it: a transaction's pages took twice as long.
const PIECE: usize = 64 * 1024;

/// Bytes that are free for us where `path` lies.
pub(super) fn free(path: &Path) -> io::Result<u64> {
    let disk = statvfs(path)?;
    Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
}

/// Appends zeros to `log` until it has `length` bytes, durably. What it holds stays.
pub(super) fn make(log: &Path, length: u64) -> io::Result<()> {
    // Appending: whatever is written to it at the same time is never overwritten.
    let file = OpenOptions::new().append(true).open(log)?;
    let missing = length.saturating_sub(file.metadata()?.len());
    if missing == 0 {
        return Ok(());
    }
    let mut out = BufWriter::with_capacity(PIECE, &file);
    io::copy(&mut io::repeat(0).take(missing), &mut out)?;
    out.flush()?;
    file.sync_data()
}
