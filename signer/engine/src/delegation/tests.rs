//! Grants: recorded, redeemed once, and only ever narrower.

use signer_core::certificate::Leaf;
use signer_core::identity::Purpose;
use signer_core::protocol::RedeemGrant;
use signer_core::reason::Code;
use signer_core::scope::Scope;

use crate::session::Session;
use crate::store::StoreReader as _;
use crate::world::{Signer, World, grant, grant_for, prompt_for, redemption, refusal, scope, session};

fn alice(world: &mut World) -> (Session, Signer) {
    let alice = world.alice();
    let signer = world.signer(&alice, Purpose::Attestation);
    (alice, signer)
}

/// The code for a grant of alice's with this payload.
fn refused(payload: &[u8]) -> Code {
    let mut world = World::peopled();
    let (alice, signer) = alice(&mut world);
    refusal(world.commit(world.engine.grant(&alice, &signer.statement(payload), world.now)))
}

fn refused_redemption(world: &mut World, request: &RedeemGrant) -> Code {
    refusal(world.commit(world.engine.redeem_grant(request, world.now)))
}

#[test]
fn a_repeated_grant_gets_the_same_answer() {
    let mut world = World::peopled();
    let (alice, signer) = alice(&mut world);
    let request = signer.statement(&grant_for("builder", scope(), 0, world.now));
    let first = grant(world.commit(world.engine.grant(&alice, &request, world.now)));
    let size = world.ledger.size();
    let again = grant(world.commit(world.engine.grant(&alice, &request, world.now)));
    assert!(first == again);
    assert_eq!(world.ledger.size(), size);
    assert!(world.engine.logged_statement(&first.grant).unwrap().is_some());
}

#[test]
fn a_session_has_what_the_grant_says() {
    let mut world = World::peopled();
    let recorded = world.granted(1);
    let opened = session(world.commit(world.engine.redeem_grant(&redemption(&recorded), world.now)));
    assert_eq!(opened.scope, scope());
    assert_eq!(opened.grants, [recorded.grant]);
    assert_eq!(opened.expires, world.now.plus(3600));
    assert_eq!(opened.sponsor.to_string(), "alice@example.org");
}

#[test]
fn refuses_a_second_redemption() {
    let mut world = World::peopled();
    let recorded = world.granted(0);
    world.redeemed(&recorded);
    assert_eq!(refused_redemption(&mut world, &redemption(&recorded)), Code::IssueGrantRedeemed);
}

#[test]
fn two_redemptions_in_one_batch_open_one_session() {
    let mut world = World::peopled();
    let request = redemption(&world.granted(0));
    let batch = vec![world.engine.redeem_grant(&request, world.now), world.engine.redeem_grant(&request, world.now)];
    let mut answers = world.commit_all(batch);
    assert_eq!(refusal(answers.pop().unwrap()), Code::IssueGrantRedeemed);
    session(answers.pop().unwrap());
}

#[test]
fn refuses_a_wrong_code_as_it_refuses_an_unknown_grant() {
    let mut world = World::peopled();
    let right = redemption(&world.granted(0));
    let events = world.engine.events(0, 1000).unwrap().len();
    for code in [String::new(), "0".repeat(64), right.redemption.to_uppercase(), "0".repeat(100_000)] {
        let request = RedeemGrant { redemption: code, ..right.clone() };
        assert_eq!(refused_redemption(&mut world, &request), Code::IssueGrantUnknown);
    }
    let request = RedeemGrant { grant: signer_core::digest::Digest::of(b"other"), ..right };
    assert_eq!(refused_redemption(&mut world, &request), Code::IssueGrantUnknown);
    // Whoever is unknown writes nothing.
    assert_eq!(world.engine.events(0, 1000).unwrap().len(), events);
}

#[test]
fn refuses_a_redemption_outside_the_window() {
    let mut world = World::peopled();
    let request = redemption(&world.granted(0));
    let in_time = world.engine.redeem_grant(&request, world.now);
    world.now = world.now.plus(3600);
    assert_eq!(refused_redemption(&mut world, &request), Code::IssueGrantExpired);
    assert_eq!(refusal(world.commit(in_time)), Code::IssueGrantExpired);
}

#[test]
fn refuses_claims_that_nobody_could_read() {
    let mut world = World::peopled();
    let request = redemption(&world.granted(0));
    let claim = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let lists =
        [vec![claim("a", "b"); 9], vec![claim("", "b")], vec![claim("a", "b\n")], vec![claim("a", &"b".repeat(129))]];
    for claims in lists {
        let request = RedeemGrant { claims, ..request.clone() };
        assert_eq!(refused_redemption(&mut world, &request), Code::RequestMalformed);
    }
}

#[test]
fn refuses_a_grant_to_nobody() {
    assert_eq!(refused(&grant_for("nobody", scope(), 0, crate::world::now())), Code::AgentUnknown);
}

#[test]
fn refuses_a_grant_that_is_over_already() {
    assert_eq!(refused(&grant_for("builder", scope(), 0, crate::world::now().minus(3600))), Code::IssueGrantExpired);
}

#[test]
fn refuses_a_grant_of_the_purpose_open() {
    let scope = Scope { purposes: vec![Purpose::Open], ..scope() };
    assert_eq!(refused(&grant_for("builder", scope, 0, crate::world::now())), Code::ScopeNotNarrower);
}

#[test]
fn refuses_a_grant_that_no_certificate_could_carry() {
    let scope = Scope { paths: (0..16).map(|n| format!("{n:0>255}/")).collect(), ..scope() };
    assert_eq!(refused(&grant_for("builder", scope, 0, crate::world::now())), Code::ScopeElement);
}

#[test]
fn refuses_another_statement_as_a_grant() {
    assert_eq!(refused(&prompt_for(|_| ())), Code::IntotoPredicateType);
}

#[test]
fn a_grant_is_signed_under_purpose_attestation() {
    let mut world = World::peopled();
    let alice = world.alice();
    let signer = world.signer(&alice, Purpose::Prompt);
    let request = signer.statement(&grant_for("builder", scope(), 0, world.now));
    assert_eq!(refusal(world.commit(world.engine.grant(&alice, &request, world.now))), Code::X509Purpose);
}

/// A world whose policy lets agents delegate, and a session that may delegate once more.
fn delegating(depth: u8) -> (World, Session, Signer) {
    let mut world = World::delegating();
    world.people();
    let session = world.builder(depth);
    let signer = world.signer(&session, Purpose::Attestation);
    (world, session, signer)
}

/// The code for a grant of an agent's to its helper.
fn refused_hop(scope: Scope, depth: u8, late: u64) -> Code {
    let (mut world, session, signer) = delegating(1);
    let start = world.now.plus(late);
    let request = signer.statement(&grant_for("helper", scope, depth, start));
    refusal(world.commit(world.engine.grant(&session, &request, world.now)))
}

#[test]
fn a_sub_agent_carries_the_whole_chain() {
    let (mut world, parent, signer) = delegating(1);
    let narrower = Scope { paths: vec!["src/parser/".to_owned()], ..scope() };
    let request = signer.statement(&grant_for("helper", narrower.clone(), 0, world.now));
    let recorded = grant(world.commit(world.engine.grant(&parent, &request, world.now)));
    let child = world.redeemed(&recorded);
    assert_eq!(child.subject().to_string(), format!("spiffe://7f.chancery.internal/agent/helper/{}", child.id()));
    assert_eq!(child.row().grants.len(), 2);
    let signer = world.signer(&child, Purpose::Commit);
    let leaf = Leaf::parse(&signer.certificate).unwrap();
    let actors: Vec<String> = leaf.identity().hops.iter().map(|hop| hop.actor.to_string()).collect();
    assert_eq!(actors, ["alice@example.org".to_owned(), parent.subject().to_string()]);
    assert_eq!(leaf.identity().scope, narrower);
}

#[test]
fn refuses_a_sub_grant_that_is_wider() {
    let wider = Scope { paths: vec!["/".to_owned()], ..scope() };
    assert_eq!(refused_hop(wider, 0, 0), Code::ScopeNotNarrower);
    let more = Scope { max_bytes: 101, ..scope() };
    assert_eq!(refused_hop(more, 0, 0), Code::ScopeNotNarrower);
}

#[test]
fn refuses_a_sub_grant_that_outlives_its_parent() {
    assert_eq!(refused_hop(scope(), 0, 1), Code::ScopeNotNarrower);
}

#[test]
fn refuses_a_sub_grant_that_is_as_deep() {
    assert_eq!(refused_hop(scope(), 1, 0), Code::AgentHops);
}

#[test]
fn the_baseline_lets_no_agent_delegate() {
    let mut world = World::peopled();
    let session = world.builder(1);
    let signer = world.signer(&session, Purpose::Attestation);
    let request = signer.statement(&grant_for("helper", scope(), 0, world.now));
    assert_eq!(refusal(world.commit(world.engine.grant(&session, &request, world.now))), Code::PolicyDenied);
}

#[test]
fn a_redeemed_grant_names_its_session() {
    let mut world = World::peopled();
    let recorded = world.granted(0);
    let session = world.redeemed(&recorded);
    let row = world.store.grant(&recorded.grant).unwrap().unwrap();
    assert_eq!(row.redeemed.as_deref(), Some(session.id()));
}
