//! Entries of either Rekor in their one form.

use super::*;
use crate::reason::{Code, Coded as _};

fn entry(promise: Option<Promise>) -> ForeignEntry {
    let root = Digest::of(b"root");
    let checkpoint = "log\n2\n".to_owned();
    let entry = LogEntry { index: 1, log_id: [7; 32], size: 2, root, hashes: vec![Digest::of(b"first")], checkpoint };
    ForeignEntry { entry, proof_index: 1, promise }
}

fn promised() -> ForeignEntry {
    entry(Some(Promise { integrated_at: 1_700_000_000, signature: b"promise".to_vec() }))
}

fn refused(bytes: &[u8]) -> Code {
    ForeignEntry::decode(bytes).unwrap_err().code()
}

/// A text of the encoding, replaced by one of the same length.
fn replaced(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let at = bytes.windows(from.len()).position(|window| window == from).unwrap();
    let mut bytes = bytes.to_vec();
    bytes[at..at + from.len()].copy_from_slice(to);
    bytes
}

#[test]
fn entries_of_both_versions_come_back() {
    let older = ForeignEntry { proof_index: 0, ..promised() };
    for entry in [entry(None), promised(), older] {
        assert_eq!(ForeignEntry::decode(&entry.encode().unwrap()).unwrap(), entry);
    }
}

#[test]
fn without_a_promise_it_is_the_entry_that_an_engines_commits_carry() {
    let foreign = entry(None);
    assert_eq!(foreign.encode().unwrap(), foreign.entry.encode().unwrap());
}

#[test]
fn a_promise_is_what_a_rekor_v1_gives_and_nobody_else() {
    let (v1, v2) = (promised().encode().unwrap(), entry(None).encode().unwrap());
    assert_eq!(refused(&replaced(&v1, b"0.0.1", b"0.0.2")), Code::LogEntryMalformed);
    assert_eq!(refused(&replaced(&v2, b"0.0.2", b"0.0.1")), Code::LogKind);
    assert_eq!(refused(&replaced(&v2, b"0.0.2", b"0.0.3")), Code::LogKind);
    assert_eq!(refused(&replaced(&v2, b"hashedrekord", b"hashedrecord")), Code::LogKind);
    assert_eq!(LogEntry::decode(&v1).unwrap_err().code(), Code::LogKind);
}

#[test]
fn no_other_encoding_is_read() {
    let bytes = promised().encode().unwrap();
    for length in 0..bytes.len() {
        assert!(ForeignEntry::decode(&bytes[..length]).is_err(), "{length}");
    }
    assert_eq!(refused(&[bytes.as_slice(), b"\x3a\x01x"].concat()), Code::LogEntryMalformed);
    assert_eq!(refused(&vec![0; MAX_BYTES + 1]), Code::LogEntryMalformed);
}

#[test]
fn the_bundles_form_holds_the_body_that_its_version_writes() {
    let bodies = [entry(None), promised()].map(|entry| {
        let element = entry.to_bundle_json(&Digest::of(b"object"), b"signature", b"certificate").unwrap();
        let body = STANDARD.decode(element["canonicalizedBody"].as_str().unwrap()).unwrap();
        (element, serde_json::from_slice::<Value>(&body).unwrap())
    });
    let [(second, second_body), (first, first_body)] = bodies;
    assert_eq!((&second["integratedTime"], &second["inclusionPromise"]), (&Value::Null, &Value::Null));
    assert_eq!(first["integratedTime"], "1700000000");
    assert_eq!(second_body["apiVersion"], "0.0.2");
    assert_eq!(first_body["apiVersion"], "0.0.1");
    let pem = first_body.pointer("/spec/signature/publicKey/content").and_then(Value::as_str).unwrap();
    assert!(STANDARD.decode(pem).unwrap().starts_with(b"-----BEGIN CERTIFICATE-----\n"));
    assert_eq!(first_body.pointer("/spec/data/hash/value").unwrap(), &Value::from(Digest::of(b"object").to_hex()));
}
