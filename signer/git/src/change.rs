//! Change lists from git: first parent's tree to this tree, no renames; for a merge the paths its signer must answer for
//! (docs/formats.md F3). The byte form is `signer_core::change`.
//!
//! All trees of a step are walked together and a subtree that equals one parent's is never entered, so the cost follows
//! the change, not the tree. Content is digested here because a SHA-1 tree does not bind it.

mod merge_walk;

use std::sync::Arc;

use signer_core::change::{self, ChangeList, Content, Edit, Entry, Side};
use signer_core::digest::Digest;
use signer_core::reason::{Code, Coded};

use crate::commit::Commit;
use crate::object_id::ObjectId;
use crate::repository::{Repository, RepositoryError};
use crate::tree::{Mode, Tree};

use merge_walk::{Difference, Leaf, Sides};

/// Deepest directory.
pub const MAX_DEPTH: usize = 256;
/// Most tree entries looked at for one list: trees may name one subtree many times over.
pub const MAX_VISITED: usize = 1_000_000;

/// What `commit` changes.
pub fn change_list(repository: &Repository, commit: &Commit) -> Result<ChangeList, ChangeListError> {
    ChangeReader::new(repository).change_list(commit)
}

/// Makes change lists of one repository, which remembers trees and digests of blobs in bounded memory.
pub struct ChangeReader<'r> {
    repository: &'r Repository,
}

impl<'r> ChangeReader<'r> {
    /// A reader of that repository.
    pub const fn new(repository: &'r Repository) -> Self {
        Self { repository }
    }

    /// What `commit` changes: against nothing for a root, against every parent and merge base for a merge.
    pub fn change_list(&self, commit: &Commit) -> Result<ChangeList, ChangeListError> {
        self.difference(&self.sides(&commit.parents)?, &commit.tree)
    }

    /// The trees of all parents, and of the merge bases of each two.
    fn sides(&self, parents: &[ObjectId]) -> Result<Sides, ChangeListError> {
        let tree = |id: &ObjectId| self.repository.linkage(id).map(|linkage| Some(linkage.tree));
        if parents.len() < 2 {
            return Ok(Sides::one(parents.first().map(tree).transpose()?.flatten()));
        }
        let mut trees = parents.iter().map(tree).collect::<Result<Vec<_>, _>>()?;
        let mut bases = Vec::new();
        for (left, one) in parents.iter().enumerate() {
            for (right, other) in parents.iter().enumerate().skip(left + 1) {
                let start = trees.len();
                trees.extend(self.repository.merge_bases(one, other)?.iter().map(tree).collect::<Result<Vec<_>, _>>()?);
                // Unrelated histories: each side has changed whatever it has.
                if trees.len() == start {
                    trees.push(None);
                }
                bases.push((left, right, (start..trees.len()).collect()));
            }
        }
        Ok(Sides { trees, parents: parents.len(), bases })
    }

    /// What differs between two trees, or from nothing.
    pub fn between(&self, before: Option<&ObjectId>, after: &ObjectId) -> Result<ChangeList, ChangeListError> {
        self.difference(&Sides::one(before.copied()), after)
    }

    /// Every path of a tree: the change list from nothing.
    pub fn tree_paths(&self, tree: &ObjectId) -> Result<ChangeList, ChangeListError> {
        self.between(None, tree)
    }

    /// Digest of every path, mode and content of a tree, which an anchor names for its adoption commit.
    pub fn manifest_digest(&self, tree: &ObjectId) -> Result<Digest, ChangeListError> {
        Ok(self.tree_paths(tree)?.digest())
    }

    fn difference(&self, sides: &Sides, after: &ObjectId) -> Result<ChangeList, ChangeListError> {
        let found = merge_walk::walk(self, sides, after)?;
        let entries = found.into_iter().map(|difference| self.entry(difference)).collect::<Result<_, _>>()?;
        Ok(ChangeList::new(entries)?)
    }

    fn entry(&self, Difference { path, old, new }: Difference) -> Result<Entry, ChangeListError> {
        let edit = match (old.map(side), new) {
            (None, Some(new)) => Edit::Add(self.content(new)?),
            (Some(old), Some(new)) => Edit::Modify(old, self.content(new)?),
            (Some(old), None) => Edit::Delete(old),
            (None, None) => return Err(ChangeListError::List(change::ChangeError::Malformed)),
        };
        Ok(Entry { path, edit })
    }

    fn content(&self, leaf: Leaf) -> Result<Content, ChangeListError> {
        let (size, sha256) = match leaf.mode {
            Mode::Submodule => (0, Digest::of(b"")),
            _ => self.repository.blob_digest(&leaf.id)?,
        };
        Ok(Content { side: side(leaf), size, sha256 })
    }

    fn tree(&self, id: &ObjectId) -> Result<Arc<Tree>, ChangeListError> {
        Ok(self.repository.tree(id)?)
    }
}

fn side(leaf: Leaf) -> Side {
    Side { mode: leaf.mode.bits(), id: leaf.id.as_bytes().to_vec() }
}

/// Why a change list cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum ChangeListError {
    /// An object is missing, damaged or malformed.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
    /// More paths, or longer ones, than a list holds.
    #[error(transparent)]
    List(#[from] change::ChangeError),
    /// Directories too deep.
    #[error("directories are nested deeper than {MAX_DEPTH}")]
    TooDeep,
    /// Too many tree entries to look at.
    #[error("more than {MAX_VISITED} tree entries have to be looked at")]
    TooManyVisited,
}

impl Coded for ChangeListError {
    fn code(&self) -> Code {
        match self {
            Self::Repository(error) => error.code(),
            Self::List(_) | Self::TooManyVisited => Code::LimitChangeList,
            Self::TooDeep => Code::LimitTreeDepth,
        }
    }
}

#[cfg(test)]
mod tests;
