//! Commits and tags: what is countersigned verifies offline, and everything else is refused by its name.

use signer_core::armor;
use signer_core::change::ChangeList;
use signer_core::cms::{self, Evidence};
use signer_core::digest::Digest;
use signer_core::identity::Purpose;
use signer_core::protocol::{Base64, CountersignRequest};
use signer_core::provenance::{CommitProvenance, Provenance, TagProvenance};
use signer_core::reason::Code;
use signer_core::verify::Signed as _;

use crate::session::Session;
use crate::world::{REPOSITORY, Signer, World, changes, commit_of, countersignature, refusal};

/// A world, a session of `builder` and its commit key.
fn at_work() -> (World, Session, Signer) {
    let mut world = World::peopled();
    let session = world.builder(0);
    let signer = world.signer(&session, Purpose::Commit);
    (world, session, signer)
}

fn refused(world: &mut World, session: &Session, request: &CountersignRequest) -> Code {
    refusal(world.commit(world.engine.countersign(session, request, world.now)))
}

/// The code for a commit that lies about itself in one way.
fn lie(alter: impl FnOnce(&mut CommitProvenance)) -> Code {
    let (mut world, session, signer) = at_work();
    let list = changes(&["src/lib.rs"]);
    let mut provenance = commit_of(&session, &list);
    alter(&mut provenance);
    refused(&mut world, &session, &signer.commit(&provenance, &list))
}

/// The code for an honest commit of these changes.
fn change(list: &ChangeList) -> Code {
    let (mut world, session, signer) = at_work();
    refused(&mut world, &session, &signer.commit(&commit_of(&session, list), list))
}

/// The code for an honest commit whose request was altered.
fn tampered(alter: impl FnOnce(&mut CountersignRequest)) -> Code {
    let (mut world, session, signer) = at_work();
    let list = changes(&["src/lib.rs"]);
    let mut request = signer.commit(&commit_of(&session, &list), &list);
    alter(&mut request);
    refused(&mut world, &session, &request)
}

#[test]
fn what_is_countersigned_verifies_offline() {
    let (mut world, session, signer) = at_work();
    let list = changes(&["src/lib.rs", "src/main.rs"]);
    let request = signer.commit(&commit_of(&session, &list), &list);
    let answer = countersignature(world.commit(world.engine.countersign(&session, &request, world.now)));
    let evidence =
        Evidence { token: answer.token.0, entry: answer.entry.0, decision: answer.decision.0, foreign: None };
    let der = cms::assemble(&request.signed_attributes.0, &request.signature.0, &signer.certificate, &evidence);
    let armored = armor::encode(&der.unwrap());
    let verified = world.verifier().commit(b"commit", armored.as_bytes(), REPOSITORY, &list).unwrap();
    let countersigned = verified.get().countersigned();
    assert_eq!(countersigned.time, world.now);
    assert_eq!(countersigned.decision.rules, ["agent-change"]);
    assert_eq!(countersigned.decision.policy, world.engine.policy.digest());
}

#[test]
fn a_tag_of_a_person_is_countersigned() {
    let mut world = World::peopled();
    let alice = world.alice();
    let signer = world.signer(&alice, Purpose::Commit);
    let request = signer.attributes(&tag("v1"));
    countersignature(world.commit(world.engine.countersign(&alice, &request, world.now)));
}

#[test]
fn refuses_a_tag_of_an_agent_whose_scope_lacks_tags() {
    let (mut world, session, signer) = at_work();
    let mut provenance = tag("v1");
    let Provenance::Tag(mut named) = Provenance::decode(&provenance).unwrap() else { panic!("a tag") };
    named.grant = session.row().grants.last().copied();
    provenance = Provenance::Tag(named).encode().unwrap();
    assert_eq!(refused(&mut world, &session, &signer.attributes(&provenance)), Code::ScopeOperation);
}

fn tag(name: &str) -> Vec<u8> {
    let tag = TagProvenance {
        repository: REPOSITORY.to_owned(),
        name: name.to_owned(),
        object: "a".repeat(40),
        object_type: "commit".to_owned(),
        grant: None,
        salt: "00".repeat(16),
    };
    Provenance::Tag(tag).encode().unwrap()
}

#[test]
fn refuses_a_change_outside_the_scope() {
    assert_eq!(lie(|provenance| provenance.repository = "repo-other".to_owned()), Code::ScopeRepository);
    assert_eq!(lie(|provenance| provenance.target = "refs/tags/v1".to_owned()), Code::ScopeTarget);
    assert_eq!(change(&changes(&["README.md"])), Code::ScopePath);
    assert_eq!(change(&changes(&["src-y/lib.rs"])), Code::ScopePath);
    assert_eq!(change(&changes(&["src/1", "src/2", "src/3", "src/4"])), Code::ScopeLimit);
}

#[test]
fn refuses_a_change_list_that_is_not_the_signed_one() {
    assert_eq!(lie(|provenance| provenance.change = Digest::of(b"other")), Code::ScopeClaimMismatch);
    assert_eq!(lie(|provenance| provenance.counts.added = 0), Code::ScopeClaimMismatch);
    let other = changes(&["src/other.rs"]).encode();
    assert_eq!(tampered(|request| request.change_list = Some(Base64(other))), Code::ScopeClaimMismatch);
    assert_eq!(tampered(|request| request.change_list = Some(Base64(vec![1]))), Code::ScopeClaimMismatch);
    assert_eq!(tampered(|request| request.change_list = None), Code::RequestMalformed);
}

#[test]
fn refuses_a_grant_or_prompt_that_is_not_the_sessions() {
    assert_eq!(lie(|provenance| provenance.grant = None), Code::SignGrantMismatch);
    assert_eq!(lie(|provenance| provenance.grant = Some(Digest::of(b"other"))), Code::SignGrantMismatch);
    assert_eq!(lie(|provenance| provenance.prompt = Some(Digest::of(b"other"))), Code::PromptNotAccepted);
}

#[test]
fn refuses_bytes_that_are_not_signed_attributes() {
    assert_eq!(tampered(|request| request.signed_attributes = Base64(b"DSSEv1 ".to_vec())), Code::CmsNotDer);
    assert_eq!(tampered(|request| request.signed_attributes.0.push(0)), Code::CmsNotDer);
}

#[test]
fn refuses_a_signature_that_does_not_verify() {
    let other = signer_core::crypto::P256Key::generate().unwrap();
    let forged = signer_core::crypto::SignP256::sign_p256(&other, b"other").unwrap();
    assert_eq!(tampered(|request| request.signature = Base64(forged)), Code::CmsSignatureInvalid);
    assert_eq!(tampered(|request| request.signature = Base64(vec![0x30, 0])), Code::CmsSignatureEncoding);
}

#[test]
fn refuses_a_certificate_that_is_not_the_sessions() {
    assert_eq!(tampered(|request| request.certificate.0.push(0)), Code::SignNotSession);
    let (mut world, session, _) = at_work();
    let alice = world.alice();
    let hers = world.signer(&alice, Purpose::Commit);
    let list = changes(&["src/lib.rs"]);
    let request = hers.commit(&commit_of(&alice, &list), &list);
    assert_eq!(refused(&mut world, &session, &request), Code::SignNotSession);
}

#[test]
fn refuses_a_certificate_that_the_attributes_do_not_name() {
    let (mut world, session, signer) = at_work();
    let second = world.signer(&session, Purpose::Commit);
    let list = changes(&["src/lib.rs"]);
    let mut request = signer.commit(&commit_of(&session, &list), &list);
    request.certificate = Base64(second.certificate);
    assert_eq!(refused(&mut world, &session, &request), Code::CmsEss);
}

#[test]
fn refuses_a_key_of_another_purpose() {
    let (mut world, session, _) = at_work();
    let signer = world.signer(&session, Purpose::Prompt);
    let list = changes(&["src/lib.rs"]);
    let request = signer.commit(&commit_of(&session, &list), &list);
    assert_eq!(refused(&mut world, &session, &request), Code::X509Purpose);
}

#[test]
fn refuses_an_expired_certificate_before_and_at_the_ledger() {
    let (mut world, session, signer) = at_work();
    let list = changes(&["src/lib.rs"]);
    let request = signer.commit(&commit_of(&session, &list), &list);
    let in_time = world.engine.countersign(&session, &request, world.now);
    world.now = world.now.plus(600);
    assert_eq!(refused(&mut world, &session, &request), Code::X509Expired);
    assert_eq!(refusal(world.commit(in_time)), Code::X509Expired);
}

#[test]
fn refuses_provenance_in_another_form() {
    let (mut world, session, signer) = at_work();
    assert_eq!(refused(&mut world, &session, &signer.attributes(b"{ }")), Code::CmsProvenance);
}

#[test]
fn asks_policy_about_what_is_in_scope() {
    let mut world = World::peopled();
    let alice = world.alice();
    let attestor = world.signer(&alice, Purpose::Attestation);
    let mut scope = crate::world::scope();
    scope.paths = vec!["/".to_owned()];
    let payload = crate::world::grant_for("builder", scope, 0, world.now);
    let request = attestor.statement(&payload);
    let recorded = crate::world::grant(world.commit(world.engine.grant(&alice, &request, world.now)));
    let session = world.redeemed(&recorded);
    let signer = world.signer(&session, Purpose::Commit);
    for path in [".chancery/policy/a.cedar", ".github/workflows/ci.yml", "AGENTS.md"] {
        let list = changes(&[path]);
        let request = signer.commit(&commit_of(&session, &list), &list);
        assert_eq!(refused(&mut world, &session, &request), Code::PolicyDenied, "{path}");
    }
}

#[test]
fn stops_where_a_client_has_seen_a_tree_that_the_engine_lost() {
    let (mut world, session, signer) = at_work();
    let list = changes(&["src/lib.rs"]);
    let mut request = signer.commit(&commit_of(&session, &list), &list);
    request.newest_checkpoint = world.engine.checkpoint().unwrap();
    countersignature(world.commit(world.engine.countersign(&session, &request, world.now)));
    let seen = world.engine.checkpoint().unwrap();
    request.newest_checkpoint = Some("nonsense".to_owned());
    assert_eq!(refused(&mut world, &session, &request), Code::LogCheckpointMalformed);
    // An older copy of the same store, under the same keys.
    let stranger = World::peopled();
    let log_of_another_key = stranger.engine.check_seen(seen.as_deref());
    assert_eq!(log_of_another_key.unwrap_err().code(), Code::LogCheckpointSignature);
    assert!(world.engine.check_seen(seen.as_deref()).is_ok());
    let elsewhere = world.store.copied();
    let world = world.restarted(&elsewhere).unwrap();
    assert!(world.engine.check_seen(seen.as_deref()).is_ok(), "what was signed before the engine started");
    elsewhere.forget_checkpoints();
    assert_eq!(world.engine.check_seen(seen.as_deref()).unwrap_err().code(), Code::LogStateRegression);
}

// SRV-15: the key of a kept answer is a digest of two strings one after the other. A byte that moves from one to the other
// gives the same digest, so that the first must be of one form before it is looked up.
#[test]
fn a_byte_that_moves_between_the_signed_and_the_signature_finds_no_kept_answer() {
    let (mut world, session, signer) = at_work();
    let list = changes(&["src/lib.rs"]);
    let request = signer.commit(&commit_of(&session, &list), &list);
    countersignature(world.commit(world.engine.countersign(&session, &request, world.now)));
    let whole = [request.signed_attributes.0.as_slice(), &request.signature.0].concat();
    let (length, mut other) = (request.signed_attributes.0.len(), request.clone());
    for cut in [length - 1, length + 1, 0, whole.len()] {
        let (first, second) = whole.split_at(cut);
        (other.signed_attributes, other.signature) = (Base64(first.to_vec()), Base64(second.to_vec()));
        let code = refused(&mut world, &session, &other);
        assert!(code.as_str().starts_with("cms."), "{cut}: {code}");
    }
}

#[test]
fn a_certificate_of_a_rotated_authority_signs_no_more_and_its_answers_are_repeated() {
    let (mut world, session, signer) = at_work();
    let list = changes(&["src/lib.rs"]);
    let request = signer.commit(&commit_of(&session, &list), &list);
    let first = countersignature(world.commit(world.engine.countersign(&session, &request, world.now)));
    let mut world = world.rotated();
    let session = world.refreshed(&session);
    assert_eq!(countersignature(world.commit(world.engine.countersign(&session, &request, world.now))), first);
    let other = changes(&["src/other.rs"]);
    let late = signer.commit(&commit_of(&session, &other), &other);
    assert_eq!(refused(&mut world, &session, &late), Code::X509AuthorityRotated);
    let fresh = world.signer(&session, Purpose::Commit);
    let again = fresh.commit(&commit_of(&session, &other), &other);
    countersignature(world.commit(world.engine.countersign(&session, &again, world.now)));
}
