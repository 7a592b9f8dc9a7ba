//! The tree again from every entry, against every checkpoint and every stored node. Entries are read and hashed on as
//! many threads as there are cores; the tree grows on one.

use std::num::NonZero;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use signer_core::checkpoint::Checkpoint;
use signer_core::digest::Digest;
use signer_core::merkle::Frontier;
use signer_core::reason::{Code, Coded as _};
use signer_core::trust_root::LogKey;
use signer_engine::store::rows::CheckpointRow;
use signer_engine::store::{StoreError, StoreReader as _};
use signer_log::NodeBuilder;

use super::difference::Differences;
use super::progress::Progress;
use crate::store::SqliteReader;

/// Entries of one piece of work.
const PIECE: u64 = 4096;
/// Checkpoints read at once.
const PAGE: u64 = 1024;

/// Place, hash of the body, stored hash.
type Hashed = (u64, Digest, Option<Digest>);
type Pieces = Receiver<Result<Vec<Hashed>, StoreError>>;

/// Replays the first `size` entries; gives the edge of their tree.
pub(super) fn check(
    snapshot: &SqliteReader,
    log: &LogKey,
    size: u64,
    differences: &mut Differences,
) -> Result<Frontier, StoreError> {
    let workers = u64::try_from(thread::available_parallelism().map_or(1, NonZero::get)).unwrap_or(1);
    thread::scope(|scope| {
        let pieces: Vec<Pieces> = (0..workers)
            .map(|worker| {
                let (send, receive) = sync_channel(4);
                let reader = snapshot.again();
                scope.spawn(move || hash(&reader, size, worker, workers, &send));
                receive
            })
            .collect();
        let mut growing = Growing::new(snapshot, log, size, differences);
        for worker in pieces.iter().cycle() {
            if growing.frontier.size() >= size {
                break;
            }
            // A worker that is done with its pieces has nothing more to say.
            let Ok(piece) = worker.recv() else { break };
            for hashed in piece? {
                growing.take(hashed)?;
            }
        }
        growing.end(size)
    })
}

/// Every `workers`th piece, from the `worker`th on.
fn hash(
    reader: &SqliteReader,
    size: u64,
    worker: u64,
    workers: u64,
    send: &SyncSender<Result<Vec<Hashed>, StoreError>>,
) {
    let mut start = worker.saturating_mul(PIECE);
    while start < size {
        let piece = reader.hashed_entries(start, start.saturating_add(PIECE).min(size));
        if send.send(piece).is_err() {
            return;
        }
        start = start.saturating_add(PIECE.saturating_mul(workers));
    }
}

struct Growing<'a> {
    snapshot: &'a SqliteReader,
    log: &'a LogKey,
    frontier: Frontier,
    nodes: NodeBuilder,
    checkpoints: std::vec::IntoIter<CheckpointRow>,
    next: Option<CheckpointRow>,
    /// Size of the last checkpoint whose root fits, until one does not.
    sound: Option<u64>,
    progress: Progress,
    differences: &'a mut Differences,
}

impl<'a> Growing<'a> {
    fn new(snapshot: &'a SqliteReader, log: &'a LogKey, size: u64, differences: &'a mut Differences) -> Self {
        Self {
            snapshot,
            log,
            frontier: Frontier::new(),
            nodes: NodeBuilder::new(),
            checkpoints: Vec::new().into_iter(),
            next: None,
            sound: Some(0),
            progress: Progress::new("entries", size),
            differences,
        }
    }

    fn take(&mut self, (place, computed, stored): Hashed) -> Result<(), StoreError> {
        while self.frontier.size() < place {
            let missing = self.frontier.size();
            self.differences.tell(Code::EngineRowMissing, "entries", missing, "the entry is gone");
            self.push(Digest::from_bytes([0; 32]))?;
        }
        if stored != Some(computed) {
            self.differences.tell(
                Code::EngineRowAltered,
                "entries",
                place,
                "body and leaf hash do not belong together",
            );
        }
        self.push(computed)
    }

    fn push(&mut self, leaf: Digest) -> Result<(), StoreError> {
        self.frontier.push(leaf);
        for node in self.nodes.push(leaf) {
            let stored = self.snapshot.nodes(node.level, node.index, 1)?;
            if stored != [node.hash] && self.sound.is_some() {
                let row = format!("{}/{}", node.level, node.index);
                self.differences.tell(Code::EngineRowAltered, "nodes", row, "it is not the root of its tile");
            }
        }
        let size = self.frontier.size();
        if self.upcoming()?.is_some_and(|row| row.size == size)
            && let Some(row) = self.next.take()
        {
            self.compare(&row);
        }
        self.progress.reached(size);
        Ok(())
    }

    /// The checkpoint that comes next.
    fn upcoming(&mut self) -> Result<Option<&CheckpointRow>, StoreError> {
        if self.next.is_none() {
            self.next = self.checkpoints.next();
        }
        if self.next.is_none() {
            let after = self.frontier.size().saturating_sub(1);
            self.checkpoints = self.snapshot.checkpoints_after(after, PAGE)?.into_iter();
            self.next = self.checkpoints.next();
        }
        Ok(self.next.as_ref())
    }

    fn compare(&mut self, row: &CheckpointRow) {
        match Checkpoint::verify(&row.note, &self.log.origin, &self.log.key) {
            Ok(signed) if (signed.size, signed.root) == (row.size, row.root) => {}
            Ok(_) => self.differences.tell(Code::EngineRowAltered, "checkpoints", row.size, "note and row differ"),
            Err(error) => self.differences.tell(error.code(), "checkpoints", row.size, error),
        }
        if row.root == self.frontier.root() {
            self.sound = self.sound.map(|_| row.size);
        } else if let Some(from) = self.sound.take() {
            let last = row.size.saturating_sub(1);
            let message = format!("the entries from {from} to {last} do not lead to the root that was signed");
            self.differences.tell(Code::LogConsistency, "checkpoints", row.size, message);
        }
    }

    /// The edge of the tree over `size` entries; those that are gone are told.
    fn end(mut self, size: u64) -> Result<Frontier, StoreError> {
        while self.frontier.size() < size {
            let missing = self.frontier.size();
            self.differences.tell(Code::EngineRowMissing, "entries", missing, "the entry is gone");
            self.push(Digest::from_bytes([0; 32]))?;
        }
        Ok(self.frontier)
    }
}
