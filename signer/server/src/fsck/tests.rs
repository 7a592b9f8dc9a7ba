//! What `fsck` notices in a store that was edited, cut or swapped: every row that differs, by name.

use std::os::unix::fs::PermissionsExt as _;
use std::sync::LazyLock;

use clap::Parser as _;
use rusqlite::Connection;
use signer_core::crypto::P256Key;
use signer_core::csr;
use signer_core::identity::{Custody, Purpose};
use signer_core::protocol::{
    Base64, CertificateRequest, OpenPersonSession, Presence, RegisterAgent, RegisterPerson, SessionOpened,
};
use signer_core::reason::{Code, Coded as _};
use signer_core::time::Timestamp;
use signer_engine::answer::Answer;
use signer_engine::engine::Engine;
use signer_engine::ledger::Ledger;
use signer_engine::prepared::Prepared;
use signer_policy::PolicySet;
use tempfile::TempDir;
use zeroize::Zeroizing;

use super::{Report, check};
use crate::args::{Arguments, Command};
use crate::credential::Credential;
use crate::state::StateDirectory;
use crate::{init, serve, store};

struct Desk {
    engine: Engine,
    ledger: Ledger,
    now: Timestamp,
}

impl Desk {
    fn record(&mut self, prepared: Prepared) -> Answer {
        let outcome = self.ledger.commit(vec![prepared], self.now).pop().unwrap();
        outcome.map_err(|refusal| refusal.code()).unwrap().into_inner()
    }

    fn session(&mut self, person: &str) -> SessionOpened {
        let request = OpenPersonSession { person: person.parse().unwrap(), custody: Custody::Broker };
        match self.record(self.engine.open_person_session(&request, self.now)) {
            Answer::Session(opened) => opened,
            _ => unreachable!(),
        }
    }
}

/// Made once: sealing keys takes most of a test's time.
static FOUNDED: LazyLock<TempDir> = LazyLock::new(founded);

/// A state of its own, closed: three persons, an agent, two sessions of which one has ended, a certificate. Eight batches,
/// each with an audit head alone.
pub(crate) fn engine() -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    std::fs::set_permissions(directory.path(), std::fs::Permissions::from_mode(0o700)).unwrap();
    for file in std::fs::read_dir(FOUNDED.path()).unwrap() {
        let file = file.unwrap();
        std::fs::copy(file.path(), directory.path().join(file.file_name())).unwrap();
    }
    directory
}

fn founded() -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    let credential = Credential::new(Zeroizing::new(b"correct horse".to_vec())).unwrap();
    let line = ["chancery-server", "init", "--state", directory.path().to_str().unwrap()];
    let Command::Init(arguments) = Arguments::parse_from(line).command else { unreachable!() };
    init::init(&arguments, Some(&credential)).unwrap();
    let state = StateDirectory::open(directory.path()).unwrap();
    let (keys, deployment, _) = serve::unseal(&state, &credential).unwrap();
    let (reader, writer) = store::open(state.path()).unwrap();
    let policy = PolicySet::baseline().unwrap();
    let (engine, ledger) = Engine::open(keys, deployment, policy, reader, Box::new(writer)).unwrap();
    let mut desk = Desk { engine, ledger, now: crate::clock::system().plus(60) };
    for name in ["alice", "bob", "carol"] {
        let person = RegisterPerson { person: format!("{name}@example.org").parse().unwrap() };
        desk.record(desk.engine.register_person(&person, desk.now));
    }
    let sponsor = "alice@example.org".parse().unwrap();
    let agent = RegisterAgent { name: "builder".parse().unwrap(), class: "coder".parse().unwrap(), sponsor };
    desk.record(desk.engine.register_agent(&agent, desk.now));
    let (open, ended) = (desk.session("alice@example.org"), desk.session("bob@example.org"));
    let session = desk.engine.authenticate(&ended.credential, desk.now).unwrap();
    desk.now = desk.now.plus(60);
    desk.record(desk.engine.end_session(&session, desk.now));
    let session = desk.engine.authenticate(&open.credential, desk.now).unwrap();
    let csr = Base64(csr::make(&P256Key::generate().unwrap()).unwrap());
    let request = CertificateRequest { purpose: Purpose::Prompt, csr, presence: Some(Presence::Terminal) };
    desk.record(desk.engine.issue_certificate(&session, &request, Some(Presence::Terminal), desk.now));
    directory
}

fn judged(directory: &TempDir) -> Result<Report, Code> {
    let state = StateDirectory::open(directory.path()).map_err(|error| error.code())?;
    check(&state).map_err(|error| error.code())
}

/// Code, table and row of everything that differs after the database was edited behind the engine's back.
fn after(sql: &str) -> Vec<(Code, &'static str, String)> {
    let directory = engine();
    let connection = Connection::open(directory.path().join("engine.sqlite")).unwrap();
    connection.execute_batch("PRAGMA foreign_keys = OFF;").unwrap();
    connection.execute_batch(sql).unwrap();
    drop(connection);
    let report = judged(&directory).unwrap();
    assert!(!report.is_sound(), "`{sql}` goes unnoticed");
    report.differences.into_iter().map(|found| (found.code, found.table, found.row)).collect()
}

/// The one difference that `sql` makes.
fn only(sql: &str) -> (Code, &'static str, String) {
    let mut found = after(sql);
    assert_eq!(found.len(), 1, "`{sql}` makes {found:?}");
    found.remove(0)
}

fn has(found: &[(Code, &'static str, String)], code: Code, table: &str, row: &str) -> bool {
    found.iter().any(|difference| (difference.0, difference.1, difference.2.as_str()) == (code, table, row))
}

#[test]
fn a_whole_state_passes() {
    let report = judged(&engine()).unwrap();
    assert_eq!(report.differences, []);
    assert_eq!(report.entries, 8);
    assert!(report.root.is_some() && report.events.is_some_and(|events| events >= 9));
}

#[test]
fn a_state_without_anything_passes() {
    let directory = tempfile::tempdir().unwrap();
    let line = ["chancery-server", "init", "--state", directory.path().to_str().unwrap()];
    let Command::Init(arguments) = Arguments::parse_from(line).command else { unreachable!() };
    init::init(&arguments, None).unwrap();
    let report = judged(&directory).unwrap();
    assert!(report.is_sound() && report.entries == 0 && report.root.is_none());
}

#[test]
fn names_an_edited_person_agent_and_session() {
    let later = "UPDATE persons SET registered = registered + 1 WHERE subject = 'bob@example.org'";
    assert_eq!(only(later), (Code::EngineRowAltered, "persons", "bob@example.org".to_owned()));
    let sponsor = "UPDATE agents SET sponsor = 'bob@example.org'";
    assert_eq!(only(sponsor), (Code::EngineRowAltered, "agents", "builder".to_owned()));
    let class = "UPDATE agents SET class = 'reviewer'";
    assert_eq!(only(class), (Code::EngineRowAltered, "agents", "builder".to_owned()));
    for edit in [
        "expires = expires + 86400",
        "sponsor = 'bob@example.org'",
        "custody = 'engine'",
        "grants = zeroblob(32)",
        "credential = randomblob(32)",
        "scope = replace(scope, 'commit', 'open')",
    ] {
        let found = after(&format!("UPDATE sessions SET {edit} WHERE subject = 'alice@example.org'"));
        assert!(found.iter().all(|found| (found.0, found.1) == (Code::EngineRowAltered, "sessions")));
    }
    // Opened again after it was ended.
    let (code, table, _) = only("UPDATE sessions SET expires = expires + 1 WHERE subject = 'bob@example.org'");
    assert_eq!((code, table), (Code::EngineRowAltered, "sessions"));
}

#[test]
fn names_deleted_rows() {
    let deleted = "DELETE FROM agents";
    assert_eq!(only(deleted), (Code::EngineRowMissing, "agents", "builder".to_owned()));
    assert_eq!(only("DELETE FROM persons WHERE subject = 'carol@example.org'").0, Code::EngineRowMissing);
    for table in ["certificates", "answers"] {
        let (code, found, _) = only(&format!("DELETE FROM {table}"));
        assert_eq!((code, found), (Code::EngineRowMissing, table));
    }
    let found = after("DELETE FROM sessions WHERE subject = 'bob@example.org'");
    assert!(found.iter().any(|found| (found.0, found.1) == (Code::EngineRowMissing, "sessions")));
}

#[test]
fn names_inserted_rows() {
    let person = "INSERT INTO persons (subject, registered) VALUES ('mallory@example.org', 1795000000)";
    assert_eq!(only(person), (Code::EngineRowUnfounded, "persons", "mallory@example.org".to_owned()));
    let agent = "INSERT INTO agents (name, class, sponsor, registered)
                 VALUES ('ghost', 'coder', 'alice@example.org', 1795000000)";
    assert_eq!(only(agent), (Code::EngineRowUnfounded, "agents", "ghost".to_owned()));
    let session =
        "INSERT INTO sessions (name, credential, subject, sponsor, scope, grants, custody, claims, opened, expires)
                   SELECT '00', randomblob(32), subject, sponsor, scope, grants, custody, claims, opened, expires
                   FROM sessions LIMIT 1";
    assert_eq!(only(session), (Code::EngineRowUnfounded, "sessions", "00".to_owned()));
    let answer = "INSERT INTO answers (key, document) SELECT zeroblob(32), document FROM answers";
    let (code, table, row) = only(answer);
    assert_eq!((code, table), (Code::EngineRowUnfounded, "answers"));
    assert!(row.ends_with(&"0".repeat(64)));
    let certificate = "INSERT INTO certificates (digest, session, key, der)
                       SELECT zeroblob(32), session, zeroblob(32), der FROM certificates";
    assert_eq!(only(certificate).0, Code::EngineRowUnfounded);
    assert_eq!(only("INSERT INTO freeze (id, since) VALUES (1, 1795000000)").1, "freeze");
}

#[test]
fn names_a_renamed_row_as_gone_and_unfounded() {
    let found = after("UPDATE agents SET name = 'bilder'");
    assert_eq!(found.len(), 2);
    assert!(has(&found, Code::EngineRowUnfounded, "agents", "bilder"));
    assert!(has(&found, Code::EngineRowMissing, "agents", "builder"));
}

#[test]
fn names_an_altered_answer_or_certificate() {
    for edit in [
        "x'09' || substr(document, 2)",
        "substr(document, 1, 40) || x'ff' || substr(document, 42)",
        "document || x'00'",
    ] {
        let (code, table, _) = only(&format!("UPDATE answers SET document = CAST({edit} AS BLOB)"));
        assert_eq!((code, table), (Code::EngineRowAltered, "answers"), "{edit}");
    }
    for edit in ["der = CAST(der || x'00' AS BLOB)", "key = zeroblob(32)", "session = 'another'"] {
        let (code, table, _) = only(&format!("UPDATE certificates SET {edit}"));
        assert_eq!((code, table), (Code::EngineRowAltered, "certificates"), "{edit}");
    }
}

#[test]
fn names_rows_that_do_not_read_back() {
    let found = only("UPDATE persons SET registered = -1 WHERE subject = 'bob@example.org'");
    assert_eq!(found, (Code::EngineRowAltered, "persons", "bob@example.org".to_owned()));
}

#[test]
fn names_an_altered_event_and_what_it_no_longer_explains() {
    let altered = "UPDATE events SET document = CAST(replace(CAST(document AS TEXT), 'carol', 'carox') AS BLOB)";
    let found = after(altered);
    assert!(found.iter().any(|found| (found.0, found.1) == (Code::EngineRowAltered, "events")));
    // With a digest that fits, the chain breaks behind it.
    let event = "SELECT number FROM events WHERE CAST(document AS TEXT) LIKE '%carol@%'";
    let both = format!("{altered}; UPDATE events SET digest = randomblob(32) WHERE number = ({event})");
    assert!(!after(&both).is_empty());
}

#[test]
fn names_a_removed_event() {
    for place in ["0", "1", "(SELECT max(number) FROM events)"] {
        let found = after(&format!("DELETE FROM events WHERE number = {place}"));
        let told = |code, table| found.iter().any(|found| (found.0, found.1) == (code, table));
        let is_told = told(Code::EngineRowMissing, "events") || told(Code::EngineRowAltered, "state");
        assert!(is_told, "event {place}: {found:?}");
    }
}

#[test]
fn names_an_altered_or_missing_entry_and_the_stretch_it_lies_in() {
    let found = after("UPDATE entries SET body = CAST(body || x'20' AS BLOB) WHERE place = 1");
    assert!(
        has(&found, Code::EngineRowAltered, "entries", "1") && has(&found, Code::LogConsistency, "checkpoints", "2")
    );
    let found = after("DELETE FROM entries WHERE place = 2");
    assert!(
        has(&found, Code::EngineRowMissing, "entries", "2") && has(&found, Code::LogConsistency, "checkpoints", "3")
    );
    let found = after("DELETE FROM entries WHERE place = 7");
    assert!(has(&found, Code::EngineRowMissing, "entries", "7"));
    let found = after("DELETE FROM entries");
    assert!((0..8).all(|place| has(&found, Code::EngineRowMissing, "entries", &place.to_string())));
}

#[test]
fn names_swapped_and_slipped_in_entries() {
    let swap = "UPDATE entries SET place = 100 WHERE place = 0; UPDATE entries SET place = 0 WHERE place = 1;
                UPDATE entries SET place = 1 WHERE place = 100;";
    assert!(has(&after(swap), Code::LogConsistency, "checkpoints", "1"));
    let more = "INSERT INTO entries (place, leaf, body) VALUES (8, randomblob(32), x'00')";
    assert!(has(&after(more), Code::EngineRowUnfounded, "entries", "8"));
}

#[test]
fn names_missing_and_altered_checkpoints() {
    assert!(!after("DELETE FROM checkpoints WHERE size = 4").is_empty());
    let root = "UPDATE checkpoints SET root = zeroblob(32) WHERE size = 4";
    assert!(has(&after(root), Code::EngineRowAltered, "checkpoints", "4"));
    let note = "UPDATE checkpoints SET note = replace(note, char(10) || '4' || char(10), char(10) || '5' || char(10))
                WHERE size = 4";
    assert!(has(&after(note), Code::LogCheckpointSignature, "checkpoints", "4"));
}

#[test]
fn refuses_a_newest_checkpoint_that_is_not_the_logs() {
    let forged =
        "UPDATE checkpoints SET note = replace(note, char(10) || '8' || char(10), char(10) || '2' || char(10))";
    let directory = engine();
    let connection = Connection::open(directory.path().join("engine.sqlite")).unwrap();
    connection.execute_batch(forged).unwrap();
    drop(connection);
    assert_eq!(judged(&directory).err(), Some(Code::LogCheckpointSignature));
}

#[test]
fn names_entries_without_any_checkpoint() {
    let found = after("DELETE FROM checkpoints");
    assert!(has(&found, Code::EngineRowUnfounded, "entries", "0"));
}

#[test]
fn names_lost_and_swapped_audit_heads() {
    let found = after("DELETE FROM statements");
    assert!(has(&found, Code::LogConsistency, "statements", "0"));
    let older = "UPDATE statements SET payload = (SELECT payload FROM statements ORDER BY id LIMIT 1)";
    assert!(has(&after(older), Code::LogConsistency, "statements", "7"));
}

#[test]
fn names_an_edited_state() {
    for edit in ["frontier = zeroblob(8)", "events = events - 1", "event_head = zeroblob(32)", "last_time = 1"] {
        assert_eq!(only(&format!("UPDATE state SET {edit}")).1, "state", "{edit}");
    }
}

#[test]
fn refuses_another_engines_store() {
    let (ours, theirs) = (engine(), founded());
    for name in ["engine.sqlite", "engine.sqlite-wal", "engine.sqlite-shm"] {
        let _absent = std::fs::remove_file(ours.path().join(name));
        let _absent = std::fs::copy(theirs.path().join(name), ours.path().join(name));
    }
    assert_eq!(judged(&ours).err(), Some(Code::LogOriginMismatch));
}

#[test]
fn refuses_a_state_that_others_may_read() {
    let directory = engine();
    let path = directory.path().join("engine.sqlite");
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o644)).unwrap();
    assert_eq!(judged(&directory).err(), Some(Code::EnginePermissions));
}
