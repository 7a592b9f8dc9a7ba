//! The writer refuses at once where it cannot take more, and ends with the last who may ask.

use std::sync::Arc;

use signer_core::protocol::RegisterPerson;
use signer_core::reason::Code;
use signer_core::time::Timestamp;
use signer_engine::engine::Engine;
use signer_engine::ledger::Ledger;
use signer_engine::prepared::Prepared;
use signer_engine::store::memory::MemoryStore;
use signer_policy::PolicySet;
use tokio::runtime::Builder;

use super::Writer;
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
    let recorded = runtime.block_on(async {
        let (first, second) = (writer.record(registration(&engine)), writer.record(registration(&engine)));
        tokio::join!(first, second)
    });
    assert!(recorded.0.is_ok() && recorded.1.is_ok());
    drop(writer);
    writing.join();
    assert_eq!(engine.entries(0, 10).unwrap().entries.len(), 1);
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
