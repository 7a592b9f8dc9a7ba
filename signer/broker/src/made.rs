//! Commits that git makes of what was signed here. Whoever signs the next one compares it with this one, and what is known
//! already is not read from the disk while git waits.

use std::sync::{Arc, Mutex, PoisonError};

use signer_git::Repository;

/// Most commits that wait to be remembered.
const MAX_WAITING: usize = 64;
/// Most bytes of one of them, many times what anybody writes.
const MAX_PAYLOAD: usize = 64 * 1024;

/// Commits in their parts, oldest first.
#[derive(Default)]
pub(crate) struct Made(Mutex<Vec<Parts>>);

struct Parts {
    repository: Arc<Repository>,
    payload: Vec<u8>,
    armor: String,
}

impl Made {
    /// Git was given this signature over this object.
    pub(crate) fn add(&self, repository: Arc<Repository>, payload: Vec<u8>, armor: String) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() < MAX_WAITING && payload.len() <= MAX_PAYLOAD {
            waiting.push(Parts { repository, payload, armor });
        }
    }

    /// Remembers them, in the repositories they belong to. A tag is not a commit, and nobody asks for it again.
    pub(crate) fn learn(&self) {
        let waiting = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        for Parts { repository, payload, armor } in waiting {
            // What is not remembered is read.
            let _remembered = repository.remember_signed(&payload, armor.as_bytes());
        }
    }
}
