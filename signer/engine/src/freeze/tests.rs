//! A frozen log: nothing follows, and what is there stays.

use signer_core::identity::Purpose;
use signer_core::protocol::RegisterPerson;
use signer_core::reason::Code;

use crate::answer::Answer;
use crate::event::EventKind;
use crate::store::StoreReader as _;
use crate::world::{World, changes, commit_of, countersignature, refusal};

fn freeze(world: &mut World) -> Result<Answer, Code> {
    world.commit(world.engine.freeze_log(world.now))
}

fn bob() -> RegisterPerson {
    RegisterPerson { person: "bob@example.org".parse().unwrap() }
}

/// Everything that a change would leave behind.
fn trace(world: &World) -> (u64, usize, Option<String>) {
    let events = world.engine.events(0, 1000).unwrap().len();
    (world.ledger.size(), events, world.engine.checkpoint().unwrap())
}

#[test]
fn the_last_batch_says_that_the_log_is_frozen() {
    let mut world = World::peopled();
    let size = world.ledger.size();
    assert!(matches!(freeze(&mut world), Ok(Answer::Frozen { at }) if at == world.now));
    assert_eq!(world.ledger.size(), size + 1, "one audit head");
    let last = world.engine.events(0, 1000).unwrap().pop().unwrap();
    let last: crate::event::Event = serde_json::from_slice(&last).unwrap();
    assert_eq!(last.kind, EventKind::Freeze);
}

#[test]
fn a_frozen_log_takes_nothing_and_serves_everything() {
    let mut world = World::peopled();
    let session = world.builder(0);
    let signer = world.signer(&session, Purpose::Commit);
    let list = changes(&["src/lib.rs"]);
    let answered = signer.commit(&commit_of(&session, &list), &list);
    let first = countersignature(world.commit(world.engine.countersign(&session, &answered, world.now)));
    let waiting = signer.commit(&commit_of(&session, &list), &list);
    freeze(&mut world).unwrap();
    let before = trace(&world);
    let late = world.engine.countersign(&session, &waiting, world.now);
    assert_eq!(refusal(world.commit(late)), Code::LogFrozen);
    assert_eq!(refusal(world.commit(world.engine.register_person(&bob(), world.now))), Code::LogFrozen);
    let outside = changes(&["docs/x.md"]);
    let denied =
        world.engine.countersign(&session, &signer.commit(&commit_of(&session, &outside), &outside), world.now);
    assert_eq!(refusal(world.commit(denied)), Code::ScopePath);
    // What was answered before is answered again, and what was logged is there.
    let repeat = world.commit(world.engine.countersign(&session, &answered, world.now));
    assert!(countersignature(repeat) == first);
    assert!(world.engine.tile(&"tile/0/000.p/1".parse().unwrap()).is_ok());
    assert_eq!(trace(&world), before, "nothing was recorded, denials neither");
}

#[test]
fn a_second_freeze_gets_the_first_answer() {
    let mut world = World::peopled();
    let at_once = vec![world.engine.freeze_log(world.now), world.engine.freeze_log(world.now)];
    let first = world.now;
    let mut answers = world.commit_all(at_once);
    world.now = world.now.plus(60);
    answers.push(freeze(&mut world));
    for answer in answers {
        assert!(matches!(answer, Ok(Answer::Frozen { at }) if at == first));
    }
    assert_eq!(world.store.frozen().unwrap(), Some(first));
}

#[test]
fn a_frozen_log_is_frozen_after_a_restart() {
    let mut world = World::peopled();
    freeze(&mut world).unwrap();
    let store = world.store.clone();
    let mut world = world.restarted(&store).unwrap();
    assert_eq!(refusal(world.commit(world.engine.register_person(&bob(), world.now))), Code::LogFrozen);
    assert!(world.engine.checkpoint().unwrap().is_some());
}
