//! The tree as its tiles tell it: roots, right edges and proofs from no more hashes than they need (C2SP tlog-tiles).
//!
//! Nothing here trusts the tiles: what they lead to is worth as much as the checkpoint it is then compared with, or the
//! proof that is then verified.

#[cfg(test)]
mod tests;

use signer_core::digest::Digest;
use signer_core::merkle::{Frontier, node_hash};

use crate::tile::{HEIGHT, Tile, TileError, TileKind};

/// Where tiles of hashes come from: a store, a server, a directory.
pub trait HashTiles {
    /// Why there is no tile.
    type Error: From<TileError>;

    /// The hashes of a tile, as many as it is wide.
    fn hashes(&self, tile: &Tile) -> Result<Vec<Digest>, Self::Error>;
}

/// The tree of the first `size` entries of a log.
pub struct TiledTree<'a, S> {
    tiles: &'a S,
    size: u64,
    /// Entries of the tree whose tiles there are.
    published: u64,
}

impl<'a, S: HashTiles> TiledTree<'a, S> {
    /// The tree of that size, from its own tiles.
    pub const fn new(tiles: &'a S, size: u64) -> Self {
        Self { tiles, size, published: size }
    }

    /// The tree of that size, from the tiles of a tree of `published` entries, which is at least as large: a directory of
    /// tiles holds the partial ones of its own size alone.
    pub const fn within(tiles: &'a S, size: u64, published: u64) -> Self {
        Self { tiles, size, published }
    }

    /// The right edge, from which the tree can grow. Fails where a tile is absent or of another width.
    pub fn frontier(&self) -> Result<Frontier, S::Error> {
        let mut encoded = self.size.to_be_bytes().to_vec();
        let mut start = 0;
        for height in (0..u64::BITS).rev().filter(|height| self.size >> height & 1 == 1) {
            encoded.extend(self.complete(start, height)?.as_bytes());
            start += 1 << height;
        }
        // One node per set bit of the size, which is all that can be wrong with an edge but its size.
        Frontier::decode(&encoded).map_err(|_| TileError::Index.into())
    }

    /// The root. Fails where a tile is absent or of another width.
    pub fn root(&self) -> Result<Digest, S::Error> {
        Ok(self.frontier()?.root())
    }

    /// The inclusion proof of the entry at `index`; none where the tree has no such entry.
    pub fn prove_inclusion(&self, index: u64) -> Result<Option<Vec<Digest>>, S::Error> {
        if index >= self.size {
            return Ok(None);
        }
        let mut proof = Vec::new();
        let mut rest = Span { start: 0, end: self.size };
        while let Some((left, right)) = rest.halves() {
            let (with, without) = if index < right.start { (left, right) } else { (right, left) };
            proof.push(self.over(without)?);
            rest = with;
        }
        proof.reverse();
        Ok(Some(proof))
    }

    /// The proof that the tree of `old_size` entries is the beginning of this one; none where it is larger.
    pub fn prove_consistency(&self, old_size: u64) -> Result<Option<Vec<Digest>>, S::Error> {
        if old_size > self.size {
            return Ok(None);
        }
        if old_size == 0 || old_size == self.size {
            return Ok(Some(Vec::new()));
        }
        let mut proof = Vec::new();
        let mut rest = Span { start: 0, end: self.size };
        // RFC 6962 §2.1.2: down to the subtree that ends where the old tree does.
        while old_size < rest.end
            && let Some((left, right)) = rest.halves()
        {
            let (with, without) = if old_size <= left.end { (left, right) } else { (right, left) };
            proof.push(self.over(without)?);
            rest = with;
        }
        // Whoever checks knows the old root already.
        if rest.start != 0 {
            proof.push(self.over(rest)?);
        }
        proof.reverse();
        Ok(Some(proof))
    }

    /// The hash over a span that splitting has made: it starts where a subtree of its height may.
    fn over(&self, span: Span) -> Result<Digest, S::Error> {
        match span.halves() {
            None => self.complete(span.start, 0),
            Some(_) if span.length().is_power_of_two() => self.complete(span.start, span.length().ilog2()),
            Some((left, right)) => Ok(node_hash(&self.over(left)?, &self.over(right)?)),
        }
    }

    /// The root of the complete subtree of that height, from one tile.
    fn complete(&self, start: u64, height: u32) -> Result<Digest, S::Error> {
        let level = u8::try_from(height / HEIGHT).map_err(|_| TileError::Level)?;
        let (first, count) = (start >> (height - height % HEIGHT), 1_u64 << (height % HEIGHT));
        let kind = TileKind::Hashes { level };
        let tile = Tile::holding(kind, first..first + count, self.published).next().ok_or(TileError::Index)?;
        let hashes = self.tiles.hashes(&tile)?;
        let from = usize::try_from(first - tile.nodes().start).map_err(|_| TileError::Index)?;
        let nodes = usize::try_from(count).ok().and_then(|count| hashes.get(from..from.checked_add(count)?));
        let mut frontier = Frontier::new();
        for node in
            nodes.ok_or(TileError::Length { expected: usize::from(tile.width()) * 32, actual: hashes.len() * 32 })?
        {
            frontier.push(*node);
        }
        Ok(frontier.root())
    }
}

/// Entries from `start` up to, not including, `end`.
#[derive(Clone, Copy)]
struct Span {
    start: u64,
    end: u64,
}

impl Span {
    const fn length(self) -> u64 {
        self.end - self.start
    }

    /// Splits at the largest power of two below the length; none for a single entry.
    fn halves(self) -> Option<(Self, Self)> {
        let middle = self.start + (1 << self.length().checked_sub(1).filter(|last| *last > 0)?.ilog2());
        Some((Self { end: middle, ..self }, Self { start: middle, ..self }))
    }
}
