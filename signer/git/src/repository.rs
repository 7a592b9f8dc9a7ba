//! Read access to a repository on disk: objects, refs, revisions and history.
//!
//! A repository is hostile input. Nothing is read from the environment, from replace refs, or from configuration beyond
//! the storage format; no owner check, search path or include applies. Every object read is re-hashed, with collision
//! detection for SHA-1. `pack` and `unpack` alone name the libraries that map packs and inflate them, `store` the hash.

mod adoption;
mod alternates;
mod delta;
mod error;
mod files;
mod history;
mod layout;
mod loose;
mod memory;
mod pack;
mod refs;
mod revision;
mod store;
mod tags;
mod unpack;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use signer_core::digest::Digest;

use crate::commit::{self, Commit, Linkage, linkage};
use crate::object::{MAX_BLOB, MAX_OBJECT, ObjectKind, RawObject};
use crate::object_id::{ObjectFormat, ObjectId};
use crate::tag::Tag;
use crate::tree::{Mode, Tree, TreeEntry};

pub use error::RepositoryError;
pub use layout::RepositoryState;
pub use refs::Head;

use layout::Layout;
use memory::Memory;
use store::Store;

/// Where a repository is: a work tree, a `.git` directory or a bare repository.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RepositoryPath(PathBuf);

impl RepositoryPath {
    /// The repository at `path` itself.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// The work tree `start` lies in: the nearest directory with a `.git`. Bare repositories are found by [`Self::new`]
    /// only, because one committed as files would otherwise answer for the directory around it.
    pub fn discover(start: &Path) -> Result<Self, RepositoryError> {
        let found = start.ancestors().find(|directory| directory.join(".git").exists());
        found.map(Self::new).ok_or_else(|| RepositoryError::NotARepository { path: start.to_owned() })
    }

    /// The repository at `start` itself, as a bare one has no work tree around it; else the work tree `start` lies in.
    pub fn around(start: &Path) -> Result<Self, RepositoryError> {
        match Layout::find(start) {
            Err(RepositoryError::NotARepository { path }) => match std::path::absolute(start) {
                Ok(absolute) => Self::discover(&absolute),
                Err(_) => Err(RepositoryError::NotARepository { path }),
            },
            Ok(_) | Err(_) => Ok(Self::new(start)),
        }
    }

    /// The path given.
    pub fn as_path(&self) -> &Path {
        &self.0
    }

    /// Opens it.
    pub fn open(&self) -> Result<Repository, RepositoryError> {
        Repository::open(&self.0)
    }
}

/// An open repository, read only. One can be shared by threads, but its reads wait for each other: see
/// [`Repository::reopen`].
pub struct Repository {
    layout: Layout,
    state: RepositoryState,
    store: Store,
    memory: Arc<Memory>,
}

impl Repository {
    /// Opens the work tree, `.git` directory or bare repository at `path`. Fails where history or objects may be other
    /// than they seem: shallow clones, grafts, alternates.
    pub fn open(path: &Path) -> Result<Self, RepositoryError> {
        let repository = Self::danger_open_incomplete(path)?;
        repository.state.require_whole()?;
        Ok(repository)
    }

    /// Opens a repository whose history may be cut short or whose objects may lie elsewhere: enough to sign a change
    /// in, never to judge one.
    pub fn danger_open_incomplete(path: &Path) -> Result<Self, RepositoryError> {
        let layout = Layout::find(path)?;
        let state = layout.state()?;
        let store = Store::open(&layout.objects(), layout.format)?;
        Ok(Self { layout, state, store, memory: Arc::default() })
    }

    /// Another handle on the same repository, for another thread: what one of them remembers, both know.
    #[must_use]
    pub fn reopen(&self) -> Self {
        let (store, memory) = (self.store.reopen(), Arc::clone(&self.memory));
        Self { layout: self.layout.clone(), state: self.state, store, memory }
    }

    /// What stands beside the objects and changes what other readers see.
    pub const fn state(&self) -> &RepositoryState {
        &self.state
    }

    /// The hash objects are named by.
    pub const fn format(&self) -> ObjectFormat {
        self.layout.format
    }

    /// The directory git keeps this work tree's state in.
    pub fn git_dir(&self) -> &Path {
        &self.layout.git_dir
    }

    /// The object, if it is at most 8 MiB and its bytes hash to `id`.
    pub fn read(&self, id: &ObjectId) -> Result<RawObject, RepositoryError> {
        let known = self.memory.commits.find(id).map(|bytes| (ObjectKind::Commit, bytes));
        let (kind, bytes) = known.map_or_else(|| self.store.read(id, MAX_OBJECT), Ok)?;
        Ok(RawObject { id: *id, kind, bytes: Arc::unwrap_or_clone(bytes) })
    }

    /// The object, which must be of this kind.
    pub fn read_kind(&self, id: &ObjectId, kind: ObjectKind) -> Result<RawObject, RepositoryError> {
        self.read(id)?.require(kind)
    }

    /// The commit, strictly parsed.
    pub fn commit(&self, id: &ObjectId) -> Result<Commit, RepositoryError> {
        let object = self.read_kind(id, ObjectKind::Commit)?;
        Commit::parse(&object.bytes, self.format()).map_err(|source| RepositoryError::Object { id: *id, source })
    }

    /// The tag object, strictly parsed.
    pub fn tag(&self, id: &ObjectId) -> Result<Tag, RepositoryError> {
        let object = self.read_kind(id, ObjectKind::Tag)?;
        Tag::parse(&object.bytes, self.format()).map_err(|source| RepositoryError::Object { id: *id, source })
    }

    /// The tree, strictly parsed.
    pub fn tree(&self, id: &ObjectId) -> Result<Arc<Tree>, RepositoryError> {
        if *id == self.format().empty_tree() {
            return Ok(Arc::default());
        }
        if let Some(known) = self.memory.trees.find(id) {
            return Ok(known);
        }
        let bytes = self.store.read_kind(id, ObjectKind::Tree, MAX_OBJECT)?;
        let tree = Tree::parse(&bytes, self.format()).map_err(|source| RepositoryError::Object { id: *id, source })?;
        let tree = Arc::new(tree);
        self.memory.trees.keep(*id, Arc::clone(&tree), tree.entries().len() + 1);
        Ok(tree)
    }

    /// Size and digest of the content of a blob of at most 2 GiB.
    pub(crate) fn blob_digest(&self, id: &ObjectId) -> Result<(u64, Digest), RepositoryError> {
        if let Some(known) = self.memory.blobs.find(id) {
            return Ok(known);
        }
        let bytes = self.store.read_kind(id, ObjectKind::Blob, MAX_BLOB)?;
        let read = (u64::try_from(bytes.len()).unwrap_or(u64::MAX), Digest::of(&bytes));
        self.memory.blobs.keep(*id, read, 1);
        Ok(read)
    }

    /// The entry at `path`, segments separated by `/`, below a tree.
    pub fn entry_at(&self, tree: &ObjectId, path: &[u8]) -> Result<Option<TreeEntry>, RepositoryError> {
        let mut segments = path.split(|byte| *byte == b'/').peekable();
        let mut tree = *tree;
        while let Some(segment) = segments.next() {
            let Some(entry) = self.tree(&tree)?.entry(segment).cloned() else { return Ok(None) };
            if segments.peek().is_none() {
                return Ok(Some(entry));
            }
            if !entry.mode.is_directory() {
                return Ok(None);
            }
            tree = entry.id;
        }
        Ok(None)
    }

    /// The content of the regular file at `path` below a tree, at most 8 MiB. Nothing where there is none, or something
    /// else than a file.
    pub fn blob_at(&self, tree: &ObjectId, path: &[u8]) -> Result<Option<Vec<u8>>, RepositoryError> {
        match self.entry_at(tree, path)? {
            Some(TreeEntry { mode: Mode::File | Mode::Executable, id, .. }) => {
                Ok(Some(self.read_kind(&id, ObjectKind::Blob)?.bytes))
            }
            _ => Ok(None),
        }
    }

    /// The tree and parents of a commit, as git-core reads them.
    pub fn linkage(&self, id: &ObjectId) -> Result<Linkage, RepositoryError> {
        if let Some(known) = self.memory.linkages.find(id) {
            return Ok(known);
        }
        let bytes = self.store.read_kind(id, ObjectKind::Commit, MAX_OBJECT)?;
        let linkage = linkage(&bytes, self.format()).map_err(|source| RepositoryError::Object { id: *id, source })?;
        self.memory.linkages.keep(*id, linkage.clone(), 1);
        let weight = bytes.len();
        self.memory.commits.keep(*id, bytes, weight);
        Ok(linkage)
    }
}

impl Repository {
    /// Remembers what the commit points to that git makes of `payload` and `armor`, under the id that it hashes to. Nothing
    /// where git would make none of them.
    pub fn remember_signed(&self, payload: &[u8], armor: &[u8]) -> Option<ObjectId> {
        let bytes = commit::join(payload, armor, self.format()).ok()?;
        let known = linkage(&bytes, self.format()).ok()?;
        let id = object_id(ObjectKind::Commit, &bytes, self.format()).ok()?;
        self.memory.linkages.keep(id, known, 1);
        Some(id)
    }
}

impl RawObject {
    /// The object itself. Fails unless it is of this kind.
    pub fn require(self, expected: ObjectKind) -> Result<Self, RepositoryError> {
        if self.kind == expected {
            return Ok(self);
        }
        Err(RepositoryError::WrongKind { id: self.id, expected, actual: self.kind })
    }
}

/// The id git gives to these bytes.
pub fn object_id(kind: ObjectKind, bytes: &[u8], format: ObjectFormat) -> Result<ObjectId, RepositoryError> {
    store::hash(kind, bytes, format)
}

#[cfg(test)]
mod tests;
