//! What `fsck` notices in a store that was edited, cut or swapped.

use clap::Parser as _;
use rusqlite::Connection;
use signer_core::protocol::RegisterPerson;
use signer_core::reason::{Code, Coded as _};
use signer_core::time::Timestamp;
use signer_engine::engine::Engine;
use signer_policy::PolicySet;
use tempfile::TempDir;
use zeroize::Zeroizing;

use super::{Report, check, log_key};
use crate::args::{Arguments, Command};
use crate::credential::Credential;
use crate::state::StateDirectory;
use crate::{init, serve, store};

/// An engine that registered three persons in three batches, and is closed again.
fn engine() -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    let credential = Credential::new(Zeroizing::new(b"correct horse".to_vec())).unwrap();
    let line = ["chancery-server", "init", "--state", directory.path().to_str().unwrap()];
    let Command::Init(arguments) = Arguments::parse_from(line).command else { unreachable!() };
    init::init(&arguments, Some(&credential)).unwrap();
    let state = StateDirectory::open(directory.path()).unwrap();
    let (keys, deployment, _) = serve::unseal(&state, &credential).unwrap();
    let (reader, writer) = store::open(state.path()).unwrap();
    let policy = PolicySet::baseline().unwrap();
    let (engine, mut ledger) = Engine::open(keys, deployment, policy, reader, Box::new(writer)).unwrap();
    let now = crate::clock::system().plus(60);
    for name in ["alice", "bob", "carol"] {
        register(&engine, &mut ledger, name, now);
    }
    directory
}

fn register(engine: &Engine, ledger: &mut signer_engine::ledger::Ledger, name: &str, now: Timestamp) {
    let person = RegisterPerson { person: format!("{name}@example.org").parse().unwrap() };
    let outcome = ledger.commit(vec![engine.register_person(&person, now)], now).pop().unwrap();
    assert!(outcome.is_ok());
}

fn judged(directory: &TempDir) -> Result<Report, Code> {
    let state = StateDirectory::open(directory.path()).map_err(|error| error.code())?;
    let log = log_key(&state).map_err(|error| error.code())?;
    check(&log, &*store::read(state.path())).map_err(|error| error.code())
}

/// The verdict after the database was edited behind the engine's back.
fn after(sql: &str) -> Option<Code> {
    let directory = engine();
    let connection = Connection::open(directory.path().join("engine.sqlite")).unwrap();
    connection.execute_batch(sql).unwrap();
    drop(connection);
    judged(&directory).err()
}

#[test]
fn a_whole_state_passes() {
    let report = judged(&engine()).unwrap();
    assert_eq!(report.entries, 3);
    assert!(report.root.is_some() && report.events >= 3);
}

#[test]
fn notices_an_altered_entry() {
    assert_eq!(
        after("UPDATE entries SET body = CAST(body || x'20' AS BLOB) WHERE place = 1"),
        Some(Code::LogConsistency)
    );
}

#[test]
fn notices_swapped_entries() {
    let swap = "UPDATE entries SET place = 100 WHERE place = 0; UPDATE entries SET place = 0 WHERE place = 1;
                UPDATE entries SET place = 1 WHERE place = 100;";
    assert_eq!(after(swap), Some(Code::LogConsistency));
}

#[test]
fn notices_a_missing_entry() {
    assert_eq!(after("DELETE FROM entries WHERE place = 1"), Some(Code::LogConsistency));
    assert_eq!(after("DELETE FROM entries WHERE place = 2"), Some(Code::LogStateRegression));
}

#[test]
fn notices_a_missing_log() {
    assert_eq!(after("DELETE FROM entries"), Some(Code::LogStateRegression));
}

#[test]
fn notices_entries_without_any_checkpoint() {
    assert_eq!(after("DELETE FROM checkpoints"), Some(Code::LogConsistency));
}

#[test]
fn notices_a_forged_checkpoint() {
    let forged =
        after("UPDATE checkpoints SET note = replace(note, char(10) || '3' || char(10), char(10) || '2' || char(10))");
    assert_eq!(forged, Some(Code::LogCheckpointSignature));
}

#[test]
fn notices_an_altered_event() {
    let altered = "UPDATE events SET document = CAST(replace(CAST(document AS TEXT), 'alice', 'alicf') AS BLOB)";
    assert_eq!(after(altered), Some(Code::LogConsistency));
}

#[test]
fn notices_a_removed_event() {
    for place in ["0", "1", "(SELECT max(number) FROM events)"] {
        assert_eq!(after(&format!("DELETE FROM events WHERE number = {place}")), Some(Code::LogConsistency), "{place}");
    }
}

#[test]
fn notices_a_lost_audit_head() {
    assert_eq!(after("DELETE FROM statements"), Some(Code::LogConsistency));
}

#[test]
fn notices_an_audit_head_that_is_not_the_logged_one() {
    let older = "UPDATE statements SET payload = (SELECT payload FROM statements ORDER BY id LIMIT 1)";
    assert_eq!(after(older), Some(Code::LogConsistency));
}

#[test]
fn notices_another_engines_store() {
    let (ours, theirs) = (engine(), engine());
    for name in ["engine.sqlite", "engine.sqlite-wal", "engine.sqlite-shm"] {
        let _absent = std::fs::remove_file(ours.path().join(name));
        let _absent = std::fs::copy(theirs.path().join(name), ours.path().join(name));
    }
    assert_eq!(judged(&ours).err(), Some(Code::LogOriginMismatch));
}

#[test]
fn refuses_a_state_that_others_may_read() {
    use std::os::unix::fs::PermissionsExt as _;
    let directory = engine();
    let path = directory.path().join("engine.sqlite");
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o644)).unwrap();
    assert_eq!(judged(&directory).err(), Some(Code::EnginePermissions));
}
