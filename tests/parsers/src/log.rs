//! What logs and witnesses publish.

use signer_core::checkpoint::{Checkpoint, CheckpointError, Published, VerifierKey, claimed_origin};
use signer_core::merkle::Frontier;
use signer_core::witness::Submission;
use signer_log::tile::{Tile, TileKind, decode_entries, decode_hashes, encode_entries, encode_hashes};

use crate::{Parser, as_text, same_again};

/// The key under which checkpoints are read; nobody has its private half.
const KEY: &str = "log.example.org+05e9598e+AQ/bmtf7q+WRybjQzJpTlBIwbEByEpRoNdzT7RkVUBNj";

pub(crate) const PARSERS: &[Parser] = &[
    Parser { name: "checkpoint", takes: |bytes| as_text(bytes, checkpoint) },
    Parser { name: "entries", takes: |bytes| tile(TileKind::Entries, bytes, entries) },
    Parser { name: "frontier", takes: |bytes| same_again(bytes, Frontier::decode(bytes), Frontier::encode) },
    Parser { name: "hashes", takes: |bytes| tile(TileKind::Hashes { level: 0 }, bytes, hashes) },
    Parser {
        name: "submission",
        takes: |bytes| as_text(bytes, |text| same_again(bytes, Submission::parse(text), Submission::to_body)),
    },
    Parser {
        name: "verifier-key",
        takes: |bytes| as_text(bytes, |text| same_again(bytes, text.parse::<VerifierKey>(), VerifierKey::to_string)),
    },
];

/// Taken is what only lacks a signature under the key here.
fn checkpoint(note: &str) -> bool {
    let Some(origin) = claimed_origin(note) else { return false };
    let Ok(log) = KEY.parse::<VerifierKey>() else { return false };
    let published = Published::verify(note, &log, std::slice::from_ref(&log));
    assert!(published.is_err(), "nobody signs under this key");
    matches!(
        Checkpoint::verify(note, origin, log.key()),
        Err(CheckpointError::Signature | CheckpointError::UnknownKey | CheckpointError::Unsigned)
    )
}

/// The first byte is the width of the tile, 0 a full one.
fn tile(kind: TileKind, bytes: &[u8], takes: fn(&[u8], &Tile) -> bool) -> bool {
    let Some((width, bytes)) = bytes.split_first() else { return false };
    let width = if *width == 0 { 256 } else { u16::from(*width) };
    Tile::new(kind, 0, width).is_ok_and(|tile| takes(bytes, &tile))
}

fn entries(bytes: &[u8], tile: &Tile) -> bool {
    same_again(bytes, decode_entries(bytes, tile), |entries| encode_entries(entries).unwrap_or_default())
}

fn hashes(bytes: &[u8], tile: &Tile) -> bool {
    same_again(bytes, decode_hashes(bytes, tile), |hashes| encode_hashes(hashes))
}
