//! The table of C2SP tlog-tiles: which paths there are, which tiles a tree has, which bytes they may have (LOG-30).

use proptest::prelude::*;
use signer_core::digest::Digest;
use signer_core::reason::{Code, Coded};

use super::*;

fn hashes(level: u8, index: u64, width: u16) -> Tile {
    Tile::new(TileKind::Hashes { level }, index, width).unwrap()
}

fn entries(index: u64, width: u16) -> Tile {
    Tile::new(TileKind::Entries, index, width).unwrap()
}

#[test]
fn reads_and_writes_the_paths_of_the_specification() {
    for (path, tile) in [
        ("tile/0/000", hashes(0, 0, 256)),
        ("tile/0/067", hashes(0, 67, 256)),
        ("tile/0/x001/067", hashes(0, 1067, 256)),
        ("tile/1/x001/x234/067", hashes(1, 1_234_067, 256)),
        ("tile/63/000.p/1", hashes(63, 0, 1)),
        ("tile/2/x123/456.p/255", hashes(2, 123_456, 255)),
        ("tile/entries/000.p/16", entries(0, 16)),
        ("tile/entries/x999/999", entries(999_999, 256)),
        ("tile/0/x036/x028/x797/x018/x963/967.p/255", hashes(0, INDEX_END - 1, 255)),
    ] {
        assert_eq!(path.parse(), Ok(tile), "{path}");
        assert_eq!(tile.to_string(), path);
    }
}

#[test]
fn agrees_with_transparency_dev_about_paths() {
    let mut cases = 0;
    for line in include_str!("tests/transparency-dev.txt").lines().filter(|line| !line.starts_with('#')) {
        let number = |text: &str| text.parse::<u64>().unwrap();
        match line.split(' ').collect::<Vec<_>>()[..] {
            ["path", level, index, partial, path] => {
                let kind = level.parse().map_or(TileKind::Entries, |level| TileKind::Hashes { level });
                let width = if partial == "0" { 256 } else { partial.parse().unwrap() };
                let tile = Tile::new(kind, number(index), width).unwrap();
                assert_eq!((tile.to_string().as_str(), path.parse()), (path, Ok(tile)));
            }
            ["entry", entry, size, path] => {
                let held = number(entry)..number(entry) + 1;
                let tiles: Vec<_> = Tile::holding(TileKind::Entries, held, number(size)).collect();
                assert_eq!(tiles.iter().map(Tile::to_string).collect::<Vec<_>>(), [path]);
            }
            ["refused", path] => assert!(path.parse::<Tile>().is_err(), "{path}"),
            _ => panic!("{line}"),
        }
        cases += 1;
    }
    assert_eq!(cases, 35);
}

#[test]
fn refuses_every_other_spelling() {
    for path in [
        "",
        "tile",
        "tile/",
        "tile/0",
        "tile/0/",
        "/tile/0/000",
        "tile//0/000",
        "tile/0/000/",
        "tile/0/0",
        "tile/0/00",
        "tile/0/0000",
        "tile/0/x000",
        "tile/0/x000/000",
        "tile/0/000/000",
        "tile/0/x001",
        "tile/0/001/067",
        "tile/0/x01/067",
        "tile/0/xx01/067",
        "tile/0/X001/067",
        "tile/0/x001/x067",
        "tile/0/+01",
        "tile/0/-01",
        "tile/0/ 01",
        "tile/0/0a1",
        "tile/00/000",
        "tile/+0/000",
        "tile/64/000",
        "tile/256/000",
        "tile/-1/000",
        "tile/data/000",
        "tile/Entries/000",
        "tile/entries/",
        "tile/8/0/000",
        "tile/0/000.p",
        "tile/0/000.p/",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/01",
        "tile/0/000.p/+1",
        "tile/0/000.p/65537",
        "tile/0/000.p/1.p/1",
        "tile/0/000.p/1/",
        "tile/0/000.P/1",
        "tile/0/000.p/1?x",
        "tile/0/../0/000",
        "tile/0/%30%30%30",
        "tile/0/x036/x028/x797/x018/x963/968",
        "tile/0/x999/x999/x999/x999/x999/999",
        "tile/0/x018/x446/x744/x073/x709/x551/616",
        "tile/0/x001/x000/x000/x000/x000/x000/x000/000",
        "tile/٠/000",
        "tile/0/٠٠٠",
    ] {
        let code = path.parse::<Tile>().map_err(|error| error.code());
        assert_eq!(code, Err(Code::LogTile), "{path}");
    }
}

#[test]
fn refuses_tiles_that_cannot_be() {
    let made = |kind, index, width| Tile::new(kind, index, width).map_err(|error| error.code());
    assert!(made(TileKind::Entries, INDEX_END - 1, 256).is_ok());
    assert_eq!(made(TileKind::Entries, INDEX_END, 256), Err(Code::LogTile));
    assert_eq!(made(TileKind::Entries, u64::MAX, 1), Err(Code::LogTile));
    assert_eq!(made(TileKind::Entries, 0, 0), Err(Code::LogTile));
    assert_eq!(made(TileKind::Entries, 0, 257), Err(Code::LogTile));
    assert_eq!(made(TileKind::Hashes { level: 64 }, 0, 1), Err(Code::LogTile));
}

/// The example of the specification, a tree of 70,000 entries.
#[test]
fn a_tree_has_the_tiles_that_the_specification_counts() {
    let size = 70_000;
    let widths = |level| {
        let tiles = Tile::holding(TileKind::Hashes { level }, 0..u64::MAX, size);
        tiles.map(|tile| tile.width()).collect::<Vec<_>>()
    };
    let leaves = widths(0);
    assert_eq!((leaves.len(), leaves.iter().filter(|width| **width == 256).count(), leaves[273]), (274, 273, 112));
    assert_eq!(widths(1), [256, 17]);
    assert_eq!(widths(2), [1]);
    assert!(widths(3).is_empty() && widths(63).is_empty());
    let level_one = |size| Tile::holding(TileKind::Hashes { level: 1 }, 0..9, size).map(|tile| tile.width());
    assert_eq!(level_one(256).collect::<Vec<_>>(), [1]);
    assert_eq!(level_one(255).count(), 0);
}

#[test]
fn a_tile_beyond_the_tree_is_absent() {
    for (tile, smallest) in [
        (entries(0, 1), 1),
        (entries(0, 255), 255),
        (entries(0, 256), 256),
        (entries(3, 7), 775),
        (hashes(0, 1, 1), 257),
        (hashes(1, 0, 1), 256),
        (hashes(1, 0, 256), 65_536),
        (hashes(1, 1, 17), 69_888),
        (hashes(7, 0, 1), 1 << 56),
    ] {
        assert!(tile.is_in(smallest) && !tile.is_in(smallest - 1), "{tile} at {smallest}");
    }
    for level in [8, 31, 63] {
        assert!(!hashes(level, 0, 1).is_in(u64::MAX), "{level}");
    }
    assert!(!entries(0, 1).is_in(0));
}

#[test]
fn holding_takes_no_more_than_the_range_needs() {
    let paths = |range| Tile::holding(TileKind::Entries, range, 1000).map(|tile| tile.to_string()).collect::<Vec<_>>();
    assert_eq!(paths(0..1), ["tile/entries/000"]);
    assert_eq!(paths(255..257), ["tile/entries/000", "tile/entries/001"]);
    assert_eq!(paths(900..1000), ["tile/entries/003.p/232"]);
    assert_eq!(paths(999..u64::MAX), ["tile/entries/003.p/232"]);
    assert!(paths(1000..2000).is_empty() && paths(5..5).is_empty());
}

#[test]
fn reads_hashes_of_the_tiles_width_alone() {
    let held: Vec<Digest> = (0..3_u8).map(|number| Digest::of(&[number])).collect();
    let bytes = encode_hashes(&held);
    let code = |bytes: &[u8], width| decode_hashes(bytes, &hashes(0, 0, width)).map_err(|error| error.code());
    assert_eq!(code(&bytes, 3), Ok(held));
    for (bytes, width) in [(&bytes[..], 2), (&bytes, 4), (&bytes, 256), (&bytes[..95], 3), (&[], 1)] {
        assert_eq!(code(bytes, width), Err(Code::LogTile), "{} as {width}", bytes.len());
    }
}

#[test]
fn reads_an_entry_bundle_to_its_last_byte() {
    let long = vec![7; 65_535];
    let bodies: [&[u8]; 4] = [b"one", b"", b"three", &long];
    let bundle = encode_entries(&bodies).unwrap();
    assert_eq!(&bundle[..7], b"\x00\x03one\x00\x00");
    let code = |bytes: &[u8], width| {
        decode_entries(bytes, &entries(0, width)).map(|read| read.len()).map_err(|error| error.code())
    };
    assert_eq!(decode_entries(&bundle, &entries(0, 4)).unwrap(), bodies);
    let mut overlong = bundle.clone();
    overlong[1] = 0xff;
    let mut longest = bundle.clone();
    longest[..2].copy_from_slice(&[0xff, 0xff]);
    for (bytes, width) in [
        (&bundle[..], 3),
        (&bundle, 5),
        (&bundle, 256),
        (&bundle[..bundle.len() - 1], 4),
        (&bundle[1..], 4),
        (&bundle[..1], 1),
        (&[], 1),
        (&overlong, 4),
        (&longest, 4),
    ] {
        assert_eq!(code(bytes, width), Err(Code::LogTile), "{} as {width}", bytes.len());
    }
    let too_large = encode_entries(&[vec![0; 65_536]]).map_err(|error| error.code());
    assert_eq!(too_large, Err(Code::LogTile));
}

proptest! {
    #[test]
    fn every_tile_has_one_path(level in 0..64_u8, index in 0..INDEX_END, width in 1..257_u16, is_bundle in any::<bool>()) {
        let kind = if is_bundle { TileKind::Entries } else { TileKind::Hashes { level } };
        let tile = Tile::new(kind, index, width).unwrap();
        prop_assert_eq!(tile.to_string().parse(), Ok(tile));
    }

    #[test]
    fn no_path_is_read_as_another(path in "tile/(0|1|63|64|07|entries)/(x?[0-9]{2,4}/){0,3}x?[0-9]{3}(\\.p/[0-9]{1,3})?") {
        if let Ok(tile) = path.parse::<Tile>() {
            prop_assert_eq!(tile.to_string(), path);
        }
    }

    #[test]
    fn no_bytes_make_a_bundle_panic(bytes in prop::collection::vec(any::<u8>(), 0..600), width in 1..257_u16) {
        let tile = entries(0, width);
        if let Ok(read) = decode_entries(&bytes, &tile) {
            prop_assert_eq!(encode_entries(&read).unwrap(), bytes);
        }
    }
}
