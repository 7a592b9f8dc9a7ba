//! From the event chain and the logged statements alone come the very rows that the engine wrote.

use signer_core::identity::Purpose;
use signer_core::nonce::Nonce;
use signer_core::reason::Code;
use signer_core::revocation::{Action, Cause, Revocation};

use super::{Registry, Unexplained};
use crate::event::{Event, EventKind};
use crate::store::StoreReader as _;
use crate::world::{World, countersignature, prompt_for, refusal};

/// A world in which everything happened once: registrations, grants, redemptions, prompts, an acceptance, an end.
fn eventful() -> World {
    let mut world = World::peopled();
    let (first, second) = (world.builder(0), world.builder(0));
    let alice = world.alice();
    let signer = world.signer(&alice, Purpose::Prompt);
    let request = signer.statement(&prompt_for(|_| {}));
    countersignature(world.commit(world.engine.statement(&alice, &request, world.now)));
    let leaf = rebuilt(&world).prompts.values().next().unwrap().leaf;
    world.commit(world.engine.accept_prompt(&first, &leaf, world.now)).unwrap();
    assert_eq!(refusal(world.commit(world.engine.accept_prompt(&first, &leaf, world.now))), Code::PromptNonceUsed);
    let signer = world.signer(&alice, Purpose::Attestation);
    for (action, salt) in [(Action::Hold, 1), (Action::Release, 2)] {
        let salt = Nonce::from_bytes([salt; 16]);
        let selector = "agent:helper".parse().unwrap();
        let revocation = Revocation { action, cause: Cause::Ceased, salt, selector };
        let request = signer.statement(&revocation.into_statement().unwrap().encode().unwrap());
        countersignature(world.commit(world.engine.revoke(&alice, &request, world.now)));
    }
    world.now = world.now.plus(7);
    world.commit(world.engine.end_session(&second, world.now)).unwrap();
    world
}

fn events(world: &World) -> Vec<Event> {
    let documents = world.engine.events(0, 1000).unwrap();
    documents.iter().map(|document| serde_json::from_slice(document).unwrap()).collect()
}

fn rebuilt(world: &World) -> Registry {
    let mut registry = Registry::default();
    for event in events(world) {
        let statement = event.about.and_then(|leaf| world.store.statement(&leaf).unwrap());
        registry.apply(&event, statement.as_ref()).unwrap();
    }
    registry
}

#[test]
fn every_row_is_made_again() {
    let world = eventful();
    let registry = rebuilt(&world);
    assert_eq!((registry.persons.len(), registry.agents.len(), registry.grants.len()), (1, 2, 2));
    assert!(registry.sessions.len() >= 4 && registry.prompts.len() == 1 && registry.nonces.len() == 1);
    for row in registry.persons.values() {
        assert_eq!(world.store.person(&row.subject).unwrap().as_ref(), Some(row));
    }
    for row in registry.agents.values() {
        assert_eq!(world.store.agent(&row.name).unwrap().as_ref(), Some(row));
    }
    for row in registry.sessions.values() {
        assert_eq!(world.store.session(&row.id).unwrap().as_ref(), Some(row));
    }
    for row in registry.grants.values() {
        assert_eq!(world.store.grant(&row.leaf).unwrap().as_ref(), Some(row));
    }
    assert_eq!(registry.policies.iter().map(|row| row.digest).collect::<Vec<_>>(), [world.engine.policy().digest()]);
    assert_eq!(world.store.policies().unwrap(), registry.policies);
    assert_eq!(registry.revocations.len(), 2);
    assert_eq!(world.store.revocations().unwrap(), registry.revocations);
    for row in registry.prompts.values() {
        assert_eq!(world.store.prompt(&row.leaf).unwrap().as_ref(), Some(row));
        assert!(registry.nonces.contains_key(&row.nonce.to_string()));
    }
}

#[test]
fn an_event_that_follows_from_nothing_is_told() {
    let world = eventful();
    let empty = |kind| {
        let mut event = events(&world).into_iter().find(|event| event.kind == kind).unwrap();
        event.record = None;
        let statement = event.about.and_then(|leaf| world.store.statement(&leaf).unwrap());
        Registry::default().apply(&event, statement.as_ref()).err()
    };
    assert_eq!(empty(EventKind::Acceptance), Some(Unexplained::Prompt));
    assert_eq!(empty(EventKind::Redemption), Some(Unexplained::Grant));
    assert_eq!(empty(EventKind::Grant), Some(Unexplained::Agent));
    assert_eq!(empty(EventKind::Countersignature), Some(Unexplained::Session));
    let grant = events(&world).into_iter().find(|event| event.kind == EventKind::Grant).unwrap();
    assert_eq!(Registry::default().apply(&grant, None), Err(Unexplained::Statement));
    let revocation = events(&world).into_iter().find(|event| event.kind == EventKind::Revocation).unwrap();
    assert_eq!(Registry::default().apply(&revocation, None), Err(Unexplained::Statement));
}

#[test]
fn events_name_every_answer_that_is_kept() {
    let world = eventful();
    let marks: Vec<_> = events(&world).into_iter().filter_map(|event| event.answer).collect();
    assert!(marks.len() >= 5, "certificates, grants and a prompt are answered");
    for mark in marks {
        assert!(world.store.answer(&mark.key).unwrap().is_some());
    }
}
