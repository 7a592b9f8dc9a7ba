//! `hashes`: what hashing alone takes of a log's entries, beside which `fsck` is measured.
//!
//! Every body is read into memory a thousand at a time; the clock of the thread's processor runs while they are hashed
//! from there, and not while they are read.

use std::thread;
use std::time::Duration;

use anyhow::{Result, anyhow};
use rustix::time::{ClockId, clock_gettime};
use serde_json::json;
use signer_core::merkle;
use signer_engine::store::StoreReader as _;
use signer_server::state::StateDirectory;
use signer_server::store::{self, SqliteReader};

use crate::arguments::Hashes;
use crate::report;

/// Entries hashed at a time.
const PAGE: usize = 1024;

/// What was hashed.
#[derive(Default)]
struct Hashed {
    entries: u64,
    bytes: u64,
    took: Duration,
}

/// Hashes every entry of a log, and prints how long that took each processor.
pub(crate) fn perform(arguments: &Hashes) -> Result<bool> {
    let state = StateDirectory::open(&arguments.state)?;
    let reader = store::snapshot(state.path())?;
    let size = reader.newest_checkpoint()?.map_or(0, |newest| newest.size);
    let threads = thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let all = thread::scope(|scope| -> Result<Hashed> {
        let running: Vec<_> = (0..threads)
            .map(|thread| {
                let reader = reader.again();
                scope.spawn(move || hash(&reader, size, (thread, threads)))
            })
            .collect();
        running.into_iter().try_fold(Hashed::default(), |all, thread| {
            let one = thread.join().map_err(|_| anyhow!("a thread panicked"))??;
            Ok(Hashed { entries: all.entries + one.entries, bytes: all.bytes + one.bytes, took: all.took + one.took })
        })
    })?;
    let seconds = all.took.as_secs_f64();
    report::answer(&json!({
        "schema": "urn:chancery:load-hashes:v1", "entries": all.entries, "bytes": all.bytes, "threads": threads,
        "processor_seconds": report::rounded(seconds),
        "seconds": report::rounded(seconds / f64::from(u32::try_from(threads)?)),
    }))?;
    Ok(true)
}

/// Hashes every `threads`th page, from the `thread`th on.
fn hash(reader: &SqliteReader, size: u64, (thread, threads): (usize, usize)) -> Result<Hashed> {
    let mut hashed = Hashed::default();
    let page = u64::try_from(PAGE)?;
    for turn in (0..size.div_ceil(page)).skip(thread).step_by(threads) {
        let mut bodies = Vec::with_capacity(PAGE);
        let start = turn * page;
        reader.each_entry(start..size.min(start + page), |_, _, body| bodies.push(body.to_vec()))?;
        let before = processor();
        for body in &bodies {
            std::hint::black_box(merkle::leaf_hash(body));
        }
        hashed.took += processor().saturating_sub(before);
        hashed.entries += u64::try_from(bodies.len())?;
        hashed.bytes += u64::try_from(bodies.iter().map(Vec::len).sum::<usize>())?;
    }
    Ok(hashed)
}

/// Time that this thread had of a processor.
fn processor() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or_default())
}
