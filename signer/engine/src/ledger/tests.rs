//! The ledger: one place, one time, one durable transaction, and nothing released before it.

use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex};

use signer_core::checkpoint::Checkpoint;
use signer_core::crypto::P256Key;
use signer_core::decision::DecisionRecord;
use signer_core::digest::Digest;
use signer_core::identity::Purpose;
use signer_core::log_entry::LogEntry;
use signer_core::merkle;
use signer_core::protocol::{CountersignRequest, RegisterPerson};
use signer_core::reason::Code;
use signer_core::statement::{Header, Statement};
use signer_core::time::Timestamp;
use signer_core::token::Token;

use super::{AUDIT_HEAD, AuditHead};
use crate::event::{ChainHead, Event, EventKind, Keeping, Occurrence};
use crate::session::Session;
use crate::store::memory::MemoryStore;
use crate::store::rows::{Batch, EntryRow, State, Write};
use crate::store::{StoreError, StoreReader as _, StoreWriter};
use crate::world::{ORIGIN, World, certificate, changes, commit_of, countersignature, refusal};

/// A world, a session of `builder`, and honest commits of it.
fn at_work(commits: usize) -> (World, Session, Vec<CountersignRequest>) {
    let mut world = World::peopled();
    let session = world.builder(0);
    let signer = world.signer(&session, Purpose::Commit);
    let list = changes(&["src/lib.rs"]);
    let requests = (0..commits).map(|_| signer.commit(&commit_of(&session, &list), &list)).collect();
    (world, session, requests)
}

fn events(world: &World) -> Vec<Event> {
    let documents = world.engine.events(0, 1000).unwrap();
    documents.iter().map(|document| serde_json::from_slice(document).unwrap()).collect()
}

#[test]
fn a_batch_gets_consecutive_places_in_one_tree() {
    let (mut world, session, requests) = at_work(5);
    let first = world.ledger.size();
    let batch = requests.iter().map(|request| world.engine.countersign(&session, request, world.now)).collect();
    let answers: Vec<_> = world.commit_all(batch).into_iter().map(countersignature).collect();
    // Five entries and one audit head.
    assert_eq!(world.ledger.size(), first + 6);
    for (place, answer) in (first..).zip(&answers) {
        let record = DecisionRecord::decode(&answer.decision.0).unwrap();
        assert_eq!((record.log.index, record.log.size), (place, first + 6));
        let entry = LogEntry::decode(&answer.entry.0).unwrap();
        let body = &world.engine.entries(place, 1).unwrap().entries[0].0;
        let log = world.trust.log(ORIGIN).unwrap();
        assert_eq!(entry.verify(body, &log.parts()).unwrap(), record.leaf);
    }
}

#[test]
fn a_token_carries_the_digest_of_its_decision_and_the_engines_time() {
    let (mut world, session, requests) = at_work(1);
    let answer = countersignature(world.commit(world.engine.countersign(&session, &requests[0], world.now)));
    let token = Token::parse(&answer.token.0).unwrap();
    let stamp = token.verify(world.trust.time_authorities(), &requests[0].signature.0).unwrap();
    assert_eq!(stamp.decision, Some(Digest::of(&answer.decision.0)));
    assert_eq!(stamp.time, world.now);
    assert_eq!(stamp.policy, signer_core::oid::COUNTERSIGN_POLICY);
}

#[test]
fn stored_entries_lead_to_the_newest_checkpoint() {
    let (mut world, session, requests) = at_work(3);
    for request in &requests {
        countersignature(world.commit(world.engine.countersign(&session, request, world.now)));
    }
    let key = world.trust.log(ORIGIN).unwrap().key.clone();
    let checkpoint = Checkpoint::verify(&world.engine.checkpoint().unwrap().unwrap(), ORIGIN, &key).unwrap();
    let entries = world.engine.entries(0, 1000).unwrap().entries;
    assert_eq!(checkpoint.size, u64::try_from(entries.len()).unwrap());
    assert_eq!(checkpoint.root, signer_log::root_of(entries.iter().map(|body| &body.0)));
}

#[test]
fn a_repeat_counts_once_in_one_batch_and_later() {
    let (mut world, session, requests) = at_work(1);
    let prepare = |world: &World| world.engine.countersign(&session, &requests[0], world.now);
    let before = world.ledger.size();
    let batch = vec![prepare(&world), prepare(&world), prepare(&world)];
    let answers: Vec<_> = world.commit_all(batch).into_iter().map(countersignature).collect();
    let later = countersignature(world.commit(prepare(&world)));
    assert!(answers.iter().all(|answer| *answer == later));
    assert_eq!(world.ledger.size(), before + 2);
}

#[test]
fn events_are_a_chain_whose_head_is_the_last_entry() {
    let (mut world, session, requests) = at_work(1);
    countersignature(world.commit(world.engine.countersign(&session, &requests[0], world.now)));
    let mut head = ChainHead::empty(ORIGIN).digest;
    for (number, document) in (0..).zip(world.engine.events(0, 1000).unwrap()) {
        let event: Event = serde_json::from_slice(&document).unwrap();
        assert_eq!((event.number, event.previous), (number, head));
        head = Digest::of(&document);
    }
    let body = world.engine.entries(world.ledger.size() - 1, 1).unwrap().entries.remove(0).0;
    let statement = world.engine.logged_statement(&merkle::leaf_hash(&body)).unwrap().unwrap();
    assert_eq!(Header::read(&statement.payload).unwrap().predicate_type(), AUDIT_HEAD);
    let said = Statement::<AuditHead>::decode(&statement.payload).unwrap();
    assert_eq!(said.predicate().head, head);
}

#[test]
fn a_denial_is_an_event_under_the_next_head_but_no_entry() {
    let (mut world, session, mut requests) = at_work(2);
    requests[0].change_list = None;
    let size = world.ledger.size();
    let code = refusal(world.commit(world.engine.countersign(&session, &requests[0], world.now)));
    assert_eq!(code, Code::RequestMalformed);
    assert_eq!(world.ledger.size(), size);
    let last = events(&world).pop().unwrap();
    assert_eq!((last.kind, last.code), (EventKind::Denial, Some(Code::RequestMalformed)));
    assert_eq!(last.session.as_deref(), Some(session.id()));
    countersignature(world.commit(world.engine.countersign(&session, &requests[1], world.now)));
    assert_eq!(world.ledger.size(), size + 2);
}

#[test]
fn a_denial_does_not_keep_others_of_its_batch_from_being_recorded() {
    let (mut world, session, mut requests) = at_work(2);
    requests[0].change_list = None;
    let batch = requests.iter().map(|request| world.engine.countersign(&session, request, world.now)).collect();
    let mut answers = world.commit_all(batch);
    countersignature(answers.pop().unwrap());
    assert_eq!(refusal(answers.pop().unwrap()), Code::RequestMalformed);
}

#[test]
fn refuses_everything_while_the_clock_is_behind() {
    let (mut world, session, requests) = at_work(1);
    let prepared = world.engine.countersign(&session, &requests[0], world.now);
    world.now = world.now.minus(1);
    assert_eq!(refusal(world.commit(prepared)), Code::TimeClockRegression);
    let bob = RegisterPerson { person: "bob@example.org".parse().unwrap() };
    assert_eq!(refusal(world.commit(world.engine.register_person(&bob, world.now))), Code::TimeClockRegression);
}

// TIME-19: no certificate begins before one that was issued.
#[test]
fn issues_nothing_while_the_clock_is_behind() {
    let (mut world, session, requests) = at_work(1);
    let key = P256Key::generate().unwrap();
    world.now = world.now.plus(60);
    countersignature(world.commit(world.engine.countersign(&session, &requests[0], world.now)));
    world.now = world.now.minus(1);
    assert_eq!(refusal(world.certify(&session, Purpose::Commit, &key)), Code::IssueClockRegression);
    world.now = world.now.plus(1);
    certificate(world.certify(&session, Purpose::Commit, &key));
}

#[test]
fn goes_on_after_a_restart_and_repeats_the_same_bytes() {
    let (mut world, session, requests) = at_work(2);
    let first = countersignature(world.commit(world.engine.countersign(&session, &requests[0], world.now)));
    let (size, store) = (world.ledger.size(), world.store.clone());
    let mut world = world.restarted(&store).unwrap();
    let again = countersignature(world.commit(world.engine.countersign(&session, &requests[0], world.now)));
    assert_eq!(first, again);
    countersignature(world.commit(world.engine.countersign(&session, &requests[1], world.now)));
    assert_eq!(world.ledger.size(), size + 2);
    world.now = world.now.minus(1);
    let bob = RegisterPerson { person: "bob@example.org".parse().unwrap() };
    assert_eq!(refusal(world.commit(world.engine.register_person(&bob, world.now))), Code::TimeClockRegression);
}

#[test]
fn an_older_copy_of_the_state_stops_at_what_clients_have_seen() {
    let (mut world, session, mut requests) = at_work(2);
    let backup = world.store.copied();
    countersignature(world.commit(world.engine.countersign(&session, &requests[0], world.now)));
    requests[1].newest_checkpoint = world.engine.checkpoint().unwrap();
    let mut world = world.restarted(&backup).unwrap();
    let size = world.ledger.size();
    let code = refusal(world.commit(world.engine.countersign(&session, &requests[1], world.now)));
    assert_eq!(code, Code::LogStateRegression);
    // For everybody from then on: registrations, and clients that have seen nothing.
    let bob = RegisterPerson { person: "bob@example.org".parse().unwrap() };
    assert_eq!(refusal(world.commit(world.engine.register_person(&bob, world.now))), Code::LogStateRegression);
    requests[1].newest_checkpoint = None;
    let code = refusal(world.commit(world.engine.countersign(&session, &requests[1], world.now)));
    assert_eq!(code, Code::LogStateRegression);
    assert_eq!((world.ledger.size(), world.store.newest_checkpoint().unwrap().unwrap().size), (size, size));
}

/// What a store was told of a regression.
#[derive(Clone, Default)]
struct Told(Arc<Mutex<Vec<String>>>);

struct Telling(MemoryStore, Told);

impl StoreWriter for Telling {
    fn load(&mut self) -> Result<Option<State>, StoreError> {
        self.0.load()
    }

    fn commit(&mut self, batch: &Batch) -> Result<(), StoreError> {
        self.0.commit(batch)
    }

    fn regressed(&mut self, seen: &str) -> Result<(), StoreError> {
        self.1.0.lock().unwrap().push(seen.to_owned());
        Ok(())
    }
}

#[test]
fn the_store_is_told_of_a_regression_once() {
    let (store, told) = (MemoryStore::default(), Told::default());
    let mut world = World::over(&store, Box::new(store.clone()));
    world.people();
    let seen = world.engine.checkpoint().unwrap();
    // An engine does not forget what it has signed since its start.
    let mut world = world.restarted_over(&store, Box::new(Telling(store.clone(), told.clone()))).unwrap();
    assert!(world.engine.check_seen(seen.as_deref()).is_ok());
    store.forget_checkpoints();
    assert_eq!(world.engine.check_seen(seen.as_deref()).unwrap_err().code(), Code::LogStateRegression);
    for _ in 0..3 {
        let bob = RegisterPerson { person: "bob@example.org".parse().unwrap() };
        assert_eq!(refusal(world.commit(world.engine.register_person(&bob, world.now))), Code::LogStateRegression);
    }
    assert_eq!(*told.0.lock().unwrap(), seen.into_iter().collect::<Vec<_>>());
}

#[test]
fn does_not_start_where_entries_or_events_end_elsewhere() {
    let (world, _, _) = at_work(0);
    let mut store = world.store.clone();
    let state = store.load().unwrap().unwrap();
    let chained = |state: State| Batch { state, writes: Vec::new() };
    store.commit(&chained(State { events: state.events - 1, ..state.clone() })).unwrap();
    assert_eq!(world.restarted(&store).err(), Some(Code::EngineState));
    let (world, _, _) = at_work(0);
    let mut store = world.store.clone();
    let state = store.load().unwrap().unwrap();
    store.commit(&chained(State { event_head: Digest::of(b"another"), ..state })).unwrap();
    assert_eq!(world.restarted(&store).err(), Some(Code::EngineState));
    let (world, _, _) = at_work(0);
    let mut store = world.store.clone();
    let state = store.load().unwrap().unwrap();
    let more = EntryRow { index: world.ledger.size(), leaf: Digest::of(b"more"), body: b"more".to_vec() };
    store.commit(&Batch { state, writes: vec![Write::Entry(more)] }).unwrap();
    assert_eq!(world.restarted(&store).err(), Some(Code::EngineState));
}

#[test]
fn does_not_start_on_events_of_another_log() {
    let world = World::new();
    let mut store = MemoryStore::default();
    let mut chain = ChainHead::empty("log-other.example.internal");
    let alice = "alice@example.org".parse().unwrap();
    let event = chain.link(&Occurrence::new(EventKind::Denial, &alice), Keeping::default(), world.now).unwrap();
    let state = State { frontier: vec![0; 8], last_time: None, events: chain.count, event_head: chain.digest, feed: 0 };
    store.commit(&Batch { state, writes: vec![Write::Event(event)] }).unwrap();
    assert_eq!(world.restarted(&store).err(), Some(Code::LogOriginMismatch));
}

#[test]
fn does_not_start_on_a_tree_that_was_not_signed() {
    let (world, _, _) = at_work(0);
    let mut store = world.store.clone();
    let state = store.load().unwrap().unwrap();
    let emptied = State { frontier: vec![0; 8], ..state.clone() };
    store.commit(&Batch { state: emptied, writes: Vec::new() }).unwrap();
    assert_eq!(world.restarted(&store).err(), Some(Code::LogStateRegression));
    let (world, _, _) = at_work(0);
    let broken = State { frontier: vec![1, 2, 3], ..state };
    store.commit(&Batch { state: broken, writes: Vec::new() }).unwrap();
    assert_eq!(world.restarted(&store).err(), Some(Code::EngineState));
}

/// A store whose next transactions fail, before or after they became durable.
struct Failing {
    store: MemoryStore,
    mode: Arc<AtomicU8>,
}

const WORKS: u8 = 0;
const FAILS_BEFORE: u8 = 1;
const FAILS_AFTER: u8 = 2;

impl StoreWriter for Failing {
    fn load(&mut self) -> Result<Option<State>, StoreError> {
        self.store.load()
    }

    fn commit(&mut self, batch: &Batch) -> Result<(), StoreError> {
        let failed = || Err(StoreError::Medium { source: Box::new(std::io::Error::other("disk full")) });
        match self.mode.load(Ordering::SeqCst) {
            FAILS_BEFORE => failed(),
            FAILS_AFTER => {
                self.store.commit(batch)?;
                failed()
            }
            _ => self.store.commit(batch),
        }
    }
}

/// A failing store under a world, with the switch.
fn failing() -> (World, Arc<AtomicU8>) {
    let store = MemoryStore::default();
    let mode = Arc::new(AtomicU8::new(WORKS));
    let writer = Failing { store: store.clone(), mode: Arc::clone(&mode) };
    (World::over(&store, Box::new(writer)), mode)
}

fn person(world: &mut World, mail: &str) -> Result<crate::answer::Answer, Code> {
    let person = RegisterPerson { person: mail.parse().unwrap() };
    world.commit(world.engine.register_person(&person, world.now))
}

#[test]
fn a_failed_transaction_releases_nothing_and_changes_nothing() {
    let (mut world, mode) = failing();
    person(&mut world, "a@example.org").unwrap();
    let size = world.ledger.size();
    mode.store(FAILS_BEFORE, Ordering::SeqCst);
    assert_eq!(refusal(person(&mut world, "b@example.org")), Code::EngineStorage);
    assert_eq!(world.ledger.size(), size);
    assert!(world.store.person(&"b@example.org".parse().unwrap()).unwrap().is_none());
    mode.store(WORKS, Ordering::SeqCst);
    person(&mut world, "b@example.org").unwrap();
    assert_eq!(world.ledger.size(), size + 1);
}

#[test]
fn a_transaction_that_was_durable_after_all_is_taken_over() {
    let (mut world, mode) = failing();
    person(&mut world, "a@example.org").unwrap();
    let size = world.ledger.size();
    mode.store(FAILS_AFTER, Ordering::SeqCst);
    assert_eq!(refusal(person(&mut world, "b@example.org")), Code::EngineStorage);
    mode.store(WORKS, Ordering::SeqCst);
    person(&mut world, "c@example.org").unwrap();
    assert_eq!(world.ledger.size(), size + 2);
    let entries = world.engine.entries(0, 100).unwrap().entries;
    let newest = world.store.newest_checkpoint().unwrap().unwrap();
    assert_eq!(newest.root, signer_log::root_of(entries.iter().map(|body| &body.0)));
}

#[test]
fn what_was_recorded_in_doubt_is_not_recorded_again() {
    for learns in [false, true] {
        let (mut world, mode) = failing();
        world.people();
        let session = world.builder(0);
        let signer = world.signer(&session, Purpose::Commit);
        let list = changes(&["src/lib.rs"]);
        let request = signer.commit(&commit_of(&session, &list), &list);
        if learns {
            world.engine.learn_given().unwrap();
        }
        mode.store(FAILS_AFTER, Ordering::SeqCst);
        // Prepared before anybody could know, committed after the doubt began.
        let early = world.engine.countersign(&session, &request, world.now);
        let first = world.commit(world.engine.countersign(&session, &request, world.now));
        assert_eq!(refusal(first), Code::EngineStorage);
        mode.store(WORKS, Ordering::SeqCst);
        let answer = countersignature(world.commit(early));
        let size = world.ledger.size();
        assert!(countersignature(world.commit(world.engine.countersign(&session, &request, world.now))) == answer);
        assert_eq!(world.ledger.size(), size);
        assert_eq!(LogEntry::decode(&answer.entry.0).unwrap().index, size - 2);
    }
}

#[test]
fn a_log_that_was_frozen_in_doubt_takes_nothing_more() {
    let (mut world, mode) = failing();
    person(&mut world, "a@example.org").unwrap();
    mode.store(FAILS_AFTER, Ordering::SeqCst);
    assert_eq!(refusal(world.commit(world.engine.freeze_log(world.now))), Code::EngineStorage);
    mode.store(WORKS, Ordering::SeqCst);
    assert_eq!(refusal(person(&mut world, "b@example.org")), Code::LogFrozen);
}

#[test]
fn a_repeat_is_found_whether_or_not_everything_given_is_known() {
    let (mut world, session, requests) = at_work(2);
    let prepare = |world: &World, number: usize| world.engine.countersign(&session, &requests[number], world.now);
    let first = countersignature(world.commit(prepare(&world, 0)));
    world.engine.learn_given().unwrap();
    assert!(countersignature(world.commit(prepare(&world, 0))) == first);
    let second = countersignature(world.commit(prepare(&world, 1)));
    assert!(countersignature(world.commit(prepare(&world, 1))) == second);
    // A restart knows nothing until it has learned; then it knows all of it.
    let store = world.store.clone();
    let mut world = world.restarted(&store).unwrap();
    assert!(countersignature(world.commit(prepare(&world, 0))) == first);
    world.engine.learn_given().unwrap();
    assert!(countersignature(world.commit(prepare(&world, 1))) == second);
}

#[test]
fn a_certified_key_is_known_whether_or_not_everything_given_is_known() {
    let mut world = World::peopled();
    let session = world.builder(0);
    let key = P256Key::generate().unwrap();
    world.engine.learn_given().unwrap();
    // Each request for the key has another signature.
    world.certify(&session, Purpose::Commit, &key).unwrap();
    assert_eq!(refusal(world.certify(&session, Purpose::Commit, &key)), Code::IssueCsrKey);
    let store = world.store.clone();
    let mut world = world.restarted(&store).unwrap();
    world.engine.learn_given().unwrap();
    assert_eq!(refusal(world.certify(&session, Purpose::Commit, &key)), Code::IssueCsrKey);
}

#[test]
fn stops_where_somebody_else_writes_to_its_store() {
    let (mut world, mode) = failing();
    person(&mut world, "a@example.org").unwrap();
    mode.store(FAILS_BEFORE, Ordering::SeqCst);
    assert_eq!(refusal(person(&mut world, "b@example.org")), Code::EngineStorage);
    let mut stranger = world.store.clone();
    let state = stranger.load().unwrap().unwrap();
    let moved = State { events: state.events + 5, ..state };
    stranger.commit(&Batch { state: moved, writes: Vec::new() }).unwrap();
    mode.store(WORKS, Ordering::SeqCst);
    assert_eq!(refusal(person(&mut world, "c@example.org")), Code::EngineState);
}

#[test]
fn the_workload_key_is_renewed_within_its_hour() {
    let (mut world, _, _) = at_work(0);
    let issuances = |world: &World| {
        let engine = "spiffe://7f.chancery.internal/engine";
        events(world).iter().filter(|event| event.subject.as_deref() == Some(engine)).count()
    };
    assert_eq!(issuances(&world), 1);
    world.now = Timestamp::from_unix(world.now.unix() + 3600).unwrap();
    person(&mut world, "b@example.org").unwrap();
    assert_eq!(issuances(&world), 2);
}

/// The policy sets that the events tell of, in order.
fn activated(world: &World) -> Vec<String> {
    let events = world.engine.events(0, 1000).unwrap();
    let events = events.iter().map(|document| serde_json::from_slice::<Event>(document).unwrap());
    let said = events.filter(|event| event.kind == EventKind::PolicyActivation);
    said.map(|event| event.about.unwrap().to_string()).collect()
}

#[test]
fn the_first_thing_that_is_recorded_says_which_policy_decides_and_nothing_says_it_again() {
    let mut world = World::peopled();
    let policy = world.engine.policy().digest();
    assert_eq!(activated(&world), [policy.to_string()]);
    let first: Event = serde_json::from_slice(&world.engine.events(0, 1).unwrap()[0]).unwrap();
    assert_eq!(first.kind, EventKind::PolicyActivation);
    world.alice();
    let store = world.store.clone();
    let mut world = world.restarted(&store).unwrap();
    world.alice();
    assert_eq!(activated(&world), [policy.to_string()]);
}

#[test]
fn another_policy_is_said_once_it_decides() {
    let mut world = World::without("person-tag");
    world.people();
    let before = world.engine.policy().digest();
    let store = world.store.clone();
    // Under the baseline, which is another set.
    let mut world = world.restarted(&store).unwrap();
    assert_eq!(activated(&world), [before.to_string()]);
    world.alice();
    assert_eq!(activated(&world), [before.to_string(), world.engine.policy().digest().to_string()]);
}
