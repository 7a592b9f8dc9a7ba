//! Policies: the format of C2SP tlog-policy, its quorums, and every way to count one witness twice.

use super::*;
use crate::checkpoint::{Checkpoint, KeyRole, Published, cosign};
use crate::crypto::Ed25519Key;
use crate::digest::Digest;
use crate::reason::{Code, Coded};
use crate::time::Timestamp;

const ORIGIN: &str = "log.example";

struct Keys {
    log: Ed25519Key,
    witnesses: Vec<Ed25519Key>,
}

impl Keys {
    fn new(count: usize) -> Self {
        let fresh = || Ed25519Key::generate().unwrap();
        Self { log: fresh(), witnesses: (0..count).map(|_| fresh()).collect() }
    }

    fn log_key(&self) -> VerifierKey {
        VerifierKey::new(ORIGIN, KeyRole::Log, self.log.public()).unwrap()
    }

    fn witness_key(&self, place: usize) -> VerifierKey {
        VerifierKey::new(&format!("w{place}.example"), KeyRole::Witness, self.witnesses[place].public()).unwrap()
    }

    /// `log`, then `witness W0`, `witness W1`, …
    fn lines(&self) -> String {
        let witnesses = (0..self.witnesses.len()).map(|n| format!("witness W{n} {}\n", self.witness_key(n)));
        format!("log {}\n{}", self.log_key(), witnesses.collect::<String>())
    }

    fn met(&self, policy: &WitnessPolicy, cosigners: &[usize]) -> bool {
        let checkpoint = Checkpoint { origin: ORIGIN.to_owned(), size: 1, root: Digest::of(b"root") };
        let text = checkpoint.note_text();
        let lines =
            cosigners.iter().map(|n| cosign(&text, &self.witness_key(*n), &self.witnesses[*n], Timestamp::EPOCH));
        let note = format!("{}{}", checkpoint.sign(&self.log), lines.collect::<String>());
        let published = Published::verify(&note, &policy.log(ORIGIN).unwrap().key, &policy.keys()).unwrap();
        policy.is_met(published.cosignatures())
    }
}

fn refused(text: &str) -> (WitnessPolicyError, Code) {
    let error = WitnessPolicy::parse(text).unwrap_err();
    let code = error.code();
    (error, code)
}

#[test]
fn quorums_nest_as_in_the_example_of_c2sp() {
    let keys = Keys::new(6);
    let text = format!(
        "# X and Y are two operators.\n{}\ngroup X 2 W0 W1 W2\n\tgroup Y  any W3 W4 W5 \ngroup XY all X Y\nquorum XY\n",
        keys.lines()
    );
    let policy = WitnessPolicy::parse(&text).unwrap();
    assert!(policy.asks_for_witnesses());
    for (cosigners, met) in [
        (&[][..], false),
        (&[0, 1], false),
        (&[3, 4, 5], false),
        (&[0, 3], false),
        (&[0, 0, 3], false),
        (&[0, 2, 5], true),
        (&[5, 1, 0], true),
        (&[0, 1, 2, 3, 4, 5], true),
    ] {
        assert_eq!(keys.met(&policy, cosigners), met, "{cosigners:?}");
    }
}

#[test]
fn the_quorum_may_be_one_witness_or_none() {
    let keys = Keys::new(2);
    let one = WitnessPolicy::parse(&format!("{}quorum W1", keys.lines())).unwrap();
    assert!(!keys.met(&one, &[0]) && keys.met(&one, &[1]));
    let none = WitnessPolicy::parse(&format!("{}quorum none\n", keys.lines())).unwrap();
    assert!(keys.met(&none, &[]) && !none.asks_for_witnesses());
}

#[test]
fn addresses_are_kept_and_optional() {
    let keys = Keys::new(1);
    let text = format!("witness w {} http://127.0.0.1:7\nquorum w\n", keys.witness_key(0));
    let policy = WitnessPolicy::parse(&text).unwrap();
    assert_eq!(policy.witnesses()[0].url.as_deref(), Some("http://127.0.0.1:7"));
    assert!(policy.logs().is_empty() && policy.log(ORIGIN).is_none());
}

/// LOG-17: one key under two names, as a log and as a witness, or by way of two groups.
#[test]
fn refuses_every_way_to_count_one_witness_twice() {
    let keys = Keys::new(2);
    let lines = keys.lines();
    let twin = VerifierKey::new("other.example", KeyRole::Witness, keys.witnesses[0].public()).unwrap();
    let own = VerifierKey::new("own.example", KeyRole::Witness, keys.log.public()).unwrap();
    for (more, line) in [(format!("witness T {twin}"), 4), (format!("witness T {own}"), 4)] {
        let (error, code) = refused(&format!("{lines}{more}\nquorum W0\n"));
        assert_eq!((error, code), (WitnessPolicyError::DuplicateKey { line }, Code::LogWitnessPolicy));
    }
    for groups in ["group g 2 W0 W0", "group g any W0\ngroup h any W0", "group g any W0\ngroup h any g\ngroup i any g"]
    {
        let (error, _) = refused(&format!("{lines}{groups}\nquorum W1\n"));
        assert!(matches!(error, WitnessPolicyError::Member { .. }), "{groups}: {error}");
    }
    let (error, _) = refused(&format!("{lines}log {}\nquorum W0\n", keys.log_key()));
    assert_eq!(error, WitnessPolicyError::DuplicateKey { line: 4 });
}

#[test]
fn refuses_lines_that_are_none_of_the_format() {
    let keys = Keys::new(1);
    let (log, witness) = (keys.log_key(), keys.witness_key(0));
    let lines = keys.lines();
    for more in [
        "quorum".to_owned(),
        "quorum W0 W0".to_owned(),
        "group g any".to_owned(),
        "group g".to_owned(),
        "log".to_owned(),
        "witness".to_owned(),
        "Quorum W0".to_owned(),
        "mirror http://127.0.0.1".to_owned(),
        format!("witness a {witness} http://a b"),
    ] {
        let (error, code) = refused(&format!("{lines}{more}\nquorum W0\n"));
        assert_eq!((error, code), (WitnessPolicyError::Line { line: 3 }, Code::LogWitnessPolicy), "{more}");
    }
    for (more, expected) in [
        (format!("witness a {log}"), WitnessPolicyError::KeyRole { line: 1 }),
        (format!("log {witness}"), WitnessPolicyError::KeyRole { line: 1 }),
        ("witness none w".to_owned(), refused("witness none w\nquorum none").0),
    ] {
        assert_eq!(refused(&format!("{more}\nquorum none\n")).0, expected, "{more}");
    }
    assert_eq!(refused("log x+y+z\nquorum none\n").1, Code::LogKeyMalformed);
}

#[test]
fn refuses_names_that_are_undefined_or_defined_twice() {
    let keys = Keys::new(2);
    let lines = keys.lines();
    for more in ["quorum W9", "group g any W0 W9\nquorum g", "group g any g\nquorum g", "quorum g\ngroup g any W0"] {
        let (error, _) = refused(&format!("{lines}{more}\n"));
        assert!(matches!(error, WitnessPolicyError::Undefined { .. }), "{more}: {error}");
    }
    for more in ["group W0 any W1\nquorum W1", "group none any W1\nquorum W1"] {
        let (error, _) = refused(&format!("{lines}{more}\n"));
        assert!(matches!(error, WitnessPolicyError::DuplicateName { .. }), "{more}: {error}");
    }
}

#[test]
fn refuses_thresholds_and_quorums_that_ask_for_nothing() {
    let lines = Keys::new(2).lines();
    for k in ["0", "3", "-1", "01", "+1", "2.0", "18446744073709551617", "most"] {
        let (error, _) = refused(&format!("{lines}group g {k} W0 W1\nquorum g\n"));
        assert_eq!(error, WitnessPolicyError::Threshold { line: 4 }, "{k}");
    }
    assert_eq!(refused(&lines).0, WitnessPolicyError::Quorum { actual: 0 });
    assert_eq!(refused(&format!("{lines}quorum W0\nquorum none\n")).0, WitnessPolicyError::Quorum { actual: 2 });
    assert_eq!(refused("").0, WitnessPolicyError::Quorum { actual: 0 });
}

#[test]
fn refuses_more_than_its_limits() {
    let names: Vec<_> = (0..65).map(|n| format!("witness w{n} {}\n", fresh(n))).collect();
    let names = names.concat();
    assert_eq!(
        refused(&format!("{names}quorum none\n")),
        (WitnessPolicyError::TooMany { line: 65 }, Code::LimitPolicy)
    );
    let comment = format!("#{}\nquorum none\n", "a".repeat(MAX_BYTES));
    assert_eq!(refused(&comment).1, Code::LimitPolicy);
    for control in ['\r', '\0', '\u{b}', '\u{7f}'] {
        assert_eq!(refused(&format!("quorum none{control}\n")).0, WitnessPolicyError::ControlCharacter);
    }
}

fn fresh(place: usize) -> VerifierKey {
    let key = Ed25519Key::generate().unwrap().public();
    VerifierKey::new(&format!("w{place}.example"), KeyRole::Witness, key).unwrap()
}
