//! What is certainly new: a filter over the idempotency keys of all kept answers and over all certified keys, so that a
//! first request, which almost all are, asks the store for nothing.
//!
//! The filter may hold more than there is and never less (Bloom, 1970). Until everything stored before the start has been
//! read, it excludes nothing, and the store is asked as if there were no filter.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock};

use signer_core::digest::Digest;

use crate::engine::Engine;
use crate::refusal::Refusal;
use crate::store::Unique;

/// Names that the first layer has room for; each further one has room for twice as many.
const FIRST: u64 = 1 << 18;
/// Bits for each name, and how many of them it sets: one name in 400 is held by mistake.
const BITS: u64 = 16;
const PROBES: usize = 4;
/// Names read at once.
const PAGE: u64 = 16 * 1024;

/// The filter.
#[derive(Default)]
pub(crate) struct Given {
    layers: RwLock<Vec<Layer>>,
    is_complete: AtomicBool,
}

struct Layer {
    bits: Box<[AtomicU64]>,
    room: u64,
    held: AtomicU64,
}

impl Given {
    /// Adds a name. The ledger adds what a batch gives before it is durable.
    pub(crate) fn add(&self, name: &Digest) {
        let layers = self.layers.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(newest) = layers.last().filter(|layer| layer.has_room()) {
            return newest.add(name);
        }
        drop(layers);
        let mut layers = self.layers.write().unwrap_or_else(PoisonError::into_inner);
        if !layers.last().is_some_and(Layer::has_room) {
            let room = layers.last().map_or(FIRST, |layer| layer.room.saturating_mul(2));
            layers.push(Layer::new(room));
        }
        layers.last().into_iter().for_each(|layer| layer.add(name));
    }

    /// Whether the name was certainly not given before now.
    pub(crate) fn excludes(&self, name: &Digest) -> bool {
        let layers = || self.layers.read().unwrap_or_else(PoisonError::into_inner);
        self.is_complete.load(Ordering::Acquire) && !layers().iter().any(|layer| layer.may_hold(name))
    }

    /// Everything that was stored before the start is in it.
    fn complete(&self) {
        self.is_complete.store(true, Ordering::Release);
    }
}

impl Layer {
    fn new(room: u64) -> Self {
        let words = usize::try_from(room.saturating_mul(BITS) / 64).unwrap_or(usize::MAX);
        Self { bits: (0..words).map(|_| AtomicU64::new(0)).collect(), room, held: AtomicU64::new(0) }
    }

    fn has_room(&self) -> bool {
        self.held.load(Ordering::Relaxed) < self.room
    }

    fn add(&self, name: &Digest) {
        self.held.fetch_add(1, Ordering::Relaxed);
        for (word, bit) in self.places(name) {
            word.fetch_or(bit, Ordering::Relaxed);
        }
    }

    fn may_hold(&self, name: &Digest) -> bool {
        self.places(name).all(|(word, bit)| word.load(Ordering::Relaxed) & bit != 0)
    }

    /// The bits of a name: a digest is as random as any hash of it.
    fn places(&self, name: &Digest) -> impl Iterator<Item = (&AtomicU64, u64)> {
        let words = u64::try_from(self.bits.len()).unwrap_or(u64::MAX).max(1);
        let (parts, _) = name.as_bytes().as_chunks::<8>();
        parts.iter().take(PROBES).filter_map(move |part| {
            let hash = u64::from_be_bytes(*part);
            let word = usize::try_from((hash >> 6) % words).ok()?;
            Some((self.bits.get(word)?, 1 << (hash & 63)))
        })
    }
}

impl Engine {
    /// Reads the names of everything that was given before the start, so that requests need not look for them. Takes
    /// seconds for millions; requests are answered meanwhile.
    pub fn learn_given(&self) -> Result<(), Refusal> {
        for kind in [Unique::Answer, Unique::CertifiedKey] {
            let mut last = Digest::from_bytes([0; 32]);
            loop {
                let names = self.reader.names_after(kind, &last, PAGE)?;
                for name in &names {
                    self.given.add(name);
                }
                match names.last() {
                    Some(name) => last = *name,
                    None => break,
                }
            }
        }
        self.given.complete();
        Ok(())
    }
}

#[cfg(test)]
mod tests;
