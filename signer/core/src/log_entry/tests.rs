//! Log entries against a golden entry made by an independent program, and against one of Sigstore's staging log.

mod observed;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::*;
use crate::crypto::Ed25519Key;
use crate::merkle::{Frontier, leaf_hash};
use crate::reason::{Code, Coded};

const ORIGIN: &str = "log-7f3a.example.chancery.internal";

/// An entry at index 200 of a tree of 300, made by a Python program that shares no code with this one.
struct Golden(Value);

impl Golden {
    fn load() -> Self {
        Self(serde_json::from_str(include_str!("tests/golden.json")).unwrap())
    }

    fn text(&self, name: &str) -> &str {
        self.0[name].as_str().unwrap()
    }

    fn bytes(&self, name: &str) -> Vec<u8> {
        hex::decode(self.text(name)).unwrap()
    }

    fn body(&self) -> Vec<u8> {
        self.text("body").as_bytes().to_vec()
    }

    fn key(&self) -> Ed25519Key {
        Ed25519Key::from_pkcs8(&self.bytes("pkcs8")).unwrap()
    }

    fn entry(&self) -> LogEntry {
        LogEntry::decode(&self.bytes("entry")).unwrap()
    }

    fn digest(&self) -> Digest {
        Digest::from_hex(self.text("digest")).unwrap()
    }
}

fn verify(entry: &LogEntry, body: &[u8]) -> Result<Digest, Code> {
    let key = Golden::load().key().public();
    entry.verify(body, &LogKeyParts { origin: ORIGIN, key: &key }).map_err(|error| error.code())
}

fn decode(bytes: &[u8]) -> Result<LogEntry, Code> {
    LogEntry::decode(bytes).map_err(|error| error.code())
}

fn from_json(value: &Value) -> Result<(LogEntry, Vec<u8>), Code> {
    LogEntry::from_bundle_json(value).map_err(|error| error.code())
}

/// A protobuf field of wire type 2 with less than 16 KiB.
fn field(number: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len()).unwrap();
    let [low, high] = [(length & 0x7f).to_le_bytes()[0], (length >> 7).to_le_bytes()[0]];
    let prefix = if high == 0 { vec![(number << 3) | 2, low] } else { vec![(number << 3) | 2, low | 0x80, high] };
    [prefix, content.to_vec()].concat()
}

#[test]
fn writes_the_golden_body_and_entry() {
    let golden = Golden::load();
    let body = body(&golden.digest(), &golden.bytes("signature"), &golden.bytes("certificate")).unwrap();
    assert_eq!(String::from_utf8(body).unwrap(), golden.text("body"));
    let entry = golden.entry();
    assert_eq!((entry.index, entry.size, entry.log_id.to_vec()), (200, 300, golden.bytes("log_id")));
    assert_eq!(entry.encode().unwrap(), golden.bytes("entry"));
    let checkpoint = Checkpoint { origin: ORIGIN.to_owned(), size: 300, root: entry.root };
    assert_eq!(checkpoint.sign(&golden.key()), golden.text("checkpoint"));
    assert_eq!(entry.checkpoint, golden.text("checkpoint"));
    assert_eq!(verify(&entry, &golden.body()), Ok(leaf_hash(&golden.body())));
}

#[test]
fn verifies_an_entry_of_sigstores_staging_log() {
    let value: Value = serde_json::from_str(include_str!("tests/rekor-staging.json")).unwrap();
    let (entry, found) = LogEntry::from_bundle_json(&value).unwrap();
    let key = STANDARD.decode("MCowBQYDK2VwAyEAPn+AREHoBaZ7wgS1zBqpxmLSGnyhxXj4lFxSdWVB8o8=").unwrap();
    let key = Ed25519Public::from_spki_der(&key).unwrap();
    let log = LogKeyParts { origin: "log2025-alpha1.rekor.sigstage.dev", key: &key };
    assert_eq!(entry.verify(&found, &log), Ok(leaf_hash(&found)));
    assert_eq!(LogEntry::decode(&entry.encode().unwrap()).unwrap(), entry);

    let parsed: Value = serde_json::from_slice(&found).unwrap();
    let spec = &parsed["spec"]["hashedRekordV002"];
    let part = |value: &Value| STANDARD.decode(value.as_str().unwrap()).unwrap();
    let digest = Digest::try_from(part(&spec["data"]["digest"]).as_slice()).unwrap();
    let signature = part(&spec["signature"]["content"]);
    let certificate = part(&spec["signature"]["verifier"]["x509Certificate"]["rawBytes"]);
    assert_eq!(body(&digest, &signature, &certificate).unwrap(), found);
}

// LOG-01, LOG-03: a genuine entry about something else, or about the other signature of a pair.
#[test]
fn rejects_the_body_of_another_artifact() {
    let golden = Golden::load();
    let (digest, signature, certificate) = (golden.digest(), golden.bytes("signature"), golden.bytes("certificate"));
    let found = golden.body();
    let code = |digest: &Digest, signature: &[u8], certificate: &[u8]| {
        check_body(&found, digest, signature, certificate).map_err(|error| error.code())
    };
    assert_eq!(code(&digest, &signature, &certificate), Ok(()));
    assert_eq!(code(&Digest::of(b"other"), &signature, &certificate), Err(Code::LogBodyMismatchDigest));
    assert_eq!(code(&digest, b"other", &certificate), Err(Code::LogBodyMismatchSignature));
    assert_eq!(code(&digest, &signature, b"other"), Err(Code::LogBodyMismatchKey));
    // Rebuilding the body shows the same as a proof that fails.
    for other in [
        body(&Digest::of(b"other"), &signature, &certificate),
        body(&digest, b"other", &certificate),
        body(&digest, &signature, b"other"),
    ] {
        assert_eq!(verify(&golden.entry(), &other.unwrap()), Err(Code::LogInclusionProof));
    }
}

// LOG-24.
#[test]
fn rejects_bodies_of_other_kinds_versions_and_algorithms() {
    let golden = Golden::load();
    for (place, value) in [
        ("/apiVersion", "0.0.1"),
        ("/kind", "dsse"),
        ("/spec/hashedRekordV002/data/algorithm", "SHA2_512"),
        ("/spec/hashedRekordV002/signature/verifier/keyDetails", "PKIX_ED25519"),
    ] {
        let mut parsed: Value = serde_json::from_slice(&golden.body()).unwrap();
        *parsed.pointer_mut(place).unwrap() = json!(value);
        let found = crate::canonical::to_vec(&parsed).unwrap();
        let error = check_body(&found, &golden.digest(), &golden.bytes("signature"), &golden.bytes("certificate"));
        assert_eq!(error.unwrap_err().code(), Code::LogKind, "{place}");
    }
}

// LOG-25.
#[test]
fn rejects_bodies_with_null_missing_or_unknown_members() {
    let golden = Golden::load();
    let code = |found: &[u8]| {
        let error = check_body(found, &golden.digest(), &golden.bytes("signature"), &golden.bytes("certificate"));
        error.unwrap_err().code()
    };
    let places = [
        "/apiVersion",
        "/kind",
        "/spec",
        "/spec/hashedRekordV002",
        "/spec/hashedRekordV002/data",
        "/spec/hashedRekordV002/data/algorithm",
        "/spec/hashedRekordV002/data/digest",
        "/spec/hashedRekordV002/signature",
        "/spec/hashedRekordV002/signature/content",
        "/spec/hashedRekordV002/signature/verifier",
        "/spec/hashedRekordV002/signature/verifier/keyDetails",
        "/spec/hashedRekordV002/signature/verifier/x509Certificate",
        "/spec/hashedRekordV002/signature/verifier/x509Certificate/rawBytes",
    ];
    for place in places {
        let parsed: Value = serde_json::from_slice(&golden.body()).unwrap();
        let (parent, member) = place.rsplit_once('/').unwrap();
        let change = |change: &dyn Fn(&mut serde_json::Map<String, Value>)| {
            let mut changed = parsed.clone();
            change(changed.pointer_mut(parent).unwrap().as_object_mut().unwrap());
            crate::canonical::to_vec(&changed).unwrap()
        };
        let null = change(&|object| drop(object.insert(member.to_owned(), Value::Null)));
        let absent = change(&|object| drop(object.remove(member)));
        let unknown = change(&|object| drop(object.insert("url".to_owned(), json!("http://canary.example"))));
        for found in [null, absent, unknown] {
            assert_eq!(code(&found), Code::LogEntryMalformed, "{place}");
        }
    }
    let spaced = golden.text("body").replacen(':', ": ", 1);
    let doubled = golden.text("body").replacen('{', "{\"apiVersion\":\"0.0.2\",", 1);
    for found in [spaced.as_str(), &doubled, "", "null", "[]", "{}"] {
        assert_eq!(code(found.as_bytes()), Code::LogEntryMalformed, "{found}");
    }
}

// LOG-06.
#[test]
fn rejects_proofs_that_were_altered() {
    let golden = Golden::load();
    let (entry, body) = (golden.entry(), golden.body());
    let code = |change: &dyn Fn(&mut LogEntry)| {
        let mut altered = entry.clone();
        change(&mut altered);
        verify(&altered, &body).unwrap_err()
    };
    assert_eq!(code(&|entry| entry.index = 201), Code::LogInclusionProof);
    assert_eq!(code(&|entry| entry.index = 300), Code::LogInclusionProof);
    assert_eq!(code(&|entry| entry.index = i64::MAX.unsigned_abs()), Code::LogInclusionProof);
    assert_eq!(code(&|entry| entry.hashes.truncate(3)), Code::LogInclusionProof);
    assert_eq!(code(&|entry| entry.hashes.push(entry.root)), Code::LogInclusionProof);
    assert_eq!(code(&|entry| entry.hashes.swap(0, 1)), Code::LogInclusionProof);
    assert_eq!(code(&|entry| entry.size = 299), Code::LogRootMismatch);
    assert_eq!(code(&|entry| entry.size = 0), Code::LogRootMismatch);
    assert_eq!(code(&|entry| entry.root = Digest::of(b"other")), Code::LogRootMismatch);
    assert_eq!(code(&|entry| entry.log_id = [0; 32]), Code::LogOriginMismatch);
    assert_eq!(code(&|entry| entry.checkpoint = String::new()), Code::LogCheckpointMalformed);
    assert_eq!(verify(&entry, b"another body"), Err(Code::LogInclusionProof));
}

// LOG-08.
#[test]
fn rejects_a_proof_under_the_checkpoint_of_an_older_or_newer_tree() {
    let golden = Golden::load();
    for size in [299, 301] {
        let other = Checkpoint { origin: ORIGIN.to_owned(), size, root: Digest::of(b"then") };
        let entry = LogEntry { checkpoint: other.sign(&golden.key()), ..golden.entry() };
        assert_eq!(verify(&entry, &golden.body()), Err(Code::LogRootMismatch));
    }
    let split = Checkpoint { origin: ORIGIN.to_owned(), size: 300, root: Digest::of(b"split view") };
    let entry = LogEntry { checkpoint: split.sign(&golden.key()), ..golden.entry() };
    assert_eq!(verify(&entry, &golden.body()), Err(Code::LogRootMismatch));
}

// LOG-05: the key is the trust root's, whatever a log says of itself.
#[test]
fn rejects_an_entry_of_another_log() {
    let golden = Golden::load();
    let (own, other) = (golden.key().public(), Ed25519Key::generate().unwrap().public());
    for log in [LogKeyParts { origin: ORIGIN, key: &other }, LogKeyParts { origin: "log.example", key: &own }] {
        let error = golden.entry().verify(&golden.body(), &log).unwrap_err();
        assert_eq!(error.code(), Code::LogOriginMismatch);
    }
}

#[test]
fn the_first_entry_leaves_its_index_out() {
    let golden = Golden::load();
    let mut frontier = Frontier::new();
    frontier.push(leaf_hash(&golden.body()));
    let checkpoint = Checkpoint { origin: ORIGIN.to_owned(), size: 1, root: frontier.root() };
    let entry = LogEntry {
        index: 0,
        size: 1,
        root: frontier.root(),
        hashes: Vec::new(),
        checkpoint: checkpoint.sign(&golden.key()),
        ..golden.entry()
    };
    let bytes = entry.encode().unwrap();
    assert_eq!(bytes[0], 0x12);
    assert_eq!(decode(&bytes), Ok(entry.clone()));
    // Writing the default out is another encoding of the same entry.
    assert_eq!(decode(&[&[0x08, 0x00], bytes.as_slice()].concat()), Err(Code::LogEntryMalformed));
    assert_eq!(verify(&entry, &golden.body()), Ok(leaf_hash(&golden.body())));
    let json = entry.to_bundle_json(&golden.body()).unwrap();
    assert_eq!(json["logIndex"], "0");
    assert_eq!(from_json(&json), Ok((entry, golden.body())));
}

#[test]
fn rejects_every_truncation_and_every_trailing_byte() {
    let bytes = Golden::load().bytes("entry");
    for end in 0..bytes.len() {
        assert!(decode(&bytes[..end]).is_err(), "{end} bytes");
    }
    for extra in [0x00, 0x08, 0x32, 0x3a, 0xff] {
        assert_eq!(decode(&[bytes.as_slice(), &[extra]].concat()), Err(Code::LogEntryMalformed));
    }
}

#[test]
fn every_altered_bit_is_refused_or_breaks_the_proof() {
    let golden = Golden::load();
    let bytes = golden.bytes("entry");
    for place in 0..bytes.len() {
        for bit in 0..8 {
            let mut altered = bytes.clone();
            altered[place] ^= 1 << bit;
            let accepted = LogEntry::decode(&altered).is_ok_and(|entry| verify(&entry, &golden.body()).is_ok());
            assert!(!accepted, "bit {bit} of byte {place}");
        }
    }
}

#[test]
fn rejects_every_other_encoding_of_the_message() {
    let bytes = Golden::load().bytes("entry");
    // Tag and value of log_index (200 = 0xc8 0x01), then the rest of the message.
    let (index, rest) = bytes.split_at(3);
    assert_eq!(index, [0x08, 0xc8, 0x01]);
    let log_id = rest[..36].to_vec();
    let kind = field(3, &[field(1, KIND.as_bytes()), field(2, VERSION.as_bytes())].concat());
    assert!(rest[36..].starts_with(&kind));
    let proof = &rest[36 + kind.len()..];
    for (name, parts) in [
        ("long varint", vec![&[0x08, 0xc8, 0x81, 0x00], rest]),
        (
            "eleven bytes of varint",
            vec![&[0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01], rest],
        ),
        ("negative index", vec![&[0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01], rest]),
        ("long tag", vec![&[0x88, 0x00, 0xc8, 0x01], rest]),
        ("index twice", vec![index, index, rest]),
        ("index last", vec![rest, index]),
        ("fixed64 index", vec![&[0x09, 0xc8, 0, 0, 0, 0, 0, 0, 0], rest]),
        ("no log id", vec![index, &kind, proof]),
        ("log id twice", vec![index, &log_id, &log_id, &kind, proof]),
        ("integrated time", vec![index, &log_id, &kind, &[0x20, 0x01], proof]),
        ("inclusion promise", vec![index, &log_id, &kind, &[0x2a, 0x00], proof]),
        ("body", vec![index, &log_id, &kind, proof, &[0x3a, 0x01, 0x7b]]),
        ("unknown field", vec![index, &log_id, &kind, proof, &[0x42, 0x00]]),
        ("proof twice", vec![index, &log_id, &kind, proof, proof]),
        ("endless length", vec![index, &[0x12, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]]),
    ] {
        assert_eq!(decode(&parts.concat()), Err(Code::LogEntryMalformed), "{name}");
    }
}

// LOG-22, LOG-23: a proof is there or nothing is, and there is one index.
#[test]
fn each_missing_or_foreign_part_has_its_own_code() {
    let golden = Golden::load();
    let entry = golden.entry();
    let message = |kind: &str, version: &str, proof: Option<Vec<u8>>| {
        let kind_version = [field(1, kind.as_bytes()), field(2, version.as_bytes())].concat();
        let head = [vec![0x08, 0xc8, 0x01], field(2, &field(1, &entry.log_id)), field(3, &kind_version)].concat();
        [head, proof.map(|proof| field(6, &proof)).unwrap_or_default()].concat()
    };
    let proof = |index: [u8; 2], hashes: usize, checkpoint: Option<&str>| {
        let head = [vec![0x08], index.to_vec(), field(2, entry.root.as_bytes()), vec![0x18, 0xac, 0x02]].concat();
        let hashes: Vec<u8> = (0..hashes).flat_map(|_| field(4, &[7; 32])).collect();
        let envelope = checkpoint.map(|text| field(5, &field(1, text.as_bytes()))).unwrap_or_default();
        [head, hashes, envelope].concat()
    };
    let here = [0xc8, 0x01];
    let text = Some(entry.checkpoint.as_str());
    let long = "x".repeat(checkpoint::MAX_BYTES + 1);
    assert!(decode(&message(KIND, VERSION, Some(proof(here, 64, text)))).is_ok());
    for (bytes, code) in [
        (message("dsse", VERSION, Some(proof(here, 0, text))), Code::LogKind),
        (message(KIND, "0.0.1", Some(proof(here, 0, text))), Code::LogKind),
        (message(KIND, "", Some(proof(here, 0, text))), Code::LogKind),
        (message(KIND, VERSION, None), Code::LogProofMissing),
        (message(KIND, VERSION, Some(proof([0xc9, 0x01], 0, text))), Code::LogIndexMismatch),
        (message(KIND, VERSION, Some(proof(here, 65, text))), Code::LogInclusionProof),
        (message(KIND, VERSION, Some(proof(here, 0, None))), Code::LogCheckpointMalformed),
        (message(KIND, VERSION, Some(proof(here, 0, Some(&long)))), Code::LimitNoteSignatures),
        (vec![0x08; MAX_BYTES + 1], Code::LogEntryMalformed),
    ] {
        assert_eq!(decode(&bytes), Err(code));
    }
}

#[test]
fn refuses_to_write_over_its_limits() {
    let golden = Golden::load();
    let entry = golden.entry();
    let code = |entry: &LogEntry, body: &[u8]| {
        let written = entry.encode().and_then(|_| entry.to_bundle_json(body));
        written.unwrap_err().code()
    };
    let hashes = vec![entry.root; 65];
    assert_eq!(code(&LogEntry { hashes, ..entry.clone() }, b""), Code::LogInclusionProof);
    let checkpoint = "x".repeat(checkpoint::MAX_BYTES + 1);
    assert_eq!(code(&LogEntry { checkpoint, ..entry.clone() }, b""), Code::LimitNoteSignatures);
    assert_eq!(code(&LogEntry { index: 1 << 63, ..entry.clone() }, b""), Code::LogEntryMalformed);
    assert_eq!(code(&LogEntry { size: u64::MAX, ..entry.clone() }, b""), Code::LogEntryMalformed);
    assert_eq!(code(&entry, &vec![0; MAX_BODY + 1]), Code::LogEntryMalformed);
    let error = body(&golden.digest(), b"signature", &vec![0; MAX_BODY]).unwrap_err();
    assert!(matches!(error, LogError::TooLarge { limit: MAX_BODY, .. }));
}

#[test]
fn reads_the_bundle_form_it_writes_and_no_other() {
    let golden = Golden::load();
    let value = golden.entry().to_bundle_json(&golden.body()).unwrap();
    assert_eq!(from_json(&value), Ok((golden.entry(), golden.body())));
    assert!(value.get("integratedTime").is_none() && value.get("inclusionPromise").is_none());
    for (place, replacement, code) in [
        ("/logIndex", json!(200), Code::LogEntryMalformed),
        ("/logIndex", json!("0200"), Code::LogEntryMalformed),
        ("/logIndex", json!("+200"), Code::LogEntryMalformed),
        ("/logIndex", json!("-1"), Code::LogEntryMalformed),
        ("/logIndex", json!("201"), Code::LogIndexMismatch),
        ("/inclusionProof/logIndex", json!("199"), Code::LogIndexMismatch),
        ("/inclusionProof/treeSize", json!("9223372036854775808"), Code::LogEntryMalformed),
        ("/inclusionProof/rootHash", json!("AAAA"), Code::LogEntryMalformed),
        ("/inclusionProof/hashes", json!(["AAAA"]), Code::LogEntryMalformed),
        ("/inclusionProof/hashes", json!(vec!["AAAA"; 65]), Code::LogInclusionProof),
        ("/inclusionProof/hashes", Value::Null, Code::LogEntryMalformed),
        ("/inclusionProof/checkpoint", Value::Null, Code::LogCheckpointMalformed),
        ("/inclusionProof/checkpoint/envelope", json!("x".repeat(8193)), Code::LimitNoteSignatures),
        ("/inclusionProof", Value::Null, Code::LogProofMissing),
        ("/kindVersion/kind", json!("dsse"), Code::LogKind),
        ("/kindVersion/version", json!("0.0.1"), Code::LogKind),
        ("/kindVersion", Value::Null, Code::LogEntryMalformed),
        ("/logId/keyId", json!("AAAA"), Code::LogEntryMalformed),
        ("/logId", Value::Null, Code::LogEntryMalformed),
        ("/canonicalizedBody", json!("e30"), Code::LogEntryMalformed),
        ("/canonicalizedBody", Value::Null, Code::LogEntryMalformed),
    ] {
        let mut changed = value.clone();
        *changed.pointer_mut(place).unwrap() = replacement.clone();
        assert_eq!(from_json(&changed), Err(code), "{place} {replacement}");
    }
}

// LOG-02, LOG-19, LOG-20: an entry brings no time of its own, in no mode.
#[test]
fn rejects_bundle_members_that_bring_another_time() {
    let golden = Golden::load();
    let value = golden.entry().to_bundle_json(&golden.body()).unwrap();
    for (name, member) in [
        ("integratedTime", json!("1795000000")),
        ("integratedTime", json!("0")),
        ("inclusionPromise", json!({"signedEntryTimestamp": "AAAA"})),
        ("inclusionPromise", Value::Null),
        ("unknown", json!(1)),
    ] {
        let mut changed = value.clone();
        changed.as_object_mut().unwrap().insert(name.to_owned(), member);
        assert_eq!(from_json(&changed), Err(Code::LogEntryMalformed), "{name}");
    }
}
