//! Every reason code is provoked, or named, by some test: a code nobody can get is a promise nobody keeps.

use std::path::Path;
use std::process::Command;

use signer_core::reason::Code;

/// Codes no test names yet, each with why.
const EXCEPTIONS: &[(Code, &str)] = &[
    (Code::GitSha1Collision, "no colliding commit is at hand"),
    (Code::Usage, "exit code 2 is what scripts assert on"),
];

/// Whether `text` holds `word` with nothing alphanumeric after it.
fn names(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| {
        let after = text[at + word.len()..].chars().next();
        !after.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_' || c == '.')
    })
}

/// The text of every test and story that git tracks, this file apart.
fn tests() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let listed = Command::new("git").args(["ls-files", "-z"]).current_dir(&root).output().expect("git runs");
    let names = String::from_utf8(listed.stdout).expect("names are UTF-8");
    let is_test = |name: &&str| {
        let unit = name.ends_with("/tests.rs") || name.contains("/tests/");
        unit || name.starts_with("tests/") && *name != "tests/suite/reasons.rs"
    };
    let read = |name| std::fs::read_to_string(root.join(name)).ok();
    let texts: Vec<String> = names.split_terminator('\0').filter(is_test).filter_map(read).collect();
    assert!(texts.len() > 50, "git lists the tests");
    texts
}

#[test]
fn every_code_is_named_by_a_test() {
    let tests = tests();
    let is_named = |code: &Code| {
        let variant = format!("Code::{code:?}");
        tests.iter().any(|text| names(text, &variant) || names(text, code.as_str()))
    };
    let unnamed: Vec<Code> = Code::ALL.iter().copied().filter(|code| !is_named(code)).collect();
    for (code, why) in EXCEPTIONS.iter().filter(|(code, _)| unnamed.contains(code)) {
        println!("no test names {code}: {why}");
    }
    let forgotten: Vec<_> = unnamed.iter().filter(|code| !EXCEPTIONS.iter().any(|(known, _)| known == *code)).collect();
    assert!(forgotten.is_empty(), "no test names {forgotten:?}");
}

#[test]
fn every_code_is_told_apart_and_explained() {
    let mut codes: Vec<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), Code::ALL.len(), "two rows share a code");
    for code in Code::ALL {
        let plain = |c: char| matches!(c, 'a'..='z' | '0'..='9' | '_' | '.');
        assert!(code.as_str().chars().all(plain) && code.as_str().contains('.'), "{code}");
        assert!(code.meaning().ends_with('.') && code.help().ends_with('.'), "{code} is explained in sentences");
        assert_eq!(Code::from_code(code.as_str()), Some(*code));
    }
    assert_eq!(Code::from_code("git.sig"), None);
    assert_eq!(Code::from_code(""), None);
}
