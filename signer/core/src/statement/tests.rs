use proptest::prelude::*;
use serde::{Deserialize, Serialize};

use super::*;
use crate::identity::Purpose;

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Note {
    text: String,
}

impl Predicate for Note {
    type Error = StatementError;
    const TYPE: &'static str = "urn:example:note:v1";
    const MAX_BYTES: usize = 2048;

    fn check(&self, _: &[Resource]) -> Result<(), StatementError> {
        Ok(())
    }
}

fn subject(name: &str) -> Resource {
    Resource { name: name.to_owned(), sha256: Digest::of(name.as_bytes()) }
}

fn text() -> String {
    let statement = Statement::new(vec![subject("a")], Note { text: "x".to_owned() }).unwrap();
    String::from_utf8(statement.encode().unwrap()).unwrap()
}

fn refused(text: &str) -> Code {
    Statement::<Note>::decode(text.as_bytes()).expect_err(text).code()
}

#[test]
fn is_written_as_the_specification_says() {
    let digest = Digest::of(b"a").to_hex();
    let expected = format!(
        r#"{{"_type":"https://in-toto.io/Statement/v1","predicate":{{"text":"x"}},"predicateType":"urn:example:note:v1","subject":[{{"digest":{{"sha256":"{digest}"}},"name":"a"}}]}}"#
    );
    assert_eq!(text(), expected);
}

#[test]
fn rejects_no_subject_and_too_many() {
    let good = text();
    let (head, _) = good.split_once(r#","subject":["#).unwrap();
    assert_eq!(refused(&format!(r#"{head},"subject":[]}}"#)), Code::IntotoNoSubject);
    let absent = format!("{head}}}");
    assert_eq!(refused(&absent), Code::IntotoMalformed);
    let many = vec![subject("a"); MAX_SUBJECTS + 1];
    let error = Statement::new(many, Note { text: String::new() }).unwrap_err();
    assert_eq!(error.code(), Code::IntotoNoSubject);
}

#[test]
fn rejects_every_digest_but_one_lower_case_sha256() {
    let hex = Digest::of(b"a").to_hex();
    let (short, md5, git) = (hex.get(1..).unwrap(), hex.get(..32).unwrap(), hex.get(..40).unwrap());
    let good = format!(r#"{{"sha256":"{hex}"}}"#);
    let sets = [
        format!(r#"{{"SHA256":"{hex}"}}"#),
        format!(r#"{{"sha256":"{}"}}"#, hex.to_uppercase()),
        format!(r#"{{"sha256":"sha256:{hex}"}}"#),
        format!(r#"{{"sha256":"{short}"}}"#),
        format!(r#"{{"sha256":"{hex}0"}}"#),
        format!(r#"{{"sha256":" {short}"}}"#),
        r#"{"sha256":""}"#.to_owned(),
        "{}".to_owned(),
        format!(r#"{{"sha512":"{hex}{hex}"}}"#),
        format!(r#"{{"sha256":"{hex}","sha512":"{hex}{hex}"}}"#),
        format!(r#"{{"gitCommit":"{git}","sha256":"{hex}"}}"#),
        format!(r#"{{"md5":"{md5}"}}"#),
    ];
    for set in sets {
        assert_eq!(refused(&text().replace(&good, &set)), Code::IntotoDigestFormat, "{set}");
    }
}

#[test]
fn rejects_another_statement_type() {
    for other in ["https://in-toto.io/Statement/v0.1", "https://in-toto.io/Statement/v2", "", "Statement"] {
        assert_eq!(refused(&text().replace(STATEMENT_TYPE, other)), Code::IntotoStatementType, "{other}");
    }
    let absent = text().replacen(&format!(r#""_type":"{STATEMENT_TYPE}","#), "", 1);
    assert_eq!(refused(&absent), Code::IntotoMalformed);
}

#[test]
fn rejects_another_predicate_type_and_an_unreadable_predicate() {
    assert_eq!(refused(&text().replace("note:v1", "note:v2")), Code::IntotoPredicateType);
    assert_eq!(refused(&text().replace("urn:", "URN:")), Code::IntotoPredicateType);
    for predicate in [r#""x""#, "null", "[]", "{}", r#"{"text":1}"#, r#"{"other":1,"text":"x"}"#] {
        assert_eq!(refused(&text().replace(r#"{"text":"x"}"#, predicate)), Code::IntotoPredicate, "{predicate}");
    }
}

#[test]
fn rejects_every_other_spelling_of_the_same_statement() {
    let good = text();
    let cases = [
        ("duplicate key", good.replacen('{', r#"{"predicateType":"urn:example:other:v1","#, 1)),
        ("duplicate key inside", good.replace(r#"{"text":"x"}"#, r#"{"text":"y","text":"x"}"#)),
        ("escaped letter", good.replace(r#""text":"x""#, r#""text":"\u0078""#)),
        ("space", good.replacen(':', ": ", 1)),
        ("trailing newline", format!("{good}\n")),
        ("trailing document", format!("{good}{good}")),
        ("byte order mark", format!("\u{feff}{good}")),
        ("comment", format!("/**/{good}")),
        ("truncated", good.trim_end_matches('}').to_owned()),
        ("unknown member", good.replacen('{', r#"{"A":1,"#, 1)),
        ("subject without a name", good.replace(r#","name":"a""#, "")),
        ("subject with an empty name", good.replace(r#""name":"a""#, r#""name":"""#)),
        ("subject with an escape in its name", good.replace(r#""name":"a""#, r#""name":"\u001b[8m""#)),
        ("subject with a uri", good.replace(r#""name":"a""#, r#""name":"a","uri":"x""#)),
        ("not a number", good.replace(r#""x""#, "NaN")),
        ("a number out of range", good.replace(r#""x""#, "1e400")),
        ("deep nesting", good.replace(r#""x""#, &format!("{}{}", "[".repeat(900), "]".repeat(900)))),
        ("nothing", String::new()),
    ];
    for (what, bytes) in cases {
        assert_eq!(refused(&bytes), Code::IntotoMalformed, "{what}");
    }
}

#[test]
fn rejects_a_statement_over_its_limit_before_reading_it() {
    let long = "[".repeat(Note::MAX_BYTES + 1);
    assert_eq!(refused(&long), Code::LimitBundle);
    let statement = Statement::new(vec![subject("a")], Note { text: "x".repeat(Note::MAX_BYTES) }).unwrap();
    assert_eq!(statement.encode().unwrap_err().code(), Code::LimitBundle);
}

#[test]
fn a_statement_about_itself_is_bound_to_its_predicate() {
    let statement = Statement::about_itself("note", Note { text: "x".to_owned() }).unwrap();
    check_about_itself(statement.predicate(), statement.subjects()).unwrap();
    let other = Note { text: "y".to_owned() };
    assert_eq!(check_about_itself(&other, statement.subjects()).unwrap_err().code(), Code::IntotoSubject);
    let two = [subject("a"), subject("b")];
    assert_eq!(check_about_itself(&other, &two).unwrap_err().code(), Code::IntotoNoSubject);
}

#[test]
fn a_header_is_read_from_predicates_of_others() {
    let foreign = text().replace("urn:example:note:v1", "https://slsa.dev/provenance/v1");
    let header = Header::read(foreign.as_bytes()).unwrap();
    assert_eq!(header.predicate_type(), "https://slsa.dev/provenance/v1");
    assert_eq!(header.subjects(), [subject("a")]);
    assert_eq!(purpose_of(header.predicate_type()), Some(Purpose::Artifact));
}

#[test]
fn every_predicate_type_belongs_to_one_purpose_and_anchors_to_no_leaf() {
    assert_eq!(purpose_of(PROMPT), Some(Purpose::Prompt));
    assert_eq!(purpose_of(ARTIFACT), Some(Purpose::Artifact));
    for kind in [GRANT, REVIEW, INSTRUCTIONS, ATTRIBUTION, REWRITE, REVOCATION] {
        assert_eq!(purpose_of(kind), Some(Purpose::Attestation), "{kind}");
    }
    for kind in [ANCHOR, "", "urn:chancery:prompt:v2", "urn:chancery:prompt:v1 ", "URN:CHANCERY:PROMPT:V1"] {
        assert_eq!(purpose_of(kind), None, "{kind}");
    }
}

proptest! {
    #[test]
    fn every_statement_survives_its_own_bytes(names in proptest::collection::vec("[^\\p{Cc}]{1,20}", 1..4), text in ".{0,40}") {
        let subjects = names.iter().map(|name| subject(name)).collect();
        let statement = Statement::new(subjects, Note { text }).unwrap();
        prop_assert_eq!(Statement::<Note>::decode(&statement.encode().unwrap()).unwrap(), statement);
    }

    #[test]
    fn arbitrary_text_never_panics(text in ".{0,300}") {
        prop_assert!(Statement::<Note>::decode(text.as_bytes()).is_err());
    }

    #[test]
    fn a_changed_byte_never_reads_as_the_same_statement(index in 0_usize..200, byte in any::<u8>()) {
        let good = text().into_bytes();
        let mut bytes = good.clone();
        let index = index % bytes.len();
        bytes[index] = byte;
        if bytes != good {
            let original = Statement::<Note>::decode(&good).unwrap();
            prop_assert!(Statement::<Note>::decode(&bytes).map_or(true, |other| other != original));
        }
    }
}
