//! Sessions that were read before, so that most requests cost their session no read. The ledger forgets a session that
//! it changes before it answers: whoever was told of a change never meets the old row.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use signer_core::digest::Digest;

use crate::store::rows::{SessionRow, Write};

/// Most sessions remembered.
const MEMORY: usize = 4096;

/// Sessions by the digest of their credential.
#[derive(Default)]
pub(crate) struct SessionMemory(RwLock<Known>);

#[derive(Default)]
struct Known {
    /// How often sessions have changed.
    changes: u64,
    rows: HashMap<Digest, Arc<SessionRow>>,
}

/// What was there before the store was asked.
#[derive(Clone, Copy)]
pub(crate) struct Seen(u64);

impl SessionMemory {
    /// The session, or what [`Self::keep`] wants to know once it was read.
    pub(crate) fn find(&self, credential: &Digest) -> Result<Arc<SessionRow>, Seen> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        known.rows.get(credential).map(Arc::clone).ok_or(Seen(known.changes))
    }

    /// Remembers a row that was read after `seen`, unless any session has changed since: the row may be the old one.
    pub(crate) fn keep(&self, seen: Seen, row: &Arc<SessionRow>) {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if known.changes != seen.0 {
            return;
        }
        if known.rows.len() >= MEMORY {
            known.rows.clear();
        }
        known.rows.insert(row.credential, Arc::clone(row));
    }

    /// Forgets the sessions that a transaction has changed, or may have.
    pub(crate) fn forget(&self, writes: &[Write]) {
        let changed = |write: &Write| match write {
            Write::Acceptance { session, .. } | Write::SessionEnd { session, .. } => Some(session.clone()),
            _ => None,
        };
        let changed: Vec<String> = writes.iter().filter_map(changed).collect();
        if changed.is_empty() {
            return;
        }
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        known.changes = known.changes.wrapping_add(1);
        known.rows.retain(|_, row| !changed.contains(&row.id));
    }
}

#[cfg(test)]
mod tests;
