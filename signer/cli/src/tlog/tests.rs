//! Logs in directories, honest and not: what is proven is handed on, everything else is refused by its code.

pub(crate) mod shelf;

use std::fs;

use signer_core::digest::Digest;
use signer_core::reason::{Code, Coded as _};

use super::*;
use shelf::{Shelf, entry};

fn replayed(shelf: &Shelf, start: u64) -> Result<Vec<(u64, Vec<u8>)>, Code> {
    let source = LogSource::Directory(shelf.path());
    let shown = shelf.trust().verify(&source.checkpoint().map_err(|e| e.code())?).map_err(|e| e.code())?;
    let tiles = Tiles::new(&source);
    let mut replay = Replay::new(&tiles, shown.published.checkpoint(), start).map_err(|e| e.code())?;
    let mut entries = Vec::new();
    while let Some(bundle) = replay.next_bundle().map_err(|e| e.code())? {
        entries.extend(bundle.from(start).map(|(index, body)| (index, body.to_vec())));
    }
    Ok(entries)
}

#[test]
fn every_entry_comes_once_and_in_order() {
    for size in [0, 1, 255, 256, 257, 700] {
        let shelf = Shelf::of(size);
        for start in [0, 1, 255, 256, size.saturating_sub(1), size, size + 1] {
            let expected: Vec<_> = (start..size).map(|index| (index, entry(index))).collect();
            assert!(replayed(&shelf, start) == Ok(expected), "{start} of {size}");
        }
    }
}

#[test]
fn a_full_tile_stands_in_for_a_partial_one_that_was_dropped() {
    let shelf = Shelf::of(700);
    let before = fs::read_to_string(shelf.path().join("checkpoint")).unwrap();
    shelf.grow(800);
    fs::write(shelf.path().join("checkpoint"), before).unwrap();
    for partial in ["tile/0/002.p", "tile/entries/002.p"] {
        fs::remove_dir_all(shelf.path().join(partial)).unwrap();
    }
    assert_eq!(replayed(&shelf, 0).map(|entries| entries.len()), Ok(700));
}

/// LOG-30: tiles and bundles of another width, cut short, padded, absent, or of another log.
#[test]
fn rejects_tiles_that_are_none() {
    for path in ["tile/entries/001", "tile/0/002.p/188", "tile/entries/002.p/188", "tile/1/000.p/2"] {
        let shelf = Shelf::of(700);
        let path = shelf.path().join(path);
        let right = fs::read(&path).unwrap();
        let mut flipped = right.clone();
        flipped[40] ^= 1;
        // A longer first entry; the last node, which every proof needs.
        let place = if path.to_string_lossy().contains("entries") { 0 } else { right.len() - 1 };
        let mut other = right.clone();
        other[place] ^= 0x80;
        for (bytes, codes) in [
            (Vec::new(), &[Code::LogTile][..]),
            (right[..right.len() - 1].to_vec(), &[Code::LogTile]),
            ([right.as_slice(), &[0]].concat(), &[Code::LogTile]),
            ([right.as_slice(), &right].concat(), &[Code::LogTile]),
            (flipped, &[Code::LogConsistency, Code::LogTile]),
            (other, &[Code::LogConsistency, Code::LogTile]),
        ] {
            fs::write(&path, bytes).unwrap();
            let refused = replayed(&shelf, 0).err();
            assert!(refused.is_some_and(|code| codes.contains(&code)), "{}: {refused:?}", path.display());
        }
        fs::remove_file(&path).unwrap();
        assert_eq!(replayed(&shelf, 0).err(), Some(Code::LogTile), "{}", path.display());
    }
}

#[test]
fn rejects_entries_in_another_order_and_from_another_log() {
    let shelf = Shelf::of(700);
    let (first, second) = (shelf.path().join("tile/entries/000"), shelf.path().join("tile/entries/001"));
    let right = fs::read(&first).unwrap();
    fs::write(&first, fs::read(&second).unwrap()).unwrap();
    assert_eq!(replayed(&shelf, 0).err(), Some(Code::LogConsistency));
    fs::write(&first, right).unwrap();
    assert!(replayed(&shelf, 0).is_ok());
}

/// LOG-05, LOG-10: keys come from whoever verifies, never from the log.
#[test]
fn a_checkpoint_counts_under_a_known_key_alone() {
    let (shelf, other) = (Shelf::of(3), Shelf::of(3));
    let note = fs::read_to_string(shelf.path().join("checkpoint")).unwrap();
    let code = |shelf: &Shelf, note: &str| shelf.trust().verify(note).map(drop).map_err(|error| error.code());
    assert_eq!(code(&shelf, &note), Ok(()));
    assert_eq!(code(&other, &note), Err(Code::LogCheckpointSignature));
    let elsewhere = Shelf::named("elsewhere.example", 3);
    assert_eq!(code(&elsewhere, &note), Err(Code::LogOriginMismatch));
    assert_eq!(code(&shelf, ""), Err(Code::LogOriginMismatch));
    fs::remove_file(shelf.path().join("checkpoint")).unwrap();
    let absent = LogSource::Directory(shelf.path()).checkpoint().map_err(|error| error.code());
    assert_eq!(absent, Err(Code::LogEmpty));
    fs::write(shelf.path().join("checkpoint"), vec![0xff; 10]).unwrap();
    let binary = LogSource::Directory(shelf.path()).checkpoint().map_err(|error| error.code());
    assert_eq!(binary, Err(Code::LogCheckpointMalformed));
}

/// LOG-13, LOG-15: growth is proven from the log's own tiles, and a fork cannot be.
#[test]
fn growth_is_proven_and_a_fork_is_not() {
    let shelf = Shelf::of(700);
    let source = LogSource::Directory(shelf.path());
    let checkpoint = shelf.checkpoint();
    let grown =
        |size, root: &Digest| prove_growth(&Tiles::new(&source), size, root, &checkpoint).map_err(|error| error.code());
    for size in [0, 1, 255, 256, 300, 699, 700] {
        assert_eq!(grown(size, &Shelf::root(size)), Ok(()), "{size}");
        assert_eq!(grown(size, &Digest::of(b"fork")), Err(Code::LogConsistency), "{size}");
    }
    assert_eq!(grown(701, &Shelf::root(700)), Err(Code::LogConsistency));
}
