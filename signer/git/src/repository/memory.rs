//! What a repository remembers of its objects, in bounded memory, for all handles on it. Everything here was hashed when
//! it was read.

use std::sync::Arc;

use signer_core::digest::Digest;

use crate::commit::Linkage;
use crate::generations::Shared;
use crate::object_id::ObjectId;
use crate::tree::Tree;

/// Commits whose tree and parents are remembered.
const LINKAGES: usize = 100_000;
/// Bytes of commits remembered: a walk reads them for their linkage, and whoever judges them wants the rest soon after.
const COMMIT_BYTES: usize = 32 * 1024 * 1024;
/// Entries of trees remembered.
const TREE_ENTRIES: usize = 300_000;
/// Digests of blobs remembered.
const BLOBS: usize = 100_000;

pub(super) struct Memory {
    pub(super) linkages: Shared<ObjectId, Linkage>,
    pub(super) commits: Shared<ObjectId, Arc<Vec<u8>>>,
    pub(super) trees: Shared<ObjectId, Arc<Tree>>,
    /// Size and digest.
    pub(super) blobs: Shared<ObjectId, (u64, Digest)>,
}

impl Default for Memory {
    fn default() -> Self {
        Self {
            linkages: Shared::new(LINKAGES),
            commits: Shared::new(COMMIT_BYTES),
            trees: Shared::new(TREE_ENTRIES),
            blobs: Shared::new(BLOBS),
        }
    }
}
