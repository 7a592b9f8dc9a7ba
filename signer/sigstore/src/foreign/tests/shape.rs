//! Bundles that are refused by how they are written.

use super::*;

#[test]
fn rejects_other_base64_than_the_standard_with_padding() {
    let world = World::new();
    // BND-08.
    for text in ["_-8=", "ZQ", "Z Q==", "ZQ==\n", "ZR==", "ZQ===", "%"] {
        for at in ["/dsseEnvelope/payload", "/verificationMaterial/tlogEntries/0/canonicalizedBody"] {
            let bundle = altered(statement(&world), |value| *value.pointer_mut(at).unwrap() = text.into());
            assert_eq!(refusal(&world, &bundle), Code::BundleBase64, "{at} {text}");
        }
    }
}

#[test]
fn rejects_a_member_that_stands_twice_at_any_depth() {
    let world = World::new();
    let text = String::from_utf8(bytes(&statement(&world))).unwrap();
    // BND-19.
    for member in ["\"mediaType\":", "\"payload\":", "\"logIndex\":", "\"keyId\":"] {
        let twice = text.replacen(member, &format!("{member}null,{member}"), 1);
        assert_ne!(twice, text);
        assert_eq!(refusal(&world, twice.as_bytes()), Code::BundleDuplicateKey, "{member}");
    }
    let inside =
        String::from_utf8(about(&json!([subject()]))).unwrap().replacen("\"_type\":", "\"_type\":1,\"_type\":", 1);
    assert_eq!(refusal(&world, &world.envelope(dsse::PAYLOAD_TYPE, inside.into_bytes())), Code::BundleDuplicateKey);
}

#[test]
fn rejects_other_versions_and_kinds() {
    let world = World::new();
    // BND-20.
    let versions = [json!("application/vnd.dev.sigstore.bundle.v0.4+json"), json!(""), json!(3), Value::Null];
    for version in versions {
        let bundle = altered(statement(&world), |value| value["mediaType"] = version);
        assert_eq!(refusal(&world, &bundle), Code::BundleVersion);
    }
    for (kind, version) in [("hashedrekord", "0.0.3"), ("dsse", "0.0.2"), ("alpine", "0.0.1"), ("", "")] {
        let bundle = altered(statement(&world), |value| {
            value["verificationMaterial"]["tlogEntries"][0]["kindVersion"] =
                json!({ "kind": kind, "version": version });
        });
        assert_eq!(refusal(&world, &bundle), Code::LogKind, "{kind} {version}");
    }
}

#[test]
fn rejects_what_is_not_one_json_document_of_known_members() {
    let world = World::new();
    let text = String::from_utf8(bytes(&statement(&world))).unwrap();
    let deep = "[".repeat(100_000);
    // BND-21.
    let documents = [
        "",
        "{",
        "null",
        text.strip_suffix('}').unwrap(),
        &format!("{text}{text}"),
        &format!("\u{feff}{text}"),
        &format!("/* */{text}"),
        "{\"mediaType\":NaN}",
        "{\"mediaType\":1e400}",
        &deep,
    ];
    for document in documents {
        let code = refusal(&world, document.as_bytes());
        assert!([Code::BundleJson, Code::BundleVersion].contains(&code), "{code}");
    }
    assert_eq!(refusal(&world, &[0xff]), Code::BundleJson);
    for at in ["", "/verificationMaterial", "/dsseEnvelope", "/verificationMaterial/tlogEntries/0/inclusionProof"] {
        let bundle = altered(statement(&world), |value| value.pointer_mut(at).unwrap()["more"] = 1.into());
        assert_eq!(refusal(&world, &bundle), Code::BundleJson, "{at}");
    }
}

#[test]
fn rejects_numbers_out_of_range_or_in_another_form() {
    let world = World::new();
    // BND-22.
    let text = ["-1", "-0", "1.0", "1e3", "01", " 1", "", "9223372036854775808", "18446744073709551616"];
    let numbers = text.map(Value::from).into_iter().chain([json!(-1), json!(1.5), json!(u64::MAX), json!([])]);
    for number in numbers {
        let told = number.to_string();
        let bundle =
            altered(statement(&world), |value| value["verificationMaterial"]["tlogEntries"][0]["logIndex"] = number);
        assert_eq!(refusal(&world, &bundle), Code::BundleNumber, "{told}");
    }
}

#[test]
fn rejects_other_material_than_one_certificate_or_key() {
    let world = World::new();
    let leaf = statement(&world)["verificationMaterial"]["certificate"].clone();
    let chains = [json!({ "certificates": [] }), json!({ "certificates": [leaf.clone()] })];
    // BND-23.
    for alter in [json!({}), json!({ "publicKey": { "hint": "" }, "certificate": leaf })]
        .into_iter()
        .chain(chains.map(|chain| json!({ "x509CertificateChain": chain })))
    {
        let bundle = altered(statement(&world), |value| {
            let material = value["verificationMaterial"].as_object_mut().unwrap();
            material.remove("certificate");
            material.extend(alter.as_object().unwrap().clone());
        });
        assert_eq!(refusal(&world, &bundle), Code::BundleMaterial, "{alter}");
    }
}

#[test]
fn rejects_both_contents_and_neither() {
    let world = World::new();
    let both =
        altered(statement(&world), |value| value["messageSignature"] = message(&world)["messageSignature"].clone());
    let neither = altered(statement(&world), |value| drop(value.as_object_mut().unwrap().remove("dsseEnvelope")));
    assert_eq!(refusal(&world, &both), Code::BundleMalformed);
    assert_eq!(refusal(&world, &neither), Code::BundleMalformed);
}

#[test]
fn rejects_other_than_one_signature() {
    let world = World::new();
    let one = statement(&world)["dsseEnvelope"]["signatures"][0].clone();
    // BND-05, BND-06.
    for signatures in [json!([]), Value::Null, json!([one, one])] {
        let bundle = altered(statement(&world), |value| value["dsseEnvelope"]["signatures"] = signatures);
        assert_eq!(refusal(&world, &bundle), Code::DsseSignatureCount);
    }
}

#[test]
fn rejects_more_of_anything_than_the_limits() {
    let world = World::new();
    // BND-28.
    for (at, count) in [("tlogEntries", 33), ("timestampVerificationData/rfc3161Timestamps", 33)] {
        let bundle = altered(statement(&world), |value| {
            let list = value.pointer_mut(&format!("/verificationMaterial/{at}")).unwrap();
            let one = list[0].clone();
            *list = Value::Array(vec![one; count]);
        });
        assert_eq!(refusal(&world, &bundle), Code::LimitBundle, "{at}");
    }
    let many = about(&Value::Array(vec![subject(); 1025]));
    assert_eq!(refusal(&world, &world.envelope(dsse::PAYLOAD_TYPE, many)), Code::LimitBundle);
    let digests: serde_json::Map<_, _> = (0..33).map(|n| (format!("own{n}"), json!("00"))).collect();
    let wide = about(&json!([{ "name": "app", "digest": digests }]));
    assert_eq!(refusal(&world, &world.envelope(dsse::PAYLOAD_TYPE, wide)), Code::LimitBundle);
    assert_eq!(refusal(&world, &vec![b' '; signer_core::bundle::MAX_BYTES + 1]), Code::LimitBundle);
    let long = altered(statement(&world), |value| {
        value["verificationMaterial"]["tlogEntries"][0]["inclusionProof"]["checkpoint"]["envelope"] =
            "x".repeat(65 * 1024).into();
    });
    assert_eq!(refusal(&world, &long), Code::LimitBundle);
}
