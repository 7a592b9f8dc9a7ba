//! Whatever left the engine once must be in its store before it signs again.

use std::path::PathBuf;

use signer_core::checkpoint::Checkpoint;
use signer_core::crypto::Ed25519Key;
use signer_core::digest::Digest;
use signer_core::reason::{Code, Coded as _};
use signer_core::time::{Timestamp, Window};
use signer_core::trust_root::LogKey;
use signer_engine::store::StoreWriter as _;
use signer_engine::store::memory::MemoryStore;
use signer_engine::store::rows::{Batch, CheckpointRow, State, Write};
use tempfile::TempDir;

use super::{Restoration, pass};
use crate::head::Head;
use crate::state::{self, StateDirectory};

const ORIGIN: &str = "log-00.example.internal";

/// A state whose store has signed trees of 2, 4, … entries.
struct Place {
    directory: TempDir,
    state: StateDirectory,
    key: Ed25519Key,
    store: MemoryStore,
}

fn checkpoint(size: u64) -> Checkpoint {
    Checkpoint { origin: ORIGIN.to_owned(), size, root: Digest::of(&size.to_be_bytes()) }
}

impl Place {
    fn new(size: u64) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let state = StateDirectory::create(&directory.path().join("engine")).unwrap();
        let key = Ed25519Key::generate().unwrap();
        let mut store = MemoryStore::default();
        let rows = (1..=size / 2).map(|half| {
            let signed = checkpoint(half * 2);
            Write::Checkpoint(CheckpointRow { size: signed.size, root: signed.root, note: signed.sign(&key) })
        });
        let after = State { frontier: vec![0; 8], last_time: None, events: 0, event_head: Digest::of(b""), feed: 0 };
        let writes = rows.collect();
        store.commit(&Batch { state: after, writes }).unwrap();
        Self { directory, state, key, store }
    }

    fn with_head(size: u64, head: u64) -> Self {
        let place = Self::new(size);
        Head::create(&place.state, Some(&checkpoint(head).sign(&place.key))).unwrap();
        place
    }

    fn log(&self) -> LogKey {
        let window = Window { start: Timestamp::EPOCH, end: Timestamp::EPOCH.plus(u64::MAX) };
        LogKey { origin: ORIGIN.to_owned(), key: self.key.public(), window }
    }

    fn file(&self, note: &str) -> PathBuf {
        let path = self.directory.path().join("expected");
        std::fs::write(&path, note).unwrap();
        path
    }

    fn passes(&self, expected: Option<&str>) -> Result<(), Code> {
        let file = expected.map(|note| self.file(note));
        pass(&self.state, &self.log(), &self.store, file.as_deref()).map(drop).map_err(|error| error.code())
    }

    fn expecting(&self, size: u64) -> Result<(), Code> {
        self.passes(Some(&checkpoint(size).sign(&self.key)))
    }

    fn restored(self) -> Self {
        let at = Timestamp::from_unix(1_795_000_000).unwrap();
        Restoration { entries: 4, backed_up: at, restored: at }.mark(&self.state).unwrap();
        self
    }
}

#[test]
fn a_store_with_everything_that_was_seen_serves() {
    for head in [0, 2, 4, 6] {
        let place = if head == 0 { Place::new(6) } else { Place::with_head(6, head) };
        if head == 0 {
            Head::create(&place.state, None).unwrap();
        }
        assert_eq!(place.passes(None), Ok(()), "head at {head}");
        for size in [2, 4, 6] {
            assert_eq!(place.expecting(size), Ok(()), "{size} of 6 was seen");
        }
    }
}

#[test]
fn refuses_a_database_behind_its_head() {
    assert_eq!(Place::with_head(4, 6).passes(None), Err(Code::LogStateRegression));
    assert_eq!(Place::with_head(0, 2).passes(None), Err(Code::LogStateRegression), "an empty database");
}

#[test]
fn refuses_a_database_behind_what_somebody_has_seen() {
    assert_eq!(Place::with_head(4, 4).expecting(6), Err(Code::LogStateRegression));
}

#[test]
fn refuses_another_tree_of_a_size_that_was_seen() {
    let place = Place::with_head(6, 6);
    for size in [4, 6] {
        let fork = Checkpoint { root: Digest::of(b"fork"), ..checkpoint(size) };
        assert_eq!(place.passes(Some(&fork.sign(&place.key))), Err(Code::LogConsistency));
    }
    // Never signed by this store, although it is longer.
    assert_eq!(place.expecting(5), Err(Code::LogConsistency));
}

#[test]
fn refuses_checkpoints_of_anybody_else() {
    let place = Place::with_head(6, 6);
    let stranger = Ed25519Key::generate().unwrap();
    assert_eq!(place.passes(Some(&checkpoint(6).sign(&stranger))), Err(Code::LogCheckpointSignature));
    let elsewhere = Checkpoint { origin: "log-01.example.internal".to_owned(), ..checkpoint(6) };
    assert_eq!(place.passes(Some(&elsewhere.sign(&place.key))), Err(Code::LogOriginMismatch));
    for note in ["", "\n\n\n", "log-00.example.internal\n6\n"] {
        assert_eq!(place.passes(Some(note)), Err(Code::LogCheckpointMalformed), "{note:?}");
    }
    let absent = PathBuf::from("/nonexistent/checkpoint");
    let refused = pass(&place.state, &place.log(), &place.store, Some(&absent)).map(drop);
    assert_eq!(refused.map_err(|error| error.code()), Err(Code::InternalIo));
}

#[test]
fn refuses_a_state_without_head_until_the_newest_checkpoint_is_brought() {
    let place = Place::new(6);
    assert_eq!(place.passes(None), Err(Code::LogHeadMissing));
    assert_eq!(place.expecting(4), Err(Code::LogHeadMissing), "an older one proves nothing");
    assert_eq!(place.expecting(6), Ok(()));
    assert_eq!(place.passes(None), Ok(()), "the file is there again");
}

#[test]
fn a_restored_state_waits_for_the_newest_checkpoint() {
    let place = Place::with_head(4, 4).restored();
    assert_eq!(place.passes(None), Err(Code::LogRestored));
    assert_eq!(place.expecting(2), Err(Code::LogRestored), "an older one proves nothing");
    assert_eq!(place.expecting(6), Err(Code::LogStateRegression), "entries are lost");
    assert!(place.state.file(state::RESTORED).exists());
    assert_eq!(place.expecting(4), Ok(()));
    assert_eq!(place.passes(None), Ok(()), "once is enough");
}

#[test]
fn a_malformed_mark_of_restoration_still_holds_the_state() {
    let place = Place::with_head(4, 4);
    place.state.write(state::RESTORED, b"{}").unwrap();
    assert_eq!(place.expecting(4), Err(Code::EngineState));
}
