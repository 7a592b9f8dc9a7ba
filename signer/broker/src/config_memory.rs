//! What configurations say, by the id of their bytes: hardly any commit changes its repository's, and each would have it
//! read, inflated, hashed and parsed again while git waits.

use std::sync::{Mutex, PoisonError};

use signer_core::repository_config::{self, RepositoryConfig};
use signer_git::tree::Mode;
use signer_git::{ObjectId, ObjectKind, Repository, TreeEntry};

use crate::error::BrokerError;

/// Most configurations that are remembered.
const MAX_KNOWN: usize = 64;

/// Configurations that were read, oldest first.
#[derive(Default)]
pub(crate) struct ConfigMemory(Mutex<Vec<(ObjectId, RepositoryConfig)>>);

impl ConfigMemory {
    /// The configuration in a tree. Fails where it is missing, no regular file, or malformed.
    pub(crate) fn of(&self, repository: &Repository, tree: &ObjectId) -> Result<RepositoryConfig, BrokerError> {
        let Some(TreeEntry { mode: Mode::File | Mode::Executable, id, .. }) =
            repository.entry_at(tree, repository_config::PATH.as_bytes())?
        else {
            return Err(BrokerError::AnchorMissing);
        };
        if let Some((_, known)) = self.all().iter().find(|(known, _)| *known == id) {
            return Ok(known.clone());
        }
        let read = RepositoryConfig::parse(&repository.read_kind(&id, ObjectKind::Blob)?.bytes)?;
        let mut all = self.all();
        if all.len() == MAX_KNOWN {
            all.remove(0);
        }
        all.push((id, read.clone()));
        Ok(read)
    }

    fn all(&self) -> std::sync::MutexGuard<'_, Vec<(ObjectId, RepositoryConfig)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
