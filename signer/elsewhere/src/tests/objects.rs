//! Commits: signatures as git stores them, or nothing.

use signer_core::armor;
use signer_core::cms::ForeignSignature;

use super::*;
use crate::object::ProvenObject;

const OBJECT: &[u8] = b"tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\n\nMessage\n";

fn sign_object(deployment: &Deployment, identity: &str) -> Result<ProvenObject, Code> {
    signing(deployment, identity, |elsewhere, token, expected| elsewhere.sign_object(token, expected, OBJECT, now))
}

fn refused_object(deployment: &Deployment) -> Code {
    sign_object(deployment, SUBJECT).map(|proven| panic!("{}", proven.armor())).unwrap_err()
}

fn parts(proven: &ProvenObject) -> ForeignSignature {
    ForeignSignature::parse(&armor::decode(proven.armor().as_bytes()).unwrap()).unwrap()
}

#[test]
fn an_object_is_signed_through_either_rekor() {
    for version in [1, 2] {
        let proven = sign_object(&Deployment::honest().with_logs(&[version]), SUBJECT).unwrap();
        let found = parts(&proven);
        assert_eq!(*found.attributes.message_digest(), Digest::of(OBJECT));
        assert_eq!(found.attributes.certificate_digest(), Some(&Digest::of(&found.certificate)));
        assert_eq!(found.entry.promise.is_some(), version == 1);
        assert!(found.token.is_some());
        assert_eq!(proven.judgement().identity.as_deref(), Some(SUBJECT));
        assert_eq!(proven.judgement().artifact, Digest::of(found.attributes.der()));
    }
}

#[test]
fn a_rekor_v1_log_alone_says_when_an_object_was_signed() {
    let deployment = Deployment::honest().with_logs(&[1]).without_clock();
    let proven = sign_object(&deployment, SUBJECT).unwrap();
    assert_eq!(parts(&proven).token, None);
    assert_eq!(proven.judgement().times, [deployment.world.logged_at]);
}

#[test]
fn more_evidence_than_there_is_room_for_is_not_asked_for() {
    let deployment = Deployment::honest().with_logs(&[2, 1]);
    assert_eq!(refused_object(&deployment), Code::ElsewhereService);
    assert!(deployment.heads().is_empty());
}

#[test]
fn an_object_that_nobody_dates_is_not_handed_out() {
    assert_eq!(refused_object(&Deployment::honest().without_clock()), Code::TimeNone);
}

#[test]
fn an_entry_of_another_kind_or_version_is_none() {
    for (member, value) in [("kind", "dsse"), ("version", "0.0.3"), ("version", "0.0.1")] {
        let lie = Deployment::saying(Kind::Log, move |answer| answer["kindVersion"][member] = json!(value));
        assert_eq!(refused_object(&lie), Code::ElsewhereAnswer, "{value}");
    }
    let lie = Deployment::saying(Kind::Log, |answer| answer["logId"]["keyId"] = json!("AAAA"));
    assert_eq!(refused_object(&lie), Code::ElsewhereAnswer);
}

#[test]
fn a_log_that_took_in_something_else_is_found_out() {
    let other = serde_json::to_value(signer_core::protocol::Base64(Digest::of(b"other").as_bytes().to_vec())).unwrap();
    let lie = Deployment::asked(Kind::Log, move |body| {
        let mut asked: Value = serde_json::from_slice(body).unwrap();
        asked["hashedRekordRequestV002"]["digest"] = other.clone();
        *body = serde_json::to_vec(&asked).unwrap();
    });
    assert_eq!(refused_object(&lie), Code::LogInclusionProof);
}

#[test]
fn a_certificate_for_somebody_else_signs_no_object() {
    assert_eq!(sign_object(&Deployment::honest(), "eve@example.org").map(drop), Err(Code::IdMismatch));
}
