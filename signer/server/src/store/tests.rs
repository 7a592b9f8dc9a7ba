//! The embedded store keeps the engine's contract, survives being closed, and is opened by one process at a time.

use signer_core::time::Timestamp;
use signer_engine::store::rows::{Batch, PersonRow, State, Write};
use signer_engine::store::{StoreError, StoreReader as _, StoreWriter as _, contract};

use super::{open, open_beside};

pub(super) fn person(seconds: u64) -> Batch {
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

// States of versions before have pages of 4 KiB.
#[test]
fn a_store_keeps_the_pages_it_was_made_with_and_its_log_grows_as_far_in_bytes() {
    let directory = tempfile::tempdir().unwrap();
    drop(open(directory.path()).unwrap());
    for page in [8192, 4096] {
        let connection = rusqlite::Connection::open(directory.path().join("engine.sqlite")).unwrap();
        connection.pragma_update(None, "journal_mode", "DELETE").unwrap();
        connection.pragma_update(None, "page_size", page).unwrap();
        connection.execute_batch("VACUUM").unwrap();
        drop(connection);
        let (reader, mut writer) = open_beside(directory.path(), 0).unwrap();
        writer.commit(&person(page.into())).unwrap();
        assert!(reader.person(&format!("p{page}@example.org").parse().unwrap()).unwrap().is_some());
        let told = |name| writer.connection.pragma_query_value(None, name, |row| row.get::<_, u32>(0)).unwrap();
        assert_eq!((told("page_size"), told("wal_autocheckpoint")), (page, 16 * 1024 * 1024 / page));
    }
}

#[test]
fn a_new_store_has_pages_of_8_kib() {
    let directory = tempfile::tempdir().unwrap();
    let (_reader, writer) = open(directory.path()).unwrap();
    let page: u32 = writer.connection.pragma_query_value(None, "page_size", |row| row.get(0)).unwrap();
    assert_eq!(page, 8192);
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

// LOG-28: what was cut short or damaged in the write-ahead log is as if it had never been written, and nothing before it
// is lost. That the head file is then ahead of the store is `fork`'s to notice.
#[test]
fn a_torn_log_of_writes_gives_the_batches_before_the_tear_whole() {
    let directory = tempfile::tempdir().unwrap();
    let (_reader, mut writer) = open(directory.path()).unwrap();
    let log = directory.path().join("engine.sqlite-wal");
    // How long the log was after each batch.
    let ends: Vec<usize> = (1..=3)
        .map(|number| {
            writer.commit(&person(number)).unwrap();
            std::fs::read(&log).unwrap().len()
        })
        .collect();
    let (database, log) =
        (std::fs::read(directory.path().join("engine.sqlite")).unwrap(), std::fs::read(&log).unwrap());
    let stored = |log: &[u8]| {
        let torn = tempfile::tempdir().unwrap();
        std::fs::write(torn.path().join("engine.sqlite"), &database).unwrap();
        std::fs::write(torn.path().join("engine.sqlite-wal"), log).unwrap();
        let (reader, mut writer) = open(torn.path()).unwrap();
        let batches = writer.load().unwrap().map_or(0, |state| state.events);
        assert_eq!(reader.persons().unwrap().len(), usize::try_from(batches).unwrap(), "a batch is whole or not there");
        batches
    };
    let before = |tear: usize| u64::try_from(ends.iter().filter(|end| **end <= tear).count()).unwrap();
    assert_eq!(stored(&log), 3);
    for tear in (0..log.len()).step_by(4099).chain(ends.iter().flat_map(|end| [end - 1, *end])) {
        assert_eq!(stored(&log[..tear]), before(tear), "cut at {tear}");
        let mut damaged = log.clone();
        damaged.truncate(tear);
        damaged.resize(log.len(), 0xa5);
        assert_eq!(stored(&damaged), before(tear), "overwritten from {tear}");
        damaged.truncate(tear);
        damaged.resize(log.len() + 100_000, 0);
        assert_eq!(stored(&damaged), before(tear), "never written from {tear}");
    }
}

// Room is made once, behind whatever the log holds, and every batch is found in it by whoever comes after a crash.
#[test]
fn a_log_that_has_room_loses_nothing_and_gains_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let (_reader, mut writer) = open_beside(directory.path(), 0).unwrap();
    writer.commit(&person(1)).unwrap();
    let log = directory.path().join("engine.sqlite-wal");
    let length = || std::fs::metadata(&log).unwrap().len();
    let written = std::fs::read(&log).unwrap();
    writer.make_room().unwrap();
    let full = length();
    assert_eq!(std::fs::read(&log).unwrap()[..written.len()], written);
    for number in 2..=9 {
        writer.commit(&person(number)).unwrap();
    }
    writer.make_room().unwrap();
    assert_eq!(length(), full, "what was written lies in the room");
    let crashed = tempfile::tempdir().unwrap();
    for name in ["engine.sqlite", "engine.sqlite-wal"] {
        std::fs::copy(directory.path().join(name), crashed.path().join(name)).unwrap();
    }
    let (reader, mut writer) = open_beside(crashed.path(), 0).unwrap();
    assert_eq!(writer.load().unwrap().unwrap().events, 9);
    assert_eq!(reader.persons().unwrap().len(), 9);
    writer.make_room().unwrap();
    writer.commit(&person(10)).unwrap();
    assert_eq!(reader.persons().unwrap().len(), 10);
    drop((reader, writer));
    assert!(!crashed.path().join("engine.sqlite-wal").exists(), "an engine that ends leaves no log");
}

// A batch of a few rows puts a dozen pages into the log: on a small disk it would take the room that the rows need.
#[test]
fn where_space_is_short_the_log_gets_no_room_ahead_and_stays_short() {
    let directory = tempfile::tempdir().unwrap();
    let (reader, mut writer) = open_beside(directory.path(), u64::MAX).unwrap();
    let log = directory.path().join("engine.sqlite-wal");
    let length = || std::fs::metadata(&log).unwrap().len();
    let before = length();
    writer.make_room().unwrap();
    assert_eq!(length(), before);
    for number in 1..=600 {
        writer.commit(&person(number)).unwrap();
    }
    assert!(length() < 2 * 1024 * 1024, "{} bytes", length());
    assert_eq!(reader.persons().unwrap().len(), 600);
}

#[test]
fn no_room_is_made_where_there_is_no_log() {
    let directory = tempfile::tempdir().unwrap();
    let (_reader, mut writer) = open_beside(directory.path(), 0).unwrap();
    std::fs::remove_file(directory.path().join("engine.sqlite-wal")).unwrap();
    writer.make_room().unwrap_err();
    assert!(!directory.path().join("engine.sqlite-wal").exists());
}

// A plan made again for each number that is bound takes ten times as long as the read.
#[test]
fn a_statement_is_planned_once_whatever_is_bound() {
    let directory = tempfile::tempdir().unwrap();
    let (_reader, _writer) = open(directory.path()).unwrap();
    let connection = rusqlite::Connection::open(directory.path().join("engine.sqlite")).unwrap();
    super::schema::prepare_reader(&connection).unwrap();
    let mut statement = connection.prepare("SELECT leaf FROM entries WHERE place >= ?1 LIMIT ?2").unwrap();
    for number in 1..9 {
        assert!(statement.query([number, number]).unwrap().next().unwrap().is_none());
    }
    assert_eq!(statement.get_status(rusqlite::StatementStatus::RePrepare), 0);
}
