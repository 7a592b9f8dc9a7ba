//! Logs that lie, fail or refuse: group LOG of the attack catalogue, where a client can tell.

use signer_core::crypto::{Ed25519Key, P256Key};
use signer_core::protocol::Base64;

use super::world::World;
use super::*;

fn of(version: u32, change: impl FnOnce(&mut World)) -> Code {
    let mut world = World::new();
    change(&mut world);
    refused(&Deployment::of(world).with_logs(&[version]))
}

fn saying(version: u32, twist: impl Fn(&mut Value) + Send + Sync + 'static) -> Code {
    refused(&Deployment::saying(Kind::Log, twist).with_logs(&[version]))
}

/// The one entry of an older log's answer.
fn entry_1(twist: impl Fn(&mut Value) + Send + Sync + 'static) -> Code {
    saying(1, move |answer| twist(answer.as_object_mut().unwrap().values_mut().next().unwrap()))
}

fn flipped(value: &mut Value) {
    let Base64(mut bytes) = serde_json::from_value(value.clone()).unwrap();
    bytes[0] ^= 1;
    *value = serde_json::to_value(Base64(bytes)).unwrap();
}

#[test]
fn an_entry_is_about_this_signature() {
    let asking = |version, at: &'static str, value: Value| {
        let twist = move |body: &mut Vec<u8>| {
            let mut asked: Value = serde_json::from_slice(body).unwrap();
            *asked.pointer_mut(at).unwrap() = value.clone();
            *body = serde_json::to_vec(&asked).unwrap();
        };
        refused(&Deployment::asked(Kind::Log, twist).with_logs(&[version]))
    };
    let other = serde_json::to_value(Base64(Digest::of(b"other").as_bytes().to_vec())).unwrap();
    let hex = json!(Digest::of(b"other").to_hex());
    assert_eq!(asking(2, "/hashedRekordRequestV002/digest", other.clone()), Code::LogBodyMismatchDigest);
    assert_eq!(asking(2, "/hashedRekordRequestV002/signature/content", other.clone()), Code::LogBodyMismatchSignature);
    let certificate = "/hashedRekordRequestV002/signature/verifier/x509Certificate/rawBytes";
    assert_eq!(asking(2, certificate, other.clone()), Code::LogBodyMismatchKey);
    assert_eq!(asking(1, "/spec/data/hash/value", hex), Code::LogBodyMismatchDigest);
    assert_eq!(asking(1, "/spec/signature/content", other.clone()), Code::LogBodyMismatchSignature);
    assert_eq!(asking(1, "/spec/signature/publicKey/content", other), Code::LogBodyMismatchKey);
}

#[test]
fn an_entry_is_of_a_log_that_the_trust_root_names() {
    for version in [1, 2] {
        let code = of(version, |world| {
            world.log = Ed25519Key::generate().unwrap();
            world.log_1 = P256Key::generate().unwrap();
        });
        assert_eq!(code, Code::LogOriginMismatch, "{version}");
    }
    let renamed = saying(2, |answer| flipped(&mut answer["logId"]["keyId"]));
    assert_eq!(renamed, Code::LogOriginMismatch);
}

#[test]
fn an_entry_stands_in_the_tree_that_the_log_signed() {
    assert_eq!(saying(2, |answer| flipped(&mut answer["inclusionProof"]["rootHash"])), Code::LogRootMismatch);
    assert_eq!(saying(2, |answer| answer["inclusionProof"]["treeSize"] = json!("3")), Code::LogRootMismatch);
    assert_eq!(saying(2, |answer| flipped(&mut answer["inclusionProof"]["hashes"][0])), Code::LogInclusionProof);
    assert_eq!(saying(2, |answer| answer["inclusionProof"]["logIndex"] = json!("0")), Code::LogInclusionProof);
    assert_eq!(saying(2, |answer| answer["inclusionProof"]["hashes"] = json!([])), Code::LogInclusionProof);
    let unsigned = saying(2, |answer| {
        let note = answer.pointer_mut("/inclusionProof/checkpoint/envelope").unwrap();
        let (text, line) = note.as_str().unwrap().trim_end().rsplit_once(' ').unwrap();
        let Base64(mut signature) = serde_json::from_value(json!(line)).unwrap();
        *signature.last_mut().unwrap() ^= 1;
        *note = format!("{text} {}\n", serde_json::to_value(Base64(signature)).unwrap().as_str().unwrap()).into();
    });
    assert_eq!(unsigned, Code::LogCheckpointSignature);
    let hashes = |entry: &mut Value| entry["verification"]["inclusionProof"]["hashes"][0] = json!("00".repeat(32));
    assert_eq!(entry_1(hashes), Code::LogInclusionProof);
}

#[test]
fn a_promise_is_the_logs_own() {
    assert_eq!(entry_1(|entry| flipped(&mut entry["verification"]["signedEntryTimestamp"])), Code::LogPromiseInvalid);
    assert_eq!(entry_1(|entry| entry["integratedTime"] = json!(1_700_000_001)), Code::LogPromiseInvalid);
    assert_eq!(entry_1(|entry| entry["logIndex"] = json!(1002)), Code::LogPromiseInvalid);
    assert_eq!(of(1, |world| world.logged_at = now().plus(700)), Code::X509Expired);
    assert_eq!(of(1, |world| world.logged_at = now().minus(60)), Code::X509Expired);
}

#[test]
fn an_answer_is_one_entry_with_its_proof() {
    // LOG-22, LOG-24, LOG-25.
    let without =
        |member: &'static str| saying(2, move |answer| drop(answer.as_object_mut().unwrap().remove(member).unwrap()));
    for member in ["logId", "kindVersion", "inclusionProof", "canonicalizedBody"] {
        assert_eq!(without(member), Code::ElsewhereAnswer, "{member}");
    }
    assert_eq!(saying(2, |answer| answer["inclusionProof"]["checkpoint"] = Value::Null), Code::ElsewhereAnswer);
    assert_eq!(saying(2, |answer| answer["logIndex"] = json!("-1")), Code::ElsewhereAnswer);
    assert_eq!(saying(2, |answer| answer["logIndex"] = json!("18446744073709551615")), Code::BundleNumber);
    assert_eq!(saying(2, |answer| answer["kindVersion"]["version"] = json!("0.0.3")), Code::LogKind);
    let many = saying(2, |answer| {
        let hashes = answer["inclusionProof"]["hashes"].as_array_mut().unwrap();
        let one = hashes[0].clone();
        hashes.resize(65, one);
    });
    assert_eq!(many, Code::LimitBundle);
    assert_eq!(saying(2, |answer| *answer = json!([])), Code::ElsewhereAnswer);

    assert_eq!(saying(1, |answer| *answer = json!({})), Code::ElsewhereAnswer);
    let two = saying(1, |answer| {
        let entry = answer["108e9186e8c5677a"].clone();
        answer["another"] = entry;
    });
    assert_eq!(two, Code::ElsewhereAnswer);
    assert_eq!(entry_1(|entry| entry["logID"] = json!("no hex")), Code::ElsewhereAnswer);
    assert_eq!(entry_1(|entry| entry["verification"] = json!({})), Code::ElsewhereAnswer);
    let promise =
        |entry: &mut Value| drop(entry["verification"].as_object_mut().unwrap().remove("signedEntryTimestamp"));
    assert_eq!(entry_1(promise), Code::ElsewhereAnswer);
}

#[test]
fn more_than_a_bundle_holds_is_passed_over() {
    let deployment = Deployment::saying(Kind::Log, |answer| answer["more"] = json!({ "than": "known" }));
    let bundle: Value = serde_json::from_slice(sign(&deployment).unwrap().bundle()).unwrap();
    assert!(bundle["verificationMaterial"]["tlogEntries"][0].get("more").is_none());
}
