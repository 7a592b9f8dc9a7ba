//! The JSON document: one byte form, closed schema, ids that are those of their keys.

use serde_json::{Value, json};

use super::*;

fn document(world: &World) -> Value {
    serde_json::from_slice(&world.trust_root().to_json()).unwrap()
}

fn code(alter: impl FnOnce(&mut Value)) -> Code {
    let mut document = document(&World::new());
    alter(&mut document);
    TrustRoot::from_json(&canonical::to_vec(&document).unwrap()).unwrap_err().code()
}

#[test]
fn a_trust_root_survives_its_document_byte_for_byte() {
    let world = World::new();
    let json = world.trust_root().to_json();
    let read = TrustRoot::from_json(&json).unwrap();
    assert_eq!(read.to_json(), json);
    assert_eq!(read.time_authorities(), world.trust_root().time_authorities());
    assert_eq!(read.logs(), world.trust_root().logs());
    read.certify(Leaf::parse(&world.leaf()).unwrap()).unwrap();
}

#[test]
fn writes_what_stock_clients_read() {
    let world = World::new();
    let document = document(&world);
    assert_eq!(document["mediaType"], "application/vnd.dev.sigstore.trustedroot+json;version=0.1");
    let log = &document["tlogs"][0];
    assert_eq!(log["baseUrl"], format!("https://{ORIGIN}"));
    assert_eq!(log["hashAlgorithm"], "SHA2_256");
    assert_eq!(log["publicKey"]["keyDetails"], "PKIX_ED25519");
    assert_eq!(log["publicKey"]["validFor"], json!({ "start": now().minus(10 * DAY).to_string() }));
    // C2SP signed-note: SHA-256 of origin, newline, algorithm byte 1 and the key.
    let id = Digest::of_parts(&[ORIGIN.as_bytes(), b"\n\x01", world.log.public().as_bytes()]);
    assert_eq!(log["logId"]["keyId"], serde_json::to_value(Base64(id.as_bytes().to_vec())).unwrap());
    assert_eq!(document["ctlogs"][0]["publicKey"]["keyDetails"], "PKIX_ECDSA_P256_SHA_256");
    let authority = &document["certificateAuthorities"][0];
    let subject = json!({ "organization": "Example", "commonName": "Chancery issuing authority" });
    assert_eq!(authority["subject"], subject);
    assert_eq!(authority["certChain"]["certificates"].as_array().unwrap().len(), 2);
    assert_eq!(document["timestampAuthorities"].as_array().unwrap().len(), 2);
}

#[test]
fn rejects_unknown_and_missing_members_everywhere() {
    for pointer in [
        "",
        "/tlogs/0",
        "/tlogs/0/publicKey",
        "/tlogs/0/publicKey/validFor",
        "/tlogs/0/logId",
        "/certificateAuthorities/0",
        "/certificateAuthorities/0/subject",
        "/certificateAuthorities/0/certChain",
        "/certificateAuthorities/0/certChain/certificates/0",
    ] {
        let added = code(|document| document.pointer_mut(pointer).unwrap()["extra"] = json!(1));
        assert_eq!(added, Code::TrustMalformed, "{pointer}");
        let removed = code(|document| {
            let object = document.pointer_mut(pointer).unwrap().as_object_mut().unwrap();
            let first = object.keys().next().unwrap().clone();
            object.remove(&first);
        });
        assert_eq!(removed, Code::TrustMalformed, "{pointer}");
    }
}

#[test]
fn rejects_any_other_byte_form() {
    let json = World::new().trust_root().to_json();
    let text = String::from_utf8(json.clone()).unwrap();
    let pretty = serde_json::to_vec_pretty(&serde_json::from_slice::<Value>(&json).unwrap()).unwrap();
    let doubled = text.replacen("{\"", "{\"tlogs\":[],\"", 1).into_bytes();
    let spaced = [json.as_slice(), b" "].concat();
    let fraction = text.replacen("Z\"", ".000Z\"", 1).into_bytes();
    let huge = vec![b' '; MAX_BYTES + 1];
    for bytes in [pretty, doubled, spaced, fraction, huge, b"{}".to_vec(), Vec::new()] {
        let error = TrustRoot::from_json(&bytes).unwrap_err();
        assert_eq!(error.code(), Code::TrustMalformed);
        assert!(matches!(error, TrustRootError::Document(_)));
    }
}

#[test]
fn rejects_other_media_types_algorithms_and_details() {
    for (pointer, value) in [
        ("/mediaType", "application/vnd.dev.sigstore.trustedroot.v0.2+json"),
        ("/tlogs/0/hashAlgorithm", "SHA2_512"),
        ("/tlogs/0/publicKey/keyDetails", "PKIX_ECDSA_P256_SHA_256"),
        ("/ctlogs/0/publicKey/keyDetails", "PKIX_ED25519"),
        ("/ctlogs/0/publicKey/keyDetails", "PKIX_RSA_PKCS1V15_2048_SHA256"),
        ("/tlogs/0/logId/keyId", "AAAA"),
        ("/ctlogs/0/logId/keyId", "AAAA"),
        ("/tlogs/0/publicKey/rawBytes", "AAAA"),
        ("/tlogs/0/publicKey/rawBytes", "not base64"),
        ("/tlogs/0/baseUrl", "http://log-1.example.chancery.internal"),
        ("/tlogs/0/baseUrl", "https://log-2.example.chancery.internal"),
        ("/tlogs/0/baseUrl", "https://log-1.example.chancery.internal/"),
        ("/ctlogs/0/baseUrl", "file:///etc/passwd"),
        ("/certificateAuthorities/0/uri", "https://ca example"),
        ("/certificateAuthorities/0/subject/commonName", "sigstore"),
        ("/certificateAuthorities/0/validFor/start", "2026-11-18"),
    ] {
        assert_eq!(code(|document| *document.pointer_mut(pointer).unwrap() = json!(value)), Code::TrustMalformed);
    }
}

#[test]
fn rejects_chains_of_another_length() {
    let chain = "/certificateAuthorities/0/certChain/certificates";
    let alter = |change: fn(&mut Vec<Value>)| {
        code(|document| change(document.pointer_mut(chain).unwrap().as_array_mut().unwrap()))
    };
    assert_eq!(alter(|chain| drop(chain.pop())), Code::TrustMalformed);
    assert_eq!(alter(|chain| chain.push(chain[1].clone())), Code::TrustMalformed);
    assert_eq!(alter(|chain| chain.swap(0, 1)), Code::X509PathConstraint);
}

#[test]
fn rejects_a_window_that_ends_before_it_starts() {
    for list in ["tlogs/0/publicKey", "ctlogs/0/publicKey", "certificateAuthorities/0", "timestampAuthorities/0"] {
        let end = json!(now().minus(10 * DAY).to_string());
        let ended = code(|document| document.pointer_mut(&format!("/{list}/validFor")).unwrap()["end"] = end);
        assert_eq!(ended, Code::TrustMalformed, "{list}");
    }
}

#[test]
fn rejects_two_logs_of_one_origin() {
    let world = World::new();
    let mut parts = world.parts();
    let key = crate::crypto::Ed25519Key::generate().unwrap().public();
    parts.logs.push(LogPart { key, ..parts.logs[0].clone() });
    assert!(matches!(TrustRoot::new(parts), Err(TrustRootError::Duplicate { .. })));
}

#[test]
fn rejects_one_key_in_two_roles() {
    let world = World::new();
    let roles: [&dyn Fn(&mut Parts); 4] = [
        &|parts| parts.ct_logs[0].key = world.issuing.key.public(),
        &|parts| parts.ct_logs[0].key = world.root.key.public(),
        &|parts| parts.ct_logs[0].key = world.time.key.public(),
        &|parts| parts.certificate_authorities.push(parts.certificate_authorities[0].clone()),
    ];
    for role in roles {
        let mut parts = world.parts();
        role(&mut parts);
        assert!(matches!(TrustRoot::new(parts), Err(TrustRootError::SharedKey)));
    }
}

#[test]
fn rejects_more_entries_than_the_limit() {
    let world = World::new();
    let mut parts = world.parts();
    parts.ct_logs = vec![parts.ct_logs[0].clone(); MAX_ENTRIES + 1];
    assert!(matches!(TrustRoot::new(parts), Err(TrustRootError::TooMany { list: "ctlogs", actual: 65 })));
}
