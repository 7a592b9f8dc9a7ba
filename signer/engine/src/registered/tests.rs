//! How what is listed stands, before and after it is revoked.

use signer_core::identity::Purpose;
use signer_core::protocol::{GrantRecord, Listing, SessionRecord};
use signer_core::reason::Code;
use signer_core::revocation::Action;

use super::Reading;
use crate::session::Session;
use crate::world::{World, refusal};

fn of_builder(live: bool) -> Listing {
    Listing { agent: Some("builder".parse().unwrap()), live, count: 10, ..Listing::default() }
}

fn sessions(world: &World, live: bool) -> Vec<SessionRecord> {
    world.engine.sessions_listed(&Reading::Everything, &of_builder(live), world.now).unwrap().rows
}

fn grants(world: &World, live: bool) -> Vec<GrantRecord> {
    world.engine.grants_listed(&Reading::Everything, &of_builder(live), world.now).unwrap().rows
}

fn revoke(world: &mut World, alice: &Session, selector: &str) {
    let signer = world.signer(alice, Purpose::Attestation);
    let request = signer.statement(&crate::revoking::tests::revocation(Action::Revoke, selector));
    world.commit(world.engine.revoke(alice, &request, world.now)).map(drop).unwrap();
}

#[test]
fn what_a_list_names_is_what_a_revocation_takes_and_the_list_says_so_afterwards() {
    let mut world = World::peopled();
    let builder = world.builder(0);
    let alice = world.alice();
    let (session, grant) = (sessions(&world, true).remove(0), grants(&world, true).remove(0));
    assert_eq!((session.session.as_str(), session.live), (builder.id(), true));
    assert_eq!((grant.redeemed.as_deref(), &session.grants[..]), (Some(builder.id()), [grant.grant].as_slice()));
    revoke(&mut world, &alice, &grant.selector.to_string());
    assert!(sessions(&world, true).is_empty() && grants(&world, true).is_empty());
    for struck in [sessions(&world, false).remove(0).struck, grants(&world, false).remove(0).struck] {
        let struck = struck.unwrap();
        assert_eq!((struck.selector, struck.action), (grant.selector.clone(), Action::Revoke));
    }
    revoke(&mut world, &alice, &session.selector.to_string());
    let again = world.signer(&alice, Purpose::Attestation);
    let request = again.statement(&crate::revoking::tests::revocation(Action::Revoke, &session.selector.to_string()));
    assert_eq!(refusal(world.commit(world.engine.revoke(&alice, &request, world.now))), Code::RevokedFinal);
}

#[test]
fn a_session_that_has_ended_is_listed_and_not_live() {
    let mut world = World::peopled();
    let builder = world.builder(0);
    world.commit(world.engine.end_session(&builder, world.now)).map(drop).unwrap();
    assert!(sessions(&world, true).is_empty());
    let ended = sessions(&world, false).remove(0);
    assert_eq!((ended.live, ended.expires, ended.struck), (false, world.now, None));
    let shown = world.engine.session_named(&Reading::Everything, builder.id(), world.now).unwrap();
    assert_eq!((shown.session.session.as_str(), &shown.scope), (builder.id(), &builder.row().scope));
}

#[test]
fn an_agent_shows_what_it_is_held_by() {
    let mut world = World::peopled();
    let alice = world.alice();
    let name = "builder".parse().unwrap();
    assert_eq!(world.engine.agent_named(&name).unwrap().struck, None);
    revoke(&mut world, &alice, "class:coder");
    let shown = world.engine.agent_named(&name).unwrap();
    assert_eq!(shown.selector.to_string(), "agent:builder");
    assert_eq!(shown.struck.unwrap().selector.to_string(), "class:coder");
}

#[test]
fn an_agent_reads_no_list_and_a_person_only_its_own() {
    let mut world = World::peopled();
    let builder = world.builder(0);
    assert_eq!(Reading::of(&builder).err().map(|refusal| refusal.code()), Some(Code::AgentCallerNotPerson));
    let stranger = Reading::Sponsored("bob@example.org".parse().unwrap());
    let page = world.engine.sessions_listed(&stranger, &of_builder(false), world.now).unwrap();
    assert_eq!((page.rows.len(), page.next), (0, None));
    let grant = grants(&world, false).remove(0).grant;
    let hidden = world.engine.grant_named(&stranger, &grant, world.now).err().map(|refusal| refusal.code());
    assert_eq!(hidden, Some(Code::IssueGrantUnknown));
    let own = Reading::Sponsored("alice@example.org".parse().unwrap());
    assert_eq!(world.engine.grant_named(&own, &grant, world.now).unwrap().grant.grant, grant);
}
