//! How files look: docs/architecture.md §5 and the numbers of the style guide.

use super::{is_test, sources, tracked};

const FORBIDDEN_NAMES: &[&str] = &["utils", "util", "helpers", "helper", "common", "misc", "types", "mod"];

#[test]
fn no_source_file_is_over_600_lines_and_the_median_is_under_200() {
    let mut sizes: Vec<_> = sources().iter().map(|(name, text)| (text.lines().count(), name.clone())).collect();
    sizes.sort();
    let (longest, name) = sizes.last().expect("there are sources");
    assert!(*longest <= 600, "{name} has {longest} lines");
    let median = sizes[sizes.len() / 2].0;
    assert!(median < 200, "the median file has {median} lines");
}

#[test]
fn files_are_named_by_their_idea_and_open_with_it() {
    for (name, text) in tracked(".rs") {
        let stem = name.rsplit('/').next().and_then(|file| file.strip_suffix(".rs")).expect("a file name");
        assert!(!FORBIDDEN_NAMES.contains(&stem), "{name} is named by nothing");
        let long = text.lines().count() >= 40;
        assert!(!long || is_test(&name) || text.starts_with("//!"), "{name} does not say what it is for");
    }
}

#[test]
fn no_function_is_over_60_lines() {
    for (name, text) in sources() {
        let lines: Vec<_> = text.lines().collect();
        for (at, line) in lines.iter().enumerate() {
            let indent = &line[..line.len() - line.trim_start().len()];
            let head = line.trim_start().trim_start_matches("pub ").trim_start_matches("pub(crate) ");
            let head = head.trim_start_matches("pub(super) ").trim_start_matches("const ").trim_start_matches("async ");
            // A trait's method without a body ends on its own line.
            if !head.starts_with("fn ") || line.ends_with(';') {
                continue;
            }
            let close = format!("{indent}}}");
            let length = lines[at..].iter().position(|l| *l == close).unwrap_or(0);
            assert!(length <= 60, "{name}:{} is {length} lines long", at + 1);
        }
    }
}

#[test]
fn nothing_is_left_undone_or_silenced() {
    for (name, text) in tracked(".rs") {
        if name.starts_with("tests/suite/tidy") {
            continue;
        }
        for left in ["TODO", "FIXME", "todo!(", "unimplemented!(", "#[ignore", "#[allow(", "#![allow("] {
            assert!(!text.contains(left), "{name} holds `{left}`");
        }
        assert!(
            is_test(&name) || !text.contains("SystemTime::now") || may_ask_the_clock(&name),
            "{name} asks the clock"
        );
    }
}

fn may_ask_the_clock(name: &str) -> bool {
    ["/clock.rs", "/main.rs"].iter().any(|allowed| name.ends_with(allowed))
}

#[test]
fn no_error_variant_is_only_a_string() {
    for (name, text) in sources() {
        for line in text.lines() {
            let line = line.trim();
            let variant = line.strip_suffix("(String),").or_else(|| line.strip_suffix("(&'static str),"));
            let bare =
                variant.is_some_and(|v| v.starts_with(char::is_uppercase) && v.chars().all(char::is_alphanumeric));
            assert!(!bare || !name.contains("error"), "{name}: `{line}` names nothing");
        }
    }
}

#[test]
fn docs_reasons_is_made_from_the_table() {
    let made = reasons_page();
    let page = std::fs::read_to_string(super::root().join("docs/reasons.md")).expect("docs/reasons.md exists");
    assert!(
        page == made,
        "docs/reasons.md is stale; write it again with:\nCHANCERY_BLESS=1 cargo test -p chancery-tests docs_reasons"
    );
}

fn reasons_page() -> String {
    use std::fmt::Write as _;

    use signer_core::reason::Code;

    let mut page = String::from(
        "# Reason codes\n\nMade from `signer/core/src/reason/table.rs`. A code once released keeps its meaning.\n\n\
         | code | verdict | meaning | what to do |\n|---|---|---|---|\n",
    );
    for code in Code::ALL {
        let severity = format!("{:?}", code.severity()).to_lowercase();
        writeln!(page, "| `{code}` | {severity} | {} | {} |", code.meaning(), code.help()).expect("text grows");
    }
    if std::env::var_os("CHANCERY_BLESS").is_some() {
        std::fs::write(super::root().join("docs/reasons.md"), &page).expect("docs/reasons.md is written");
    }
    page
}
