//! Which commits a run judges, and whether they belong to the adopted history at all.

use signer_core::digest::Digest;
use signer_git::change::ChangeReader;
use signer_git::object_id::ObjectId;
use signer_git::repository::Repository;

use crate::error::RunError;
use crate::governance::Governments;

/// What the caller asked to judge.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Selection {
    /// Every commit from the adoption to the head.
    All,
    /// Every commit reachable from `head` and not from `base`.
    Range {
        /// First commit outside.
        base: String,
        /// Last commit inside.
        head: String,
    },
    /// One commit.
    Commit(String),
    /// One tag.
    Tag(String),
}

/// The commits to judge, parents before children.
pub(crate) struct Selected {
    /// First commit outside.
    pub(crate) base: Option<ObjectId>,
    /// Last commit inside.
    pub(crate) head: ObjectId,
    /// The commits.
    pub(crate) commits: Vec<ObjectId>,
}

/// The tip that a selection starts from.
pub(crate) fn tip(repository: &Repository, selection: &Selection) -> Result<ObjectId, RunError> {
    let name = match selection {
        Selection::All | Selection::Tag(_) => "HEAD",
        Selection::Range { head, .. } => head,
        Selection::Commit(commit) => commit,
    };
    Ok(repository.resolve_commit(name)?)
}

/// The commits of a selection.
pub(crate) fn select(
    governments: &Governments,
    repository: &Repository,
    selection: &Selection,
    head: ObjectId,
) -> Result<Selected, RunError> {
    let adoption = adoption(governments, repository)?;
    if let Some(adoption) = &adoption
        && !repository.is_ancestor(adoption, &head)?
    {
        return Err(RunError::NotDescendant { id: head.to_string() });
    }
    match selection {
        Selection::Commit(_) => Ok(Selected { base: None, commits: vec![head], head }),
        Selection::All | Selection::Tag(_) => {
            let excluded: Vec<ObjectId> = adoption.into_iter().collect();
            Ok(Selected { commits: repository.walk(&head, &excluded)?, base: adoption, head })
        }
        Selection::Range { base, .. } => {
            let base = repository.resolve_commit(base)?;
            if adoption.as_ref().is_some_and(|adoption| !repository.is_ancestor(adoption, &base).unwrap_or(false)) {
                return Err(RunError::NotDescendant { id: base.to_string() });
            }
            let excluded: Vec<ObjectId> = adoption.into_iter().chain([base]).collect();
            Ok(Selected { commits: repository.walk(&head, &excluded)?, base: Some(base), head })
        }
    }
}

/// The adoption commit, checked against what the anchor says of its bytes and files.
fn adoption(governments: &Governments, repository: &Repository) -> Result<Option<ObjectId>, RunError> {
    let Some(adoption) = governments.adoption() else { return Ok(None) };
    let id = ObjectId::from_hex(adoption.commit.as_str().as_bytes(), repository.format())?;
    let raw = repository.read(&id)?;
    let tree = repository.linkage(&id)?.tree;
    let manifest = ChangeReader::new(repository).manifest_digest(&tree)?;
    if Digest::of(&raw.bytes) != adoption.sha256 || manifest != adoption.manifest {
        return Err(RunError::AdoptionDiffers);
    }
    Ok(Some(id))
}
