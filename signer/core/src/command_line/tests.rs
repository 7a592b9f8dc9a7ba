use super::*;

const MISSING: &str = "error: the following required arguments were not provided:\n  <PERSON>\n\nUsage: chancery login <PERSON>\n\nFor more information, try '--help'.\n";

#[test]
fn a_parsers_words_become_a_coded_error_with_help() {
    assert_eq!(
        Misread::parsed(MISSING).text(),
        "error[usage.invalid]: the following required arguments were not provided: <PERSON>\n\n\
         Usage: chancery login <PERSON>\n\nhelp: Run the command with --help.\n"
    );
}

#[test]
fn a_reason_of_ones_own_needs_no_usage() {
    let missing = Misread::because(Reason::new(Code::AnchorMissing, "no anchor was given"));
    assert_eq!(missing.text().lines().count(), 2);
    assert!(missing.text().starts_with("error[anchor.missing]: no anchor was given\nhelp: "));
}

#[test]
fn programs_get_the_same_fields_in_one_line() {
    let document: serde_json::Value = serde_json::from_str(&Misread::parsed(MISSING).document()).unwrap();
    assert_eq!(document["schema"], "urn:chancery:error:v1");
    assert_eq!(document["reasons"][0]["code"], "usage.invalid");
    assert_eq!(document["reasons"][0]["help"], Code::Usage.help());
    assert!(!Misread::parsed(MISSING).document().contains('\n'));
}

#[test]
fn words_of_another_form_are_kept() {
    assert!(Misread::parsed("").text().starts_with("error[usage.invalid]: \n"));
    assert!(Misread::parsed("no\nsense").text().starts_with("error[usage.invalid]: no sense\n"));
}

#[test]
fn json_is_asked_for_before_a_commands_own_arguments() {
    assert!(wants_json(["chancery", "--json", "nonsense"]));
    assert!(wants_json(["chancery-ci", "verify", "--format=json"]));
    assert!(!wants_json(["chancery", "run", "--", "tool", "--json"]));
    assert!(!wants_json(["chancery", "json"]));
}
