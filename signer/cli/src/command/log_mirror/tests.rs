//! Copies: whole, brought up to date, and never of what was not proven.

use std::path::PathBuf;

use super::*;
use crate::args::log::LogFsck;
use crate::command::log::fsck;
use crate::tlog::tests::shelf::Shelf;

fn copy(shelf: &Shelf, from: &Path) -> Result<Exit, Code> {
    let arguments = LogMirror {
        directory: shelf.beside("copy"),
        log: Some(from.to_str().unwrap().to_owned()),
        trust: shelf.arguments(),
    };
    mirror(&shelf.config(), &arguments).map_err(|failure| failure.reasons[0].code)
}

fn check(shelf: &Shelf) -> Result<Exit, Code> {
    let arguments = LogFsck { mirror: Some(shelf.beside("copy")), trust: shelf.arguments() };
    fsck(&shelf.config(), &arguments).map_err(|failure| failure.reasons[0].code)
}

fn files(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for path in fs::read_dir(folder).unwrap().map(|child| child.unwrap().path()) {
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push((path.clone(), fs::read(&path).unwrap()));
        }
    }
    found.sort();
    found
}

fn relative(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let strip = |path: &PathBuf| path.strip_prefix(folder).unwrap().to_owned();
    files(folder).into_iter().map(|(path, bytes)| (strip(&path), bytes)).collect()
}

#[test]
fn a_copy_has_the_logs_own_bytes() {
    for size in [1, 256, 700] {
        let shelf = Shelf::of(size);
        assert_eq!(copy(&shelf, &shelf.path()), Ok(Exit::Accepted));
        assert_eq!(relative(&shelf.beside("copy")), relative(&shelf.path()));
        assert_eq!(check(&shelf), Ok(Exit::Accepted));
    }
}

#[test]
fn a_copy_grows_with_its_log() {
    let shelf = Shelf::of(100);
    for size in [100, 255, 256, 513, 700, 700] {
        shelf.grow(size);
        assert_eq!(copy(&shelf, &shelf.path()), Ok(Exit::Accepted), "{size}");
        assert_eq!(check(&shelf), Ok(Exit::Accepted), "{size}");
    }
    // Partial tiles of places that are full now are gone, those of the newest tree are there.
    assert!(!shelf.beside("copy").join("tile/0/000.p").exists());
    assert!(shelf.beside("copy").join("tile/entries/002.p/188").exists());
}

#[test]
fn an_interrupted_copy_goes_on() {
    let shelf = Shelf::of(300);
    assert_eq!(copy(&shelf, &shelf.path()), Ok(Exit::Accepted));
    let before = fs::read(shelf.beside("copy").join("checkpoint")).unwrap();
    shelf.grow(700);
    assert_eq!(copy(&shelf, &shelf.path()), Ok(Exit::Accepted));
    // Everything was written but the checkpoint.
    fs::write(shelf.beside("copy").join("checkpoint"), before).unwrap();
    assert_eq!(check(&shelf), Ok(Exit::Accepted));
    assert_eq!(copy(&shelf, &shelf.path()), Ok(Exit::Accepted));
    assert_eq!(check(&shelf), Ok(Exit::Accepted));
}

/// LOG-13, LOG-14: nothing of a log that went back or forked reaches the copy.
#[test]
fn a_log_that_went_back_or_forked_is_not_copied() {
    let shelf = Shelf::of(300);
    assert_eq!(copy(&shelf, &shelf.path()), Ok(Exit::Accepted));
    let before = files(&shelf.beside("copy"));
    shelf.grow(200);
    assert_eq!(copy(&shelf, &shelf.path()), Err(Code::LogRollback));
    shelf.grow(700);
    let mut forked = shelf.checkpoint();
    forked.root = Digest::of(b"fork");
    shelf.publish(&forked);
    assert_eq!(copy(&shelf, &shelf.path()), Err(Code::LogConsistency));
    assert_eq!(files(&shelf.beside("copy")), before);
}

#[test]
fn entries_that_are_not_the_trees_are_not_copied() {
    let shelf = Shelf::of(700);
    let bundle = shelf.path().join("tile/entries/001");
    let mut bytes = fs::read(&bundle).unwrap();
    bytes[10] ^= 1;
    fs::write(&bundle, bytes).unwrap();
    assert_eq!(copy(&shelf, &shelf.path()), Err(Code::LogConsistency));
    assert!(!shelf.beside("copy").join("tile/entries/001").exists());
    assert!(!shelf.beside("copy").join("checkpoint").exists());
}

#[test]
fn an_altered_copy_is_noticed() {
    let shelf = Shelf::of(300);
    assert_eq!(copy(&shelf, &shelf.path()), Ok(Exit::Accepted));
    let tile = shelf.beside("copy").join("tile/0/000");
    let mut bytes = fs::read(&tile).unwrap();
    bytes[10] ^= 1;
    fs::write(&tile, bytes).unwrap();
    assert_eq!(check(&shelf), Err(Code::LogConsistency));
    // A tile above it cannot be made from it.
    shelf.grow(600);
    assert_eq!(copy(&shelf, &shelf.path()), Err(Code::LogConsistency));
}

#[test]
fn one_directory_holds_one_log() {
    let shelf = Shelf::of(3);
    assert_eq!(copy(&shelf, &shelf.path()), Ok(Exit::Accepted));
    let other = Shelf::named("other.example", 3);
    let arguments = LogMirror {
        directory: shelf.beside("copy"),
        log: Some(other.path().to_str().unwrap().to_owned()),
        trust: crate::args::log::LogTrust {
            keys: [shelf.arguments().keys, other.arguments().keys].concat(),
            ..shelf.arguments()
        },
    };
    let refused = mirror(&shelf.config(), &arguments).map_err(|failure| failure.reasons[0].code);
    assert_eq!(refused, Err(Code::LogOriginMismatch));
}
