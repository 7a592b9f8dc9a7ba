//! A monitor's looks: what it follows, what it alerts on, and what it remembers.

use std::fs;

use signer_core::digest::Digest;

use super::*;
use crate::tlog::tests::shelf::Shelf;

fn look(shelf: &Shelf, alter: impl FnOnce(&mut LogMonitor)) -> Result<Exit, Code> {
    let mut arguments = LogMonitor {
        log: Some(shelf.path().to_str().unwrap().to_owned()),
        state: Some(shelf.beside("seen")),
        once: true,
        interval: 60,
        identities: Vec::new(),
        agents: Vec::new(),
        persons: Vec::new(),
        repositories: Vec::new(),
        trust: shelf.arguments(),
    };
    alter(&mut arguments);
    monitor(&shelf.config(), &arguments).map_err(|failure| failure.reasons[0].code)
}

fn evidence(shelf: &Shelf) -> Option<usize> {
    let text = fs::read_to_string(shelf.beside("seen.evidence.json")).ok()?;
    let document: serde_json::Value = serde_json::from_str(&text).unwrap();
    Some(document["checkpoints"].as_array().unwrap().len())
}

fn remembered(shelf: &Shelf) -> String {
    fs::read_to_string(shelf.beside("seen")).unwrap_or_default()
}

#[test]
fn follows_a_log_that_only_grows() {
    let shelf = Shelf::of(0);
    for size in [0, 1, 256, 300, 300, 700] {
        shelf.grow(size);
        assert_eq!(look(&shelf, |_| ()), Ok(Exit::Accepted), "{size}");
        assert_eq!(remembered(&shelf), fs::read_to_string(shelf.path().join("checkpoint")).unwrap());
    }
    assert_eq!(evidence(&shelf), None);
}

/// LOG-14.
#[test]
fn a_log_that_went_back_is_an_alert_with_both_checkpoints() {
    let shelf = Shelf::of(300);
    assert_eq!(look(&shelf, |_| ()), Ok(Exit::Accepted));
    let before = remembered(&shelf);
    shelf.grow(200);
    assert_eq!(look(&shelf, |_| ()), Ok(Exit::Rejected));
    assert_eq!((remembered(&shelf), evidence(&shelf)), (before, Some(2)));
    shelf.grow(400);
    assert_eq!(look(&shelf, |_| ()), Ok(Exit::Accepted));
}

/// LOG-13: other entries at the same size, and growth from another tree.
#[test]
fn a_fork_is_an_alert_with_both_checkpoints() {
    for size in [300, 500] {
        let shelf = Shelf::of(300);
        assert_eq!(look(&shelf, |_| ()), Ok(Exit::Accepted));
        let before = remembered(&shelf);
        shelf.grow(size);
        let mut forked = shelf.checkpoint();
        forked.root = Digest::of(b"fork");
        shelf.publish(&forked);
        assert_eq!(look(&shelf, |_| ()), Ok(Exit::Rejected));
        assert_eq!((remembered(&shelf), evidence(&shelf)), (before, Some(2)));
    }
}

#[test]
fn entries_that_are_not_the_trees_are_an_alert_and_are_read_again() {
    let shelf = Shelf::of(300);
    let bundle = shelf.path().join("tile/entries/000");
    let right = fs::read(&bundle).unwrap();
    let mut wrong = right.clone();
    wrong[5] ^= 1;
    fs::write(&bundle, wrong).unwrap();
    assert_eq!(look(&shelf, |_| ()), Ok(Exit::Rejected));
    assert_eq!(remembered(&shelf), "");
    fs::remove_file(&bundle).unwrap();
    assert_eq!(look(&shelf, |_| ()), Ok(Exit::Rejected));
    fs::write(&bundle, right).unwrap();
    assert_eq!(look(&shelf, |_| ()), Ok(Exit::Accepted));
}

/// LOG-10: another log's checkpoint, or one under an unknown key, is an alert and not an outage.
#[test]
fn a_checkpoint_of_somebody_else_is_an_alert() {
    let (shelf, other) = (Shelf::of(3), Shelf::of(3));
    fs::copy(other.path().join("checkpoint"), shelf.path().join("checkpoint")).unwrap();
    assert_eq!(look(&shelf, |_| ()), Ok(Exit::Rejected));
    fs::write(shelf.path().join("checkpoint"), "nonsense").unwrap();
    assert_eq!(look(&shelf, |_| ()), Ok(Exit::Rejected));
    assert_eq!(remembered(&shelf), "");
}

#[test]
fn a_log_that_cannot_be_reached_is_no_alert() {
    let shelf = Shelf::of(3);
    let nobody = look(&shelf, |arguments| arguments.log = Some("http://127.0.0.1:1".to_owned()));
    assert_eq!(nobody, Err(Code::EngineUnreachable));
    fs::remove_file(shelf.path().join("checkpoint")).unwrap();
    assert_eq!(look(&shelf, |_| ()), Err(Code::LogEmpty));
}

#[test]
fn a_memory_that_was_altered_is_not_believed() {
    let shelf = Shelf::of(300);
    assert_eq!(look(&shelf, |_| ()), Ok(Exit::Accepted));
    let note = remembered(&shelf).replacen("\n300\n", "\n200\n", 1);
    fs::write(shelf.beside("seen"), note).unwrap();
    assert_eq!(look(&shelf, |_| ()), Err(Code::LogCheckpointSignature));
}

#[test]
fn a_missing_quorum_is_an_alert() {
    let shelf = Shelf::of(3);
    let policy = shelf.beside("policy");
    let key = "remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2";
    fs::write(&policy, format!("witness w {key}\nquorum w\n")).unwrap();
    assert_eq!(look(&shelf, |arguments| arguments.trust.policy = Some(policy.clone())), Ok(Exit::Rejected));
    fs::write(&policy, format!("witness w {key}\nquorum none\n")).unwrap();
    assert_eq!(look(&shelf, |arguments| arguments.trust.policy = Some(policy)), Ok(Exit::Accepted));
}
