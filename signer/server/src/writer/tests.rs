//! The writer refuses at once where it cannot take more, and ends with the last who may ask.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll, Waker};
use std::thread;

use signer_core::protocol::RegisterPerson;
use signer_core::reason::Code;
use signer_core::time::Timestamp;
use signer_engine::engine::Engine;
use signer_engine::ledger::Ledger;
use signer_engine::prepared::Prepared;
use signer_engine::store::memory::MemoryStore;
use signer_policy::PolicySet;
use tokio::runtime::Builder;

use super::{CALM, Writer};
use crate::founding;

fn now() -> Timestamp {
    Timestamp::from_unix(1_795_000_000).unwrap()
}

fn engine() -> (Engine, Ledger) {
    let founding = founding::found("Test", None, now()).unwrap();
    let keys = founding.keyring.into_keys(&founding.certificates);
    let store = MemoryStore::default();
    let policy = PolicySet::baseline().unwrap();
    Engine::open(keys, founding.deployment, policy, Arc::new(store.clone()), Box::new(store)).unwrap()
}

fn registration(engine: &Engine) -> Prepared {
    engine.register_person(&RegisterPerson { person: "alice@example.org".parse().unwrap() }, now())
}

#[test]
fn a_full_queue_refuses_at_once() {
    let (engine, _ledger) = engine();
    let (writer, _jobs) = Writer::full();
    let runtime = Builder::new_current_thread().build().unwrap();
    let refused = runtime.block_on(writer.record(registration(&engine))).err().unwrap();
    assert_eq!(refused.code(), Code::EngineBusy);
    assert!(refused.is_undetermined());
}

#[test]
fn a_stopped_ledger_is_no_answer() {
    let (engine, _ledger) = engine();
    let (writer, jobs) = Writer::full();
    drop(jobs);
    let runtime = Builder::new_current_thread().build().unwrap();
    let refused = runtime.block_on(writer.record(registration(&engine))).err().unwrap();
    assert_eq!(refused.code(), Code::Internal);
}

#[test]
fn repeats_that_wait_together_are_recorded_once() {
    let (engine, ledger) = engine();
    let (writer, writing) = Writer::start(ledger, now).unwrap();
    let runtime = Builder::new_current_thread().build().unwrap();
    let busy = writer.desk.ledger.lock().unwrap();
    let recorded = runtime.block_on(async {
        let (first, second) = (writer.record(registration(&engine)), writer.record(registration(&engine)));
        // Polled last: by then both wait.
        let freed = async move { drop(busy) };
        tokio::join!(first, second, freed)
    });
    assert!(recorded.0.is_ok() && recorded.1.is_ok());
    drop(writer);
    writing.join();
    assert_eq!(engine.entries(0, 10).unwrap().entries.len(), 1);
}

#[test]
fn whoever_comes_alone_is_answered_without_waking_anybody() {
    let (engine, ledger) = engine();
    let (writer, _writing) = Writer::start(ledger, now).unwrap();
    let mut context = Context::from_waker(Waker::noop());
    assert!(matches!(pin!(writer.record(registration(&engine))).poll(&mut context), Poll::Ready(Ok(_))));
    // Nobody overtakes those who wait.
    writer.desk.waiting.fetch_add(1, Ordering::SeqCst);
    assert!(writer.desk.commit_alone(registration(&engine)).is_err());
    writer.desk.waiting.fetch_sub(1, Ordering::SeqCst);
    let busy = writer.desk.ledger.lock().unwrap();
    assert!(writer.desk.commit_alone(registration(&engine)).is_err());
    drop(busy);
    // Where somebody was met, others may be on their way.
    for _ in 0..CALM {
        assert!(writer.desk.commit_alone(registration(&engine)).is_err());
    }
    assert!(writer.desk.commit_alone(registration(&engine)).is_ok());
}

#[test]
fn a_ledger_that_panicked_answers_nobody_and_its_thread_ends() {
    let (engine, ledger) = engine();
    let (writer, writing) = Writer::start(ledger, now).unwrap();
    let desk = Arc::clone(&writer.desk);
    let panicked = thread::spawn(move || {
        let _held = desk.ledger.lock().unwrap();
        panic!("inside the ledger");
    });
    assert!(panicked.join().is_err());
    let runtime = Builder::new_current_thread().build().unwrap();
    let refused = runtime.block_on(writer.record(registration(&engine))).err().unwrap();
    assert_eq!(refused.code(), Code::Internal);
    assert!(runtime.block_on(writing.ended).is_err());
}

#[test]
fn the_thread_ends_with_the_last_writer() {
    let (_engine, ledger) = engine();
    let (writer, writing) = Writer::start(ledger, now).unwrap();
    let other = writer.clone();
    drop(writer);
    drop(other);
    writing.join();
}
