//! Groups: what they hold (POL-18, GIT-31, GIT-32), and which files of groups are refused (POL-05).

use signer_core::folding::Folded;
use signer_core::reason::{Code, Coded};

use super::{Group, GroupError, parse};

fn group(paths: &[&str], basenames: &[&str]) -> Group {
    let groups = serde_json::json!({ "groups": [{ "name": "g", "paths": paths, "basenames": basenames }] });
    parse(groups.to_string().as_bytes()).unwrap().remove(0)
}

fn holds(group: &Group, path: &[u8]) -> bool {
    group.holds(&Folded::of(path))
}

fn file(paths: &str) -> Result<Vec<Group>, GroupError> {
    parse(format!(r#"{{"groups":[{{"name":"g","paths":[{paths}]}}]}}"#).as_bytes())
}

fn names(basenames: &str) -> Result<Vec<Group>, GroupError> {
    parse(format!(r#"{{"groups":[{{"name":"g","basenames":[{basenames}]}}]}}"#).as_bytes())
}

#[test]
fn compares_whole_segments_from_the_root() {
    let held = group(&[".ci/", "Makefile", "a/b/"], &[]);
    for path in [".ci/run", ".ci/a/b", ".ci", "Makefile", "a/b/c", "a/b"] {
        assert!(holds(&held, path.as_bytes()), "{path}");
    }
    for path in [
        "",
        ".c",
        ".ci-x",
        ".ci2/run",
        "x/.ci/run",
        "Makefile/x",
        "a",
        "a/bc",
        "a/",
        "/.ci/run",
        "./.ci/run",
        ".ci\\run",
    ] {
        assert!(!holds(&held, path.as_bytes()), "{path}");
    }
    assert!(holds(&held, b".ci/\xff\xfe"));
    assert!(!holds(&held, b".ci\xff/run"));
}

#[test]
fn holds_every_spelling_that_a_checkout_may_write_in_the_same_place() {
    let held = group(&[".ci/", "Caf\u{e9}"], &["AGENTS.md"]);
    for path in [
        ".CI/run",
        ".Ci",
        ".c\u{200c}i/run",
        "\u{feff}.ci/run",
        ".ci./run",
        ".ci /run",
        "caf\u{e9}",
        "CAFE\u{301}",
        "agents.MD",
        "sub/Agents.md.",
        "AGENT\u{17f}.md",
    ] {
        assert!(holds(&held, path.as_bytes()), "{path:?}");
    }
    for path in ["cafe", ".ci\u{2028}/run", ".\u{441}i/run", "AGENTS-md"] {
        assert!(!holds(&held, path.as_bytes()), "{path:?}");
    }
    assert!(holds(&group(&[".Chan\u{200d}cery/"], &[]), b".chancery/x"));
}

#[test]
fn holds_a_basename_at_any_depth_with_all_below_it() {
    let held = group(&[], &["AGENTS.md", ".claude"]);
    for path in ["AGENTS.md", "sub/AGENTS.md", "a/b/agents.md", ".claude", "sub/.claude/settings.json"] {
        assert!(holds(&held, path.as_bytes()), "{path}");
    }
    for path in ["AGENTS.md.txt", "sub/MY-AGENTS.md", ".claude2/x", "claude", "AGENTS/md"] {
        assert!(!holds(&held, path.as_bytes()), "{path}");
    }
    assert!(holds(&held, b"\xff/AGENTS.md"));
    assert!(!holds(&held, b"AGENTS.md\xff"));
}

#[test]
fn holds_an_entry_in_the_place_of_a_folder() {
    assert!(holds(&group(&[".chancery/"], &[]), b".chancery"));
}

#[test]
fn refuses_elements_that_are_no_plain_paths() {
    for element in [
        "",
        "/",
        "/etc",
        "a//b",
        "./a",
        "a/./b",
        "../a",
        "a/..",
        "a//",
        "!a",
        "*.env",
        "a/**",
        "[ab]",
        "a?",
        "a\\\\b",
        "a\\u0000",
        "...",
        "a/ /b",
        "a/\\u200c/b",
    ] {
        let error = file(&format!("\"{element}\"")).unwrap_err();
        assert!(matches!(error, GroupError::Element { .. }), "{element}: {error:?}");
        assert_eq!(error.code(), Code::PolicyMalformed);
    }
    for twice in [r#""a","a""#, r#""a","A""#, r#""a/","a./""#] {
        assert!(matches!(file(twice), Err(GroupError::Element { .. })), "{twice}");
    }
    assert!(file(r#""a","a/""#).is_ok());
    assert!(matches!(file(&format!("\"{}\"", "a".repeat(257))), Err(GroupError::Element { .. })));
    assert!(file(&format!("\"{}\"", "a".repeat(256))).is_ok());
}

#[test]
fn refuses_basenames_that_are_no_single_plain_names() {
    for element in ["", ".", "..", " ", "/", "a/", "a/b", "!a", "*.md", "a?", "[a]", "a\\\\b", "a\\u0000", "\\u200c"] {
        let error = names(&format!("\"{element}\"")).unwrap_err();
        assert!(matches!(error, GroupError::Element { .. }), "{element}: {error:?}");
    }
    for twice in [r#""a","a""#, r#""AGENTS.md","agents.md""#] {
        assert!(matches!(names(twice), Err(GroupError::Element { .. })), "{twice}");
    }
    assert!(matches!(names(&format!("\"{}\"", "a".repeat(257))), Err(GroupError::Element { .. })));
}

#[test]
fn refuses_empty_and_overlong_groups() {
    assert!(matches!(parse(br#"{"groups":[{"name":"g"}]}"#), Err(GroupError::ElementCount { actual: 0, .. })));
    assert!(matches!(names(""), Err(GroupError::ElementCount { actual: 0, .. })));
    assert!(matches!(file(""), Err(GroupError::ElementCount { actual: 0, .. })));
    let many = (0..257).map(|n| format!("\"p{n}\"")).collect::<Vec<_>>().join(",");
    assert!(matches!(file(&many), Err(GroupError::ElementCount { actual: 257, .. })));
    let halves = serde_json::json!({ "groups": [{
        "name": "g",
        "paths": (0..128).map(|n| n.to_string()).collect::<Vec<_>>(),
        "basenames": (0..129).map(|n| n.to_string()).collect::<Vec<_>>(),
    }] });
    let error = parse(halves.to_string().as_bytes()).unwrap_err();
    assert!(matches!(error, GroupError::ElementCount { actual: 257, .. }));
    let groups = (0..65).map(|n| format!(r#"{{"name":"g{n}","paths":["a"]}}"#)).collect::<Vec<_>>().join(",");
    let error = parse(format!(r#"{{"groups":[{groups}]}}"#).as_bytes()).unwrap_err();
    assert!(matches!(error, GroupError::TooManyGroups { actual: 65 }));
}

#[test]
fn refuses_groups_of_one_name() {
    let text = br#"{"groups":[{"name":"g","paths":["a"]},{"name":"h","paths":["a"]},{"name":"g","paths":["b"]}]}"#;
    assert!(matches!(parse(text), Err(GroupError::DuplicateGroup { .. })));
}

#[test]
fn refuses_json_of_another_schema() {
    for text in [
        "",
        "[]",
        "{}",
        r#"{"groups":[],"grups":[]}"#,
        r#"{"groups":[],"groups":[]}"#,
        r#"{"groups":[{"name":"g","paths":["a"],"except":["b"]}]}"#,
        r#"{"groups":[{"name":"g","paths":["a"],"paths":["b"]}]}"#,
        r#"{"groups":[{"name":"g","basenames":["a"],"basenames":["b"]}]}"#,
        r#"{"groups":[{"name":"g","basename":["a"]}]}"#,
        r#"{"groups":[{"name":"g","basenames":"a"}]}"#,
        r#"{"groups":[{"name":"G","paths":["a"]}]}"#,
        r#"{"groups":[{"name":"g","paths":"a"}]}"#,
        r#"{"groups":[{"name":"g","paths":[1e3]}]}"#,
        r#"{"groups":[]} x"#,
    ] {
        assert!(matches!(parse(text.as_bytes()), Err(GroupError::Json { .. })), "{text}");
    }
    assert!(parse(br#"{"groups":[]}"#).unwrap().is_empty());
}
