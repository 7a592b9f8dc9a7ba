use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::protocol::Base64;
use crate::reason::{Code, Coded};

fn bundle() -> Bundle {
    Bundle {
        certificate: vec![0x30, 3, 2, 1, 7],
        payload_type: dsse::PAYLOAD_TYPE.to_owned(),
        payload: br#"{"a":1}"#.to_vec(),
        signature: vec![0x30, 6, 2, 1, 1, 2, 1, 1],
        token: vec![0x30, 3, 2, 1, 5],
        foreign: None,
        entry: LogEntry {
            index: 1,
            log_id: [6; 32],
            size: 2,
            root: Digest::of(b"root"),
            hashes: vec![Digest::of(b"sibling")],
            checkpoint: "log.example\n2\nAAAA\n\n— log.example BBBB\n".to_owned(),
        },
    }
}

/// The canonical bytes of the bundle after `alter` changed its JSON.
fn altered(alter: impl FnOnce(&mut Value)) -> Vec<u8> {
    let mut value: Value = serde_json::from_slice(&bundle().to_json().unwrap()).unwrap();
    alter(&mut value);
    canonical::to_vec(&value).unwrap()
}

fn refused(alter: impl FnOnce(&mut Value)) -> Code {
    Bundle::from_json(&altered(alter)).unwrap_err().code()
}

fn entry(value: &mut Value) -> &mut Value {
    &mut value["verificationMaterial"]["tlogEntries"][0]
}

#[test]
fn a_bundle_survives_its_own_bytes() {
    assert_eq!(Bundle::from_json(&bundle().to_json().unwrap()).unwrap(), bundle());
}

#[test]
fn is_written_with_the_members_stock_clients_read() {
    let value: Value = serde_json::from_slice(&bundle().to_json().unwrap()).unwrap();
    let members = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(members(&value), ["dsseEnvelope", "mediaType", "verificationMaterial"]);
    assert_eq!(members(&value["dsseEnvelope"]), ["payload", "payloadType", "signatures"]);
    assert_eq!(value["dsseEnvelope"]["signatures"], json!([{ "sig": "MAYCAQECAQE=" }]));
    let material = &value["verificationMaterial"];
    assert_eq!(members(material), ["certificate", "timestampVerificationData", "tlogEntries"]);
    // TimeStampResp: status granted, then the token.
    let stamps = json!({ "rfc3161Timestamps": [{ "signedTimestamp": "MAowAwIBADADAgEF" }] });
    assert_eq!(material["timestampVerificationData"], stamps);
    assert_eq!(material["tlogEntries"][0]["logIndex"], json!("1"));
}

#[test]
fn assembles_what_the_engine_countersigned() {
    let parts = bundle();
    let countersignature = Countersignature {
        token: Base64(parts.token.clone()),
        entry: Base64(parts.entry.encode().unwrap()),
        decision: Base64::default(),
        foreign: None,
    };
    let made = Bundle::assemble(parts.payload, parts.signature, parts.certificate, &countersignature).unwrap();
    assert_eq!(made, bundle());
    let malformed = Countersignature { entry: Base64(vec![0xff]), ..countersignature };
    let refused = Bundle::assemble(vec![], vec![], vec![], &malformed).unwrap_err();
    assert_eq!(refused.code(), Code::LogEntryMalformed);
}

#[test]
fn rejects_other_versions_and_media_types() {
    let others = [
        "application/vnd.dev.sigstore.bundle+json;version=0.3",
        "application/vnd.dev.sigstore.bundle+json;version=0.1",
        "application/vnd.dev.sigstore.bundle.v0.4+json",
        "application/json",
        "",
    ];
    for other in others {
        assert_eq!(refused(|value| value["mediaType"] = json!(other)), Code::BundleVersion, "{other}");
    }
    assert_eq!(refused(|value| value["mediaType"] = json!(3)), Code::BundleJson);
    assert_eq!(refused(|value| value["mediaType"] = Value::Null), Code::BundleJson);
}

#[test]
fn rejects_no_signature_and_several() {
    let signatures = |to: Value| refused(|value| value["dsseEnvelope"]["signatures"] = to);
    assert_eq!(signatures(json!([])), Code::DsseSignatureCount);
    assert_eq!(signatures(Value::Null), Code::DsseSignatureCount);
    assert_eq!(signatures(json!([{ "sig": "AAAA" }, { "sig": "MAYCAQECAQE=" }])), Code::DsseSignatureCount);
    assert_eq!(signatures(json!([{ "sig": "MAYCAQECAQE=" }, { "sig": "MAYCAQECAQE=" }])), Code::DsseSignatureCount);
    let missing = |value: &mut Value| {
        value["dsseEnvelope"].as_object_mut().unwrap().remove("signatures");
    };
    assert_eq!(refused(missing), Code::DsseSignatureCount);
}

#[test]
fn rejects_no_time_stamp_and_several() {
    let material = |alter: fn(&mut Value)| refused(|value| alter(&mut value["verificationMaterial"]));
    let stamps = "timestampVerificationData";
    assert_eq!(material(|material| material["timestampVerificationData"] = json!({})), Code::TimeNone);
    assert_eq!(material(|material| material["timestampVerificationData"] = Value::Null), Code::TimeNone);
    let missing = |value: &mut Value| {
        value["verificationMaterial"].as_object_mut().unwrap().remove(stamps);
    };
    assert_eq!(refused(missing), Code::TimeNone);
    // TIME-13.
    for (count, code) in [(2, Code::TimeDuplicate), (3, Code::LimitTimestamps), (33, Code::LimitTimestamps)] {
        let repeated = |value: &mut Value| {
            let list = value["verificationMaterial"][stamps]["rfc3161Timestamps"].as_array_mut().unwrap();
            *list = vec![list[0].clone(); count];
        };
        assert_eq!(refused(repeated), code, "{count}");
    }
}

// LOG-18, LOG-22: one entry of one log, with its proof; a second counts for nothing and is refused.
#[test]
fn rejects_no_log_entry_and_several() {
    let entries = |to: Value| refused(|value| value["verificationMaterial"]["tlogEntries"] = to);
    assert_eq!(entries(json!([])), Code::LogEntryMissing);
    assert_eq!(entries(Value::Null), Code::LogEntryMissing);
    for count in [2, 33] {
        let repeated = |value: &mut Value| {
            let list = value["verificationMaterial"]["tlogEntries"].as_array_mut().unwrap();
            *list = vec![list[0].clone(); count];
        };
        assert_eq!(refused(repeated), Code::BundleMalformed, "{count}");
    }
}

#[test]
fn rejects_a_bare_token_and_a_response_that_was_not_granted() {
    let stamp = |bytes: &[u8]| {
        let signed = json!(Base64(bytes.to_vec()));
        let path = |value: &mut Value| {
            value["verificationMaterial"]["timestampVerificationData"]["rfc3161Timestamps"][0]["signedTimestamp"] =
                signed;
        };
        refused(path)
    };
    assert_eq!(stamp(&[0x30, 3, 2, 1, 5]), Code::TimeMalformed);
    assert_eq!(stamp(&[]), Code::TimeMalformed);
    assert_eq!(stamp(&[0x30, 10, 0x30, 3, 2, 1, 2, 0x30, 3, 2, 1, 5]), Code::TimeStatus);
    assert_eq!(stamp(&[0x30, 10, 0x30, 3, 2, 1, 0, 0x30, 3, 2, 1, 5, 0]), Code::TimeMalformed);
}

#[test]
fn rejects_an_entry_about_other_content() {
    let payload = |value: &mut Value| value["dsseEnvelope"]["payload"] = json!("eyJhIjoyfQ==");
    assert_eq!(refused(payload), Code::LogBodyMismatchDigest);
    let kind = |value: &mut Value| value["dsseEnvelope"]["payloadType"] = json!("text/plain");
    assert_eq!(refused(kind), Code::LogBodyMismatchDigest);
    let signature = |value: &mut Value| value["dsseEnvelope"]["signatures"] = json!([{ "sig": "MAYCAQECAQI=" }]);
    assert_eq!(refused(signature), Code::LogBodyMismatchSignature);
    let certificate =
        |value: &mut Value| value["verificationMaterial"]["certificate"] = json!({ "rawBytes": "MAMCAQg=" });
    assert_eq!(refused(certificate), Code::LogBodyMismatchKey);
    assert_eq!(refused(|value| entry(value)["canonicalizedBody"] = json!("e30=")), Code::LogEntryMalformed);
    assert_eq!(refused(|value| entry(value)["canonicalizedBody"] = json!("")), Code::LogEntryMalformed);
}

#[test]
fn rejects_entries_of_other_kinds() {
    assert_eq!(refused(|value| entry(value)["kindVersion"]["kind"] = json!("dsse")), Code::LogKind);
    assert_eq!(refused(|value| entry(value)["kindVersion"]["version"] = json!("0.0.1")), Code::LogKind);
    assert_eq!(refused(|value| entry(value)["integratedTime"] = json!("1")), Code::LogEntryMalformed);
    assert_eq!(refused(|value| entry(value)["inclusionPromise"] = json!({})), Code::LogEntryMalformed);
}

#[test]
fn rejects_numbers_out_of_range_or_in_another_spelling() {
    let numbers =
        ["-1", "-0", "+1", "01", "1.0", "1e0", " 1", "", "9223372036854775808", "18446744073709551616", "0x1"];
    for number in numbers {
        let code = refused(|value| {
            entry(value)["logIndex"] = json!(number);
            entry(value)["inclusionProof"]["logIndex"] = json!(number);
        });
        assert_eq!(code, Code::LogEntryMalformed, "{number}");
    }
    assert_eq!(refused(|value| entry(value)["logIndex"] = json!(1)), Code::LogEntryMalformed);
    assert_eq!(refused(|value| entry(value)["logIndex"] = json!("0")), Code::LogIndexMismatch);
}

#[test]
fn rejects_verification_material_of_other_forms() {
    let chain = json!({ "certificates": [{ "rawBytes": "MAMCAQc=" }] });
    let both = |value: &mut Value| value["verificationMaterial"]["publicKey"] = json!({ "hint": "x" });
    assert_eq!(refused(both), Code::BundleJson);
    assert_eq!(refused(|value| value["verificationMaterial"]["x509CertificateChain"] = chain), Code::BundleJson);
    let key_alone = |value: &mut Value| {
        let material = value["verificationMaterial"].as_object_mut().unwrap();
        material.remove("certificate");
        material.insert("publicKey".to_owned(), json!({ "hint": "x" }));
    };
    assert_eq!(refused(key_alone), Code::BundleJson);
    let message = json!({ "messageDigest": { "algorithm": "SHA2_256", "digest": "" }, "signature": "" });
    assert_eq!(refused(|value| value["messageSignature"] = message), Code::BundleJson);
    assert_eq!(refused(|value| value["dsseEnvelope"]["signatures"][0]["keyid"] = json!("../../key")), Code::BundleJson);
    assert_eq!(refused(|value| value["unknown"] = json!(1)), Code::BundleJson);
}

#[test]
fn rejects_base64_in_any_other_spelling() {
    // The payload is eyJhIjoxfQ== in the one alphabet, padded, without stray bits.
    for spelling in ["eyJhIjoxfQ", "eyJhIjoxfR==", "eyJhIjox\nfQ==", "eyJhIjoxfQ==\n", " eyJhIjoxfQ==", "eyJhIjoxfQ==="]
    {
        assert_eq!(refused(|value| value["dsseEnvelope"]["payload"] = json!(spelling)), Code::BundleJson, "{spelling}");
    }
    let url_safe = |value: &mut Value| value["dsseEnvelope"]["signatures"][0]["sig"] = json!("-_-_");
    assert_eq!(refused(url_safe), Code::BundleJson);
}

#[test]
fn rejects_every_other_spelling_of_the_same_bundle() {
    let good = String::from_utf8(bundle().to_json().unwrap()).unwrap();
    let whole = |text: &str| good.replacen('{', text, 1);
    let cases = [
        ("space", good.replacen(':', ": ", 1), Code::BundleMalformed),
        ("trailing newline", format!("{good}\n"), Code::BundleMalformed),
        (
            "escape",
            good.replace("text", "te\\u0078t").replace("log.example", "log\\u002eexample"),
            Code::BundleMalformed,
        ),
        ("duplicate member", whole(r#"{"mediaType":"x","#), Code::BundleJson),
        ("duplicate envelope", whole(r#"{"dsseEnvelope":{},"#), Code::BundleJson),
        ("duplicate inside", good.replacen(r#"{"payload""#, r#"{"payload":"","payload""#, 1), Code::BundleJson),
        ("concatenated", format!("{good}{good}"), Code::BundleJson),
        ("byte order mark", format!("\u{feff}{good}"), Code::BundleJson),
        ("comment", format!("/* */{good}"), Code::BundleJson),
        ("truncated", good.trim_end_matches('}').to_owned(), Code::BundleJson),
        ("snake case", good.replace("mediaType", "media_type"), Code::BundleJson),
        ("not a number", good.replace(r#""1""#, "NaN"), Code::BundleJson),
        ("nothing", String::new(), Code::BundleJson),
        ("a list", format!("[{good}]"), Code::BundleJson),
    ];
    for (what, text, code) in cases {
        assert_eq!(Bundle::from_json(text.as_bytes()).expect_err(what).code(), code, "{what}");
    }
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(Bundle::from_json(deep.as_bytes()).unwrap_err().code(), Code::BundleJson);
}

#[test]
fn rejects_parts_over_their_limits() {
    let too_long = |alter: fn(&mut Bundle)| {
        let mut long = bundle();
        alter(&mut long);
        long.to_json().unwrap_err().code()
    };
    assert_eq!(too_long(|bundle| bundle.certificate = vec![0; certificate::MAX_BYTES + 1]), Code::LimitBundle);
    assert_eq!(too_long(|bundle| bundle.signature = vec![0; 73]), Code::LimitBundle);
    assert_eq!(too_long(|bundle| bundle.token = vec![0; token::MAX_BYTES + 1]), Code::LimitBundle);
    assert_eq!(too_long(|bundle| bundle.payload_type = "x".repeat(257)), Code::LimitBundle);
    let signature = json!(Base64(vec![0; 100]));
    assert_eq!(refused(|value| value["dsseEnvelope"]["signatures"][0]["sig"] = signature), Code::LimitBundle);
    assert_eq!(Bundle::from_json(&vec![b' '; MAX_BYTES + 1]).unwrap_err().code(), Code::LimitBundle);
}

#[test]
fn bundle_and_decision_lie_beside_what_they_are_about() {
    let names = |path: &str| {
        beside(Path::new(path)).map(|(bundle, decision)| (bundle.display().to_string(), decision.display().to_string()))
    };
    let pair = |bundle: &str, decision: &str| Some((bundle.to_owned(), decision.to_owned()));
    assert_eq!(names("out/app"), pair("out/app.sigstore.json", "out/app.decision.json"));
    assert_eq!(names("app.tar.gz"), pair("app.tar.gz.sigstore.json", "app.tar.gz.decision.json"));
    assert_eq!(names("dist/"), pair("dist.sigstore.json", "dist.decision.json"));
    assert_eq!(names(".."), None);
}

proptest! {
    #[test]
    fn every_bundle_survives_its_own_bytes(
        payload in proptest::collection::vec(any::<u8>(), 0..200), signature in proptest::collection::vec(any::<u8>(), 0..72),
        index in 0..=9_223_372_036_854_775_807_u64, hashes in 0_usize..8,
    ) {
        let mut bundle = bundle();
        bundle.payload = payload;
        bundle.signature = signature;
        bundle.entry.index = index;
        bundle.entry.hashes = vec![Digest::of(b"x"); hashes];
        prop_assert_eq!(Bundle::from_json(&bundle.to_json().unwrap()).unwrap(), bundle);
    }

    #[test]
    fn no_changed_byte_goes_unnoticed(position in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let good = bundle().to_json().unwrap();
        let mut bytes = good.clone();
        *position.get_mut(&mut bytes) = byte;
        if bytes != good {
            prop_assert!(Bundle::from_json(&bytes).map_or(true, |other| other != bundle()));
        }
    }

    #[test]
    fn arbitrary_text_never_panics(text in ".{0,300}") {
        prop_assert!(Bundle::from_json(text.as_bytes()).is_err());
    }
}
