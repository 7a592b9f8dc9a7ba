//! The embedded store keeps the engine's contract, survives being closed, and is opened by one process at a time.

use signer_core::time::Timestamp;
use signer_engine::store::rows::{Batch, PersonRow, State, Write};
use signer_engine::store::{StoreError, StoreReader as _, StoreWriter as _, contract};

use super::open;

fn person(seconds: u64) -> Batch {
    let registered = Timestamp::from_unix(seconds).unwrap();
    let subject: signer_core::identity::Subject = format!("p{seconds}@example.org").parse().unwrap();
    let state = State {
        frontier: vec![0; 8],
        last_time: Some(registered),
        events: seconds,
        event_head: signer_core::digest::Digest::of(b"head"),
        feed: 0,
    };
    Batch { state, writes: vec![Write::Person(PersonRow { subject, registered })] }
}

#[test]
fn keeps_the_contract_of_every_store() {
    let directory = tempfile::tempdir().unwrap();
    let (reader, mut writer) = open(directory.path()).unwrap();
    contract::check(&*reader, &mut writer).unwrap();
}

#[test]
fn remembers_after_it_was_closed() {
    let directory = tempfile::tempdir().unwrap();
    let (reader, mut writer) = open(directory.path()).unwrap();
    writer.commit(&person(7)).unwrap();
    drop((reader, writer));
    let (reader, mut writer) = open(directory.path()).unwrap();
    assert_eq!(writer.load().unwrap(), Some(person(7).state));
    assert!(reader.person(&"p7@example.org".parse().unwrap()).unwrap().is_some());
}

#[test]
fn refuses_a_second_engine_on_the_same_state() {
    let directory = tempfile::tempdir().unwrap();
    let _first = open(directory.path()).unwrap();
    assert!(matches!(open(directory.path()), Err(StoreError::InUse)));
}

// SRV-21: two versions never write one store.
#[test]
fn refuses_tables_of_another_version() {
    let directory = tempfile::tempdir().unwrap();
    drop(open(directory.path()).unwrap());
    for other in [2, 99] {
        let connection = rusqlite::Connection::open(directory.path().join("engine.sqlite")).unwrap();
        connection.pragma_update(None, "user_version", other).unwrap();
        drop(connection);
        let Err(StoreError::Version { expected: 3, actual }) = open(directory.path()) else { panic!("it was opened") };
        assert_eq!(actual, other);
    }
}

#[test]
fn refuses_rows_that_do_not_read_back() {
    let directory = tempfile::tempdir().unwrap();
    let (reader, mut writer) = open(directory.path()).unwrap();
    writer.commit(&person(7)).unwrap();
    let connection = rusqlite::Connection::open(directory.path().join("engine.sqlite")).unwrap();
    connection.execute("UPDATE persons SET registered = -1", []).unwrap();
    let found = reader.person(&"p7@example.org".parse().unwrap());
    assert!(matches!(found, Err(StoreError::Corrupt { table: "persons" })));
}

#[test]
fn readers_cannot_write() {
    let directory = tempfile::tempdir().unwrap();
    let (_reader, _writer) = open(directory.path()).unwrap();
    let path = directory.path().join("engine.sqlite");
    let connection = rusqlite::Connection::open(path).unwrap();
    super::schema::prepare_reader(&connection).unwrap();
    assert!(connection.execute("DELETE FROM persons", []).is_err());
}

#[test]
fn keeps_its_files_from_other_users() {
    use std::os::unix::fs::PermissionsExt as _;
    let directory = tempfile::tempdir().unwrap();
    let (_reader, mut writer) = open(directory.path()).unwrap();
    writer.commit(&person(7)).unwrap();
    for file in std::fs::read_dir(directory.path()).unwrap() {
        let mode = file.unwrap().metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0);
    }
}
