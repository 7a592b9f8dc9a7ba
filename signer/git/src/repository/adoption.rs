//! Whether a repository was adopted: what has a folder `.chancery` answers to the anchor in it and to nobody's word beside it.

use super::{Repository, RepositoryError};
use crate::object_id::ObjectId;

/// Where an adopted repository keeps anchors, policy and configuration (docs/formats.md F7).
const FOLDER: &[u8] = b".chancery";

impl Repository {
    /// The tree of the commit that `HEAD` leads to; none before the first commit.
    pub fn head_tree(&self) -> Result<Option<ObjectId>, RepositoryError> {
        match self.resolve_commit("HEAD") {
            Ok(head) => Ok(Some(self.linkage(&head)?.tree)),
            Err(RepositoryError::UnknownRevision { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Whether the commit that `HEAD` leads to belongs to an adopted history.
    pub fn is_head_adopted(&self) -> Result<bool, RepositoryError> {
        self.head_tree()?.map_or(Ok(false), |tree| self.is_adopted(&tree))
    }

    /// Whether this tree belongs to an adopted history, whatever stands under the name of the folder.
    pub fn is_adopted(&self, tree: &ObjectId) -> Result<bool, RepositoryError> {
        Ok(self.entry_at(tree, FOLDER)?.is_some())
    }
}
