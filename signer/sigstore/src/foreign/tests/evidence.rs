//! Log entries, time-stamps and trust roots that do not stand behind the bundle they travel with.

use signer_core::protocol::Base64;
use x509_cert::Certificate;
use x509_cert::der::Decode as _;

use super::*;

fn entry<'v>(value: &'v mut Value, at: &str) -> &'v mut Value {
    value.pointer_mut(&format!("/verificationMaterial/tlogEntries/0{at}")).unwrap()
}

fn root(world: &World, alter: impl FnOnce(&mut Value)) -> Vec<u8> {
    altered(serde_json::from_slice(&world.trust_root()).unwrap(), alter)
}

fn refused_under(world: &World, root: &[u8]) -> Code {
    judge_under(root, world, &bytes(&message(world)), CONTENT).unwrap_err().code()
}

#[test]
fn rejects_a_digest_that_the_bundle_only_claims() {
    let world = World::new();
    // BND-24.
    let bundle = altered(message(&world), |value| {
        value["messageSignature"]["messageDigest"]["digest"] = base64(Digest::of(b"other").as_bytes());
    });
    assert_eq!(refusal(&world, &bundle), Code::BundleDigestHint);
    // BND-26.
    let bundle = altered(message(&world), |value| {
        value["messageSignature"]["messageDigest"]["algorithm"] = "SHA2_384".into();
    });
    assert_eq!(refusal(&world, &bundle), Code::BundleDigestHint);
    let verifier = ForeignVerifier::new(&world.trust_root()).unwrap();
    let subject = world.subject().to_string();
    let signer = Signer::Identity { identity: &subject, issuer: ISSUER };
    let by_digest = verifier.judge(&bundle, Artifact::Digest(Digest::of(CONTENT)), &signer, now());
    assert_eq!(by_digest.unwrap_err().code(), Code::BundleAlgMismatch);
}

#[test]
fn rejects_an_entry_about_anything_else() {
    let world = World::new();
    let body = |digest: &Digest, signature: &[u8], leaf: &[u8]| log_entry::body(digest, signature, leaf).unwrap();
    // Stock clients that make the body again for themselves never look at this one.
    let digest = world.message(CONTENT, |_, signature, leaf| body(&Digest::of(b"other"), signature, leaf));
    let signature = world.message(CONTENT, |digest, _, leaf| body(digest, b"signature", leaf));
    let key = world.message(CONTENT, |digest, signature, _| body(digest, signature, b"leaf"));
    let cases = [
        (digest, Code::LogBodyMismatchDigest),
        (signature, Code::LogBodyMismatchSignature),
        (key, Code::LogBodyMismatchKey),
    ];
    for (bundle, code) in cases {
        assert_eq!(refusal(&world, &bytes(&bundle)), code);
    }
}

#[test]
fn rejects_an_entry_in_another_spelling() {
    let world = World::new();
    let respaced = world.message(CONTENT, |digest, signature, leaf| {
        let body = String::from_utf8(log_entry::body(digest, signature, leaf).unwrap()).unwrap();
        body.replacen(':', ": ", 1).into_bytes()
    });
    assert_eq!(refusal(&world, &bytes(&respaced)), Code::LogEntryMalformed);
    let more = world.message(CONTENT, |digest, signature, leaf| {
        let body = serde_json::from_slice(&log_entry::body(digest, signature, leaf).unwrap()).unwrap();
        altered(body, |body: &mut Value| body["more"] = 1.into())
    });
    assert_eq!(refusal(&world, &bytes(&more)), Code::LogEntryMalformed);
}

#[test]
fn rejects_a_checkpoint_that_its_log_signed_under_another_name() {
    let world = World::new();
    let refused = |name: &str| {
        let bundle = altered(message(&world), |value| {
            let envelope = entry(value, "/inclusionProof/checkpoint/envelope");
            *envelope = envelope.as_str().unwrap().replace("\u{2014} log-1.example.chancery.internal ", name).into();
        });
        refusal(&world, &bundle)
    };
    // Nothing signs the name, and stock clients do not compare it.
    for name in ["\u{2014} log-2.example.chancery.internal ", "\u{2014} log-1 "] {
        assert_eq!(refused(name), Code::LogOriginMismatch, "{name}");
    }
    assert_eq!(refused("- log-1.example.chancery.internal "), Code::LogCheckpointMalformed, "no signature line");
}

#[test]
fn rejects_an_entry_without_proof_and_no_entry() {
    let world = World::new();
    let empty = altered(message(&world), |value| value["verificationMaterial"]["tlogEntries"] = json!([]));
    assert_eq!(refusal(&world, &empty), Code::LogEntryMissing);
    for part in ["/inclusionProof", "/inclusionProof/checkpoint"] {
        let bundle = altered(message(&world), |value| *entry(value, part) = Value::Null);
        assert_eq!(refusal(&world, &bundle), Code::LogProofMissing, "{part}");
    }
    let proof = altered(message(&world), |value| {
        *entry(value, "/inclusionProof/hashes/0") = base64(Digest::of(b"x").as_bytes());
    });
    assert_eq!(refusal(&world, &proof), Code::LogInclusionProof);
    // Where the proof's words and the checkpoint differ, clients disagree on which of them counts.
    let root = altered(message(&world), |value| {
        *entry(value, "/inclusionProof/rootHash") = base64(Digest::of(b"x").as_bytes());
    });
    assert_eq!(refusal(&world, &root), Code::LogRootMismatch);
    let size = altered(message(&world), |value| *entry(value, "/inclusionProof/treeSize") = "3".into());
    assert_eq!(refusal(&world, &size), Code::LogRootMismatch);
    let index = altered(message(&world), |value| *entry(value, "/inclusionProof/logIndex") = "0".into());
    assert_eq!(refusal(&world, &index), Code::LogInclusionProof);
    let note = altered(message(&world), |value| *entry(value, "/inclusionProof/checkpoint/envelope") = "x".into());
    assert_eq!(refusal(&world, &note), Code::LogCheckpointMalformed);
    let promise = altered(message(&world), |value| {
        *entry(value, "") = {
            let mut entry = entry(value, "").clone();
            entry["inclusionPromise"] = json!({ "signedEntryTimestamp": "AAAA" });
            entry
        };
    });
    assert_eq!(refusal(&world, &promise), Code::LogPromiseInvalid);
}

#[test]
fn rejects_a_checkpoint_of_another_log_than_the_entry_names() {
    let (world, other) = (World::new(), World::new());
    let theirs = |root: &[u8]| -> Value { serde_json::from_slice::<Value>(root).unwrap()["tlogs"][0].clone() };
    let log = theirs(&other.trust_root());
    let both = root(&world, |root| root["tlogs"].as_array_mut().unwrap().push(log.clone()));
    let bundle = altered(message(&world), |value| *entry(value, "/logId") = log["logId"].clone());
    assert_eq!(judge_under(&both, &world, &bundle, CONTENT).unwrap_err().code(), Code::LogOriginMismatch);
    assert_eq!(refusal(&world, &bundle), Code::LogOriginMismatch);
    judge_under(&both, &world, &bytes(&message(&world)), CONTENT).unwrap();
}

#[test]
fn rejects_times_outside_every_window() {
    let world = World::new();
    let before = world::signed_at().minus(1).to_string();
    let ended = |list: &'static str, key: &'static str| {
        root(&world, |root| {
            let window = root.pointer_mut(&format!("/{list}/0{key}/validFor")).unwrap();
            window["end"] = before.clone().into();
        })
    };
    assert_eq!(refused_under(&world, &ended("tlogs", "/publicKey")), Code::TrustWindow);
    assert_eq!(refused_under(&world, &ended("certificateAuthorities", "")), Code::TrustWindow);
    assert_eq!(refused_under(&world, &ended("timestampAuthorities", "")), Code::TimeOutsideWindow);
    let subject = world.subject().to_string();
    let signer = Signer::Identity { identity: &subject, issuer: ISSUER };
    let verifier = ForeignVerifier::new(&world.trust_root()).unwrap();
    let bundle = bytes(&message(&world));
    let early = world::signed_at().minus(1);
    let refused = verifier.judge(&bundle, Artifact::Content(&mut &*CONTENT), &signer, early);
    assert_eq!(refused.unwrap_err().code(), Code::TimeFuture);
}

#[test]
fn rejects_what_no_role_of_the_trust_root_vouches_for() {
    let world = World::new();
    let without = |role: &str| refused_under(&world, &root(&world, |root| root[role] = json!([])));
    assert_eq!(without("certificateAuthorities"), Code::TrustWindow);
    assert_eq!(without("ctlogs"), Code::TrustMalformed);
    assert_eq!(without("tlogs"), Code::LogOriginMismatch);
    assert_eq!(without("timestampAuthorities"), Code::TimeMalformed);
    let foreign: Value = serde_json::from_slice(&World::new().trust_root()).unwrap();
    let strange = |role: &str| refused_under(&world, &root(&world, |root| root[role] = foreign[role].clone()));
    assert_eq!(strange("certificateAuthorities"), Code::X509Untrusted);
    assert_eq!(strange("ctlogs"), Code::LogSctInvalid);
    assert_eq!(strange("tlogs"), Code::LogOriginMismatch);
    assert_eq!(strange("timestampAuthorities"), Code::TimeRefused);
    for root in [b"".as_slice(), b"{}", &[0xff], &vec![b' '; trust_root::MAX_BYTES + 1]] {
        assert_eq!(refused_under(&world, root), Code::TrustMalformed);
    }
}

#[test]
fn rejects_other_time_stamps_and_none() {
    let world = World::new();
    let stamps = "/verificationMaterial/timestampVerificationData/rfc3161Timestamps";
    let none = altered(message(&world), |value| *value.pointer_mut(stamps).unwrap() = json!([]));
    assert_eq!(refusal(&world, &none), Code::TimeNone);
    let other = world.message(b"other", |digest, signature, leaf| log_entry::body(digest, signature, leaf).unwrap());
    let cases = [
        (other.pointer(stamps).unwrap().clone(), Code::TimeImprintMismatch),
        (json!([{ "signedTimestamp": "AAAA" }]), Code::TimeMalformed),
    ];
    for (stamp, code) in cases {
        let bundle = altered(message(&world), |value| *value.pointer_mut(stamps).unwrap() = stamp);
        assert_eq!(refusal(&world, &bundle), code);
    }
}

// TIME-03: nobody's store of roots counts, only the authorities of the trust root.
#[test]
fn rejects_a_strangers_certificate_inside_a_time_stamp() {
    let world = World::new();
    let bundle = altered(message(&world), |value| {
        let stamp = value
            .pointer_mut("/verificationMaterial/timestampVerificationData/rfc3161Timestamps/0/signedTimestamp")
            .unwrap();
        let Base64(response) = serde_json::from_value(stamp.clone()).unwrap();
        *stamp = base64(&with_certificate(&response));
    });
    assert_eq!(refusal(&world, &bundle), Code::TimeTsaUntrusted);
}

/// The same response with a stranger's certificate put inside the token, where no signature covers it.
fn with_certificate(response: &[u8]) -> Vec<u8> {
    use cms::cert::CertificateChoices;
    use cms::content_info::ContentInfo;
    use cms::signed_data::{CertificateSet, SignedData};
    use x509_cert::der::asn1::{Any, SetOfVec};
    use x509_cert::der::{Encode as _, Reader as _, SliceReader, Tag};

    let (status, token): (Any, ContentInfo) =
        SliceReader::new(response).unwrap().sequence(|members| Ok((members.decode()?, members.decode()?))).unwrap();
    let mut signed: SignedData = token.content.decode_as().unwrap();
    let leaf: Value = message(&World::new())["verificationMaterial"]["certificate"]["rawBytes"].clone();
    let leaf = Certificate::from_der(&serde_json::from_value::<Base64>(leaf).unwrap().0).unwrap();
    let set = SetOfVec::try_from(vec![CertificateChoices::Certificate(leaf)]).unwrap();
    signed.certificates = Some(CertificateSet(set));
    let token = ContentInfo { content: Any::encode_from(&signed).unwrap(), ..token };
    let members = [status.to_der().unwrap(), token.to_der().unwrap()].concat();
    Any::new(Tag::Sequence, members).unwrap().to_der().unwrap()
}
