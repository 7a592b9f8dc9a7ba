//! Foreign judges: what we make, others accept; what we alter, they refuse as we do. sigstore-merkle judges proofs as
//! Sigstore's clients do, tlog_tiles reads our tiles as Go's checksum database does.

use std::collections::HashMap;

use proptest::prelude::*;
use signer_core::digest::Digest;
use signer_core::merkle::{Frontier, verify_consistency, verify_inclusion};
use sigstore_merkle::{verify_consistency_proof, verify_inclusion_proof};
use sigstore_types::Sha256Hash;
use tlog_tiles::{Error, Hash, HashReader, TileHashReader, TileReader};

use super::model::Model;
use super::{frontier, leaves};
use crate::tile::{Tile, TileKind, encode_hashes};
use crate::{NodeBuilder, prove_consistency, prove_inclusion};

fn theirs(digest: &Digest) -> Sha256Hash {
    Sha256Hash::new(*digest.as_bytes())
}

fn all_theirs(digests: &[Digest]) -> Vec<Sha256Hash> {
    digests.iter().map(theirs).collect()
}

/// One bit, somewhere.
fn altered(digest: &Digest, bit: usize) -> Digest {
    let mut bytes = *digest.as_bytes();
    bytes[bit / 8 % 32] ^= 1 << (bit % 8);
    Digest::from_bytes(bytes)
}

fn size(count: usize) -> u64 {
    u64::try_from(count).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn roots_are_the_models(count in 0..700_usize) {
        prop_assert_eq!(frontier(count).root(), Model::of(count).root());
    }

    #[test]
    fn sigstore_judges_inclusion_as_we_do(
        count in 1..400_usize, at in any::<prop::sample::Index>(), bit in 0..2560_usize, claimed in 0..410_u64,
    ) {
        let all = leaves(count);
        let (index, root) = (at.index(count), frontier(count).root());
        let proof = prove_inclusion(&all, index).unwrap();
        let mut wrong = proof.clone();
        if let Some(hash) = wrong.get_mut(bit / 256) {
            *hash = altered(hash, bit);
        }
        let shorter = proof.iter().skip(1).copied().collect();
        let longer = proof.iter().copied().chain([root]).collect();
        for proof in [proof, wrong, shorter, longer] {
            for position in [size(index), claimed] {
                let ours = verify_inclusion(&all[index], position, size(count), &proof, &root).is_ok();
                let sigstore = verify_inclusion_proof(
                    &theirs(&all[index]), position, size(count), &all_theirs(&proof), &theirs(&root),
                );
                prop_assert_eq!(ours, sigstore.is_ok(), "{} of {}, {} hashes", position, count, proof.len());
            }
        }
    }

    #[test]
    fn sigstore_judges_growth_as_we_do(
        count in 1..400_usize, at in any::<prop::sample::Index>(), bit in 0..2560_usize, claimed in 1..410_u64,
    ) {
        let all = leaves(count);
        let old = at.index(count) + 1;
        let (before, after) = (frontier(old).root(), frontier(count).root());
        let proof = prove_consistency(&all, old).unwrap();
        let mut wrong = proof.clone();
        if let Some(hash) = wrong.get_mut(bit / 256) {
            *hash = altered(hash, bit);
        }
        for proof in [proof, wrong] {
            for size_before in [size(old), claimed] {
                let ours = verify_consistency(size_before, &before, size(count), &after, &proof).is_ok();
                let sigstore = verify_consistency_proof(
                    size_before, size(count), &all_theirs(&proof), &theirs(&before), &theirs(&after),
                );
                prop_assert_eq!(ours, sigstore.is_ok(), "{} to {}, {} hashes", size_before, count, proof.len());
            }
        }
    }
}

/// A log that serves our tiles, by our paths.
struct Served {
    tiles: HashMap<String, Vec<u8>>,
}

impl Served {
    /// Every tile of a tree of `count` entries, as wide as the tree has it.
    fn of(count: usize) -> Self {
        let all = leaves(count);
        let mut levels = vec![all.clone()];
        let mut builder = NodeBuilder::new();
        for node in all.into_iter().flat_map(|leaf| builder.push(leaf)) {
            levels.resize(levels.len().max(usize::from(node.level) + 1), Vec::new());
            levels[usize::from(node.level)].push(node.hash);
        }
        let mut tiles = HashMap::new();
        for (level, nodes) in (0..).zip(&levels) {
            for tile in Tile::holding(TileKind::Hashes { level }, 0..size(nodes.len()), size(count)) {
                let held = tile.nodes().map(|node| nodes[usize::try_from(node).unwrap()]).collect::<Vec<_>>();
                tiles.insert(tile.to_string(), encode_hashes(&held));
            }
        }
        Self { tiles }
    }
}

/// The specification leaves out the height, which this reader's paths name.
fn our_path(tile: &tlog_tiles::Tile) -> String {
    tile.path().replacen("tile/8/", "tile/", 1)
}

impl TileReader for Served {
    fn height(&self) -> u8 {
        8
    }

    fn read_tiles(&self, tiles: &[tlog_tiles::Tile]) -> Result<Vec<Vec<u8>>, Error> {
        let absent = |path: String| Error::InvalidInput(path);
        tiles
            .iter()
            .map(|tile| self.tiles.get(&our_path(tile)).cloned().ok_or_else(|| absent(our_path(tile))))
            .collect()
    }

    fn save_tiles(&self, _: &[tlog_tiles::Tile], _: &[Vec<u8>]) {}
}

fn hash(digest: &Digest) -> Hash {
    Hash(*digest.as_bytes())
}

/// Sizes around the borders of tiles, one level up.
const SIZES: [usize; 8] = [1, 2, 255, 256, 257, 511, 512, 700];
/// And around those of the next.
const LARGE: [usize; 3] = [65_535, 65_536, 65_600];

#[test]
fn a_foreign_reader_proves_everything_from_our_tiles() {
    for count in SIZES {
        let (served, root) = (Served::of(count), frontier(count).root());
        let all = leaves(count);
        let reader = TileHashReader::new(size(count), hash(&root), &served);
        for index in [0, count / 3, count / 2, count - 1] {
            let proof = tlog_tiles::prove_record(size(count), size(index), &reader).unwrap();
            let ours = prove_inclusion(&all, index).unwrap();
            assert_eq!(proof, ours.iter().map(hash).collect::<Vec<_>>(), "entry {index} of {count}");
            tlog_tiles::check_record(&proof, size(count), hash(&root), size(index), hash(&all[index])).unwrap();
        }
        for old in [1, count.div_ceil(3), count.div_ceil(2), count] {
            let proof = tlog_tiles::prove_tree(size(count), size(old), &reader).unwrap();
            let ours = prove_consistency(&all, old).unwrap();
            assert_eq!(proof, ours.iter().map(hash).collect::<Vec<_>>(), "{old} to {count}");
        }
    }
}

/// Of the tiles at the right edge, which lead to the root: the reader checks full tiles against those above only where
/// no two subtrees of the edge share a tile, so that it says nothing about ours.
#[test]
fn a_foreign_reader_refuses_a_tile_of_ours_with_a_flipped_bit() {
    let count = 700;
    let root = frontier(count).root();
    for path in ["tile/1/000.p/2", "tile/0/002.p/188"] {
        let mut served = Served::of(count);
        served.tiles.get_mut(path).unwrap()[17] ^= 1;
        let reader = TileHashReader::new(size(count), hash(&root), &served);
        for index in [0, 256, 512] {
            assert!(reader.read_hashes(&[tlog_tiles::stored_hash_index(0, index)]).is_err(), "{path}");
        }
    }
}

#[test]
fn a_foreign_reader_proves_an_entry_through_three_levels_of_our_tiles() {
    let count = 65_600;
    let (served, root, all) = (Served::of(count), frontier(count).root(), leaves(count));
    let reader = TileHashReader::new(size(count), hash(&root), &served);
    let proof = tlog_tiles::prove_record(size(count), 40_000, &reader).unwrap();
    assert_eq!(proof, prove_inclusion(&all, 40_000).unwrap().iter().map(hash).collect::<Vec<_>>());
}

#[test]
fn the_tiles_that_a_foreign_publisher_would_write_are_ours() {
    for count in SIZES.into_iter().chain(LARGE) {
        let ours = Served::of(count).tiles;
        let mut theirs: Vec<String> = tlog_tiles::Tile::new_tiles(8, 0, size(count)).iter().map(our_path).collect();
        let mut paths: Vec<String> = ours.into_keys().collect();
        theirs.sort();
        paths.sort();
        assert_eq!(paths, theirs, "{count}");
    }
}

#[test]
fn what_a_batch_completes_is_what_the_leaves_complete() {
    for (first, batch) in [(0, 255), (0, 256), (255, 1), (250, 600), (65_000, 1200), (65_535, 1)] {
        let all = leaves(first + batch);
        let mut builder = NodeBuilder::new();
        let mut expected = Vec::new();
        for (number, leaf) in all.iter().enumerate() {
            let completed = builder.push(*leaf);
            if number >= first {
                expected.extend(completed);
            }
        }
        let edge: Frontier = frontier(first);
        let mut found = crate::batch::append(&edge, &all[first..]).completed;
        // The batch works level by level, the builder leaf by leaf.
        found.sort_by_key(|node| (node.level, node.index));
        expected.sort_by_key(|node| (node.level, node.index));
        assert_eq!(found, expected, "{batch} after {first}");
    }
}
