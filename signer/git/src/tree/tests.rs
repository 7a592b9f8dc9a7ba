use proptest::prelude::*;
use signer_core::reason::{Code, Coded};

use crate::object::ObjectError;
use crate::object_id::ObjectFormat;
use crate::tree::{Mode, Tree};
use crate::world::{FORMATS, World};

const SHA1: ObjectFormat = ObjectFormat::Sha1;

fn forge(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let entry = |(mode, name): &(&str, &[u8])| [mode.as_bytes(), b" ", name, b"\0", &[7; 20]].concat();
    entries.iter().flat_map(entry).collect()
}

fn refusal(entries: &[(&str, &[u8])]) -> Code {
    Tree::parse(&forge(entries), SHA1).expect_err("a refusal").code()
}

#[test]
fn reads_what_git_writes() {
    for format in FORMATS {
        let world = World::new(format);
        for path in ["a.b", "a/x", "a0", "sub/deep/y", "é"] {
            world.write(path, path);
        }
        world.commit("files");
        let id = world.id("HEAD^{tree}");
        let tree = Tree::parse(&world.raw("tree", &id), format).unwrap();
        let names: Vec<_> = tree.entries().iter().map(|entry| entry.name.clone()).collect();
        assert_eq!(names, [b"a.b".to_vec(), b"a".to_vec(), b"a0".to_vec(), b"sub".to_vec(), "é".into()]);
        assert_eq!(tree.entry(b"a").map(|entry| entry.mode), Some(Mode::Directory));
        assert_eq!(tree.entry(b"a0").map(|entry| entry.mode), Some(Mode::File));
        assert_eq!(tree.entry(b"b"), None);
    }
}

// GIT-29.
#[test]
fn refuses_an_entry_named_twice() {
    for entries in [
        [("100644", b"a"), ("100644", b"a")].as_slice(),
        &[("100644", b"a"), ("40000", b"a")],
        &[("100644", b"a"), ("100755", b"a")],
    ] {
        let entries: Vec<(&str, &[u8])> = entries.iter().map(|(mode, name)| (*mode, name.as_slice())).collect();
        assert_eq!(refusal(&entries), Code::GitTreeDuplicateEntry);
    }
    assert_eq!(refusal(&[("100644", b"a"), ("100644", b"a.b"), ("40000", b"a")]), Code::GitTreeDuplicateEntry);
}

// GIT-30.
#[test]
fn refuses_trees_git_would_write_otherwise() {
    assert_eq!(refusal(&[("100644", b"b"), ("100644", b"a")]), Code::GitTreeNoncanonical);
    assert_eq!(refusal(&[("40000", b"a"), ("100644", b"a.b")]), Code::GitTreeNoncanonical);
    for mode in ["100664", "100600", "040000", "0100644", "000000", "", "140000", "1006444", "-1", "40755"] {
        assert_eq!(refusal(&[(mode, b"a")]), Code::GitTreeNoncanonical, "{mode}");
    }
    let null = [b"100644 a\0".as_slice(), &[0; 20]].concat();
    assert_eq!(Tree::parse(&null, SHA1), Err(ObjectError::TreeNoncanonical));
}

#[test]
fn refuses_every_truncation_and_extension() {
    let bytes = forge(&[("100644", b"a"), ("40000", b"b")]);
    let first = "100644 a".len() + 1 + 20;
    for length in (1..bytes.len()).filter(|length| *length != first) {
        assert_eq!(Tree::parse(&bytes[..length], SHA1), Err(ObjectError::TreeNoncanonical), "{length}");
    }
    assert_eq!(Tree::parse(&[bytes.as_slice(), b"x"].concat(), SHA1), Err(ObjectError::TreeNoncanonical));
}

// GIT-31.
#[test]
fn refuses_names_a_checkout_may_not_write() {
    let names = [
        "",
        ".",
        "..",
        ".git",
        ".GIT",
        ".Git",
        "git~1",
        "GIT~1",
        ".g\u{200c}it",
        "\u{feff}.git",
        ".gi\u{206f}t",
        ".G\u{ad}it",
        ".g\u{fe0f}it.\u{200c}",
        ".git ",
        ".git.",
        ".git\\x",
        ".git:x",
        "a/b",
        "/",
        "a\\b",
        "dir.",
        "dir ",
        "AUX",
        "con",
        "nul.txt",
        "Prn .c",
        "COM1",
        "lpt9.log",
        "CONIN$",
        "x:y",
        "c:",
    ];
    for name in names {
        for mode in ["100644", "40000", "120000", "160000"] {
            assert_eq!(refusal(&[(mode, name.as_bytes())]), Code::GitTreeUnsafeName, "{name:?}");
        }
    }
    for name in [".gitmodules", ".GITMODULES", ".git\u{200d}modules"] {
        assert_eq!(refusal(&[("120000", name.as_bytes())]), Code::GitTreeUnsafeName, "{name:?}");
    }
}

#[test]
fn takes_names_that_only_resemble_dangerous_ones() {
    for name in
        [".gitignore", ".github", "git", "git~2", "...x", "auxiliary.c", "com", "COM10", "console", "\u{200c}", "-n"]
    {
        assert!(Tree::parse(&forge(&[("100644", name.as_bytes())]), SHA1).is_ok(), "{name:?}");
    }
    assert!(Tree::parse(&forge(&[("100644", b".gitmodules")]), SHA1).is_ok());
    assert!(Tree::parse(&forge(&[("100644", b"latin-1 \xe9")]), SHA1).is_ok());
}

// GIT-28.
#[test]
fn refuses_a_tree_over_the_limit() {
    let bytes = vec![b'x'; crate::object::MAX_OBJECT + 1];
    assert_eq!(Tree::parse(&bytes, SHA1).unwrap_err().code(), Code::LimitObjectSize);
}

proptest! {
    #[test]
    fn never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        drop(Tree::parse(&bytes, SHA1));
        drop(Tree::parse(&bytes, ObjectFormat::Sha256));
    }
}
