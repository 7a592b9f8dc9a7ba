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
