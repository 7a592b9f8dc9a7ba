//! A store that only remembers what it was given: a rotation is composed by the ledger itself, and written later, whole.

use std::sync::{Arc, Mutex, PoisonError};

use signer_engine::store::rows::{Batch, State, Write};
use signer_engine::store::{StoreError, StoreWriter};

/// Batches that were composed and not written.
#[derive(Clone)]
pub(super) struct Rehearsal {
    state: Option<State>,
    batches: Arc<Mutex<Vec<Batch>>>,
}

impl Rehearsal {
    /// Begins at a stored state.
    pub(super) fn new(state: Option<State>) -> Self {
        Self { state, batches: Arc::default() }
    }

    /// Takes one more batch.
    pub(super) fn take(&self, batch: Batch) {
        self.batches.lock().unwrap_or_else(PoisonError::into_inner).push(batch);
    }

    /// All of them, in order.
    pub(super) fn into_batches(self) -> Vec<Batch> {
        std::mem::take(&mut *self.batches.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl StoreWriter for Rehearsal {
    fn load(&mut self) -> Result<Option<State>, StoreError> {
        Ok(self.state.clone())
    }

    fn commit(&mut self, batch: &Batch) -> Result<(), StoreError> {
        self.take(batch.clone());
        Ok(())
    }
}

/// The checkpoint that a batch ends with.
pub(super) fn checkpoint_of(batch: &Batch) -> Option<&str> {
    batch.writes.iter().rev().find_map(|write| match write {
        Write::Checkpoint(row) => Some(row.note.as_str()),
        _ => None,
    })
}
