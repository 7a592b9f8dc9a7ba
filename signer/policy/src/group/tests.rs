//! Groups: what they hold to the byte (POL-18), and which files of groups are refused (POL-05).

use signer_core::reason::{Code, Coded};

use super::{Group, GroupError, parse};

fn group(paths: &[&str]) -> Group {
    Group { name: "g".parse().unwrap(), paths: paths.iter().map(|path| (*path).to_owned()).collect() }
}

fn file(paths: &str) -> Result<Vec<Group>, GroupError> {
    parse(format!(r#"{{"groups":[{{"name":"g","paths":[{paths}]}}]}}"#).as_bytes())
}

#[test]
fn compares_bytes_and_whole_segments() {
    let held = group(&[".ci/", "Makefile", "a/b/"]);
    for path in [".ci/run", ".ci/a/b", ".ci", "Makefile", "a/b/c", "a/b"] {
        assert!(held.holds(path.as_bytes()), "{path}");
    }
    for path in [
        "",
        ".c",
        ".ci-x",
        ".ci2/run",
        ".CI/run",
        "x/.ci/run",
        "Makefile/x",
        "makefile",
        "Makefile ",
        "a",
        "a/bc",
        "a/",
        "/.ci/run",
        "./.ci/run",
        ".ci\\run",
    ] {
        assert!(!held.holds(path.as_bytes()), "{path}");
    }
    assert!(held.holds(b".ci/\xff\xfe"));
    assert!(!held.holds(b".ci\xff/run"));
}

#[test]
fn holds_an_entry_in_the_place_of_a_folder() {
    assert!(group(&[".chancery/"]).holds(b".chancery"));
}

#[test]
fn refuses_elements_that_are_no_plain_paths() {
    for element in [
        "", "/", "/etc", "a//b", "./a", "a/./b", "../a", "a/..", "a//", "!a", "*.env", "a/**", "[ab]", "a?", "a\\\\b",
        "a\\u0000",
    ] {
        let error = file(&format!("\"{element}\"")).unwrap_err();
        assert!(matches!(error, GroupError::Element { .. }), "{element}: {error:?}");
        assert_eq!(error.code(), Code::PolicyMalformed);
    }
    assert!(matches!(file(r#""a","a""#), Err(GroupError::Element { .. })));
    assert!(matches!(file(&format!("\"{}\"", "a".repeat(257))), Err(GroupError::Element { .. })));
    assert!(file(&format!("\"{}\"", "a".repeat(256))).is_ok());
}

#[test]
fn refuses_empty_and_overlong_groups() {
    assert!(matches!(file(""), Err(GroupError::ElementCount { actual: 0, .. })));
    let many = (0..257).map(|n| format!("\"p{n}\"")).collect::<Vec<_>>().join(",");
    assert!(matches!(file(&many), Err(GroupError::ElementCount { actual: 257, .. })));
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
        r#"{"groups":[{"name":"G","paths":["a"]}]}"#,
        r#"{"groups":[{"name":"g","paths":"a"}]}"#,
        r#"{"groups":[{"name":"g","paths":[1e3]}]}"#,
        r#"{"groups":[]} x"#,
    ] {
        assert!(matches!(parse(text.as_bytes()), Err(GroupError::Json { .. })), "{text}");
    }
    assert!(parse(br#"{"groups":[]}"#).unwrap().is_empty());
}
