//! What tiles are made of: hashes one after the other, or entries behind two bytes of length, big-endian.

use signer_core::digest::Digest;

use super::{Tile, TileError};

/// Bytes of a hash.
const HASH: usize = 32;

/// The bytes of a tile of hashes.
pub fn encode_hashes(hashes: &[Digest]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| *hash.as_bytes()).collect()
}

/// Reads a tile of hashes. Fails where it is narrower or wider than `tile`.
pub fn decode_hashes(bytes: &[u8], tile: &Tile) -> Result<Vec<Digest>, TileError> {
    let expected = usize::from(tile.width()) * HASH;
    let (hashes, odd) = bytes.as_chunks::<HASH>();
    if odd.is_empty() && bytes.len() == expected {
        Ok(hashes.iter().copied().map(Digest::from_bytes).collect())
    } else {
        Err(TileError::Length { expected, actual: bytes.len() })
    }
}

/// The bytes of an entry bundle. Fails for an entry over 65,535 bytes.
pub fn encode_entries<B: AsRef<[u8]>>(bodies: &[B]) -> Result<Vec<u8>, TileError> {
    let mut bundle = Vec::with_capacity(bodies.iter().map(|body| body.as_ref().len() + 2).sum());
    for body in bodies {
        let body = body.as_ref();
        let length = u16::try_from(body.len()).map_err(|_| TileError::EntryTooLarge { actual: body.len() })?;
        bundle.extend(length.to_be_bytes());
        bundle.extend(body);
    }
    Ok(bundle)
}

/// Reads an entry bundle: exactly as many entries as `tile` is wide, and nothing after them. Nothing is copied.
pub fn decode_entries<'a>(bytes: &'a [u8], tile: &Tile) -> Result<Vec<&'a [u8]>, TileError> {
    let mut rest = bytes;
    let mut entries = Vec::with_capacity(usize::from(tile.width()));
    for _ in tile.nodes() {
        let (length, after) = rest.split_first_chunk::<2>().ok_or(TileError::BundleTruncated)?;
        let (entry, after) =
            after.split_at_checked(usize::from(u16::from_be_bytes(*length))).ok_or(TileError::BundleTruncated)?;
        entries.push(entry);
        rest = after;
    }
    if rest.is_empty() { Ok(entries) } else { Err(TileError::TrailingBytes { excess: rest.len() }) }
}
