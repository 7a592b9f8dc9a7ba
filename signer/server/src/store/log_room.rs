//! Room for the write-ahead log. To sync a file that grew, a file system commits its journal as well, which takes as long
//! as the log's own bytes do; a log that has its length already is synced by writing them.
//!
//! `SQLite` takes no frame whose salt or running checksum is not that of the frames before it
//! (<https://www.sqlite.org/fileformat2.html#the_write_ahead_log>), so that zeros behind the newest one say nothing.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Read as _, Write as _};
use std::num::NonZero;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use rustix::fs::{Advice, fadvise, statvfs};

/// Bytes that are written at a time. What is written in large pieces lies in memory in large ones, and a file system goes
/// through all of one for each small write into it: a transaction's pages took twice as long.
const PIECE: usize = 64 * 1024;

/// What is asked for ahead: several transactions of one request.
const AHEAD: u64 = 256 * 1024;
/// How long what was asked for is taken to be there still.
const FRESH: Duration = Duration::from_millis(20);

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

/// Where the next transaction goes, so that its pages can be in memory before it is there. A page's frame begins in the middle
/// of a block that holds zeros; where the system has taken the block's memory back, as it does after minutes in which nobody
/// signs, each of a transaction's frames would wait for the disk in turn.
#[derive(Debug)]
pub struct LogAhead {
    log: File,
    next: AtomicU64,
    began: Instant,
    /// Microseconds after the beginning at which it was last asked for.
    asked: AtomicU64,
}

impl LogAhead {
    /// For a log that has its room.
    pub(super) fn of(log: &Path) -> io::Result<Self> {
        let log = File::open(log)?;
        Ok(Self { log, next: AtomicU64::default(), began: Instant::now(), asked: AtomicU64::default() })
    }

    /// A request has come that may end in a transaction: its pages are read while it is worked on. Nobody waits for that,
    /// and where it fails they are read later.
    pub fn expect(&self) {
        let now = u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX);
        let asked = self.asked.load(Ordering::Relaxed);
        let is_fresh = asked != 0 && u128::from(now.saturating_sub(asked)) < FRESH.as_micros();
        if !is_fresh {
            self.asked.store(now, Ordering::Relaxed);
            let next = self.next.load(Ordering::Relaxed);
            let _read_later = fadvise(&self.log, next, NonZero::new(AHEAD), Advice::WillNeed);
        }
    }

    /// The log's newest frame ends here.
    pub(super) fn moved(&self, end: u64) {
        self.next.store(end, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests;
