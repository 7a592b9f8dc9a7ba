//! Which spellings are one name (GIT-31, GIT-32), and which stay two.

use proptest::prelude::*;

use super::{Folded, collision, is_governed};

fn alike(left: &[u8], right: &[u8]) -> bool {
    Folded::of(left) == Folded::of(right)
}

#[test]
fn folds_what_some_file_system_takes_for_one_name() {
    for (left, right) in [
        ("AGENTS.md", "agents.MD"),
        ("caf\u{e9}", "cafe\u{301}"),
        ("CAFE\u{301}", "caf\u{e9}"),
        // An ignorable between a letter and its accent keeps the two apart until it is gone.
        ("cafe\u{200d}\u{301}", "caf\u{e9}"),
        ("\u{212a}ey", "key"),
        ("AGENT\u{17f}.md", "agents.md"),
        ("\u{39f}\u{394}\u{39f}\u{3a3}", "\u{3bf}\u{3b4}\u{3bf}\u{3c2}"),
        ("stra\u{df}e", "STRASSE"),
        ("a.", "a"),
        ("a . .", "a"),
        ("a.\u{200c}", "a"),
        ("a. /b", "a/b"),
        ("", "..."),
    ] {
        assert!(alike(left.as_bytes(), right.as_bytes()), "{left:?} {right:?}");
    }
}

#[test]
fn drops_every_code_point_that_hfs_or_ext4_ignores() {
    let hfs = [0x200c..=0x200f, 0x202a..=0x202e, 0x206a..=0x206f, 0xfeff..=0xfeff];
    let ext4 = [0xad..=0xad, 0x200b..=0x200b, 0x2060..=0x2064, 0xfe00..=0xfe0f, 0xe0001..=0xe007f];
    for ignored in hfs.into_iter().chain(ext4).flatten().filter_map(char::from_u32) {
        assert!(alike(format!(".chan{ignored}cery/x").as_bytes(), b".chancery/x"), "{ignored:?}");
    }
}

#[test]
fn keeps_apart_what_every_system_keeps_apart() {
    for (left, right) in [
        ("a", "b"),
        ("a", "a/"),
        ("a/b", "a//b"),
        ("a", " a"),
        ("a", ".a"),
        ("a.b", "ab"),
        ("e", "\u{e9}"),
        ("a", "\u{430}"),
        ("a", "\u{ff41}"),
        ("a\u{2028}", "a"),
        ("a\u{a0}", "a"),
        ("a-b", "a_b"),
    ] {
        assert!(!alike(left.as_bytes(), right.as_bytes()), "{left:?} {right:?}");
    }
}

#[test]
fn keeps_bytes_that_are_not_text() {
    assert!(alike(b"A\xff\xfeB.", b"a\xff\xfeb"));
    assert!(!alike(b"a\xff", b"a\xfe"));
    assert!(!alike(b"a\xff", b"a"));
    assert!(!alike(b"a\xff", "a\u{fffd}".as_bytes()));
    assert!(!alike(b"a\xe2\x80", b"a"));
}

#[test]
fn lies_within_a_folder_by_whole_segments() {
    let folder = Folded::of(b".CI");
    for path in [".ci", ".Ci/run", ".ci./a/b"] {
        assert!(Folded::of(path.as_bytes()).is_within(&folder), "{path}");
    }
    for path in ["", ".c", ".ci2", ".ci-x/run", "x/.ci", "/.ci", ".ci\\run"] {
        assert!(!Folded::of(path.as_bytes()).is_within(&folder), "{path}");
    }
}

#[test]
fn has_a_segment_at_any_depth_and_as_a_whole() {
    let name = Folded::of(b"AGENTS.md");
    for path in ["agents.md", "sub/AGENTS.md", "a/Agents.md/b"] {
        assert!(Folded::of(path.as_bytes()).has_segment(&name), "{path}");
    }
    for path in ["", "agents.mdx", "xagents.md", "sub/agents.md.txt", "agents/md"] {
        assert!(!Folded::of(path.as_bytes()).has_segment(&name), "{path}");
    }
    for path in ["", "/a", "a/", "a//b", "./a", "a/..", "a/ .", "a/\u{200c}/b"] {
        assert!(Folded::of(path.as_bytes()).has_empty_segment(), "{path:?}");
    }
    assert!(!Folded::of(b".a/..b").has_empty_segment());
}

#[test]
fn knows_what_is_governed_in_every_spelling() {
    for path in [
        ".chancery",
        ".chancery/config.toml",
        ".Chancery/policy/baseline/agents.cedar",
        ".CHANCERY/config.toml",
        ".chan\u{200c}cery/x",
        "\u{feff}.chancery/x",
        ".chancery./x",
        ".chancery /x",
        ".chancery/\u{200c}",
    ] {
        assert!(is_governed(path.as_bytes()), "{path:?}");
    }
    assert!(is_governed(b".chancery/\xff"));
    for path in
        ["", "chancery", ".chancery-notes", ".chancery.md", "docs/.chancery/x", ".ch\u{e4}ncery/x", "/.chancery"]
    {
        assert!(!is_governed(path.as_bytes()), "{path:?}");
    }
    assert!(!is_governed(b".chan\xffcery/x"));
}

#[test]
fn finds_names_that_collide_and_no_others() {
    let found = |names: &[&'static [u8]]| collision(names.iter().copied());
    assert_eq!(found(&[b"AGENTS.md", b"b", b"agents.md"]), Some((&b"AGENTS.md"[..], &b"agents.md"[..])));
    let (composed, decomposed) = ("caf\u{e9}".as_bytes(), "cafe\u{301}".as_bytes());
    assert_eq!(found(&[composed, decomposed]), Some((composed, decomposed)));
    assert_eq!(found(&[]), None);
    assert_eq!(found(&[b"a", b"a"]), None);
    assert_eq!(found(&[b"a", b"b", b"A-b", b"\xff", b"\xfe"]), None);
}

proptest! {
    #[test]
    fn folds_to_something_that_folds_to_itself(path in "\\PC{0,24}(/\\PC{0,8}[. ]{0,2}){0,3}") {
        let folded = Folded::of(path.as_bytes());
        prop_assert_eq!(&Folded::of(&folded.0), &folded);
    }

    #[test]
    fn takes_text_by_either_road_alike(path in "[ -~]{0,40}") {
        let with_ignorable = format!("{path}\u{200c}");
        prop_assert!(alike(path.as_bytes(), with_ignorable.as_bytes()));
    }

    #[test]
    fn never_panics(path in proptest::collection::vec(any::<u8>(), 0..200)) {
        drop(Folded::of(&path));
    }
}

#[test]
fn a_short_name_is_held_with_the_name_it_stands_for() {
    let within = |path: &str, folder: &str| Folded::of(path.as_bytes()).is_within(&Folded::of(folder.as_bytes()));
    for path in [
        "GITHUB~1/workflows/run.yml",
        "github~2/WORKFL~1/run.yml",
        ".github/workfl~1",
        "GIA1B2~1/workflows/x",
        "GITHU~12/workflows",
    ] {
        assert!(within(path, ".github/workflows"), "{path}");
    }
    let names = [
        ("CLAUDE~1.MD", "CLAUDE.local.md"),
        ("ENV~1", ".env"),
        ("ENV~1.PRO", ".env.production"),
        ("AZURE-~1.YML", "azure-pipelines.yml"),
        ("DEPEND~1.YML", "dependabot.yml"),
        ("CURSOR~3", ".cursorrules"),
    ];
    for (short, long) in names {
        let (short, long) = (Folded::of(short.as_bytes()), Folded::of(long.as_bytes()));
        assert!(short.is(&long) && short.has_segment(&long) && !long.is(&short), "{short:?}");
    }
}

#[test]
fn what_only_looks_like_a_short_name_is_another_name() {
    let others = [
        "GITHUB~",
        "GITHUB~1x",
        "GITHUB~x",
        "~1",
        "GIT~1",
        "GITHUBX~1",
        "GITHUBB~1",
        "GITLAB~1",
        "GITHUB~1.yml",
        "GITHUB1",
        "GI~1",
        "gixyzw~1",
        "GITHUB~1~",
        "github",
    ];
    for other in others {
        let other = Folded::of(other.as_bytes());
        assert!(!other.is(&Folded::of(b".github")) && !other.is_within(&Folded::of(b".github")), "{other:?}");
    }
    assert!(!Folded::of(b"GITHUB~1/x").is(&Folded::of(b".github")));
    assert!(!Folded::of(b"x/GITHUB~1").is_within(&Folded::of(b".github")));
}
