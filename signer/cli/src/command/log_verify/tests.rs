//! Entries that are in a log, by whatever name they are asked for, and those that are not.

use std::fs;

use signer_core::merkle::leaf_hash;

use super::*;
use crate::tlog::tests::shelf::{Shelf, entry};

fn ask(shelf: &Shelf, alter: impl FnOnce(&mut LogVerify)) -> Result<Exit, Code> {
    let mut arguments = LogVerify {
        file: None,
        commit: None,
        repo: shelf.beside("repository"),
        leaf: None,
        index: None,
        log: Some(shelf.path().to_str().unwrap().to_owned()),
        trust: shelf.arguments(),
    };
    alter(&mut arguments);
    verify(&shelf.config(), &arguments).map_err(|failure| failure.reasons[0].code)
}

fn leaf(index: u64) -> String {
    leaf_hash(&entry(index)).to_string()
}

#[test]
fn a_leaf_is_found_wherever_it_stands() {
    let shelf = Shelf::of(700);
    for index in [0, 255, 256, 699] {
        assert_eq!(ask(&shelf, |asked| asked.leaf = Some(leaf(index))), Ok(Exit::Accepted), "{index}");
        let at = |asked: &mut LogVerify| (asked.leaf, asked.index) = (Some(leaf(index)), Some(index));
        assert_eq!(ask(&shelf, at), Ok(Exit::Accepted), "{index}");
    }
}

#[test]
fn a_leaf_that_is_not_there_or_not_at_its_index_is_refused() {
    let shelf = Shelf::of(700);
    assert_eq!(ask(&shelf, |asked| asked.leaf = Some(leaf(700))), Err(Code::LogEntryMissing));
    let at = |index: u64| move |asked: &mut LogVerify| (asked.leaf, asked.index) = (Some(leaf(3)), Some(index));
    assert_eq!(ask(&shelf, at(4)), Err(Code::LogInclusionProof));
    assert_eq!(ask(&shelf, at(700)), Err(Code::LogEntryMissing));
    assert_eq!(ask(&shelf, at(u64::MAX)), Err(Code::LogEntryMissing));
}

// LOG-30: tiles that say what the checkpoint does not.
#[test]
fn a_tile_that_claims_a_leaf_does_not_prove_it() {
    let shelf = Shelf::of(700);
    let tile = shelf.path().join("tile/0/000");
    let mut hashes = fs::read(&tile).unwrap();
    hashes[..32].copy_from_slice(leaf_hash(b"slipped in").as_bytes());
    fs::write(tile, hashes).unwrap();
    let slipped = Some(leaf_hash(b"slipped in").to_string());
    assert_eq!(ask(&shelf, |asked| asked.leaf = slipped), Err(Code::LogInclusionProof));
}

#[test]
fn files_that_hold_no_entry_are_refused() {
    let shelf = Shelf::of(3);
    let file = shelf.beside("file");
    for (text, code) in [
        ("", Code::BundleMalformed),
        ("nonsense", Code::BundleMalformed),
        ("{}", Code::LogEntryMissing),
        (r#"{"verificationMaterial":{"tlogEntries":[]}}"#, Code::LogEntryMissing),
        (r#"{"apiVersion":"0.0.2"}"#, Code::LogEntryMissing),
        (r#"{"logIndex":"0"}"#, Code::LogEntryMalformed),
    ] {
        fs::write(&file, text).unwrap();
        assert_eq!(ask(&shelf, |asked| asked.file = Some(file.clone())), Err(code), "{text}");
    }
}

#[test]
fn exactly_one_thing_is_asked_about() {
    let shelf = Shelf::of(3);
    assert_eq!(ask(&shelf, |_| ()), Err(Code::Usage));
    let both = |asked: &mut LogVerify| (asked.leaf, asked.commit) = (Some(leaf(0)), Some("HEAD".to_owned()));
    assert_eq!(ask(&shelf, both), Err(Code::Usage));
    assert_eq!(ask(&shelf, |asked| asked.leaf = Some("sha256:00".to_owned())), Err(Code::Usage));
}
