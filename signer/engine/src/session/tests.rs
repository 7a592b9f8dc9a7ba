//! Sessions: known by their credential alone, for as long as they last.

use signer_core::identity::Custody;
use signer_core::protocol::OpenPersonSession;
use signer_core::reason::Code;

use super::PERSON_SESSION_SECONDS;
use crate::world::{World, refusal, session};

fn open(person: &str) -> OpenPersonSession {
    OpenPersonSession { person: person.parse().unwrap(), custody: Custody::SharedUser }
}

#[test]
fn a_credential_opens_its_session_until_it_ends() {
    let mut world = World::peopled();
    let opened = session(world.commit(world.engine.open_person_session(&open("alice@example.org"), world.now)));
    let end = world.now.plus(PERSON_SESSION_SECONDS);
    assert_eq!(world.resume(&opened).id(), opened.session);
    assert!(world.engine.authenticate(&opened.credential, end.minus(1)).is_ok());
    let late = world.engine.authenticate(&opened.credential, end).err().unwrap();
    assert_eq!(late.code(), Code::AgentSessionUnknown);
}

#[test]
fn refuses_credentials_of_no_session() {
    let mut world = World::peopled();
    let opened = session(world.commit(world.engine.open_person_session(&open("alice@example.org"), world.now)));
    let id = opened.session.clone();
    for credential in [String::new(), id, opened.credential.to_uppercase(), "x".repeat(1_000_000)] {
        let refusal = world.engine.authenticate(&credential, world.now).err().unwrap();
        assert_eq!(refusal.code(), Code::AgentSessionUnknown);
    }
}

#[test]
fn refuses_a_session_of_a_stranger() {
    let mut world = World::peopled();
    let prepared = world.engine.open_person_session(&open("bob@example.org"), world.now);
    assert_eq!(refusal(world.commit(prepared)), Code::IssuePersonUnknown);
}

#[test]
fn an_ended_session_is_unknown() {
    let mut world = World::peopled();
    let opened = session(world.commit(world.engine.open_person_session(&open("alice@example.org"), world.now)));
    let session = world.resume(&opened);
    world.commit(world.engine.end_session(&session, world.now)).unwrap();
    let refusal = world.engine.authenticate(&opened.credential, world.now).err().unwrap();
    assert_eq!(refusal.code(), Code::AgentSessionUnknown);
}
