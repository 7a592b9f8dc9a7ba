//! Statements that are truly signed, and about something else, nothing, or two things.

use sigstore_verify::crypto::sha512;

use super::*;

fn about_app(digests: &Value) -> Vec<u8> {
    about(&json!([{ "name": "app", "digest": digests }]))
}

fn refused(world: &World, payload: Vec<u8>) -> Code {
    refusal(world, &world.envelope(dsse::PAYLOAD_TYPE, payload))
}

#[test]
fn rejects_a_payload_that_is_no_statement() {
    let world = World::new();
    // BND-02, BND-03, BND-12.
    for kind in ["text/plain", "application/vnd.in-toto+json ", "a 1 b", "\u{e9}"] {
        let bundle = world.envelope(kind, about(&json!([subject()])));
        assert_eq!(refusal(&world, &bundle), Code::DssePayloadType, "{kind}");
    }
    // BND-16.
    for kind in ["https://in-toto.io/Statement/v2", "https://in-toto.io/Provenance/v0.1", ""] {
        let payload = json!({ "_type": kind, "subject": [subject()], "predicateType": "p" });
        assert_eq!(refused(&world, bytes(&payload)), Code::IntotoStatementType, "{kind}");
    }
    // BND-15.
    let payload = json!({ "_type": "https://in-toto.io/Statement/v1", "subject": [subject()], "predicateType": "" });
    assert_eq!(refused(&world, bytes(&payload)), Code::IntotoPredicateType);
    assert_eq!(refused(&world, b"{".to_vec()), Code::IntotoMalformed);
}

#[test]
fn rejects_a_statement_about_nothing() {
    let world = World::new();
    // BND-10.
    for subjects in [json!([]), Value::Null, json!({})] {
        assert_eq!(refused(&world, about(&subjects)), Code::IntotoNoSubject);
    }
}

#[test]
fn accepts_the_artifact_among_several_subjects_and_by_any_strong_hash() {
    let world = World::new();
    let (right, wrong) = (Digest::of(CONTENT).to_hex(), Digest::of(b"other").to_hex());
    let long = sha512(CONTENT).to_hex();
    let payloads = [
        about(&json!([{ "name": "other", "digest": { "sha256": wrong } }, subject()])),
        about_app(&json!({ "sha512": long })),
        about_app(&json!({ "sha256": right, "sha512": long, "gitCommit": "00" })),
    ];
    for payload in payloads {
        judge(&world, &world.envelope(dsse::PAYLOAD_TYPE, payload), CONTENT).unwrap();
    }
}

#[test]
fn rejects_digests_that_contradict_each_other_or_prove_little() {
    let world = World::new();
    let right = Digest::of(CONTENT).to_hex();
    // BND-13.
    let conflict = about_app(&json!({ "sha256": right, "sha512": sha512(b"other").to_hex() }));
    assert_eq!(refused(&world, conflict), Code::IntotoDigestConflict);
    let long = world.envelope(dsse::PAYLOAD_TYPE, about_app(&json!({ "sha512": sha512(CONTENT).to_hex() })));
    let verifier = ForeignVerifier::new(&world.trust_root()).unwrap();
    let subject = world.subject().to_string();
    let signer = Signer::Identity { identity: &subject, issuer: ISSUER };
    let by_digest = verifier.judge(&long, Artifact::Digest(Digest::of(CONTENT)), &signer, now());
    assert_eq!(by_digest.unwrap_err().code(), Code::IntotoDigestWeak);
}

#[test]
fn rejects_digests_in_another_form() {
    let world = World::new();
    let right = Digest::of(CONTENT).to_hex();
    // BND-14.
    let digests = [
        json!({ "sha256": right.to_uppercase() }),
        json!({ "sha256": format!("{right}0") }),
        json!({ "sha256": format!("sha256:{right}") }),
        json!({ "SHA256": right }),
        json!({ "sha256": 1 }),
        Value::Null,
    ];
    for digest in digests {
        assert_eq!(refused(&world, about_app(&digest)), Code::IntotoDigestFormat, "{digest}");
    }
}

#[test]
fn rejects_an_altered_payload_or_signature() {
    let world = World::new();
    let other: Value = serde_json::from_slice(&world.bundle_of(CONTENT)).unwrap();
    // BND-01, BND-25.
    for part in ["/dsseEnvelope/payload", "/dsseEnvelope/signatures"] {
        let bundle = altered(statement(&world), |value| {
            *value.pointer_mut(part).unwrap() = other.pointer(part).unwrap().clone();
        });
        let code = refusal(&world, &bundle);
        assert!([Code::DsseSignatureInvalid, Code::TimeImprintMismatch, Code::IntotoSubject].contains(&code), "{code}");
    }
    let payload = about(&json!([subject(), { "name": "second", "digest": { "sha256": "00".repeat(32) } }]));
    let bundle = altered(statement(&world), |value| value["dsseEnvelope"]["payload"] = base64(&payload));
    assert_eq!(refusal(&world, &bundle), Code::DsseSignatureInvalid);
}
