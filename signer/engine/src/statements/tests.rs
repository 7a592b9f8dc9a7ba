//! Statements: each under the purpose of its type, in its one form, and verified offline afterwards.

use signer_core::bundle::Bundle;
use signer_core::digest::Digest;
use signer_core::identity::Purpose;
use signer_core::protocol::{Base64, StatementRequest};
use signer_core::reason::Code;
use signer_core::verify::Signed as _;

use crate::session::Session;
use crate::store::StoreReader as _;
use crate::world::{World, countersignature, grant_for, prompt_for, refusal, scope};

/// A world and a session of alice's.
fn at_work() -> (World, Session) {
    let mut world = World::peopled();
    let alice = world.alice();
    (world, alice)
}

fn refused(world: &mut World, session: &Session, request: &StatementRequest) -> Code {
    refusal(world.commit(world.engine.statement(session, request, world.now)))
}

/// The code for this payload under a key of this purpose.
fn refused_payload(purpose: Purpose, payload: &[u8]) -> Code {
    let (mut world, alice) = at_work();
    let signer = world.signer(&alice, purpose);
    refused(&mut world, &alice, &signer.statement(payload))
}

/// A statement of any type about one file.
fn about(kind: &str) -> Vec<u8> {
    format!(
        r#"{{"_type":"https://in-toto.io/Statement/v1","predicate":{{}},"predicateType":"{kind}","subject":[{{"digest":{{"sha256":"{}"}},"name":"app.tar"}}]}}"#,
        Digest::of(b"app").to_hex()
    )
    .into_bytes()
}

#[test]
fn what_is_countersigned_verifies_offline() {
    let (mut world, alice) = at_work();
    let signer = world.signer(&alice, Purpose::Prompt);
    let request = signer.statement(&prompt_for(|_| ()));
    let answer = countersignature(world.commit(world.engine.statement(&alice, &request, world.now)));
    let (payload, signature) = (request.payload.0.clone(), request.signature.0.clone());
    let bundle = Bundle::assemble(payload, signature, signer.certificate.clone(), &answer).unwrap();
    let verified = world.verifier().statement(&bundle, &answer.decision.0, Purpose::Prompt).unwrap();
    let decision = &verified.get().countersigned().decision;
    assert_eq!(decision.rules, ["person-prompt"]);
    assert!(world.store.prompt(&decision.leaf).unwrap().is_some());
}

#[test]
fn artifacts_and_attestations_are_countersigned() {
    let (mut world, alice) = at_work();
    for (purpose, kind) in
        [(Purpose::Artifact, "https://slsa.dev/provenance/v1"), (Purpose::Attestation, "urn:chancery:review:v1")]
    {
        let signer = world.signer(&alice, purpose);
        let request = signer.statement(&about(kind));
        countersignature(world.commit(world.engine.statement(&alice, &request, world.now)));
    }
}

#[test]
fn refuses_a_key_of_another_purpose() {
    assert_eq!(refused_payload(Purpose::Attestation, &prompt_for(|_| ())), Code::X509Purpose);
    assert_eq!(refused_payload(Purpose::Commit, &about("urn:chancery:review:v1")), Code::X509Purpose);
}

#[test]
fn refuses_types_that_no_leaf_signs() {
    assert_eq!(refused_payload(Purpose::Attestation, &about("urn:chancery:anchor:v1")), Code::IntotoPredicateType);
    assert_eq!(refused_payload(Purpose::Attestation, &about("urn:chancery:audit-head:v1")), Code::IntotoPredicateType);
    let grant = grant_for("builder", scope(), 0, crate::world::now());
    assert_eq!(refused_payload(Purpose::Attestation, &grant), Code::IntotoPredicateType);
}

#[test]
fn refuses_payloads_of_another_form() {
    assert_eq!(refused_payload(Purpose::Prompt, b"DSSEv1 1 a 1 b"), Code::SignOracle);
    assert_eq!(refused_payload(Purpose::Prompt, b"{ }"), Code::IntotoMalformed);
}

#[test]
fn refuses_another_payload_type() {
    let (mut world, alice) = at_work();
    let signer = world.signer(&alice, Purpose::Prompt);
    let mut request = signer.statement(&prompt_for(|_| ()));
    request.payload_type = "text/plain".to_owned();
    assert_eq!(refused(&mut world, &alice, &request), Code::DssePayloadType);
}

#[test]
fn refuses_a_signature_over_other_bytes() {
    let (mut world, alice) = at_work();
    let signer = world.signer(&alice, Purpose::Prompt);
    let mut request = signer.statement(&prompt_for(|_| ()));
    request.payload = Base64(prompt_for(|_| ()));
    assert_eq!(refused(&mut world, &alice, &request), Code::DsseSignatureInvalid);
}

#[test]
fn refuses_a_prompt_that_is_over_or_continues_nothing() {
    assert_eq!(refused_payload(Purpose::Prompt, &prompt_for(|p| p.expires = crate::world::now())), Code::PromptExpired);
    let previous = Some(Digest::of(b"other"));
    assert_eq!(refused_payload(Purpose::Prompt, &prompt_for(|p| p.previous = previous)), Code::PromptNotRecorded);
}

#[test]
fn refuses_an_agents_prompt_outside_its_scope() {
    let mut world = World::peopled();
    let session = world.builder(0);
    let signer = world.signer(&session, Purpose::Prompt);
    let payload = prompt_for(|p| p.binding.target = "refs/tags/v1".parse().unwrap());
    assert_eq!(refused(&mut world, &session, &signer.statement(&payload)), Code::PolicyDenied);
}

#[test]
fn a_repeat_gets_the_same_bytes_after_the_certificate_expired() {
    let (mut world, alice) = at_work();
    let signer = world.signer(&alice, Purpose::Prompt);
    let request = signer.statement(&prompt_for(|_| ()));
    let first = countersignature(world.commit(world.engine.statement(&alice, &request, world.now)));
    let size = world.ledger.size();
    world.now = world.now.plus(3600);
    let again = countersignature(world.commit(world.engine.statement(&alice, &request, world.now)));
    assert_eq!(first, again);
    assert_eq!(world.ledger.size(), size);
}
