//! The files of `policies/` say what they mean: every case holds, and every rule is needed by its cases.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use super::FILES;
use crate::case::{Case, Expected};
use crate::set::PolicySet;

/// The baseline, read once for all tests.
pub(crate) static BASELINE: LazyLock<PolicySet> = LazyLock::new(|| PolicySet::baseline().unwrap());

fn policies() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies")
}

/// Cases by the rule their file is named after.
pub(crate) fn cases() -> BTreeMap<String, Vec<Case>> {
    let files = fs::read_dir(policies().join("cases")).unwrap().map(|entry| entry.unwrap().path());
    let named = files.map(|path| {
        let cases =
            Case::parse(&fs::read(&path).unwrap()).unwrap_or_else(|error| panic!("{}: {error:?}", path.display()));
        (path.file_stem().unwrap().to_str().unwrap().to_owned(), cases)
    });
    named.collect()
}

fn rule_ids(set: &PolicySet) -> BTreeSet<String> {
    set.rules().map(|rule| rule.id.clone()).collect()
}

#[test]
fn answers_every_case() {
    let set = &*BASELINE;
    let wrong: Vec<_> = cases().values().flatten().filter_map(|case| case.check(set).err()).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn has_a_file_of_cases_for_every_rule_and_no_other() {
    let files: BTreeSet<String> = cases().into_keys().collect();
    assert_eq!(files, rule_ids(&BASELINE));
}

#[test]
fn has_an_allow_and_a_deny_for_every_rule() {
    for (rule, cases) in cases() {
        for wanted in [Expected::Allow, Expected::Deny] {
            assert!(cases.iter().any(|case| case.expect == wanted), "`{rule}` has no case that expects {wanted}");
        }
    }
}

#[test]
fn needs_every_rule() {
    let set = &*BASELINE;
    for (rule, cases) in cases() {
        let without = set.without_rule(&rule).unwrap();
        assert_ne!(without.digest(), set.digest());
        let flipped = |case: &Case| case.check(&without).is_err_and(|mismatch| mismatch.answer != case.expect);
        assert!(cases.iter().any(flipped), "no case of `{rule}` is answered otherwise without it");
    }
}

#[test]
fn says_in_every_rule_why_it_stands() {
    let set = &*BASELINE;
    assert!(set.rules().all(|rule| rule.reason.as_ref().is_some_and(|reason| !reason.is_empty())));
}

#[test]
fn compiles_in_what_lies_in_the_folder() {
    let mut found = Vec::new();
    for entry in fs::read_dir(policies()).unwrap().chain(fs::read_dir(policies().join("baseline")).unwrap()) {
        let path = entry.unwrap().path();
        if path.is_file() && path.file_name().unwrap() != "README.md" {
            found.push(path.strip_prefix(policies()).unwrap().to_str().unwrap().to_owned());
        }
    }
    found.sort();
    assert_eq!(found, FILES.iter().map(|(name, _)| (*name).to_owned()).collect::<Vec<_>>());
    for (name, text) in FILES {
        assert_eq!(fs::read_to_string(policies().join(name)).unwrap(), *text);
    }
}

#[test]
fn loads_every_rule_the_readme_shows() {
    let readme = fs::read_to_string(policies().join("README.md")).unwrap();
    let samples: Vec<&str> = readme.split("```cedar\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
    assert!(!samples.is_empty());
    for sample in samples {
        let mut files = BASELINE.files().to_vec();
        files.push(("team/sample.cedar".to_owned(), sample.as_bytes().to_vec()));
        assert!(PolicySet::from_files(&files).is_ok(), "{sample}");
    }
}

#[test]
fn refuses_a_case_that_the_schema_cannot_ask() {
    let text = fs::read_to_string(policies().join("cases/person-tag.json")).unwrap();
    for (from, to) in [
        ("\"action\": \"accept\"", "\"action\": \"countersign\""),
        ("\"action\": \"countersign\"", "\"action\": \"issue\""),
        ("\"action\": \"countersign\"", "\"action\": \"sign\""),
        ("\"expect\": \"allow\"", "\"expcet\": \"allow\""),
        ("\"type\": \"tag\"", "\"type\": \"branch\""),
    ] {
        assert!(text.contains(from));
        assert!(Case::parse(text.replace(from, to).as_bytes()).is_err(), "{to}");
    }
    assert!(Case::parse(b"[]").is_err());
}

#[test]
fn notices_a_case_that_expects_the_wrong_rule() {
    let set = &*BASELINE;
    let mut case = cases().remove("person-tag").unwrap().remove(0);
    case.rules = vec!["person-prompt".to_owned()];
    let mismatch = case.check(set).unwrap_err();
    assert_eq!((mismatch.answer, mismatch.rules), (Expected::Allow, vec!["person-tag".to_owned()]));
}
