//! Certificates: what the session and its grants say, never what the request asks for.

use signer_core::certificate::Leaf;
use signer_core::crypto::P256Key;
use signer_core::csr;
use signer_core::digest::Digest;
use signer_core::identity::{ActorClass, Enrolment, Purpose};
use signer_core::leaf::ClaimSource;
use signer_core::protocol::{Base64, CertificateRequest, Presence};
use signer_core::reason::Code;

use crate::session::Session;
use crate::store::StoreReader as _;
use crate::world::{World, certificate, refusal};

fn request(purpose: Purpose, key: &P256Key) -> CertificateRequest {
    CertificateRequest { purpose, csr: Base64(csr::make(key).unwrap()), presence: None }
}

fn refused(world: &mut World, session: &Session, request: &CertificateRequest, presence: Option<Presence>) -> Code {
    refusal(world.commit(world.engine.issue_certificate(session, request, presence, world.now)))
}

#[test]
fn an_agents_leaf_says_who_under_whose_grant_for_how_long() {
    let mut world = World::peopled();
    let session = world.builder(1);
    let signer = world.signer(&session, Purpose::Commit);
    let certified = world.trust.certify(Leaf::parse(&signer.certificate).unwrap()).unwrap();
    certified.valid_at(world.now).unwrap();
    let leaf = certified.leaf();
    assert_eq!(leaf.subject().to_string(), format!("spiffe://7f.chancery.internal/agent/builder/{}", session.id()));
    assert_eq!(leaf.window().end, world.now.plus(600));
    let identity = leaf.identity();
    assert_eq!(identity.class, ActorClass::Agent);
    assert_eq!(identity.enrolment, Enrolment::Grant);
    assert_eq!(identity.sponsor.as_ref().map(ToString::to_string).as_deref(), Some("alice@example.org"));
    let [hop] = identity.hops.as_slice() else { panic!("one hop") };
    assert_eq!(hop.actor.to_string(), "alice@example.org");
    assert_eq!(Some(&hop.grant), session.row().grants.last());
    assert_eq!(identity.scope, hop.scope);
    assert_eq!(identity.claims.first().map(|claim| claim.source), Some(ClaimSource::Launcher));
}

#[test]
fn a_persons_leaf_says_how_presence_was_proved() {
    let mut world = World::peopled();
    let alice = world.alice();
    for (presence, enrolment) in
        [(Presence::Terminal, Enrolment::Terminal), (Presence::OwnerCredential, Enrolment::OwnerCredential)]
    {
        let request = request(Purpose::Commit, &P256Key::generate().unwrap());
        let prepared = world.engine.issue_certificate(&alice, &request, Some(presence), world.now);
        let issued = certificate(world.commit(prepared));
        let leaf = Leaf::parse(&issued.certificate.0).unwrap();
        assert_eq!(leaf.identity().enrolment, enrolment);
        assert!(leaf.identity().hops.is_empty());
        assert_eq!(issued.chain.len(), 2);
    }
}

#[test]
fn refuses_a_person_whose_presence_nobody_proved() {
    let mut world = World::peopled();
    let alice = world.alice();
    let mut request = request(Purpose::Commit, &P256Key::generate().unwrap());
    request.presence = Some(Presence::OwnerCredential);
    assert_eq!(refused(&mut world, &alice, &request, None), Code::AgentPresence);
}

#[test]
fn refuses_an_agent_with_a_persons_presence() {
    let mut world = World::peopled();
    let session = world.builder(0);
    let request = request(Purpose::Commit, &P256Key::generate().unwrap());
    let code = refused(&mut world, &session, &request, Some(Presence::Terminal));
    assert_eq!(code, Code::AgentCallerNotPerson);
}

#[test]
fn refuses_a_purpose_outside_the_scope_or_the_policy() {
    let mut world = World::peopled();
    let session = world.builder(0);
    let key = P256Key::generate().unwrap();
    assert_eq!(refused(&mut world, &session, &request(Purpose::Open, &key), None), Code::IssuePurpose);
    // The grant lists attestations, but allows no further hop.
    assert_eq!(refused(&mut world, &session, &request(Purpose::Attestation, &key), None), Code::PolicyDenied);
}

#[test]
fn refuses_a_request_that_its_key_did_not_sign() {
    let mut world = World::peopled();
    let session = world.builder(0);
    let mut forged = request(Purpose::Commit, &P256Key::generate().unwrap());
    let other = csr::make(&P256Key::generate().unwrap()).unwrap();
    // The signature of another request of the same length, or none that reads at all.
    let at = forged.csr.0.len() - 8;
    forged.csr.0.truncate(at);
    forged.csr.0.extend_from_slice(&other[other.len() - 8..]);
    let code = refused(&mut world, &session, &forged, None);
    assert!(matches!(code, Code::IssueCsrProof | Code::IssueCsrMalformed), "{code}");
    let nonsense = CertificateRequest { csr: Base64(b"nonsense".to_vec()), ..forged };
    assert_eq!(refused(&mut world, &session, &nonsense, None), Code::IssueCsrMalformed);
}

#[test]
fn refuses_a_key_that_was_certified_before() {
    let mut world = World::peopled();
    let session = world.builder(0);
    let alice = world.alice();
    let key = P256Key::generate().unwrap();
    certificate(world.certify(&session, Purpose::Commit, &key));
    // Another request of the same key: ECDSA signatures differ each time.
    assert_eq!(refusal(world.certify(&session, Purpose::Prompt, &key)), Code::IssueCsrKey);
    assert_eq!(refusal(world.certify(&alice, Purpose::Commit, &key)), Code::IssueCsrKey);
}

#[test]
fn two_requests_of_one_key_in_one_batch_get_one_certificate() {
    let mut world = World::peopled();
    let session = world.builder(0);
    let key = P256Key::generate().unwrap();
    let prepare = |purpose| world.engine.issue_certificate(&session, &request(purpose, &key), None, world.now);
    let batch = vec![prepare(Purpose::Commit), prepare(Purpose::Prompt)];
    let mut answers = world.commit_all(batch);
    assert_eq!(refusal(answers.pop().unwrap()), Code::IssueCsrKey);
    certificate(answers.pop().unwrap());
}

#[test]
fn a_repeated_request_gets_the_same_certificate() {
    let mut world = World::peopled();
    let session = world.builder(0);
    let request = request(Purpose::Commit, &P256Key::generate().unwrap());
    let first = certificate(world.commit(world.engine.issue_certificate(&session, &request, None, world.now)));
    let again = certificate(world.commit(world.engine.issue_certificate(&session, &request, None, world.now)));
    assert_eq!(first, again);
    assert!(world.store.certificate(&Digest::of(&first.certificate.0)).unwrap().is_some());
}

#[test]
fn a_leaf_does_not_outlive_its_session() {
    let mut world = World::peopled();
    let session = world.builder(0);
    world.now = world.now.plus(3600 - 60);
    let signer = world.signer(&session, Purpose::Commit);
    assert_eq!(Leaf::parse(&signer.certificate).unwrap().window().end, session.row().window.end);
}
