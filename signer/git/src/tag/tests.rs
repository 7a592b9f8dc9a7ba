use proptest::prelude::*;
use signer_core::reason::{Code, Coded};

use crate::object_id::ObjectFormat;
use crate::tag::{Tag, join, split_signature};
use crate::world::{ARMOR, FORMATS, World};

const SHA1: ObjectFormat = ObjectFormat::Sha1;
const HEAD: &str = "object 1111111111111111111111111111111111111111\ntype commit\ntag v1\ntagger Ada <a@b> 1 +0000";

fn forge(head: &str, body: &str) -> Vec<u8> {
    format!("{head}\n\n{body}").into_bytes()
}

fn refusal(head: &str) -> Code {
    Tag::parse(&forge(head, "message\n"), SHA1).expect_err("a refusal").code()
}

fn split_refusal(bytes: &[u8]) -> Code {
    split_signature(bytes, SHA1).expect_err("a refusal").code()
}

#[test]
fn agrees_with_git_on_signed_tags() {
    for format in FORMATS {
        let world = World::new(format);
        let given = world.sign_with(ARMOR);
        world.commit("root");
        for (name, message) in [("v1", "a tag"), ("v2", "two\n\nparagraphs"), ("release/v3", "")] {
            world.git(&["tag", "-s", "-m", message, name]);
            let object = world.raw("tag", &world.id(&format!("refs/tags/{name}")));
            let signed = split_signature(&object, format).unwrap();
            assert_eq!(signed.payload, std::fs::read(&given).unwrap());
            assert_eq!(signed.armor, ARMOR.as_bytes());
            assert_eq!(join(&signed.payload, &signed.armor, format).unwrap(), object);
            let tag = Tag::parse(&object, format).unwrap();
            assert_eq!((tag.name.as_str(), tag.object), (name, world.id("HEAD")));
            assert_eq!(tag.check_name(&format!("refs/tags/{name}")), Ok(()));
        }
    }
}

// GIT-33.
#[test]
fn refuses_a_second_beginning_of_a_signature() {
    for first in ["SIGNED MESSAGE", "PGP SIGNATURE", "PGP MESSAGE", "SSH SIGNATURE"] {
        let body = format!("message\n-----BEGIN {first}-----\nAAAA\n-----END {first}-----\n{ARMOR}");
        assert_eq!(split_refusal(&forge(HEAD, &body)), Code::GitSigMultipleBlocks);
    }
    assert_eq!(split_refusal(&forge(HEAD, &format!("{ARMOR}{ARMOR}"))), Code::GitSigMultipleBlocks);
}

#[test]
fn keeps_what_follows_the_signature_inside_it_where_the_armour_check_refuses_it() {
    let signed = split_signature(&forge(HEAD, &format!("message\n{ARMOR}more\n")), SHA1).unwrap();
    assert!(signed.armor.ends_with(b"more\n"));
}

// GIT-36, GIT-18.
#[test]
fn refuses_an_unsigned_tag() {
    assert_eq!(split_refusal(&forge(HEAD, "message\n")), Code::GitTagUnsigned);
    assert_eq!(split_refusal(&forge(HEAD, &format!("message -----{ARMOR}"))), Code::GitTagUnsigned);
}

#[test]
fn refuses_signature_headers_which_git_would_drop() {
    let header = ARMOR.trim_end().replace('\n', "\n ");
    for (key, code) in [("gpgsig", Code::GitSigDuplicateHeader), ("gpgsig-sha256", Code::GitSigWrongHashHeader)] {
        let head = format!("{HEAD}\n{key} {header}");
        assert_eq!(split_refusal(&forge(&head, ARMOR)), code);
        assert_eq!(refusal(&head), Code::GitSigWrongHashHeader);
    }
}

// GIT-34.
#[test]
fn refuses_a_tag_under_another_name() {
    let tag = Tag::parse(&forge(HEAD, "message\n"), SHA1).unwrap();
    for reference in ["refs/tags/v2", "refs/heads/v1", "v1", "refs/tags/v1/", "refs/tags/V1"] {
        assert_eq!(tag.check_name(reference).unwrap_err().code(), Code::GitTagNameMismatch, "{reference}");
    }
}

#[test]
fn refuses_malformed_headers() {
    for (from, to, code) in [
        ("object 1", "object A", Code::GitMalformedObjectId),
        ("type commit", "type Commit", Code::GitMalformedObjectType),
        ("type commit", "type  commit", Code::GitMalformedObjectType),
        ("type commit\n", "", Code::GitMalformedMissingHeader),
        ("\ntagger Ada <a@b> 1 +0000", "", Code::GitMalformedMissingHeader),
        ("tag v1\n", "tag v1\ntag v2\n", Code::GitMalformedDuplicateHeader),
        ("type commit\ntag v1", "tag v1\ntype commit", Code::GitMalformedHeaderOrder),
        ("+0000", "+0000\nextra x", Code::GitMalformedHeaderOrder),
        ("<a@b>", "<a@b> <m@evil>", Code::GitMalformedIdent),
        ("1 +0000", "01 +0000", Code::GitMalformedDate),
        ("tag v1", "tag ../v1", Code::HistBadRefname),
        ("tag v1", "tag v 1", Code::HistBadRefname),
        ("tag v1", "tag v1\n v2", Code::HistBadRefname),
        ("tag v1", "tag v\u{1}", Code::HistBadRefname),
        ("tag v1", "tag v\0", Code::GitMalformedNulInHeader),
    ] {
        assert!(HEAD.contains(from));
        assert_eq!(refusal(&HEAD.replacen(from, to, 1)), code, "{to:?}");
    }
    assert_eq!(Tag::parse(&forge(HEAD, "a\0b"), SHA1).unwrap_err().code(), Code::GitMalformedNulInMessage);
    assert_eq!(Tag::parse(HEAD.as_bytes(), SHA1).unwrap_err().code(), Code::GitMalformedNoBodySeparator);
}

#[test]
fn refuses_to_join_what_would_read_back_differently() {
    let code = |body: &str, armor: &str| join(&forge(HEAD, body), armor.as_bytes(), SHA1).unwrap_err().code();
    assert_eq!(code("message\n", ""), Code::GitSigEmpty);
    assert_eq!(code("message\n", ARMOR.trim_end()), Code::GitSigArmorNoncanonical);
    assert_eq!(code("message without end", ARMOR), Code::GitTagUnsigned);
    assert_eq!(code("message\n", &format!("prose\n{ARMOR}")), Code::GitSigArmorNoncanonical);
    assert_eq!(code(ARMOR, ARMOR), Code::GitSigMultipleBlocks);
}

proptest! {
    #[test]
    fn never_panics(bytes in proptest::collection::vec(prop::sample::select(b"object type ag\n<>0123 \0-".to_vec()), 0..300)) {
        drop(Tag::parse(&bytes, SHA1));
        drop(split_signature(&bytes, SHA1));
    }
}
