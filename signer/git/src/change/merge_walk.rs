//! Walks one new tree, the trees of all parents and those of their merge bases at once, and yields the leaves somebody
//! must answer for (docs/formats.md F3): a path is free only where the new side is one parent's and every other parent
//! either has the same or has not changed it since each merge base.

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

/// A path somebody must answer for.
pub(super) struct Difference {
    pub(super) path: Vec<u8>,
    /// The side of the first parent that differs from the new one.
    pub(super) old: Option<Leaf>,
    pub(super) new: Option<Leaf>,
}

/// The trees a new one is compared with.
pub(super) struct Sides {
    /// Of each parent one tree, or nothing; then the merge bases'.
    pub(super) trees: Vec<Option<ObjectId>>,
    /// How many of them are parents'.
    pub(super) parents: usize,
    /// For two parents, the places of their merge bases among the trees.
    pub(super) bases: Vec<(usize, usize, Vec<usize>)>,
}

impl Sides {
    /// One tree, or nothing, and no other parent.
    pub(super) fn one(tree: Option<ObjectId>) -> Self {
        Self { trees: vec![tree], parents: 1, bases: Vec::new() }
    }

    /// Whether nobody needs to answer for `new`, given what each of the trees has there.
    fn is_free<T: PartialEq>(&self, found: &[T], new: &T) -> bool {
        let parents = found.get(..self.parents).unwrap_or(found);
        let explains = |(kept, side): (usize, &T)| {
            side == new
                && parents
                    .iter()
                    .enumerate()
                    .all(|(other, theirs)| theirs == new || self.is_unchanged(found, kept, other, theirs))
        };
        parents.iter().enumerate().any(explains)
    }

    /// Whether one parent has what every merge base with another has.
    fn is_unchanged<T: PartialEq>(&self, found: &[T], kept: usize, other: usize, theirs: &T) -> bool {
        let pair = (kept.min(other), kept.max(other));
        let bases = self.bases.iter().find(|(left, right, _)| (*left, *right) == pair);
        bases.is_some_and(|(_, _, bases)| bases.iter().all(|base| found.get(*base) == Some(theirs)))
    }
}

/// The differences, sorted by path.
pub(super) fn walk(
    reader: &ChangeReader<'_>,
    sides: &Sides,
    after: &ObjectId,
) -> Result<Vec<Difference>, ChangeListError> {
    let mut walk = Walk { reader, sides, path: Vec::new(), found: Vec::new(), visited: 0 };
    if !sides.is_free(&sides.trees, &Some(*after)) {
        walk.directory(&sides.trees, Some(*after), 0)?;
    }
    Ok(walk.found)
}

struct Walk<'a, 'r> {
    reader: &'a ChangeReader<'r>,
    sides: &'a Sides,
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
        let mut old = Vec::with_capacity(parents.len());
        loop {
            // What is the same everywhere is free, and most entries are.
            while new.peek().is_some_and(|head| parents.iter_mut().all(|parent| parent.peek() == Some(head))) {
                new.next();
                for parent in &mut parents {
                    parent.next();
                }
            }
            let heads = parents.iter_mut().map(|parent| parent.peek().copied()).chain([new.peek().copied()]);
            let Some(first) = heads.flatten().min_by(|left, right| left.order(right)) else { return Ok(()) };
            let is_first = |entry: &&TreeEntry| entry.order(first) == Ordering::Equal;
            old.clear();
            old.extend(parents.iter_mut().map(|parent| parent.next_if(is_first).map(leaf)));
            let new = new.next_if(is_first).map(leaf);
            if !self.sides.is_free(&old, &new) {
                self.entry(first, &old, new, depth)?;
            }
        }
    }

    /// Entries of one name that are not free: all leaves, or all directories.
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
            let old = old.iter().take(self.sides.parents).find(|side| **side != new).copied().flatten();
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
