//! Persons and agents: registered once, by the same particulars.

use signer_core::protocol::{RegisterAgent, RegisterPerson};
use signer_core::reason::Code;

use crate::answer::Answer;
use crate::world::{World, refusal};

fn agent(name: &str, class: &str, sponsor: &str) -> RegisterAgent {
    RegisterAgent { name: name.parse().unwrap(), class: class.parse().unwrap(), sponsor: sponsor.parse().unwrap() }
}

#[test]
fn agents_are_listed_by_name() {
    let world = World::peopled();
    let names: Vec<String> = world.engine.agents().unwrap().iter().map(|agent| agent.name.to_string()).collect();
    assert_eq!(names, ["builder", "helper"]);
}

#[test]
fn registering_the_same_again_changes_nothing() {
    let mut world = World::peopled();
    let events = world.engine.events(0, 1000).unwrap().len();
    let since = world.now;
    world.now = world.now.plus(9);
    let person = RegisterPerson { person: "alice@example.org".parse().unwrap() };
    let answer = world.commit(world.engine.register_person(&person, world.now)).unwrap();
    assert!(matches!(answer, Answer::Person { registered } if registered == since));
    let builder = agent("builder", "coder", "alice@example.org");
    let answer = world.commit(world.engine.register_agent(&builder, world.now)).unwrap();
    assert!(matches!(answer, Answer::Agent(record) if record.registered == since));
    assert_eq!(world.engine.events(0, 1000).unwrap().len(), events);
}

#[test]
fn refuses_a_name_with_other_particulars() {
    let mut world = World::peopled();
    let other = agent("builder", "reviewer", "alice@example.org");
    assert_eq!(refusal(world.commit(world.engine.register_agent(&other, world.now))), Code::IssueExists);
}

#[test]
fn refuses_a_second_claim_to_a_name_in_one_batch() {
    let mut world = World::peopled();
    let prepare = |class| world.engine.register_agent(&agent("new", class, "alice@example.org"), world.now);
    let batch = vec![prepare("coder"), prepare("reviewer"), prepare("coder")];
    let codes: Vec<Option<Code>> = world.commit_all(batch).into_iter().map(Result::err).collect();
    assert_eq!(codes, [None, Some(Code::IssueExists), None]);
}

#[test]
fn refuses_an_agent_whose_sponsor_is_unknown() {
    let mut world = World::peopled();
    let orphan = agent("orphan", "coder", "bob@example.org");
    assert_eq!(refusal(world.commit(world.engine.register_agent(&orphan, world.now))), Code::IssuePersonUnknown);
}

#[test]
fn refuses_a_person_without_a_mail_address() {
    let mut world = World::peopled();
    let machine = RegisterPerson { person: "spiffe://7f.chancery.internal/agent/x/y".parse().unwrap() };
    assert_eq!(refusal(world.commit(world.engine.register_person(&machine, world.now))), Code::IssueBadIdentity);
}
