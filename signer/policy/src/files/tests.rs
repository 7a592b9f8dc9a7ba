//! Sets that are refused (POL-04, POL-05, POL-06), and the digest of those that are not.

use signer_core::reason::{Code, Coded};

use super::{MAX_BYTES, PolicyError};
use crate::baseline::SCHEMA;
use crate::baseline::tests::BASELINE;
use crate::rule::RuleError;
use crate::set::PolicySet;

fn files() -> Vec<(String, Vec<u8>)> {
    BASELINE.files().to_vec()
}

fn with(name: &str, content: &str) -> Result<PolicySet, PolicyError> {
    let mut files = files();
    files.retain(|(other, _)| other != name);
    files.push((name.to_owned(), content.as_bytes().to_vec()));
    PolicySet::from_files(&files)
}

/// The baseline and one more file.
pub(crate) fn with_rule(text: &str) -> Result<PolicySet, PolicyError> {
    with("team/extra.cedar", text)
}

fn without(name: &str) -> Result<PolicySet, PolicyError> {
    let mut files = files();
    files.retain(|(other, _)| other != name);
    PolicySet::from_files(&files)
}

#[test]
fn reads_its_own_files_back_in_any_order() {
    let set = &*BASELINE;
    let mut files = files();
    files.reverse();
    let again = PolicySet::from_files(&files).unwrap();
    assert_eq!((again.digest(), again.files()), (set.digest(), set.files()));
}

#[test]
fn has_another_digest_where_a_byte_moves_between_files() {
    let comment = |left: &str, right: &str| {
        let mut files = files();
        files.push(("a.cedar".to_owned(), left.as_bytes().to_vec()));
        files.push(("b.cedar".to_owned(), right.as_bytes().to_vec()));
        PolicySet::from_files(&files).unwrap().digest()
    };
    assert_ne!(comment("// x\n// y\n", ""), comment("// x\n", "// y\n"));
    assert_ne!(comment("// x\n", ""), comment("", "// x\n"));
}

#[test]
fn refuses_a_set_without_rules() {
    let bare: Vec<_> = files().into_iter().filter(|(name, _)| name.strip_suffix(".cedar").is_none()).collect();
    let error = PolicySet::from_files(&bare).unwrap_err();
    assert_eq!(error.code(), Code::PolicyEmpty);
    let mut commented = bare;
    commented.push(("rules.cedar".to_owned(), b"// nothing\n".to_vec()));
    assert!(matches!(PolicySet::from_files(&commented), Err(PolicyError::NoRules)));
}

#[test]
fn refuses_a_set_without_schema_or_groups() {
    for name in ["schema.cedarschema", "groups.json"] {
        assert_eq!(without(name).unwrap_err().code(), Code::PolicyMissing, "{name}");
    }
    assert_eq!(PolicySet::from_files(&[]).unwrap_err().code(), Code::PolicyMissing);
}

#[test]
fn refuses_files_of_no_known_kind() {
    for name in [
        "README.md",
        "rules.json",
        "Rules.cedar",
        ".cedar",
        "/a.cedar",
        "../a.cedar",
        "a//b.cedar",
        "a/.b.cedar",
        "a.cedar/",
        "a.cedar.bak",
        "cases/a.json",
        "a b.cedar",
        "a\\b.cedar",
        "schema.cedarschema ",
        "",
    ] {
        assert!(matches!(with(name, ""), Err(PolicyError::UnknownFile { .. })), "{name}");
    }
}

#[test]
fn refuses_a_file_that_stands_twice() {
    for name in ["groups.json", "baseline/paths.cedar"] {
        let mut files = files();
        let copy = files.iter().find(|(other, _)| other == name).unwrap().clone();
        files.push(copy);
        assert!(matches!(PolicySet::from_files(&files), Err(PolicyError::DuplicateFile { .. })), "{name}");
    }
}

#[test]
fn refuses_a_set_over_the_limits() {
    let error = with_rule(&"/".repeat(MAX_BYTES)).unwrap_err();
    assert!(matches!(error, PolicyError::TooLarge { .. }));
    assert_eq!(error.code(), Code::LimitPolicy);
    let rules: Vec<String> = (0..600).map(|n| format!("@id(\"r{n}\") permit(principal, action, resource);")).collect();
    let rules = rules.concat();
    assert!(matches!(with_rule(&rules), Err(PolicyError::TooManyRules { .. })));
    let many: Vec<_> = (0..300).map(|n| (format!("r{n}.cedar"), Vec::new())).collect();
    assert!(matches!(PolicySet::from_files(&many), Err(PolicyError::TooManyFiles { actual: 300 })));
}

#[test]
fn refuses_another_schema() {
    let loose = SCHEMA.replace("grant: Bool", "grant?: Bool");
    assert!(matches!(with("schema.cedarschema", &loose), Err(PolicyError::OtherSchema)));
    assert!(matches!(with("schema.cedarschema", ""), Err(PolicyError::OtherSchema)));
}

#[test]
fn refuses_a_rule_without_a_name_of_its_own() {
    let error = with_rule("permit(principal, action, resource);").unwrap_err();
    assert!(matches!(error, PolicyError::Rules(RuleError::WithoutId { .. })));
    for id in ["", "Upper", "a b", "-a", "a_b", "policy\\n0", &"a".repeat(65)] {
        let error = with_rule(&format!("@id(\"{id}\") permit(principal, action, resource);")).unwrap_err();
        assert!(matches!(error, PolicyError::Rules(RuleError::Id { .. })), "{id}: {error:?}");
    }
    let error = with_rule("@id(\"person-tag\") permit(principal, action, resource);").unwrap_err();
    assert!(matches!(error, PolicyError::DuplicateRule { .. }));
    let twice = "@id(\"x\") permit(principal, action, resource); @id(\"x\") forbid(principal, action, resource);";
    assert!(matches!(with_rule(twice), Err(PolicyError::DuplicateRule { .. })));
}

#[test]
fn refuses_what_is_not_cedar() {
    for text in [
        "permit",
        "@id(\"x\") permit(principal, action, resource)",
        "{}",
        "@id(\"x\") @id(\"y\") permit(principal, action, resource);",
    ] {
        assert!(matches!(with_rule(text), Err(PolicyError::Rules(RuleError::Syntax { .. }))), "{text}");
    }
    let mut files = files();
    files.push(("x.cedar".to_owned(), vec![0xff]));
    assert!(matches!(PolicySet::from_files(&files), Err(PolicyError::Rules(RuleError::Utf8 { .. }))));
}

#[test]
fn refuses_templates() {
    let error = with_rule("@id(\"x\") permit(principal == ?principal, action, resource);").unwrap_err();
    assert!(matches!(error, PolicyError::Rules(RuleError::Template { .. })));
}

#[test]
fn refuses_rules_that_misspell_or_mistype() {
    for condition in [
        "principal is Persn",
        "resource is Tag && resource.repo == \"x\"",
        "principal is Person && principal.custody == Custody::\"shared\"",
        "principal is Person && principal.custody == \"broker\"",
        "principal is Agent && principal.depth > 0",
        "resource is Change && resource.kind == ChangeKind::\"merge\"",
        "resource is Change && resource.grant == 1",
        "context.approvals.isEmpty()",
    ] {
        let error =
            with_rule(&format!("@id(\"x\") forbid(principal, action, resource) when {{ {condition} }};")).unwrap_err();
        assert!(matches!(error, PolicyError::Rules(_)), "{condition}: {error:?}");
        assert_eq!(error.code(), Code::PolicyMalformed);
    }
    let error = with_rule("@id(\"x\") forbid(principal, action == Action::\"countersgin\", resource);").unwrap_err();
    assert!(matches!(error, PolicyError::Rules(RuleError::Invalid { .. })));
}

#[test]
fn refuses_a_rule_that_names_no_group_of_the_set() {
    let error = with_rule("@id(\"x\") forbid(principal, action, resource == PathGroup::\"polcy\");").unwrap_err();
    assert!(matches!(error, PolicyError::Rules(RuleError::UnknownGroup { .. })));
    let error = with("groups.json", r#"{"groups":[]}"#).unwrap_err();
    assert!(matches!(error, PolicyError::Rules(RuleError::UnknownGroup { .. })));
}

#[test]
fn refuses_a_rule_that_can_never_apply() {
    let error =
        with_rule("@id(\"x\") forbid(principal is Person, action, resource) when { principal is Agent };").unwrap_err();
    assert!(matches!(error, PolicyError::Rules(RuleError::Suspicious { .. })), "{error:?}");
}

#[test]
fn refuses_nesting_that_cedar_would_die_of() {
    for (open, close) in [("(", ")"), ("[", "]"), ("{a:", "}"), ("decimal(", ")")] {
        let text = |n: usize| {
            format!(
                "@id(\"x\") forbid(principal, action, resource) when {{ {}true{} }};",
                open.repeat(n),
                close.repeat(n)
            )
        };
        assert!(matches!(with_rule(&text(20_000)), Err(PolicyError::Rules(RuleError::Nesting { .. }))), "{open}");
        assert!(!matches!(with_rule(&text(14)), Err(PolicyError::Rules(RuleError::Nesting { .. }))), "{open}");
    }
}

#[test]
fn validates_every_rule_as_long_as_the_limit_allows() {
    for link in [".session", "[\"session\"]"] {
        let text = |n: usize| {
            format!(
                "@id(\"x\") forbid(principal is Person, action, resource) when {{ principal{} == 1 }};",
                link.repeat(n)
            )
        };
        for n in [1, 50, 120] {
            assert!(
                matches!(with_rule(&text(n)), Err(PolicyError::Rules(RuleError::Invalid { .. }))),
                "{n} times {link}"
            );
        }
        assert!(matches!(with_rule(&text(200)), Err(PolicyError::Rules(RuleError::Operators { .. }))), "{link}");
    }
}

#[test]
fn knows_no_rule_it_does_not_have() {
    let set = &*BASELINE;
    assert!(matches!(set.without_rule("nothing"), Err(PolicyError::UnknownRule { .. })));
}
