//! The newest checkpoints, as they were signed: most clients show one of them, and a note that is ours to the byte needs
//! no other proof.

use std::collections::VecDeque;
use std::sync::{PoisonError, RwLock};

/// Most checkpoints remembered.
const MEMORY: usize = 1024;

/// Checkpoints that are durable, by size, oldest first.
#[derive(Default)]
pub(crate) struct Published(RwLock<VecDeque<(u64, String)>>);

impl Published {
    /// Adds the checkpoint of a tree larger than any before.
    pub(crate) fn add(&self, size: u64, note: &str) {
        let mut notes = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if notes.len() >= MEMORY {
            notes.pop_front();
        }
        notes.push_back((size, note.to_owned()));
    }

    /// Whether this very note is one of them. Whatever else a note may be, its second line is the size.
    pub(crate) fn holds(&self, note: &str) -> bool {
        let Some(size) = note.split('\n').nth(1).and_then(|size| size.parse::<u64>().ok()) else { return false };
        let notes = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let found = notes.binary_search_by_key(&size, |(size, _)| *size).ok().and_then(|at| notes.get(at));
        found.is_some_and(|(_, known)| known == note)
    }
}

#[cfg(test)]
mod tests;
