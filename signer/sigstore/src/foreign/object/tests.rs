//! Commits signed without an engine: one of gitsign's, and such as are minted in a world whose time lies in the past.

mod gitsign;

use signer_core::attributes::ForeignAttributes;
use signer_core::log_entry::Promise;
use signer_core::reason::{Code, Coded as _};

use super::*;
use crate::tests::world::{self, ISSUER, World};

const OBJECT: &[u8] = b"tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\n\nMessage\n";

/// Long after the signatures were made, before any clock may go.
fn now() -> Timestamp {
    world::signed_at().plus(1_000_000)
}

fn holder(identity: &str, issuer: &str) -> Holder {
    Holder { identity: identity.to_owned(), issuer: issuer.to_owned() }
}

fn own(world: &World) -> Holder {
    holder(&world.subject().to_string(), ISSUER)
}

fn armored(signature: &ForeignSignature) -> Vec<u8> {
    armor::encode(&signature.write().unwrap()).into_bytes()
}

fn judge(world: &World, signature: &ForeignSignature) -> Result<ForeignJudgement, Code> {
    judge_as(world, signature, &[own(world)])
}

fn judge_as(world: &World, signature: &ForeignSignature, holders: &[Holder]) -> Result<ForeignJudgement, Code> {
    let verifier = ForeignVerifier::new(&world.trust_root()).unwrap();
    verifier.judge_object(OBJECT, &armored(signature), holders, now()).map_err(|error| error.code())
}

#[test]
fn accepts_what_one_of_several_signed() {
    let world = World::of_person();
    let signature = world.object(OBJECT);
    let others = [holder("eve@example.org", ISSUER), own(&world), holder("mallory@example.org", ISSUER)];
    let judgement = judge_as(&world, &signature, &others).unwrap();
    assert_eq!(judgement.artifact, Digest::of(signature.attributes.der()));
    assert_eq!(judgement.identity, Some(own(&world).identity));
    // The signer's own clock says something else.
    assert_eq!(judgement.times, [world::signed_at()]);
    assert_eq!(judgement.log[0].index, 1);
}

#[test]
fn accepts_a_token_as_its_authority_wrote_it() {
    let world = World::of_person();
    let signature = world.object(OBJECT);
    let token = Some(world.stamp_at(&signature.signature, world::signed_at(), false));
    assert_ne!(token, signature.token);
    assert!(judge(&world, &ForeignSignature { token, ..signature }).is_ok());
}

#[test]
fn accepts_one_subject_of_two_issuers() {
    let world = World::of_person();
    let elsewhere = Holder { issuer: "https://other.example".to_owned(), ..own(&world) };
    assert!(judge_as(&world, &world.object(OBJECT), &[elsewhere.clone(), own(&world)]).is_ok());
    assert_eq!(judge_as(&world, &world.object(OBJECT), &[elsewhere]), Err(Code::IdMismatch));
}

#[test]
fn rejects_another_object_identity_issuer_or_trust_root() {
    let (world, other) = (World::of_person(), World::of_person());
    let signature = world.object(OBJECT);
    let verifier = ForeignVerifier::new(&world.trust_root()).unwrap();
    let refused = verifier.judge_object(b"other", &armored(&signature), &[own(&world)], now()).unwrap_err();
    assert_eq!(refused.code(), Code::CmsDigest);
    let as_holder = |identity: &str, issuer: &str| judge_as(&world, &signature, &[holder(identity, issuer)]);
    assert_eq!(as_holder("mallory@example.org", ISSUER), Err(Code::IdMismatch));
    assert_eq!(as_holder(&own(&world).identity.to_uppercase(), ISSUER), Err(Code::IdMismatch));
    assert_eq!(as_holder(&own(&world).identity, "https://other.example"), Err(Code::IdMismatch));
    assert_eq!(judge_as(&world, &signature, &[]), Err(Code::IdMismatch));
    assert_eq!(judge(&other, &signature), Err(Code::LogOriginMismatch));
}

#[test]
fn rejects_the_evidence_of_another_commit() {
    let world = World::of_person();
    let (signature, another) = (world.object(OBJECT), world.object(OBJECT));
    let token = ForeignSignature { token: another.token.clone(), ..signature.clone() };
    assert_eq!(judge(&world, &token), Err(Code::TimeImprintMismatch));
    let entry = ForeignSignature { entry: another.entry.clone(), ..signature.clone() };
    assert_eq!(judge(&world, &entry), Err(Code::LogInclusionProof));
    let value = ForeignSignature { signature: another.signature.clone(), ..signature.clone() };
    assert!(judge(&world, &value).is_err());
    let attributes = ForeignAttributes::new(Digest::of(OBJECT), now(), None).unwrap();
    let certificate = ForeignSignature { certificate: another.certificate.clone(), attributes, ..signature };
    assert!(judge(&world, &certificate).is_err());
}

#[test]
fn rejects_attributes_that_were_not_signed() {
    let world = World::of_person();
    let signature = world.object(OBJECT);
    let named = Some(Digest::of(&signature.certificate));
    let attributes = ForeignAttributes::new(Digest::of(OBJECT), now(), named).unwrap();
    assert!(judge(&world, &ForeignSignature { attributes, ..signature }).is_err());
}

#[test]
fn rejects_a_certificate_that_was_not_valid_when_it_signed() {
    let world = World::of_person();
    let signature = world.object(OBJECT);
    for time in [world::signed_at().plus(601), world::signed_at().minus(6)] {
        let token = Some(world.stamp_at(&signature.signature, time, true));
        let code = judge(&world, &ForeignSignature { token, ..signature.clone() });
        assert_eq!(code, Err(Code::X509Expired), "{time}");
    }
}

#[test]
fn rejects_a_signature_that_nobody_but_its_signer_dates() {
    let world = World::of_person();
    let undated = ForeignSignature { token: None, ..world.object(OBJECT) };
    assert_eq!(judge(&world, &undated), Err(Code::TimeNone));
}

#[test]
fn rejects_a_time_to_come() {
    let world = World::of_person();
    let verifier = ForeignVerifier::new(&world.trust_root()).unwrap();
    let early = world::signed_at().minus(1);
    let refused = verifier.judge_object(OBJECT, &armored(&world.object(OBJECT)), &[own(&world)], early).unwrap_err();
    assert_eq!(refused.code(), Code::TimeFuture);
}

#[test]
fn rejects_a_certificate_that_no_log_of_certificates_promised() {
    let world = World::of_person();
    let mut root: Value = serde_json::from_slice(&world.trust_root()).unwrap();
    let other: Value = serde_json::from_slice(&World::of_person().trust_root()).unwrap();
    root["ctlogs"] = other["ctlogs"].clone();
    let judged = ForeignVerifier::new(root.to_string().as_bytes())
        .and_then(|verifier| verifier.judge_object(OBJECT, &armored(&world.object(OBJECT)), &[own(&world)], now()));
    assert_eq!(judged.unwrap_err().code(), Code::LogSctInvalid);
}

#[test]
fn rejects_the_entry_of_a_log_of_another_version() {
    let world = World::of_person();
    let mut promised = world.object(OBJECT);
    promised.entry.promise = Some(Promise { integrated_at: world::signed_at().unix(), signature: b"promise".to_vec() });
    assert!(judge(&world, &promised).is_err());
    let mut moved = world.object(OBJECT);
    moved.entry.proof_index = 0;
    assert_eq!(judge(&world, &moved), Err(Code::LogInclusionProof));
}

#[test]
fn every_altered_bit_is_refused() {
    let world = World::of_person();
    let verifier = ForeignVerifier::new(&world.trust_root()).unwrap();
    let der = world.object(OBJECT).write().unwrap();
    let accepted = altered(&der).filter(|(_, der)| {
        let armored = armor::encode(der);
        verifier.judge_object(OBJECT, armored.as_bytes(), &[own(&world)], now()).is_ok()
    });
    assert_eq!(accepted.map(|(at, _)| at).collect::<Vec<_>>(), Vec::<usize>::new());
}

/// One bit of each byte altered.
fn altered(der: &[u8]) -> impl Iterator<Item = (usize, Vec<u8>)> {
    (0..der.len()).map(|at| {
        let mut der = der.to_vec();
        der[at] ^= 1 << (at % 8);
        (at, der)
    })
}
