//! Depth is counted where Cedar counts it, and nowhere else.

use super::{Excess, MAX_OPEN, MAX_OPERATORS, excess};

#[test]
fn counts_open_brackets_of_every_kind() {
    for bracket in ["(", "[", "{", "([{"] {
        let count = MAX_OPEN / bracket.len() + 1;
        assert_eq!(excess(&bracket.repeat(count)), Some(Excess::Open), "{bracket}");
    }
    assert_eq!(excess(&"(".repeat(MAX_OPEN)), None);
    assert_eq!(excess(&"()".repeat(1000)), None);
}

#[test]
fn counts_what_chains_without_brackets() {
    for link in [".a", "[\"a\"]", " if x", " + 1", " && x", " || x", " * 1", " - 1", "!", " { }"] {
        assert_eq!(excess(&link.repeat(MAX_OPERATORS + 1)), Some(Excess::Operators), "{link}");
    }
    assert_eq!(excess(&".a".repeat(MAX_OPERATORS)), None);
    assert_eq!(excess(&"if_ iff gif ".repeat(1000)), None);
}

#[test]
fn counts_each_rule_for_itself() {
    assert_eq!(excess(&".a;".repeat(1000)), None);
}

#[test]
fn is_not_misled_by_comments_and_strings() {
    assert_eq!(excess(&format!("// {}\n", "(".repeat(100))), None);
    assert_eq!(excess(&format!("\"{}\"", "(".repeat(100))), None);
    assert_eq!(excess(&format!("\"\\\"{}\"", "(".repeat(100))), None);
    for prefix in ["// \" \n", "// \" \r", "\"//\"", "\"\\\\\"", "\"\\\"\"", "/ /", "\"a\nb\"", "// x\\\n"] {
        assert_eq!(excess(&format!("{prefix}{}", "(".repeat(100))), Some(Excess::Open), "{prefix}");
    }
    assert_eq!(excess("\""), None);
    assert_eq!(excess("\"\\"), None);
}
