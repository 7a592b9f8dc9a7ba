//! Bundles of ours before a stock client. The time lies in the past of any clock, since the client reads one.

use serde_json::Value;
use signer_core::reason::{Code, Coded};

use super::*;

pub(crate) mod world;

use world::{ISSUER, World, artifact};

fn refused(world: &World, bundle: &[u8]) -> Code {
    verify_bundle(bundle, &world.trust_root(), &artifact(), &world.subject(), ISSUER).unwrap_err().code()
}

fn altered(world: &World, alter: impl FnOnce(&mut Value)) -> Vec<u8> {
    let mut value: Value = serde_json::from_slice(&world.bundle()).unwrap();
    alter(&mut value);
    serde_json::to_vec(&value).unwrap()
}

#[test]
fn a_stock_client_accepts_our_bundle() {
    let world = World::new();
    let bundle = world.bundle();
    bundle::Bundle::from_json(&bundle).unwrap();
    let judgement = verify_bundle(&bundle, &world.trust_root(), &artifact(), &world.subject(), ISSUER).unwrap();
    assert_eq!(judgement.times(), [world::signed_at()]);
}

#[test]
fn a_stock_client_accepts_a_person_by_mail_address() {
    let world = World::of_person();
    verify_bundle(&world.bundle(), &world.trust_root(), &artifact(), &world.subject(), ISSUER).unwrap();
}

#[test]
fn rejects_another_artifact_identity_or_issuer() {
    let world = World::new();
    let (bundle, root) = (world.bundle(), world.trust_root());
    let stock = StockVerifier::new(&root).unwrap();
    let judge = |artifact: &Digest, subject: &str, issuer: &str| {
        stock.judge(&bundle, artifact, &subject.parse().unwrap(), issuer).unwrap_err().code()
    };
    let subject = world.subject().to_string();
    assert_eq!(judge(&Digest::of(b"other"), &subject, ISSUER), Code::BundleStock);
    assert_eq!(judge(&artifact(), "mallory@example.org", ISSUER), Code::IdMismatch);
    assert_eq!(judge(&artifact(), &format!("{subject}/more"), ISSUER), Code::IdMismatch);
    assert_eq!(judge(&artifact(), &subject, "https://other.example"), Code::IdMismatch);
}

#[test]
fn rejects_what_another_world_signed() {
    let (world, other) = (World::new(), World::new());
    assert_eq!(refused(&world, &other.bundle()), Code::BundleStock);
}

#[test]
fn rejects_every_part_of_another_bundle() {
    let world = World::new();
    let other: Value = serde_json::from_slice(&world.bundle_of(b"other content")).unwrap();
    let parts = [
        "/dsseEnvelope/payload",
        "/dsseEnvelope/signatures",
        "/verificationMaterial/timestampVerificationData",
        "/verificationMaterial/tlogEntries",
    ];
    for part in parts {
        let bundle = altered(&world, |value| *value.pointer_mut(part).unwrap() = other.pointer(part).unwrap().clone());
        assert_eq!(refused(&world, &bundle), Code::BundleStock, "{part}");
    }
}

#[test]
fn rejects_a_bundle_without_time_entry_or_signature() {
    let world = World::new();
    for list in [
        "/dsseEnvelope/signatures",
        "/verificationMaterial/timestampVerificationData/rfc3161Timestamps",
        "/verificationMaterial/tlogEntries",
    ] {
        let bundle = altered(&world, |value| *value.pointer_mut(list).unwrap() = Value::Array(vec![]));
        assert_eq!(refused(&world, &bundle), Code::BundleStock, "{list}");
    }
}

#[test]
fn rejects_a_trust_root_without_one_of_its_roles() {
    let world = World::new();
    for role in ["certificateAuthorities", "ctlogs", "tlogs", "timestampAuthorities"] {
        let mut root: Value = serde_json::from_slice(&world.trust_root()).unwrap();
        root[role] = Value::Array(vec![]);
        let root = serde_json::to_vec(&root).unwrap();
        let refused = verify_bundle(&world.bundle(), &root, &artifact(), &world.subject(), ISSUER).unwrap_err();
        assert_eq!(refused.code(), Code::BundleStock, "{role}");
    }
}

#[test]
fn rejects_bytes_that_are_neither_bundle_nor_trust_root() {
    let world = World::new();
    assert_eq!(refused(&world, b""), Code::BundleStock);
    assert_eq!(refused(&world, b"{}"), Code::BundleStock);
    assert_eq!(refused(&world, &[0xff]), Code::BundleJson);
    assert_eq!(refused(&world, &vec![b' '; bundle::MAX_BYTES + 1]), Code::LimitBundle);
    let roots: [&[u8]; 4] = [b"", b"{}", &[0xff], &vec![b' '; trust_root::MAX_BYTES + 1]];
    for root in roots {
        assert!(StockVerifier::new(root).is_err_and(|error| error.code() == Code::TrustMalformed));
    }
}

#[test]
fn a_refusal_tells_what_the_client_said() {
    let world = World::new();
    let refused = verify_bundle(&world.bundle(), &world.trust_root(), &Digest::of(b"x"), &world.subject(), ISSUER);
    let error = refused.unwrap_err();
    let SigstoreError::Refused { source } = &error else { panic!("{error}") };
    assert!(error.reason().message.ends_with(&source.to_string()));
}
