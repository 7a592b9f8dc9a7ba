//! Strangers' bundles: group BND of the attack catalogue, and what stock clients let pass. Names in comments are its
//! entries. The bundles are minted in a world whose time lies in the past of any clock.

mod evidence;
mod shape;
mod statements;

use serde_json::{Value, json};
use signer_core::digest::Digest;
use signer_core::dsse;
use signer_core::log_entry;
use signer_core::reason::{Code, Coded as _};
use signer_core::time::Timestamp;

use super::*;
use crate::tests::world::{self, ISSUER, World};

const CONTENT: &[u8] = b"content";

/// Long after the bundles were made, before any clock may go.
fn now() -> Timestamp {
    world::signed_at().plus(1_000_000)
}

/// The first bytes of every judgement: bundle, content, the world's own signer.
fn judge(world: &World, bundle: &[u8], content: &[u8]) -> Result<ForeignJudgement, ForeignError> {
    judge_under(&world.trust_root(), world, bundle, content)
}

fn judge_under(root: &[u8], world: &World, bundle: &[u8], content: &[u8]) -> Result<ForeignJudgement, ForeignError> {
    let subject = world.subject().to_string();
    let signer = Signer::Identity { identity: &subject, issuer: ISSUER };
    ForeignVerifier::new(root)?.judge(bundle, Artifact::Content(&mut &*content), &signer, now())
}

fn refusal(world: &World, bundle: &[u8]) -> Code {
    judge(world, bundle, CONTENT).unwrap_err().code()
}

fn bytes(value: &Value) -> Vec<u8> {
    serde_json::to_vec(value).unwrap()
}

/// A signed statement about `CONTENT`.
fn statement(world: &World) -> Value {
    serde_json::from_slice(&world.envelope(dsse::PAYLOAD_TYPE, about(&json!([subject()])))).unwrap()
}

fn subject() -> Value {
    json!({ "name": "app", "digest": { "sha256": Digest::of(CONTENT).to_hex() } })
}

fn about(subjects: &Value) -> Vec<u8> {
    let kind = "https://in-toto.io/Statement/v1";
    bytes(&json!({ "_type": kind, "subject": subjects, "predicateType": "https://example.com/p", "predicate": {} }))
}

fn message(world: &World) -> Value {
    world.message(CONTENT, |digest, signature, leaf| log_entry::body(digest, signature, leaf).unwrap())
}

fn altered(mut value: Value, alter: impl FnOnce(&mut Value)) -> Vec<u8> {
    alter(&mut value);
    bytes(&value)
}

#[test]
fn accepts_statements_and_signatures_of_content_by_content_and_by_digest() {
    let world = World::new();
    let subject = world.subject().to_string();
    let signer = Signer::Identity { identity: &subject, issuer: ISSUER };
    let verifier = ForeignVerifier::new(&world.trust_root()).unwrap();
    for bundle in [bytes(&statement(&world)), bytes(&message(&world))] {
        let by_content = judge(&world, &bundle, CONTENT).unwrap();
        let by_digest = verifier.judge(&bundle, Artifact::Digest(Digest::of(CONTENT)), &signer, now()).unwrap();
        assert_eq!(by_content, by_digest);
        assert_eq!(by_content.artifact, Digest::of(CONTENT));
        assert_eq!(by_content.identity, Some(subject.clone()));
        assert_eq!(by_content.issuer.as_deref(), Some(ISSUER));
        assert_eq!(by_content.times, [world::signed_at()]);
        assert_eq!((by_content.log.len(), by_content.log[0].index, by_content.log[0].tree_size), (1, 1, 2));
    }
}

#[test]
fn accepts_a_key_hint_and_believes_nothing_of_it() {
    let world = World::new();
    // BND-07.
    for hint in ["", "../../key", "another key"] {
        let bundle = altered(statement(&world), |value| value["dsseEnvelope"]["signatures"][0]["keyid"] = hint.into());
        judge(&world, &bundle, CONTENT).unwrap();
    }
}

#[test]
fn rejects_another_artifact_identity_issuer_or_trust_root() {
    let (world, other) = (World::new(), World::new());
    let subject = world.subject().to_string();
    for (bundle, code) in [(statement(&world), Code::IntotoSubject), (message(&world), Code::ArtDiffers)] {
        let bundle = bytes(&bundle);
        let verifier = ForeignVerifier::new(&world.trust_root()).unwrap();
        let by = |content: &[u8], identity: &str, issuer: &str| {
            let signer = Signer::Identity { identity, issuer };
            let content = Artifact::Content(&mut &*content);
            verifier.judge(&bundle, content, &signer, now()).unwrap_err().code()
        };
        // BND-09.
        assert_eq!(by(b"other", &subject, ISSUER), code);
        assert_eq!(by(CONTENT, "mallory@example.org", ISSUER), Code::IdMismatch);
        assert_eq!(by(CONTENT, &format!("{subject}/"), ISSUER), Code::IdMismatch);
        assert_eq!(by(CONTENT, &subject, "https://other.example"), Code::IdMismatch);
        let refused = judge_under(&other.trust_root(), &world, &bundle, CONTENT).unwrap_err();
        assert_eq!(refused.code(), Code::LogOriginMismatch);
    }
}

#[test]
fn rejects_a_key_where_a_certificate_signed_and_the_reverse() {
    let world = World::new();
    let verifier = ForeignVerifier::new(&world.trust_root()).unwrap();
    let pem = x509_cert::der::pem::encode_string("PUBLIC KEY", x509_cert::der::pem::LineEnding::LF, &world.key());
    let with_key = |bundle: &[u8], pem: &str| {
        verifier.judge(bundle, Artifact::Content(&mut &*CONTENT), &Signer::Key { pem }, now()).unwrap_err().code()
    };
    // BND-23, BND-27.
    assert_eq!(with_key(&bytes(&message(&world)), &pem.unwrap()), Code::BundleMaterial);
    let keyed = altered(message(&world), |value| value["verificationMaterial"] = keyed(value));
    assert_eq!(with_key(&keyed, "-----BEGIN PUBLIC KEY-----"), Code::TrustMalformed);
    assert_eq!(refusal(&world, &keyed), Code::TrustKeyMissing);
}

/// The same evidence under a key that the verifier must have.
fn keyed(bundle: &Value) -> Value {
    let mut material = bundle["verificationMaterial"].clone();
    material.as_object_mut().unwrap().remove("certificate");
    material["publicKey"] = json!({ "hint": "a" });
    material
}

#[test]
fn judges_a_managed_key_by_the_key_alone() {
    let (world, other) = (World::new(), World::new());
    let key = world.key();
    let bundle = world.message(CONTENT, |digest, signature, _| {
        let body: Value = serde_json::from_slice(&log_entry::body(digest, signature, b"leaf").unwrap()).unwrap();
        altered(body, |body| {
            let verifier = &mut body["spec"]["hashedRekordV002"]["signature"]["verifier"];
            *verifier = json!({ "keyDetails": verifier["keyDetails"], "publicKey": { "rawBytes": base64(&key) } });
        })
    });
    let bundle = altered(bundle, |value| value["verificationMaterial"] = keyed(value));
    let verifier = ForeignVerifier::new(&world.trust_root()).unwrap();
    let by = |key: &[u8]| {
        let pem = x509_cert::der::pem::encode_string("PUBLIC KEY", x509_cert::der::pem::LineEnding::LF, key).unwrap();
        verifier.judge(&bundle, Artifact::Content(&mut &*CONTENT), &Signer::Key { pem: &pem }, now())
    };
    assert_eq!(by(&world.key()).unwrap().identity, None);
    assert_eq!(by(&other.key()).unwrap_err().code(), Code::BundleSignatureInvalid);
}

fn base64(bytes: &[u8]) -> Value {
    serde_json::to_value(signer_core::protocol::Base64(bytes.to_vec())).unwrap()
}

#[test]
fn an_unreadable_artifact_is_no_artifact() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("disk"))
        }
    }
    let world = World::new();
    let subject = world.subject().to_string();
    let signer = Signer::Identity { identity: &subject, issuer: ISSUER };
    let verifier = ForeignVerifier::new(&world.trust_root()).unwrap();
    let refused = verifier.judge(&bytes(&message(&world)), Artifact::Content(&mut Broken), &signer, now());
    assert_eq!(refused.unwrap_err().code(), Code::InternalIo);
}
