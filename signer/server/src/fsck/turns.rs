//! Ranges of a table, read on as many threads as there are cores and given in order.

use std::num::NonZero;
use std::ops::Range;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, Scope};

use signer_engine::store::StoreError;

use crate::store::SqliteReader;

/// Ranges that wait for whoever puts them together, for each thread.
const WAITING: usize = 4;

type Read<T> = Result<T, StoreError>;

/// What the threads have read, range by range. Ends after the last, or after an error.
pub(super) struct Turns<T> {
    threads: Vec<Receiver<Read<T>>>,
    turn: usize,
}

impl<T> Iterator for Turns<T> {
    type Item = Read<T>;

    fn next(&mut self) -> Option<Read<T>> {
        // A thread that is done with its ranges has nothing more to say, and nor has any whose turn comes later.
        let read = self.threads.get(self.turn)?.recv().ok()?;
        self.turn = self.turn.saturating_add(1) % self.threads.len();
        Some(read)
    }
}

/// How many threads read at once.
pub(super) fn workers() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get)
}

/// Reads everything below `end` in ranges of `step`, each thread with its own connection to what `reader` reads.
pub(super) fn take<'scope, T: Send + 'scope>(
    scope: &'scope Scope<'scope, '_>,
    reader: &SqliteReader,
    (end, step): (u64, u64),
    read: impl Fn(&SqliteReader, Range<u64>) -> Read<T> + Copy + Send + 'scope,
) -> Turns<T> {
    let workers = workers();
    let threads = (0..workers)
        .map(|worker| {
            let (send, receive) = sync_channel(WAITING);
            let reader = reader.again();
            let ranges = (0..end.div_ceil(step)).skip(worker).step_by(workers);
            scope.spawn(move || {
                give(ranges.map(|turn| turn.saturating_mul(step)), &send, |start| {
                    read(&reader, start..start.saturating_add(step).min(end))
                });
            });
            receive
        })
        .collect();
    Turns { threads, turn: 0 }
}

fn give<T>(starts: impl Iterator<Item = u64>, send: &SyncSender<Read<T>>, read: impl Fn(u64) -> Read<T>) {
    for start in starts {
        let read = read(start);
        let has_failed = read.is_err();
        // Nobody listens any more where putting together has failed.
        if send.send(read).is_err() || has_failed {
            return;
        }
    }
}
