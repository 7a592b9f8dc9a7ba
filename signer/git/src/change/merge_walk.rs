//! Walks one new tree and the trees of all parents at once, and yields the leaves that differ from every parent.

use std::cmp::Ordering;
use std::sync::Arc;

use signer_core::change::{ChangeError, MAX_ENTRIES, MAX_PATH};

use crate::change::{ChangeListError, ChangeReader, MAX_DEPTH, MAX_VISITED};
use crate::object_id::ObjectId;
use crate::tree::{Mode, Tree, TreeEntry};

/// What stands at a path: anything but a directory.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Leaf {
    pub(super) mode: Mode,
    pub(super) id: ObjectId,
}

/// A path whose new side differs from that of every parent.
pub(super) struct Difference {
    pub(super) path: Vec<u8>,
    /// The first parent's side.
    pub(super) old: Option<Leaf>,
    pub(super) new: Option<Leaf>,
}

/// The differences, sorted by path. `before` has one tree, or nothing, per parent.
pub(super) fn walk(
    reader: &ChangeReader<'_>,
    before: &[Option<ObjectId>],
    after: &ObjectId,
) -> Result<Vec<Difference>, ChangeListError> {
    let mut walk = Walk { reader, path: Vec::new(), found: Vec::new(), visited: 0 };
    if !before.contains(&Some(*after)) {
        walk.directory(before, Some(*after), 0)?;
    }
    Ok(walk.found)
}

struct Walk<'a, 'r> {
    reader: &'a ChangeReader<'r>,
    path: Vec<u8>,
    found: Vec<Difference>,
    visited: usize,
}

impl Walk<'_, '_> {
    fn directory(
        &mut self,
        before: &[Option<ObjectId>],
        after: Option<ObjectId>,
        depth: usize,
    ) -> Result<(), ChangeListError> {
        if depth > MAX_DEPTH {
            return Err(ChangeListError::TooDeep);
        }
        let after = self.read(after)?;
        let before = before.iter().map(|id| self.read(*id)).collect::<Result<Vec<_>, _>>()?;
        let mut new = after.entries().iter().peekable();
        let mut parents: Vec<_> = before.iter().map(|tree| tree.entries().iter().peekable()).collect();
        loop {
            let heads = parents.iter_mut().map(|parent| parent.peek().copied()).chain([new.peek().copied()]);
            let Some(first) = heads.flatten().min_by(|left, right| left.order(right)) else { return Ok(()) };
            let is_first = |entry: &&TreeEntry| entry.order(first) == Ordering::Equal;
            let old: Vec<_> = parents.iter_mut().map(|parent| parent.next_if(is_first).map(leaf)).collect();
            let new = new.next_if(is_first).map(leaf);
            if !old.contains(&new) {
                self.entry(first, &old, new, depth)?;
            }
        }
    }

    /// Entries of one name that differ from every parent: all leaves, or all directories.
    fn entry(
        &mut self,
        entry: &TreeEntry,
        old: &[Option<Leaf>],
        new: Option<Leaf>,
        depth: usize,
    ) -> Result<(), ChangeListError> {
        let length = self.path.len();
        self.path.extend_from_slice(&entry.name);
        if self.path.len() > MAX_PATH {
            return Err(ChangeError::PathLength.into());
        }
        if entry.mode.is_directory() {
            let id = |leaf: &Option<Leaf>| leaf.map(|leaf| leaf.id);
            self.path.push(b'/');
            self.directory(&old.iter().map(id).collect::<Vec<_>>(), id(&new), depth + 1)?;
        } else {
            if self.found.len() == MAX_ENTRIES {
                return Err(ChangeError::TooManyEntries { actual: MAX_ENTRIES + 1 }.into());
            }
            let old = old.first().copied().flatten();
            self.found.push(Difference { path: self.path.clone(), old, new });
        }
        self.path.truncate(length);
        Ok(())
    }

    fn read(&mut self, id: Option<ObjectId>) -> Result<Arc<Tree>, ChangeListError> {
        let Some(id) = id else { return Ok(Arc::default()) };
        let tree = self.reader.tree(&id)?;
        self.visited = self.visited.saturating_add(tree.entries().len() + 1);
        if self.visited > MAX_VISITED {
            return Err(ChangeListError::TooManyVisited);
        }
        Ok(tree)
    }
}

fn leaf(entry: &TreeEntry) -> Leaf {
    Leaf { mode: entry.mode, id: entry.id }
}
