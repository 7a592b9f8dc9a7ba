//! A rotated engine has the new keys, keeps what the old ones signed, and is never between the two.

use std::fs;

use signer_core::protocol::RegisterPerson;
use signer_core::reason::{Code, Coded as _};
use signer_core::time::Timestamp;
use signer_core::trust_root::{Role, Standing};
use signer_engine::answer::Answer;
use signer_engine::engine::Engine;
use signer_engine::event::{Event, EventKind};
use signer_engine::past_log::Shelf;
use signer_engine::store::StoreReader as _;
use signer_policy::PolicySet;
use tempfile::TempDir;
use zeroize::Zeroizing;

use super::{Prepared, RotationError, prepare, staging};
use crate::args::Rotated;
use crate::credential::Credential;
use crate::head::Head;
use crate::state::{self, StateDirectory};
use crate::{fork, fsck, serve, store, unsealed};

const EVERY: [Rotated; 4] = [Rotated::Log, Rotated::Issuing, Rotated::Time, Rotated::Ct];

fn credential() -> Credential {
    Credential::new(Zeroizing::new(b"correct horse".to_vec())).unwrap()
}

/// After every time that the state holds.
fn later(seconds: u64) -> Timestamp {
    crate::clock::system().plus(600 + seconds)
}

fn open(directory: &TempDir) -> StateDirectory {
    StateDirectory::open(directory.path()).unwrap()
}

/// A state with some entries, whose head file is at its newest checkpoint.
fn engine() -> TempDir {
    let directory = fsck::tests::engine();
    let newest = store::read(directory.path()).newest_checkpoint().unwrap().unwrap();
    Head::create(&open(&directory), Some(&newest.note)).unwrap();
    directory
}

fn prepared(directory: &TempDir, what: Rotated, now: Timestamp) -> Result<Prepared, RotationError> {
    prepare(&open(directory), &credential(), what, now)
}

fn rotate(directory: &TempDir, what: Rotated, now: Timestamp) {
    prepared(directory, what, now).unwrap().perform(&open(directory)).unwrap();
}

/// What the state is: the trust root's keys in force, after everything a server checks before it serves.
fn in_force(directory: &TempDir) -> Vec<Standing> {
    let state = open(directory);
    let (keys, names, public) = serve::unseal(&state, &credential()).unwrap();
    let (reader, writer) = store::open(state.path()).unwrap();
    fork::pass(&state, &public.log, &*reader, None).unwrap();
    Engine::open(keys, names, PolicySet::baseline().unwrap(), reader, Box::new(writer)).unwrap();
    assert_eq!(fsck::check(&state).unwrap().differences.first().map(|found| (found.code, found.message.clone())), None);
    let trust = unsealed::open(&state, &credential()).unwrap().trust;
    trust.standings().unwrap().into_iter().filter(|standing| standing.is_in_force).collect()
}

fn register(directory: &TempDir, person: &str, now: Timestamp) -> Result<Answer, Code> {
    let state = open(directory);
    let (keys, names, _) = serve::unseal(&state, &credential()).unwrap();
    let (reader, writer) = store::open(state.path()).unwrap();
    let policy = PolicySet::baseline().unwrap();
    let (engine, mut ledger) = Engine::open(keys, names, policy, reader, Box::new(writer)).unwrap();
    let request = RegisterPerson { person: person.parse().unwrap() };
    let outcome = ledger.commit(vec![engine.register_person(&request, now)], now).pop().unwrap();
    outcome.map(signer_engine::ledger::Recorded::into_inner).map_err(|refusal| refusal.code())
}

#[test]
fn the_new_key_counts_from_now_on_and_the_old_one_until_now() {
    for what in EVERY {
        let directory = engine();
        let before = in_force(&directory);
        let now = later(0);
        rotate(&directory, what, now);
        let after = in_force(&directory);
        assert_eq!(after.len(), before.len(), "{what:?}");
        let name = super::report::name(what);
        for old in before {
            let is_rotated = old.role.rotation() == name;
            assert_eq!(!after.contains(&old), is_rotated, "{what:?} concerns {old:?}");
        }
        let new: Vec<_> = after.iter().filter(|standing| standing.role.rotation() == name).collect();
        assert!(
            new.iter().all(|standing| standing.window.start == now && !standing.counts_at(now.minus(1))),
            "{what:?}"
        );
        let trust = unsealed::open(&open(&directory), &credential()).unwrap().trust;
        let closed = trust.standings().unwrap().into_iter().filter(|standing| !standing.is_in_force);
        let mut ends: Vec<_> = closed.map(|standing| standing.window.end).collect();
        ends.dedup();
        assert_eq!(ends, [now.plus(1)], "{what:?} closes the old window after this second");
    }
}

#[test]
fn registry_and_repeats_survive_and_the_engine_goes_on() {
    for what in EVERY {
        let directory = engine();
        let known = register(&directory, "alice@example.org", later(0)).unwrap();
        rotate(&directory, what, later(1));
        let (Answer::Person { registered: before }, Ok(Answer::Person { registered: after })) =
            (known, register(&directory, "alice@example.org", later(2)))
        else {
            panic!("alice is gone")
        };
        assert_eq!(before, after, "the same answer after {what:?}");
        assert!(register(&directory, "dave@example.org", later(2)).is_ok());
        in_force(&directory);
    }
}

#[test]
fn every_key_can_be_rotated_again_and_again() {
    let directory = engine();
    for round in 0..2 {
        for (place, what) in EVERY.into_iter().enumerate() {
            rotate(&directory, what, later(round * 10 + u64::try_from(place).unwrap()));
        }
    }
    assert_eq!(in_force(&directory).len(), 5);
    let logs = unsealed::open(&open(&directory), &credential()).unwrap().trust.logs().len();
    assert_eq!(logs, 3);
    let rows = store::read(directory.path()).past_logs().unwrap();
    assert_eq!(rows.iter().map(|row| row.number).collect::<Vec<_>>(), [1, 2]);
}

#[test]
fn the_new_log_begins_by_naming_the_last_tree_of_the_old_one() {
    let directory = engine();
    let origin = unsealed::open(&open(&directory), &credential()).unwrap().log.origin;
    rotate(&directory, Rotated::Log, later(0));
    let state = open(&directory);
    let (keys, names, _) = serve::unseal(&state, &credential()).unwrap();
    let (reader, writer) = store::open(state.path()).unwrap();
    let first = reader.leaves(0, 1).unwrap().pop().unwrap();
    let statement = reader.statement(&first).unwrap().unwrap();
    let text = String::from_utf8(statement.payload).unwrap();
    let last = reader.past_logs().unwrap().pop().unwrap().last;
    assert!(text.contains(&origin) && text.contains(&last.root.to_string()));
    let events: Vec<Event> =
        reader.events(0, 100).unwrap().iter().map(|document| serde_json::from_slice(document).unwrap()).collect();
    let kinds: Vec<_> = events.iter().map(|event| event.kind).collect();
    assert!(kinds.ends_with(&[EventKind::Freeze, EventKind::Issuance, EventKind::Succession]), "{kinds:?}");
    let (engine, _ledger) =
        Engine::open(keys, names, PolicySet::baseline().unwrap(), reader, Box::new(writer)).unwrap();
    // Clients go on showing what they saw of the old log.
    engine.check_seen(Some(&last.note)).unwrap();
    let Some(Shelf::Past(shown, _)) = engine.shelf(&origin) else { panic!("the old log is read") };
    assert_eq!(shown, last);
    assert!(engine.shelf("log-00.example.org").is_none());
}

#[test]
fn a_crash_at_any_point_leaves_the_old_or_the_new() {
    for what in [Rotated::Log, Rotated::Issuing] {
        // Files half written; files complete and nothing decided.
        for whole in [false, true] {
            let directory = engine();
            let before = in_force(&directory);
            let rotation = prepared(&directory, what, later(0)).unwrap();
            if whole {
                staging::stage(directory.path(), &rotation.files).unwrap();
            } else {
                fs::create_dir(directory.path().join("rotation.new")).unwrap();
                fs::write(directory.path().join("rotation.new/engine.json"), b"{").unwrap();
            }
            drop(rotation);
            assert_eq!(in_force(&directory), before, "{what:?} never happened");
            assert!(!directory.path().join("rotation").exists() && !directory.path().join("rotation.new").exists());
            rotate(&directory, what, later(1));
        }
        // Decided, and some of the files in their places.
        for moved in [0, 2, 5] {
            let directory = engine();
            let before = in_force(&directory);
            let mut rotation = prepared(&directory, what, later(0)).unwrap();
            staging::stage(directory.path(), &rotation.files).unwrap();
            rotation.decide().unwrap();
            for (name, _) in rotation.files.iter().take(moved) {
                fs::rename(directory.path().join("rotation").join(name), directory.path().join(name)).unwrap();
            }
            drop(rotation);
            let after = in_force(&directory);
            assert_ne!(after, before, "{what:?} happened, with {moved} files moved");
            assert!(!directory.path().join("rotation").exists());
        }
    }
}

#[test]
fn nothing_is_rotated_beside_a_running_engine_or_without_its_credential() {
    let directory = engine();
    let held = store::open(directory.path()).unwrap();
    let code = |outcome: Result<Prepared, RotationError>| outcome.err().map(|error| error.code());
    assert_eq!(code(prepared(&directory, Rotated::Log, later(0))), Some(Code::EngineInUse));
    drop(held);
    let wrong = Credential::new(Zeroizing::new(b"battery staple".to_vec())).unwrap();
    let refused = prepare(&open(&directory), &wrong, Rotated::Log, later(0));
    assert_eq!(code(refused), Some(Code::EngineSealed));
    let early = crate::clock::system().minus(86_400);
    assert_eq!(code(prepared(&directory, Rotated::Time, early)), Some(Code::TimeClockRegression));
    fs::remove_file(directory.path().join(state::HEAD)).unwrap();
    assert_eq!(code(prepared(&directory, Rotated::Log, later(0))), Some(Code::LogHeadMissing));
}

#[test]
fn a_frozen_log_is_followed_and_tells_of_no_other_rotation() {
    let directory = engine();
    let state = open(&directory);
    let (keys, names, _) = serve::unseal(&state, &credential()).unwrap();
    let (reader, writer) = store::open(state.path()).unwrap();
    let policy = PolicySet::baseline().unwrap();
    let (frozen, mut ledger) = Engine::open(keys, names, policy, reader, Box::new(writer)).unwrap();
    assert!(ledger.commit(vec![frozen.freeze_log(later(0))], later(0)).pop().unwrap().is_ok());
    drop((frozen, ledger));
    let refused = prepared(&directory, Rotated::Issuing, later(1)).err().map(|error| error.code());
    assert_eq!(refused, Some(Code::LogFrozen));
    assert_eq!(register(&directory, "erin@example.org", later(1)).err(), Some(Code::LogFrozen));
    rotate(&directory, Rotated::Log, later(1));
    assert!(register(&directory, "erin@example.org", later(2)).is_ok());
    assert_eq!(in_force(&directory).iter().filter(|standing| standing.role == Role::Log).count(), 1);
}

#[test]
fn fsck_names_a_closed_log_that_was_edited() {
    let edits = [
        ("UPDATE past_logs SET root = zeroblob(32)", Code::EngineRowAltered),
        ("UPDATE entries_1 SET body = x'00' WHERE place = 1", Code::EngineRowAltered),
        ("DELETE FROM checkpoints_1 WHERE size = 3", Code::LogConsistency),
        ("DELETE FROM past_logs", Code::LogConsistency),
        ("UPDATE entries SET body = x'00' WHERE place = 0", Code::EngineRowAltered),
    ];
    let directory = engine();
    rotate(&directory, Rotated::Log, later(0));
    let database = directory.path().join("engine.sqlite");
    let whole = fs::read(&database).unwrap();
    for (sql, code) in edits {
        fs::write(&database, &whole).unwrap();
        let connection = rusqlite::Connection::open(&database).unwrap();
        connection.execute_batch(sql).unwrap();
        drop(connection);
        let found = fsck::check(&open(&directory)).unwrap().differences;
        assert!(found.iter().any(|difference| difference.code == code), "`{sql}` gives {found:?}");
    }
}
