//! A witness cosigns what grows from what it has seen, and nothing else.

use super::*;
use crate::checkpoint::{CheckpointError, KeyRole};
use crate::crypto::Ed25519Key;
use crate::merkle::{Frontier, MerkleError, leaf_hash, node_hash};
use crate::reason::{Code, Coded};

const ORIGIN: &str = "log.example";

struct Log {
    key: Ed25519Key,
    named: VerifierKey,
}

impl Log {
    fn new() -> Self {
        let key = Ed25519Key::generate().unwrap();
        let named = VerifierKey::new(ORIGIN, KeyRole::Log, key.public()).unwrap();
        Self { key, named }
    }

    fn note(&self, size: u64, root: Digest) -> String {
        Checkpoint { origin: ORIGIN.to_owned(), size, root }.sign(&self.key)
    }

    fn judge(&self, old_size: u64, proof: &[Digest], note: &str, seen: Seen) -> Result<u64, WitnessError> {
        let submission = Submission { old_size, proof: proof.to_vec(), note };
        judge(&submission, &self.named, seen).map(|shown| shown.checkpoint().size)
    }
}

fn leaf(index: u8) -> Digest {
    leaf_hash(&[index])
}

fn root(size: u8) -> Digest {
    let mut frontier = Frontier::new();
    (0..size).for_each(|index| frontier.push(leaf(index)));
    frontier.root()
}

fn seen(size: u8) -> Seen {
    Seen { size: u64::from(size), root: root(size) }
}

/// From 2 to 3 entries: the third leaf. From 3 to 4: the third leaf, the fourth, the first two.
fn proof_2_3() -> Vec<Digest> {
    vec![leaf(2)]
}

fn proof_3_4() -> Vec<Digest> {
    vec![leaf(2), leaf(3), node_hash(&leaf(0), &leaf(1))]
}

#[test]
fn cosigns_growth_and_repetition() {
    let log = Log::new();
    assert_eq!(log.judge(0, &[], &log.note(0, root(0)), Seen::nothing()), Ok(0));
    assert_eq!(log.judge(0, &[], &log.note(3, root(3)), Seen::nothing()), Ok(3));
    assert_eq!(log.judge(2, &proof_2_3(), &log.note(3, root(3)), seen(2)), Ok(3));
    assert_eq!(log.judge(3, &proof_3_4(), &log.note(4, root(4)), seen(3)), Ok(4));
    assert_eq!(log.judge(3, &[], &log.note(3, root(3)), seen(3)), Ok(3));
}

/// LOG-14, LOG-28: a log restored from an older state is behind what its witness has seen.
#[test]
fn refuses_a_smaller_tree_than_it_has_seen() {
    let log = Log::new();
    let note = log.note(2, root(2));
    assert_eq!(log.judge(2, &[], &note, seen(3)), Err(WitnessError::OtherSize { asked: 2, seen: 3 }));
    let elsewhere = log.judge(0, &[], &note, seen(3)).unwrap_err();
    assert_eq!(
        (elsewhere.clone(), elsewhere.code()),
        (WitnessError::OtherSize { asked: 0, seen: 3 }, Code::LogWitnessSize)
    );
    let back = log.judge(3, &[], &note, seen(3)).unwrap_err();
    assert_eq!((back.clone(), back.code()), (WitnessError::Shrinks { old_size: 3, size: 2 }, Code::LogRollback));
}

/// LOG-13: the log shows this witness another tree of the same size, or one that grew from another.
#[test]
fn refuses_a_fork() {
    let log = Log::new();
    let fork = node_hash(&leaf(9), &leaf(8));
    let same_size = log.judge(2, &[], &log.note(2, fork), seen(2)).unwrap_err();
    assert_eq!(same_size.code(), Code::LogConsistency);
    let grown = log.note(3, node_hash(&fork, &leaf(2)));
    assert_eq!(log.judge(2, &proof_2_3(), &grown, seen(2)).unwrap_err().code(), Code::LogConsistency);
}

/// LOG-15.
#[test]
fn refuses_proofs_that_do_not_fit() {
    let log = Log::new();
    let note = log.note(4, root(4));
    let mut turned = proof_3_4();
    turned.reverse();
    let padded = [proof_3_4(), vec![leaf(0)]].concat();
    for proof in [&[][..], &proof_3_4()[..2], &turned, &padded, &[leaf(7); 3]] {
        let refused = log.judge(3, proof, &note, seen(3)).unwrap_err();
        assert!(matches!(refused, WitnessError::Inconsistent(_)), "{refused}");
    }
    let from_nothing = log.judge(0, &[leaf(0)], &note, Seen::nothing());
    assert_eq!(from_nothing, Err(MerkleError::ConsistencyLength { actual: 1 }.into()));
    assert_eq!(log.judge(4, &[leaf(0)], &note, seen(4)).unwrap_err().code(), Code::LogConsistency);
    assert_eq!(log.judge(0, &[], &log.note(0, leaf(0)), Seen::nothing()).unwrap_err().code(), Code::LogConsistency);
}

#[test]
fn refuses_what_the_log_did_not_sign_before_it_looks_at_sizes() {
    let (log, other) = (Log::new(), Log::new());
    let note = other.note(1, root(1));
    assert_eq!(log.judge(9, &[], &note, seen(3)), Err(CheckpointError::UnknownKey.into()));
    let tampered = log.note(3, root(3)).replacen("\n3\n", "\n4\n", 1);
    assert_eq!(log.judge(9, &[], &tampered, seen(3)), Err(CheckpointError::Signature.into()));
    let renamed = Checkpoint { origin: "log.other".to_owned(), size: 1, root: root(1) }.sign(&log.key);
    assert_eq!(log.judge(0, &[], &renamed, Seen::nothing()).unwrap_err().code(), Code::LogOriginMismatch);
}

#[test]
fn reads_the_body_it_writes_and_no_other_spelling() {
    let log = Log::new();
    let note = log.note(4, root(4));
    for proof in [vec![], proof_3_4()] {
        let submission = Submission { old_size: 3, proof, note: &note };
        assert_eq!(Submission::parse(&submission.to_body()), Ok(submission));
    }
    let hash = "PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=";
    for (head, expected) in [
        (String::new(), WitnessError::OldSize),
        ("3".to_owned(), WitnessError::OldSize),
        ("old  3".to_owned(), WitnessError::OldSize),
        ("old 03".to_owned(), WitnessError::OldSize),
        ("old +3".to_owned(), WitnessError::OldSize),
        ("old -1".to_owned(), WitnessError::OldSize),
        ("old 3 ".to_owned(), WitnessError::OldSize),
        ("Old 3".to_owned(), WitnessError::OldSize),
        ("old 9223372036854775808".to_owned(), WitnessError::OldSize),
        ("old 18446744073709551617".to_owned(), WitnessError::OldSize),
        ("old 3\nAAAA".to_owned(), WitnessError::Hash { line: 0 }),
        (format!("old 3\n{hash}\r"), WitnessError::Hash { line: 0 }),
        (format!("old 3\n{hash}\n{}", hash.trim_end_matches('=')), WitnessError::Hash { line: 1 }),
        (format!("old 3{}", format!("\n{hash}").repeat(64)), WitnessError::TooManyHashes),
    ] {
        assert_eq!(Submission::parse(&format!("{head}\n\n{note}")), Err(expected), "{head:?}");
    }
    assert!(Submission::parse(&format!("old 3{}\n\n{note}", format!("\n{hash}").repeat(63))).is_ok());
    assert_eq!(Submission::parse("old 3\n").unwrap_err().code(), Code::RequestMalformed);
    let huge = format!("old 3\n\n{}", "a".repeat(MAX_SUBMISSION));
    assert_eq!(Submission::parse(&huge).unwrap_err().code(), Code::RequestTooLarge);
}
