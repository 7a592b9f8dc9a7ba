//! Names that a forgiving file system takes for one: after a checkout there, one of the files is gone (attack GIT-32).
//!
//! Said where a commit adds a name, never refused for it: what is protected is compared folded by policy and anchor, so that
//! no spelling of it gets past them.

use std::collections::BTreeSet;
use std::sync::Arc;

use signer_core::change::{ChangeList, Edit};
use signer_core::folding;
use signer_core::reason::{Code, Reason};
use signer_git::object_id::ObjectId;
use signer_git::repository::{Repository, RepositoryError};
use signer_git::tree::Tree;

/// The first collision in a folder of `tree` that the changes add something to, or below.
pub(crate) fn added(
    repository: &Repository,
    tree: &ObjectId,
    changes: &ChangeList,
) -> Result<Option<Reason>, RepositoryError> {
    for folder in touched(changes) {
        let Some(listed) = listed(repository, tree, folder)? else { continue };
        let names = listed.entries().iter().map(|entry| entry.name.as_slice());
        if let Some((one, other)) = folding::collision(names) {
            let (one, other) = (String::from_utf8_lossy(one), String::from_utf8_lossy(other));
            let message = format_args!("`{one}` and `{other}` are one name where case or normalisation is folded");
            return Ok(Some(Reason::new(Code::GitTreeCollision, message)));
        }
    }
    Ok(None)
}

/// Every folder above a path that was added, the root as an empty path, each once.
fn touched(changes: &ChangeList) -> BTreeSet<&[u8]> {
    let added = changes.entries().iter().filter(|entry| matches!(entry.edit, Edit::Add(_)));
    added.flat_map(|entry| folders(&entry.path)).collect()
}

fn folders(path: &[u8]) -> impl Iterator<Item = &[u8]> {
    let ends = path.iter().enumerate().filter(|(_, byte)| **byte == b'/').map(|(end, _)| end);
    std::iter::once(0).chain(ends).filter_map(|end| path.get(..end))
}

fn listed(repository: &Repository, root: &ObjectId, folder: &[u8]) -> Result<Option<Arc<Tree>>, RepositoryError> {
    if folder.is_empty() {
        return repository.tree(root).map(Some);
    }
    match repository.entry_at(root, folder)? {
        Some(entry) if entry.mode.is_directory() => repository.tree(&entry.id).map(Some),
        _ => Ok(None),
    }
}
