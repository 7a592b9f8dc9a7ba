//! What is backed up comes back whole, and nothing that was altered on the way.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use rusqlite::Connection;
use signer_core::reason::{Code, Coded as _};
use signer_core::time::Timestamp;
use tempfile::TempDir;

use super::{copy_in, copy_out};
use crate::beside;
use crate::fsck;
use crate::fsck::tests::engine;
use crate::state::{self, StateDirectory};

fn noon() -> Timestamp {
    Timestamp::from_unix(1_795_000_000).unwrap()
}

struct Shelf(TempDir);

impl Shelf {
    /// An engine with some entries, and its backup.
    fn new() -> (Self, TempDir) {
        let (engine, shelf) = (engine(), Self(tempfile::tempdir().unwrap()));
        copy_out(engine.path(), &shelf.0.path().join("backup"), noon()).unwrap();
        (shelf, engine)
    }

    fn restored(&self) -> Result<StateDirectory, Code> {
        let target = self.0.path().join("restored");
        copy_in(&self.0.path().join("backup"), &target, noon()).map_err(|error| error.code())?;
        Ok(StateDirectory::open(&target).unwrap())
    }

    fn alter(&self, file: &str, change: impl FnOnce(&mut Vec<u8>)) {
        let path = self.0.path().join("backup").join(file);
        let mut bytes = fs::read(&path).unwrap();
        change(&mut bytes);
        fs::write(path, bytes).unwrap();
    }
}

#[test]
fn a_restored_state_is_the_one_that_was_backed_up_and_says_that_it_was_restored() {
    let (shelf, engine) = Shelf::new();
    let state = shelf.restored().unwrap();
    for file in [state::ENGINE, state::TRUST_ROOT, state::KEYS, state::ROOT_KEY, state::OWNER] {
        assert_eq!(fs::read(state.file(file)).unwrap(), fs::read(engine.path().join(file)).unwrap(), "{file}");
    }
    let report = fsck::check(&state).unwrap();
    assert!(report.is_sound() && report.entries == 8);
    assert!(state.file(state::RESTORED).exists() && state.file(state::HEAD).exists());
}

fn says(state: &Path, file: &str, word: &str) {
    let connection = Connection::open(state.join(file)).unwrap();
    fs::set_permissions(state.join(file), fs::Permissions::from_mode(0o600)).unwrap();
    connection.execute_batch("CREATE TABLE IF NOT EXISTS said (word TEXT NOT NULL)").unwrap();
    connection.execute("INSERT INTO said VALUES (?1)", [word]).unwrap();
}

#[test]
fn what_witnesses_and_time_authorities_said_is_backed_up_with_the_answers_that_repeat_it() {
    let engine = engine();
    for count in 0..=beside::FILES.len() {
        let shelf = Shelf(tempfile::tempdir().unwrap());
        let (files, _) = beside::FILES.split_at(count);
        files.last().into_iter().for_each(|file| says(engine.path(), file, file));
        copy_out(engine.path(), &shelf.0.path().join("backup"), noon()).unwrap();
        let state = shelf.restored().unwrap();
        for file in beside::FILES {
            let kept = files.contains(&file).then(|| Connection::open(state.file(file)).unwrap());
            let word = kept.map(|kept| kept.query_row("SELECT word FROM said", [], |row| row.get(0)).unwrap());
            assert_eq!(word, files.contains(&file).then(|| file.to_owned()));
        }
        let Some(file) = files.last() else { continue };
        says(&shelf.0.path().join("backup"), file, "another");
        fs::remove_dir_all(state.path()).unwrap();
        assert_eq!(shelf.restored().err(), Some(Code::EngineBackup), "{file}");
    }
}

#[test]
fn a_backup_is_for_its_owner_alone() {
    let (shelf, _engine) = Shelf::new();
    for file in fs::read_dir(shelf.0.path().join("backup")).unwrap() {
        assert_eq!(file.unwrap().metadata().unwrap().permissions().mode() & 0o077, 0);
    }
}

#[test]
fn refuses_a_backup_in_which_any_file_was_altered() {
    for file in ["backup.json", "engine.sqlite", state::ENGINE, state::TRUST_ROOT, state::KEYS, state::ROOT_KEY] {
        let (shelf, _engine) = Shelf::new();
        shelf.alter(file, |bytes| {
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
        });
        assert_eq!(shelf.restored().err(), Some(Code::EngineBackup), "{file}");
        assert!(!shelf.0.path().join("restored").exists(), "nothing is made of it");
    }
}

#[test]
fn refuses_half_a_backup() {
    for file in ["backup.json", "engine.sqlite", state::KEYS] {
        let (shelf, _engine) = Shelf::new();
        fs::remove_file(shelf.0.path().join("backup").join(file)).unwrap();
        let refused = shelf.restored().err();
        assert!(matches!(refused, Some(Code::EngineState | Code::InternalIo)), "{file}: {refused:?}");
    }
}

#[test]
fn backs_up_no_state_that_is_not_what_was_recorded() {
    let engine = engine();
    let connection = Connection::open(engine.path().join("engine.sqlite")).unwrap();
    connection.execute_batch("UPDATE agents SET class = 'reviewer'").unwrap();
    drop(connection);
    let target = tempfile::tempdir().unwrap();
    let refused = copy_out(engine.path(), &target.path().join("backup"), noon()).map(drop);
    assert_eq!(refused.map_err(|error| error.code()), Err(Code::EngineRowAltered));
    assert!(!target.path().join("backup/backup.json").exists(), "what has no description is no backup");
}

#[test]
fn writes_over_nothing() {
    let (shelf, engine) = Shelf::new();
    let again = copy_out(engine.path(), &shelf.0.path().join("backup"), noon()).map(drop);
    assert_eq!(again.map_err(|error| error.code()), Err(Code::EngineExists));
    let over = copy_in(&shelf.0.path().join("backup"), engine.path(), noon()).map(drop);
    assert_eq!(over.map_err(|error| error.code()), Err(Code::EngineExists));
}
