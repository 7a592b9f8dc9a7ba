//! The owner credential is random, recognisable, and known by its digest alone.

use super::{OwnerDigest, generate};
use crate::credential::Credential;

fn owner() -> (String, OwnerDigest) {
    let text = generate().unwrap().to_string();
    let credential = Credential::new(zeroize::Zeroizing::new(text.clone().into_bytes())).unwrap();
    (text, OwnerDigest::of(&credential))
}

#[test]
fn has_its_prefix_and_43_characters() {
    let (text, _) = owner();
    let random = text.strip_prefix("own_").unwrap();
    assert_eq!(random.len(), 43);
    assert!(random.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'));
}

#[test]
fn is_never_the_same_twice() {
    assert_ne!(owner().0, owner().0);
}

#[test]
fn knows_its_credential_and_no_other() {
    let (text, digest) = owner();
    assert!(digest.is_of(text.as_bytes()));
    let mut shorter = text.clone();
    shorter.pop();
    for other in ["", "own_", &shorter, &format!("{text}a"), &text.to_uppercase()] {
        assert!(!digest.is_of(other.as_bytes()), "{other}");
    }
}

#[test]
fn reads_its_own_file_and_no_other_form() {
    let (text, digest) = owner();
    let file = digest.encode();
    assert!(OwnerDigest::decode(&file).unwrap().is_of(text.as_bytes()));
    let upper = file.to_ascii_uppercase();
    let doubled = [file.as_slice(), b"\n"].concat();
    for other in [b"".as_slice(), b"\n", &file[1..], &file[..file.len() - 1], &upper, &doubled, b"\xff\n"] {
        assert!(OwnerDigest::decode(other).is_err());
    }
}

#[test]
fn does_not_write_the_credential() {
    let (text, digest) = owner();
    let file = String::from_utf8(digest.encode()).unwrap();
    assert!(!file.contains(text.trim_start_matches("own_")));
}
