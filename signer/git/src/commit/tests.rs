use proptest::prelude::*;
use signer_core::reason::{Code, Coded};

use crate::commit::{Commit, join, linkage, split_signature};
use crate::object::{MAX_ARMOR, MAX_OBJECT};
use crate::object_id::ObjectFormat;
use crate::world::{ARMOR, FORMATS, World};

mod forgeries;

const SHA1: ObjectFormat = ObjectFormat::Sha1;
const TREE: &str = "tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904";
const PARENT: &str = "parent 1111111111111111111111111111111111111111";
const AUTHOR: &str = "author Ada Lovelace <ada@example.com> 1795000000 +0100";
const COMMITTER: &str = "committer Ada Lovelace <ada@example.com> 1795000000 +0100";

/// A commit of these header lines.
fn forge(lines: &[&str]) -> Vec<u8> {
    format!("{}\n\nmessage\n", lines.join("\n")).into_bytes()
}

fn signature(header: &str) -> String {
    format!("{header} {}", ARMOR.trim_end().replace('\n', "\n "))
}

fn refusal(bytes: &[u8]) -> Code {
    Commit::parse(bytes, SHA1).expect_err("a refusal").code()
}

fn split_refusal(bytes: &[u8]) -> Code {
    split_signature(bytes, SHA1).expect_err("a refusal").code()
}

/// The signature of every commit that real git makes is found, and joining gives git's own bytes.
fn agrees_with_git(world: &World, revision: &str, given: &std::path::Path) {
    let object = world.raw("commit", &world.id(revision));
    let signed = split_signature(&object, world.format).unwrap();
    assert_eq!(signed.payload, std::fs::read(given).unwrap(), "what git gave to the signing program");
    assert_eq!(signed.armor, ARMOR.as_bytes());
    assert_eq!(join(&signed.payload, &signed.armor, world.format).unwrap(), object);
    let (payload, object) =
        (Commit::parse(&signed.payload, world.format).unwrap(), Commit::parse(&object, world.format).unwrap());
    assert!(object.has_signature && !payload.has_signature);
    assert_eq!(Commit { has_signature: false, ..object }, payload);
}

#[test]
fn agrees_with_git_on_signed_commits() {
    for format in FORMATS {
        let world = World::new(format);
        let given = world.sign_with(ARMOR);
        world.git(&["commit", "-q", "-S", "--allow-empty", "-m", "root"]);
        agrees_with_git(&world, "HEAD", &given);
        world.git(&["commit", "-q", "-S", "--allow-empty", "--allow-empty-message", "-m", ""]);
        agrees_with_git(&world, "HEAD", &given);
        world.git(&["-c", "i18n.commitEncoding=ISO-8859-1", "commit", "-q", "-S", "--allow-empty", "-m", "latin"]);
        agrees_with_git(&world, "HEAD", &given);
        let commit = Commit::parse(&world.raw("commit", &world.id("HEAD")), format).unwrap();
        assert_eq!(commit.encoding.as_deref(), Some("ISO-8859-1"));
        assert!(commit.has_unusual_encoding());
    }
}

// GIT-17: git writes the tag's signature into `mergetag` and the commit's own after it.
#[test]
fn takes_the_commits_own_signature_beside_a_signed_tag() {
    for format in FORMATS {
        let world = World::new(format);
        let given = world.sign_with(ARMOR);
        world.commit("root");
        world.git(&["switch", "-q", "-c", "side"]);
        world.write("side", "side");
        world.commit("side");
        world.git(&["tag", "-s", "-m", "a tag", "v1"]);
        world.git(&["switch", "-q", "main"]);
        world.git(&["merge", "-q", "--no-ff", "--no-gpg-sign", "-m", "unsigned", "v1"]);
        let unsigned = world.raw("commit", &world.id("HEAD"));
        assert_eq!(split_signature(&unsigned, format).unwrap_err().code(), Code::GitSigMissing);
        let commit = Commit::parse(&unsigned, format).unwrap();
        assert_eq!(commit.parents.len(), 2);
        assert_eq!(commit.extra.first().map(|(key, _)| key.as_str()), Some("mergetag"));
        world.git(&["commit", "-q", "--amend", "-S", "-m", "signed"]);
        agrees_with_git(&world, "HEAD", &given);
    }
}

#[test]
fn keeps_empty_lines_of_an_armour() {
    let armor = "-----BEGIN PGP SIGNATURE-----\n\nAAAA\n-----END PGP SIGNATURE-----\n\n";
    let object = join(&forge(&[TREE, AUTHOR, COMMITTER]), armor.as_bytes(), SHA1).unwrap();
    assert_eq!(split_signature(&object, SHA1).unwrap().armor, armor.as_bytes());
}

#[test]
fn reads_every_header_git_writes() {
    let commit =
        Commit::parse(&forge(&[TREE, PARENT, AUTHOR, COMMITTER, "encoding UTF-8", "change-id x"]), SHA1).unwrap();
    assert_eq!(format!("tree {}", commit.tree), TREE);
    assert_eq!(format!("parent {}", commit.parents[0]), PARENT);
    assert_eq!(commit.committer.name, "Ada Lovelace");
    assert!(!commit.has_unusual_encoding());
    assert_eq!(commit.extra, [("change-id".to_owned(), "x".to_owned())]);
    assert_eq!(commit.message, b"message\n");
}

#[test]
fn refuses_to_join_what_would_read_back_differently() {
    let payload = forge(&[TREE, AUTHOR, COMMITTER]);
    let code = |armor: &[u8]| join(&payload, armor, SHA1).unwrap_err().code();
    assert_eq!(code(b""), Code::GitSigEmpty);
    assert_eq!(code(ARMOR.trim_end().as_bytes()), Code::GitSigArmorNoncanonical);
    assert_eq!(code(ARMOR.replace('\n', "\r\n").as_bytes()), Code::GitSigArmorNoncanonical);
    assert_eq!(code(format!("\0{ARMOR}").as_bytes()), Code::GitSigArmorNoncanonical);
    assert_eq!(code(ARMOR.repeat(2).as_bytes()), Code::GitSigMultipleBlocks);
    assert_eq!(code(&[b"\n".repeat(MAX_ARMOR), b"x\n".to_vec()].concat()), Code::LimitSignatureSize);
    assert_eq!(join(b"tree x", ARMOR.as_bytes(), SHA1).unwrap_err().code(), Code::GitMalformedNoBodySeparator);
}

#[test]
fn links_commits_as_git_core_does_however_malformed_the_rest_is() {
    let bytes = format!("{TREE}\n{PARENT}\n{PARENT}\nauthor nobody\nparent {}\n", "2".repeat(40)).into_bytes();
    assert_eq!(linkage(&bytes, SHA1).unwrap().parents.len(), 2);
    assert_eq!(linkage(b"", SHA1).unwrap_err().code(), Code::GitMalformedMissingHeader);
    assert_eq!(linkage(b"tree 12\n", SHA1).unwrap_err().code(), Code::GitMalformedObjectId);
    let crowd = format!("{TREE}\n{}", format!("{PARENT}\n").repeat(65)).into_bytes();
    assert_eq!(linkage(&crowd, SHA1).unwrap_err().code(), Code::LimitParents);
}

proptest! {
    #[test]
    fn joins_what_it_splits_and_splits_what_it_joins(message in "[ -~\n]{0,60}", lines in "([A-Z=+/]{1,20}\n){1,5}") {
        let payload = format!("{TREE}\n{AUTHOR}\n{COMMITTER}\n\n{message}").into_bytes();
        for format in FORMATS {
            let object = join(&payload, lines.as_bytes(), format).unwrap();
            let signed = split_signature(&object, format).unwrap();
            prop_assert_eq!(&signed.payload, &payload);
            prop_assert_eq!(signed.armor, lines.as_bytes());
        }
    }

    #[test]
    fn whatever_splits_joins_to_the_same_bytes(at in 0_usize..600, byte in prop::sample::select(b"\n \0agt-".to_vec())) {
        let mut object = forge(&[TREE, PARENT, AUTHOR, COMMITTER, &signature("gpgsig")]);
        let at = at % object.len();
        object[at] = byte;
        if let Ok(signed) = split_signature(&object, SHA1) {
            prop_assert_eq!(join(&signed.payload, &signed.armor, SHA1).unwrap(), object);
        }
    }

    #[test]
    fn never_panics(bytes in proptest::collection::vec(prop::sample::select(b"tre parnauho\n<>0123 \0".to_vec()), 0..300)) {
        drop(Commit::parse(&bytes, SHA1));
        drop(split_signature(&bytes, SHA1));
        drop(linkage(&bytes, SHA1));
    }
}
