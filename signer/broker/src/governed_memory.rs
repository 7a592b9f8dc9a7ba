//! What `.chancery` says, by the id of its tree: hardly any commit changes its repository's, and each would have it
//! read, inflated, hashed and parsed again while git waits.

use std::sync::{Arc, Mutex, PoisonError};

use signer_core::anchor::Anchor;
use signer_core::digest::Digest;
use signer_core::repository_config::{self, RepositoryConfig};
use signer_core::trust_root::TrustRoot;
use signer_git::tree::Mode;
use signer_git::{ObjectId, ObjectKind, Repository, TreeEntry};

use crate::error::BrokerError;

/// The folder, and what is in it.
const FOLDER: &str = ".chancery";
/// Most folders that are remembered.
const MAX_KNOWN: usize = 64;

/// What a tree says of its repository.
pub(crate) struct Governed {
    /// Which repository and target it is.
    pub config: RepositoryConfig,
    /// Keys that its newest anchor names, by digest. None where there is no anchor that can be read: that is for verifiers
    /// to judge.
    pub keys: Option<Vec<Digest>>,
}

/// Folders that were read, oldest first.
#[derive(Default)]
pub(crate) struct GovernedMemory(Mutex<Vec<(ObjectId, Arc<Governed>)>>);

impl GovernedMemory {
    /// What a tree holds. Fails where the configuration is missing, no regular file, or malformed.
    pub(crate) fn of(&self, repository: &Repository, tree: &ObjectId) -> Result<Arc<Governed>, BrokerError> {
        let Some(TreeEntry { mode: Mode::Directory, id, .. }) = repository.entry_at(tree, FOLDER.as_bytes())? else {
            return Err(BrokerError::AnchorMissing);
        };
        if let Some((_, known)) = self.all().iter().find(|(known, _)| *known == id) {
            return Ok(Arc::clone(known));
        }
        let read = Arc::new(Governed { config: config(repository, tree)?, keys: keys(repository, &id)? });
        let mut all = self.all();
        if all.len() == MAX_KNOWN {
            all.remove(0);
        }
        all.push((id, Arc::clone(&read)));
        Ok(read)
    }

    fn all(&self) -> std::sync::MutexGuard<'_, Vec<(ObjectId, Arc<Governed>)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn config(repository: &Repository, tree: &ObjectId) -> Result<RepositoryConfig, BrokerError> {
    let Some(TreeEntry { mode: Mode::File | Mode::Executable, id, .. }) =
        repository.entry_at(tree, repository_config::PATH.as_bytes())?
    else {
        return Err(BrokerError::AnchorMissing);
    };
    Ok(RepositoryConfig::parse(&repository.read_kind(&id, ObjectKind::Blob)?.bytes)?)
}

fn keys(repository: &Repository, folder: &ObjectId) -> Result<Option<Vec<Digest>>, BrokerError> {
    let mut newest = None;
    for version in 1..=u32::MAX {
        let Some(bytes) = repository.blob_at(folder, format!("anchor/{version}.json").as_bytes())? else { break };
        newest = Some(bytes);
    }
    let anchor = newest.and_then(|bytes| Anchor::parse(&bytes).ok()?.trust().ok());
    let trust = anchor.and_then(|anchor| TrustRoot::from_json(anchor.terms().trust_root.as_bytes()).ok());
    Ok(trust.and_then(|trust| Some(trust.standings().ok()?.iter().map(|key| key.key).collect())))
}
