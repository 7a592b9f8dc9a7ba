//! Sealed files open under their credential, beside their own files, unchanged; and in no other way.

use serde_json::{Value, json};
use signer_core::canonical;
use signer_core::reason::{Code, Coded as _};
use zeroize::Zeroizing;

use super::{seal, unseal};
use crate::credential::Credential;

const SECRET: &[u8] = b"thirty-two bytes of private keys";

fn credential(text: &str) -> Credential {
    Credential::new(Zeroizing::new(text.as_bytes().to_vec())).unwrap()
}

fn opened(text: &str, context: &[u8], bytes: &[u8]) -> Result<Vec<u8>, Code> {
    unseal(&credential(text), context, bytes).map(|secret| secret.to_vec()).map_err(|error| error.code())
}

fn with(member: &str, value: Value) -> Vec<u8> {
    let sealed = seal(&credential("right"), b"keys", SECRET).unwrap();
    let mut document: Value = serde_json::from_slice(&sealed).unwrap();
    document[member] = value;
    canonical::to_vec(&document).unwrap()
}

#[test]
fn opens_under_its_credential() {
    let sealed = seal(&credential("right"), b"keys", SECRET).unwrap();
    assert_eq!(opened("right", b"keys", &sealed).unwrap(), SECRET);
}

#[test]
fn stays_closed_under_another_credential() {
    let sealed = seal(&credential("right"), b"keys", SECRET).unwrap();
    for other in ["wrong", "righ", "right ", "Right"] {
        assert_eq!(opened(other, b"keys", &sealed), Err(Code::EngineSealed), "{other}");
    }
}

#[test]
fn stays_closed_in_another_context() {
    let sealed = seal(&credential("right"), b"keys", SECRET).unwrap();
    for other in [b"root".as_slice(), b"", b"key"] {
        assert_eq!(opened("right", other, &sealed), Err(Code::EngineSealed));
    }
}

#[test]
fn refuses_every_flipped_byte() {
    let sealed = seal(&credential("right"), b"keys", SECRET).unwrap();
    for place in 0..sealed.len() {
        let mut altered = sealed.clone();
        altered[place] ^= 1;
        assert!(opened("right", b"keys", &altered).is_err(), "byte {place}");
    }
}

#[test]
fn refuses_every_truncation() {
    let sealed = seal(&credential("right"), b"keys", SECRET).unwrap();
    for length in 0..sealed.len() {
        assert_eq!(opened("right", b"keys", &sealed[..length]), Err(Code::EngineState));
    }
}

#[test]
fn refuses_cheaper_and_dearer_costs() {
    for cost in [
        json!({"memory_kib": 8, "passes": 1, "lanes": 1}),
        json!({"memory_kib": 4_000_000_000_u32, "passes": 2, "lanes": 1}),
        json!({"memory_kib": 19456, "passes": 3, "lanes": 1}),
        json!({"memory_kib": 19456, "passes": 2, "lanes": 4}),
    ] {
        assert_eq!(opened("right", b"keys", &with("cost", cost)), Err(Code::EngineState));
    }
}

#[test]
fn refuses_other_functions_salts_and_members() {
    for (member, value) in [
        ("kdf", json!("pbkdf2")),
        ("schema", json!("urn:chancery:sealed:v2")),
        ("salt", json!("AAAA")),
        ("salt", json!("")),
        ("comment", json!("hello")),
    ] {
        assert_eq!(opened("right", b"keys", &with(member, value)), Err(Code::EngineState), "{member}");
    }
}

#[test]
fn refuses_what_is_too_short_to_be_sealed() {
    assert_eq!(opened("right", b"keys", &with("sealed", json!(""))), Err(Code::EngineSealed));
    assert_eq!(opened("right", b"keys", &with("sealed", json!("AAAA"))), Err(Code::EngineSealed));
}

#[test]
fn refuses_a_file_of_another_form() {
    let sealed = seal(&credential("right"), b"keys", SECRET).unwrap();
    let spaced = [b" ".as_slice(), &sealed].concat();
    for other in [b"".as_slice(), b"{}", &spaced, &vec![b' '; super::MAX_BYTES + 1]] {
        assert_eq!(opened("right", b"keys", other), Err(Code::EngineState));
    }
}

#[test]
fn seals_the_same_secret_differently_each_time() {
    let seal = || seal(&credential("right"), b"keys", SECRET).unwrap();
    assert_ne!(seal(), seal());
}
