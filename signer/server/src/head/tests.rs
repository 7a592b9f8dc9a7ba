//! The head file keeps the newest checkpoint through torn writes, and nothing of anybody else.

use signer_core::checkpoint::Checkpoint;
use signer_core::crypto::Ed25519Key;
use signer_core::digest::Digest;
use signer_core::reason::{Code, Coded as _};
use signer_core::time::{Timestamp, Window};
use signer_core::trust_root::LogKey;
use signer_engine::store::memory::MemoryStore;
use signer_engine::store::rows::{Batch, CheckpointRow, State, Write};
use signer_engine::store::{StoreError, StoreReader as _, StoreWriter as _};
use tempfile::TempDir;

use super::{Head, Headed, SLOT};
use crate::state::{self, StateDirectory};

const ORIGIN: &str = "log-00.example.internal";

struct Place {
    _directory: TempDir,
    state: StateDirectory,
    key: Ed25519Key,
}

impl Place {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let state = StateDirectory::create(directory.path()).unwrap();
        Self { _directory: directory, state, key: Ed25519Key::generate().unwrap() }
    }

    fn log(&self) -> LogKey {
        let window = Window { start: Timestamp::EPOCH, end: Timestamp::EPOCH.plus(u64::MAX) };
        LogKey { origin: ORIGIN.to_owned(), key: self.key.public(), window }
    }

    fn note(&self, size: u64) -> String {
        Checkpoint { origin: ORIGIN.to_owned(), size, root: Digest::of(&size.to_be_bytes()) }.sign(&self.key)
    }

    fn newest(&self) -> Result<Option<u64>, Code> {
        let found = Head::open(&self.state, &self.log()).map_err(|error| error.code())?;
        Ok(found.newest.map(|seen| seen.checkpoint.size))
    }

    /// Overwrites bytes of the file from `at` on.
    fn tear(&self, at: usize, garbage: &[u8]) {
        let mut bytes = std::fs::read(self.state.file(state::HEAD)).unwrap();
        bytes[at..at + garbage.len()].copy_from_slice(garbage);
        std::fs::write(self.state.file(state::HEAD), bytes).unwrap();
    }
}

#[test]
fn the_newest_of_many_heads_is_found_again() {
    let place = Place::new();
    let mut head = Head::create(&place.state, None).unwrap();
    assert_eq!(place.newest(), Ok(None));
    for size in 1..6 {
        head.write(&place.note(size)).unwrap();
        assert_eq!(place.newest(), Ok(Some(size)));
    }
    let mut head = Head::open(&place.state, &place.log()).unwrap().head;
    head.write(&place.note(6)).unwrap();
    assert_eq!(place.newest(), Ok(Some(6)));
}

#[test]
fn a_head_that_starts_with_a_checkpoint_keeps_it() {
    let place = Place::new();
    let mut head = Head::create(&place.state, Some(&place.note(9))).unwrap();
    assert_eq!(place.newest(), Ok(Some(9)));
    head.write(&place.note(10)).unwrap();
    assert_eq!(place.newest(), Ok(Some(10)));
}

#[test]
fn a_torn_write_leaves_the_head_before() {
    for (at, garbage) in [(0, b"\xff\xff\xff\xff".as_slice()), (60, b"torn"), (2, b"\x00\x01")] {
        let place = Place::new();
        let mut head = Head::create(&place.state, None).unwrap();
        for size in 1..4 {
            head.write(&place.note(size)).unwrap();
        }
        // The third is in the first slot again.
        place.tear(at, garbage);
        assert_eq!(place.newest(), Ok(Some(2)), "torn at {at}");
    }
}

#[test]
fn refuses_a_head_without_anything_of_this_log() {
    let place = Place::new();
    let stranger = Place::new();
    let mut head = Head::create(&place.state, None).unwrap();
    head.write(&stranger.note(5)).unwrap();
    assert_eq!(place.newest(), Err(Code::LogHeadDamaged));
    place.tear(SLOT, b"\x00\x00\x00\x02hi");
    assert_eq!(place.newest(), Err(Code::LogHeadDamaged));
}

#[test]
fn refuses_a_missing_or_oversize_head() {
    let place = Place::new();
    assert_eq!(place.newest(), Err(Code::LogHeadMissing));
    place.state.write(state::HEAD, &vec![0; 2 * SLOT + 1]).unwrap();
    assert_eq!(place.newest(), Err(Code::EngineState));
}

#[test]
fn refuses_to_write_what_no_checkpoint_is_long_enough_for() {
    let place = Place::new();
    let mut head = Head::create(&place.state, None).unwrap();
    assert_eq!(head.write(&"x".repeat(SLOT)).map_err(|error| error.code()), Err(Code::LogHeadDamaged));
    assert_eq!(place.newest(), Ok(None));
}

fn batch(writes: Vec<Write>) -> Batch {
    let state = State { frontier: vec![0; 8], last_time: None, events: 0, event_head: Digest::of(b""), feed: 0 };
    Batch { state, writes }
}

#[test]
fn the_head_follows_every_commit_with_a_checkpoint_and_no_other() {
    let place = Place::new();
    let store = MemoryStore::default();
    let mut headed = Headed::new(store.clone(), Head::create(&place.state, None).unwrap());
    headed.commit(&batch(Vec::new())).unwrap();
    assert_eq!(place.newest(), Ok(None));
    let row = CheckpointRow { size: 3, root: Digest::of(b"root"), note: place.note(3) };
    headed.commit(&batch(vec![Write::Checkpoint(row.clone())])).unwrap();
    assert_eq!(place.newest(), Ok(Some(3)));
    // A batch that the store refuses leaves the head alone.
    let again = CheckpointRow { note: place.note(4), ..row };
    assert!(matches!(headed.commit(&batch(vec![Write::Checkpoint(again)])), Err(StoreError::Conflict)));
    assert_eq!(place.newest(), Ok(Some(3)));
}

#[test]
fn nothing_is_acknowledged_without_its_head() {
    let place = Place::new();
    let store = MemoryStore::default();
    let mut headed = Headed::new(store.clone(), Head::create(&place.state, None).unwrap());
    let row = CheckpointRow { size: 3, root: Digest::of(b"root"), note: "x".repeat(SLOT) };
    let refused = headed.commit(&batch(vec![Write::Checkpoint(row)]));
    assert_eq!(refused.map_err(|error| error.code()), Err(Code::EngineStorage));
    assert!(store.newest_checkpoint().unwrap().is_some(), "the batch itself is durable");
}

#[test]
fn what_a_client_has_seen_is_remembered() {
    let place = Place::new();
    let mut headed = Headed::new(MemoryStore::default(), Head::create(&place.state, None).unwrap());
    headed.regressed(&place.note(77)).unwrap();
    assert_eq!(place.newest(), Ok(Some(77)));
}
