use signer_core::digest::Digest;
use signer_core::grant::{Grant, Grantee};
use signer_core::identity::Purpose;
use signer_core::nonce::Nonce;
use signer_core::protocol::StatementRequest;
use signer_core::scope::{Operation, Scope};
use signer_core::time::Window;
use signer_core::{canonical, dsse, statement};
use signer_wire::Secret;
use signer_wire::bytes::Bytes;
use signer_wire::message::{Answer, Request, SignStatement, StatementPurpose};

use super::fake_engine::{REPOSITORY, now};
use super::world::{AGENT, SCRIPT, World, code};

/// A grant to the agent `builder`.
pub(super) fn grant_statement() -> Vec<u8> {
    let scope = Scope {
        repositories: vec![REPOSITORY.to_owned()],
        targets: vec!["refs/heads/main".to_owned()],
        paths: vec!["/".to_owned()],
        operations: vec![Operation::Add],
        purposes: vec![Purpose::Commit],
        max_paths: 10,
        max_bytes: 1000,
    };
    let grant = Grant {
        grantee: Grantee { agent: "builder".parse().unwrap(), class: None },
        scope,
        window: Window { start: now(), end: now().plus(3600) },
        depth: 0,
        task: None,
        salt: Nonce::from_bytes([7; 16]),
    };
    grant.into_statement().unwrap().encode().unwrap()
}

fn document(predicate: &str) -> Vec<u8> {
    let document = serde_json::json!({
        "_type": statement::STATEMENT_TYPE,
        "subject": [{ "name": "x", "digest": { "sha256": Digest::of(b"x").to_hex() } }],
        "predicateType": predicate,
        "predicate": {},
    });
    canonical::to_vec(&document).unwrap()
}

fn request(purpose: StatementPurpose, payload: Vec<u8>, owner: Option<&str>) -> Request {
    Request::SignStatement(SignStatement {
        purpose,
        payload_type: dsse::PAYLOAD_TYPE.to_owned(),
        payload: Bytes(payload),
        summary: "x".to_owned(),
        session: None,
        owner: owner.map(|owner| Secret::new(owner.to_owned())),
    })
}

#[test]
fn an_agent_signs_statements_under_a_key_of_their_purpose() {
    let (world, _) = World::with_agent();
    let payload = document(statement::ARTIFACT);
    let answer = world.broker.answer(AGENT, request(StatementPurpose::Artifact, payload.clone(), None));
    let Answer::StatementSigned(signed) = answer else { panic!("{}", code(answer)) };
    let leaf = signer_core::certificate::Leaf::parse(&signed.certificate.0).unwrap();
    assert_eq!(leaf.identity().purpose, Purpose::Artifact);
    leaf.public_key().verify(&dsse::pae(dsse::PAYLOAD_TYPE, &payload), &signed.signature.0).unwrap();
    let call = world.engine.arrived.lock().unwrap().pop().unwrap();
    assert_eq!(call.route, "/v1/statements");
    assert_eq!(serde_json::from_slice::<StatementRequest>(&call.body).unwrap().payload.0, payload);
}

#[test]
fn each_purpose_has_its_own_key() {
    let (world, _) = World::with_agent();
    let certificate = |purpose, predicate| match world.broker.answer(AGENT, request(purpose, document(predicate), None))
    {
        Answer::StatementSigned(signed) => signed.certificate.0,
        other => panic!("{}", code(other)),
    };
    let artifact = certificate(StatementPurpose::Artifact, statement::ARTIFACT);
    let prompt = certificate(StatementPurpose::Prompt, statement::PROMPT);
    assert_ne!(artifact, prompt);
    assert_eq!(certificate(StatementPurpose::Artifact, statement::ARTIFACT), artifact);
}

#[test]
fn a_statement_is_signed_under_its_own_purpose_alone() {
    let (world, _) = World::with_agent();
    for (purpose, predicate) in [
        (StatementPurpose::Prompt, statement::ARTIFACT),
        (StatementPurpose::Artifact, statement::PROMPT),
        (StatementPurpose::Attestation, statement::ANCHOR),
        (StatementPurpose::Attestation, statement::GRANT),
        (StatementPurpose::Attestation, "urn:example:other"),
    ] {
        let answer = world.broker.answer(AGENT, request(purpose, document(predicate), None));
        assert_eq!(code(answer), "scope.purpose", "{predicate}");
    }
    assert_eq!(world.engine.calls("/v1/certificates"), 1);
}

#[test]
fn bytes_that_another_key_signs_are_refused() {
    let (world, _) = World::with_agent();
    let pae = dsse::pae(dsse::PAYLOAD_TYPE, &document(statement::PROMPT));
    let checkpoint = b"log-1.example.org\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n".to_vec();
    for payload in [pae, checkpoint] {
        let answer = world.broker.answer(AGENT, request(StatementPurpose::Prompt, payload, None));
        assert_eq!(code(answer), "sign.oracle");
    }
    let answer = world.broker.answer(AGENT, request(StatementPurpose::Prompt, b"{}".to_vec(), None));
    assert_ne!(code(answer), "accepted");
}

#[test]
fn a_person_confirms_each_statement() {
    let world = World::with_person();
    let ask =
        |owner| world.broker.answer(SCRIPT, request(StatementPurpose::Prompt, document(statement::PROMPT), owner));
    assert_eq!(code(ask(None)), "agent.presence_missing");
    assert_eq!(code(ask(Some("guess"))), "issue.unauthorized");
    assert_eq!(code(ask(Some("owner"))), "accepted");
}

#[test]
fn the_code_that_redeems_a_grant_never_reaches_who_made_it() {
    let world = World::with_person();
    let grant = signer_wire::message::CreateGrant {
        payload_type: dsse::PAYLOAD_TYPE.to_owned(),
        payload: Bytes(grant_statement()),
        owner: Some(Secret::new("owner".to_owned())),
    };
    let answer = world.broker.answer(SCRIPT, Request::CreateGrant(grant));
    assert!(!serde_json::to_string(&answer).unwrap().contains("redemption"));
    assert!(matches!(answer, Answer::GrantCreated(_)));
}

#[test]
fn a_grant_that_is_none_is_refused_before_a_key_is_made() {
    let world = World::with_person();
    for payload in [b"{}".to_vec(), document(statement::GRANT), document(statement::PROMPT)] {
        let grant = signer_wire::message::CreateGrant {
            payload_type: dsse::PAYLOAD_TYPE.to_owned(),
            payload: Bytes(payload),
            owner: Some(Secret::new("owner".to_owned())),
        };
        assert_ne!(code(world.broker.answer(SCRIPT, Request::CreateGrant(grant))), "accepted");
    }
    assert_eq!(world.engine.calls("/v1/certificates"), 0);
}
