//! Heads and files of feeds: one form each, limits first.

use proptest::prelude::*;

use super::*;
use crate::crypto::Ed25519Key;
use crate::digest::Digest;
use crate::reason::{Code, Coded as _};
use crate::time::Timestamp;

const ORIGIN: &str = "log-7f3a.example.chancery.internal";

fn key() -> Ed25519Key {
    let document = "302e020100300506032b6570042204209d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
    Ed25519Key::from_pkcs8(&hex::decode(document).unwrap()).unwrap()
}

fn head() -> FeedHead {
    let time = Timestamp::from_unix(1_795_000_000).unwrap();
    FeedHead {
        origin: ORIGIN.to_owned(),
        entries: 300,
        records: 2,
        last: Some(Digest::of(b"last")),
        time,
        next: time.plus(86_400),
    }
}

fn code(note: &str) -> Code {
    FeedHead::verify(note, ORIGIN, &key().public()).unwrap_err().code()
}

#[test]
fn a_head_survives_its_own_bytes() {
    for head in [head(), FeedHead { records: 0, last: None, ..head() }] {
        let note = head.sign(&key());
        assert_eq!(FeedHead::claimed_origin(&note), Some(ORIGIN));
        assert_eq!(FeedHead::verify(&note, ORIGIN, &key().public()).unwrap(), head);
    }
}

#[test]
fn rejects_another_spelling_of_a_head_that_the_log_signed() {
    let sign = |text: &str| crate::checkpoint::sign_text(text, &format!("{ORIGIN}/feed"), &key());
    let text = head().sign(&key());
    let text = text.split("\n\n").next().unwrap().to_owned() + "\n";
    assert!(FeedHead::verify(&sign(&text), ORIGIN, &key().public()).is_ok());
    for (from, to) in [
        ("\n300\n", "\n0300\n"),
        ("\n300\n", "\n+300\n"),
        ("\n300\n", "\n-300\n"),
        ("\n300\n", "\n99999999999999999999\n"),
        ("\n2\n", "\n02\n"),
        ("Z\n", "\n"),
        ("/feed\n", "/feeds\n"),
        ("/feed\n", "\n"),
        ("/feed\n", ".other/feed\n"),
    ] {
        let altered = text.replacen(from, to, 1);
        assert_ne!(altered, text);
        assert_eq!(code(&sign(&altered)), Code::RevokedListInvalid);
    }
    assert_eq!(code(&sign(&format!("{text}more\n"))), Code::RevokedListInvalid);
}

#[test]
fn rejects_a_head_signed_under_the_log_s_own_name() {
    let note = head().sign(&key());
    let text = note.split("\n\n").next().unwrap().to_owned() + "\n";
    assert_eq!(code(&crate::checkpoint::sign_text(&text, ORIGIN, &key())), Code::RevokedListInvalid);
    let twice = format!("{note}{}", note.rsplit("\n\n").next().unwrap());
    assert_eq!(code(&twice), Code::RevokedListInvalid);
}

#[test]
fn a_file_survives_its_own_bytes_and_has_no_second_form() {
    let file = FeedFile {
        head: head().sign(&key()),
        records: vec![FeedEntry { bundle: Base64(b"{}".to_vec()), decision: Base64(b"{}".to_vec()) }],
    };
    let bytes = file.clone().encode().unwrap();
    assert_eq!(FeedFile::decode(&bytes).unwrap(), file);
    for other in [
        [b" ".as_slice(), &bytes].concat(),
        [bytes.as_slice(), b"\n"].concat(),
        String::from_utf8(bytes.clone()).unwrap().replace("feed:v1", "feed:v2").into_bytes(),
        String::from_utf8(bytes).unwrap().replace("\"head\"", "\"more\":1,\"head\"").into_bytes(),
    ] {
        assert_eq!(FeedFile::decode(&other).unwrap_err().code(), Code::RevokedListInvalid);
    }
}

#[test]
fn a_file_over_the_limit_is_refused_before_it_is_parsed() {
    assert!(check_size(MAX_BYTES).is_ok());
    for size in [MAX_BYTES + 1, usize::MAX] {
        assert_eq!(check_size(size).unwrap_err().code(), Code::RevokedListInvalid);
    }
}

#[test]
fn a_head_covers_what_lies_before_it() {
    let at = |origin: &str, index, time| Place { origin: origin.to_owned(), index, time };
    let head = head();
    assert!(head.covers(&at(ORIGIN, 299, head.time.plus(1))));
    assert!(!head.covers(&at(ORIGIN, 300, head.time)));
    assert!(head.covers(&at("log-past.example", 4000, head.time)));
    assert!(!head.covers(&at("log-next.example", 0, head.time.plus(1))));
}

proptest! {
    #[test]
    fn no_text_makes_the_readers_panic(text in ".{0,400}") {
        let _refused = FeedHead::verify(&text, ORIGIN, &key().public()).is_err();
        prop_assert!(FeedFile::decode(text.as_bytes()).is_err());
    }
}
