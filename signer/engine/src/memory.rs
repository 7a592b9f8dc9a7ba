//! What was read before and never changes once written.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use signer_core::digest::Digest;

/// Most values remembered.
const MOST: usize = 4096;

/// Values by the digest that names them. Bounded: where it is full it forgets everything.
pub(crate) struct Memory<T>(RwLock<HashMap<Digest, T>>);

impl<T> Default for Memory<T> {
    fn default() -> Self {
        Self(RwLock::default())
    }
}

impl<T: Clone> Memory<T> {
    /// The value of that name, if it was kept.
    pub(crate) fn find(&self, digest: &Digest) -> Option<T> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(digest).cloned()
    }

    /// Keeps a value.
    pub(crate) fn keep(&self, digest: Digest, value: T) {
        let mut values = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if values.len() >= MOST {
            values.clear();
        }
        values.insert(digest, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // SRV-10: what callers can name without end is not remembered without end.
    #[test]
    fn names_without_end_take_no_memory_without_end() {
        let memory = Memory::default();
        for name in 0_usize..10 * MOST {
            memory.keep(Digest::of(&name.to_be_bytes()), name);
            assert!(memory.0.read().unwrap().len() <= MOST);
        }
        let newest = 10 * MOST - 1;
        assert_eq!(memory.find(&Digest::of(&newest.to_be_bytes())), Some(newest));
    }
}
