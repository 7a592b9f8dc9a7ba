//! A server does not start on a state that could fork its log, and says what to do.

use std::fs;
use std::path::{Path, PathBuf};

use crate::world::{World, code};

/// Copies the database of one state into another, and its log with it.
fn copy_database(from: &Path, to: &Path) {
    for name in ["engine.sqlite", "engine.sqlite-wal", "engine.sqlite-shm"] {
        let _absent = fs::remove_file(to.join(name));
        let _absent = fs::copy(from.join(name), to.join(name));
    }
}

/// A world whose engine was killed, with a copy of its database from before the last registration.
fn killed() -> (World, tempfile::TempDir) {
    let world = World::new();
    let older = tempfile::tempdir().unwrap();
    let server = world.serve(&[]);
    assert_eq!(world.register(&server, "alice@example.org"), 200);
    copy_database(&world.state(), older.path());
    assert_eq!(world.register(&server, "bob@example.org"), 200);
    server.signal("-KILL");
    assert_eq!(server.ended(), None);
    (world, older)
}

fn refused(world: &World, more: &[&str]) -> String {
    let owner = world.owner();
    let arguments = [&["serve", "--credential-file", owner.to_str().unwrap()], more].concat();
    let (exit, code) = code(&world.run(&arguments));
    assert_eq!(exit, Some(1));
    code
}

fn checkpoint(world: &World, directory: &Path) -> PathBuf {
    let connection = rusqlite::Connection::open(world.state().join("engine.sqlite")).unwrap();
    let sql = "SELECT note FROM checkpoints ORDER BY size DESC LIMIT 1";
    let note: String = connection.query_row(sql, [], |row| row.get(0)).unwrap();
    let file = directory.join("checkpoint");
    fs::write(&file, note).unwrap();
    file
}

#[test]
fn refuses_an_older_copy_of_its_database() {
    let (world, older) = killed();
    copy_database(older.path(), &world.state());
    assert_eq!(refused(&world, &[]), "log.state_regression");
}

#[test]
fn refuses_a_state_without_database_or_head() {
    let (world, older) = killed();
    let newest = checkpoint(&world, older.path());
    fs::remove_file(world.state().join("head")).unwrap();
    assert_eq!(refused(&world, &[]), "log.head_missing");
    let server = world.serve(&["--expect-checkpoint", newest.to_str().unwrap()]);
    assert_eq!(world.register(&server, "carol@example.org"), 200);
    drop(server);
    for name in ["engine.sqlite", "engine.sqlite-wal", "engine.sqlite-shm"] {
        let _absent = fs::remove_file(world.state().join(name));
    }
    assert_eq!(refused(&world, &[]), "log.state_regression");
}

#[test]
fn refuses_to_start_with_its_clock_behind_the_log() {
    let (world, _older) = killed();
    let connection = rusqlite::Connection::open(world.state().join("engine.sqlite")).unwrap();
    connection.execute("UPDATE state SET last_time = 9000000000", []).unwrap();
    drop(connection);
    assert_eq!(refused(&world, &[]), "time.clock_regression");
}

#[test]
fn a_restored_backup_serves_once_the_newest_checkpoint_is_brought() {
    let (world, place) = killed();
    let newest = checkpoint(&world, place.path());
    let backup = place.path().join("backup");
    let made = world.run(&["backup", backup.to_str().unwrap(), "--json"]);
    assert!(made.status.success(), "{made:?}");
    fs::remove_dir_all(world.state()).unwrap();
    let made = world.run(&["restore", backup.to_str().unwrap(), "--json"]);
    assert!(made.status.success(), "{made:?}");
    assert_eq!(refused(&world, &[]), "log.restored");
    let server = world.serve(&["--expect-checkpoint", newest.to_str().unwrap()]);
    assert_eq!(world.register(&server, "carol@example.org"), 200);
    drop(server);
    drop(world.serve(&[]));
    assert_eq!(world.entries(), 3);
}

#[test]
fn an_edited_row_ends_fsck_with_one_and_its_name() {
    let (world, _older) = killed();
    let connection = rusqlite::Connection::open(world.state().join("engine.sqlite")).unwrap();
    connection.execute("UPDATE persons SET registered = 1 WHERE subject = 'bob@example.org'", []).unwrap();
    drop(connection);
    let found = world.run(&["fsck", "--json"]);
    assert_eq!(code(&found), (Some(1), "engine.row_altered".to_owned()));
    let report: serde_json::Value = serde_json::from_slice(&found.stdout).unwrap();
    assert_eq!(report["differences"][0]["row"], "bob@example.org");
    assert_eq!(report["differences"][0]["table"], "persons");
}
