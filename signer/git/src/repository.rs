//! Read access to a repository on disk: objects, refs, revisions and history.
//!
//! A repository is hostile input. Nothing is read from the environment, from replace refs, or from configuration beyond
//! the storage format; libgit2 sees the object store alone (`store`), so that no owner check, search path or include of
//! its own applies. Every object read is re-hashed, with collision detection for SHA-1.

mod error;
mod history;
mod layout;
mod loose;
mod refs;
mod revision;
mod store;
mod tags;

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use crate::commit::{Commit, Linkage, linkage};
use crate::generations::Generations;
use crate::object::{MAX_BLOB, MAX_OBJECT, ObjectKind, RawObject};
use crate::object_id::{ObjectFormat, ObjectId};
use crate::tag::Tag;
use crate::tree::{Mode, Tree, TreeEntry};

pub use error::RepositoryError;
pub use layout::RepositoryState;
pub use refs::Head;

use layout::Layout;
use store::Store;

/// Commits whose tree and parents are remembered.
const LINKAGES: usize = 100_000;

/// Where a repository is: a work tree, a `.git` directory or a bare repository. Cheap to send to other threads, each of
/// which opens its own [`Repository`]; one can be shared, but its reads wait for each other.
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

    /// The path given.
    pub fn as_path(&self) -> &Path {
        &self.0
    }

    /// Opens it.
    pub fn open(&self) -> Result<Repository, RepositoryError> {
        Repository::open(&self.0)
    }
}

/// An open repository, read only.
pub struct Repository {
    layout: Layout,
    state: RepositoryState,
    store: Store,
    linkages: Mutex<Generations<ObjectId, Linkage>>,
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
        Ok(Self { layout, state, store, linkages: Mutex::new(Generations::new(LINKAGES)) })
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
        self.store.read(id, MAX_OBJECT)
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
    pub fn tree(&self, id: &ObjectId) -> Result<Tree, RepositoryError> {
        if *id == self.format().empty_tree() {
            return Ok(Tree::default());
        }
        let object = self.read_kind(id, ObjectKind::Tree)?;
        Tree::parse(&object.bytes, self.format()).map_err(|source| RepositoryError::Object { id: *id, source })
    }

    /// Shows the content of a blob of at most 2 GiB.
    pub(crate) fn with_blob<T>(&self, id: &ObjectId, show: impl FnOnce(&[u8]) -> T) -> Result<T, RepositoryError> {
        self.store.with(id, ObjectKind::Blob, MAX_BLOB, show)
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
        if let Some(known) = self.linkages.lock().ok().and_then(|mut known| known.find(id)) {
            return Ok(known);
        }
        let limit = MAX_OBJECT;
        let read = self.store.with(id, ObjectKind::Commit, limit, |bytes| linkage(bytes, self.format()))?;
        let read = read.map_err(|source| RepositoryError::Object { id: *id, source })?;
        if let Ok(mut known) = self.linkages.lock() {
            known.keep(*id, read.clone(), 1);
        }
        Ok(read)
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
