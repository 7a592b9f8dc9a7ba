//! Tiles over a log of several hundred entries: what the leaves lead to, and nothing beyond the newest checkpoint.

use signer_core::digest::Digest;
use signer_core::identity::Purpose;
use signer_core::merkle::{self, Frontier};
use signer_core::protocol::RegisterPerson;
use signer_core::reason::Code;
use signer_log::tile::{Tile, decode_entries, decode_hashes};

use crate::world::{REPOSITORY, World, countersignature, prompt_for};

/// A log with one audit head per registration.
fn grown(entries: u64) -> World {
    let mut world = World::new();
    for number in 0..entries {
        let person = RegisterPerson { person: format!("p{number}@example.org").parse().unwrap() };
        world.commit(world.engine.register_person(&person, world.now)).unwrap();
    }
    assert_eq!(world.ledger.size(), entries);
    world
}

fn tile(path: &str) -> Tile {
    path.parse().unwrap()
}

fn refused(world: &World, path: &str) -> Code {
    world.engine.tile(&tile(path)).map(drop).unwrap_err().code()
}

fn bodies(world: &World, entries: u64) -> Vec<Vec<u8>> {
    world.engine.entries(0, entries).unwrap().entries.into_iter().map(|body| body.0).collect()
}

#[test]
fn tiles_hold_the_hashes_and_bodies_of_the_log() {
    let world = grown(300);
    let bodies = bodies(&world, 300);
    let leaves: Vec<Digest> = bodies.iter().map(|body| merkle::leaf_hash(body)).collect();
    for (path, range) in [("tile/0/000", 0..256), ("tile/0/001.p/44", 256..300), ("tile/0/000.p/7", 0..7)] {
        let bytes = world.engine.tile(&tile(path)).unwrap();
        assert_eq!(decode_hashes(&bytes, &tile(path)).unwrap(), leaves[range], "{path}");
    }
    for (path, range) in [("tile/entries/000", 0..256), ("tile/entries/001.p/44", 256..300)] {
        let bytes = world.engine.tile(&tile(path)).unwrap();
        assert_eq!(decode_entries(&bytes, &tile(path)).unwrap(), bodies[range], "{path}");
    }
    let mut first = Frontier::new();
    for leaf in &leaves[..256] {
        first.push(*leaf);
    }
    let above = world.engine.tile(&tile("tile/1/000.p/1")).unwrap();
    assert_eq!(decode_hashes(&above, &tile("tile/1/000.p/1")).unwrap(), [first.root()]);
}

#[test]
fn a_tile_beyond_the_newest_checkpoint_is_absent() {
    let world = grown(5);
    assert!(world.engine.tile(&tile("tile/0/000.p/5")).is_ok());
    for path in [
        "tile/0/000",
        "tile/0/000.p/6",
        "tile/0/001.p/1",
        "tile/1/000.p/1",
        "tile/63/000.p/1",
        "tile/entries/000",
        "tile/entries/000.p/6",
        "tile/entries/x036/x028/x797/x018/x963/967",
    ] {
        assert_eq!(refused(&world, path), Code::LogTileAbsent, "{path}");
    }
}

#[test]
fn an_empty_log_has_no_tile() {
    let world = World::new();
    for path in ["tile/0/000.p/1", "tile/entries/000.p/1", "tile/1/000"] {
        assert_eq!(refused(&world, path), Code::LogTileAbsent, "{path}");
    }
}

// LOG-31: what anybody may read of a public log is digests and certificates.
#[test]
fn no_prompt_is_in_the_log() {
    let mut world = World::peopled();
    let alice = world.alice();
    let signer = world.signer(&alice, Purpose::Prompt);
    let payload = prompt_for(|_| ());
    let request = signer.statement(&payload);
    countersignature(world.commit(world.engine.statement(&alice, &request, world.now)));
    let path = format!("tile/entries/000.p/{}", world.ledger.size());
    let bundle = world.engine.tile(&tile(&path)).unwrap();
    let holds = |text: &[u8]| bundle.windows(text.len()).any(|window| window == text);
    assert!(holds(b"hashedrekord"));
    for canary in [b"Add a parser".as_slice(), &payload[..40], REPOSITORY.as_bytes(), b"refs/heads/main"] {
        assert!(!holds(canary), "{}", canary.escape_ascii());
    }
}
