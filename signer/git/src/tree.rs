//! Trees: entries of mode, name and id, in git's order, with names every checkout may write.

mod name;

use std::cmp::Ordering;

use crate::object::{MAX_OBJECT, ObjectError};
use crate::object_id::{ObjectFormat, ObjectId};

/// What an entry is: the five modes git writes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Mode {
    /// `100644`.
    File,
    /// `100755`.
    Executable,
    /// `120000`.
    Symlink,
    /// `40000`.
    Directory,
    /// `160000`: a commit of another repository.
    Submodule,
}

impl Mode {
    /// Git's number.
    pub const fn bits(self) -> u32 {
        match self {
            Self::File => 0o100_644,
            Self::Executable => 0o100_755,
            Self::Symlink => 0o120_000,
            Self::Directory => 0o040_000,
            Self::Submodule => 0o160_000,
        }
    }

    /// Whether the entry is a tree.
    pub const fn is_directory(self) -> bool {
        matches!(self, Self::Directory)
    }

    const fn parse(digits: &[u8]) -> Result<Self, ObjectError> {
        match digits {
            b"100644" => Ok(Self::File),
            b"100755" => Ok(Self::Executable),
            b"120000" => Ok(Self::Symlink),
            b"40000" => Ok(Self::Directory),
            b"160000" => Ok(Self::Submodule),
            _ => Err(ObjectError::TreeNoncanonical),
        }
    }
}

/// One entry of a tree.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TreeEntry {
    /// What it is.
    pub mode: Mode,
    /// Its name: bytes without `/` and NUL.
    pub name: Vec<u8>,
    /// Its object.
    pub id: ObjectId,
}

impl TreeEntry {
    /// Git's order, which is the order of full paths: a directory sorts as if its name ended in `/`.
    pub(crate) fn order(&self, other: &Self) -> Ordering {
        compare(&self.name, self.mode.is_directory(), &other.name, other.mode.is_directory())
    }
}

/// A tree that git would have written byte for byte.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Tree(Vec<TreeEntry>);

impl Tree {
    /// Reads a tree. Fails on anything git would not write and on names a checkout may not write.
    pub fn parse(bytes: &[u8], format: ObjectFormat) -> Result<Self, ObjectError> {
        if bytes.len() > MAX_OBJECT {
            return Err(ObjectError::TooLarge { actual: bytes.len() });
        }
        let mut rest = bytes;
        // An entry has a mode of 5 or 6 digits, a space, a name, a NUL and an id.
        let mut entries: Vec<TreeEntry> = Vec::with_capacity(bytes.len() / (format.id_len() + 8));
        while !rest.is_empty() {
            let entry = read_entry(&mut rest, format)?;
            if let Some(last) = entries.last() {
                refuse_disorder(last, &entry)?;
            }
            entries.push(entry);
        }
        let tree = Self(entries);
        tree.refuse_repetition()?;
        Ok(tree)
    }

    /// The entries, in git's order.
    pub fn entries(&self) -> &[TreeEntry] {
        &self.0
    }

    /// The entry of this name.
    pub fn entry(&self, name: &[u8]) -> Option<&TreeEntry> {
        self.find(name, false).or_else(|| self.find(name, true))
    }

    fn find(&self, name: &[u8], directory: bool) -> Option<&TreeEntry> {
        let order = |entry: &TreeEntry| compare(&entry.name, entry.mode.is_directory(), name, directory);
        self.0.binary_search_by(order).ok().and_then(|index| self.0.get(index))
    }

    // `a`, `a.b`, `a/`: a file and a directory of one name need not be neighbours.
    fn refuse_repetition(&self) -> Result<(), ObjectError> {
        let mut directories = self.0.iter().filter(|entry| entry.mode.is_directory());
        if directories.any(|entry| self.find(&entry.name, false).is_some()) {
            return Err(ObjectError::TreeDuplicate);
        }
        Ok(())
    }
}

fn read_entry(rest: &mut &[u8], format: ObjectFormat) -> Result<TreeEntry, ObjectError> {
    let (mode, tail) = until(rest, b' ').ok_or(ObjectError::TreeNoncanonical)?;
    let (name, tail) = until(tail, 0).ok_or(ObjectError::TreeNoncanonical)?;
    let (id, tail) = tail.split_at_checked(format.id_len()).ok_or(ObjectError::TreeNoncanonical)?;
    *rest = tail;
    let (mode, id) = (Mode::parse(mode)?, ObjectId::from_bytes(id)?);
    if id.is_null() {
        return Err(ObjectError::TreeNoncanonical);
    }
    if name::is_unsafe(name, mode) {
        return Err(ObjectError::TreeUnsafeName);
    }
    Ok(TreeEntry { mode, name: name.to_vec(), id })
}

fn until(bytes: &[u8], end: u8) -> Option<(&[u8], &[u8])> {
    let at = bytes.iter().position(|byte| *byte == end)?;
    let (head, tail) = bytes.split_at_checked(at)?;
    Some((head, tail.get(1..)?))
}

fn refuse_disorder(last: &TreeEntry, next: &TreeEntry) -> Result<(), ObjectError> {
    if last.name == next.name {
        return Err(ObjectError::TreeDuplicate);
    }
    if last.order(next) == Ordering::Less { Ok(()) } else { Err(ObjectError::TreeNoncanonical) }
}

fn compare(left: &[u8], left_directory: bool, right: &[u8], right_directory: bool) -> Ordering {
    let shared = left.len().min(right.len());
    let (left, left_rest) = left.split_at(shared);
    let (right, right_rest) = right.split_at(shared);
    let rest = left_rest.iter().chain(left_directory.then_some(&b'/'));
    left.cmp(right).then_with(|| rest.cmp(right_rest.iter().chain(right_directory.then_some(&b'/'))))
}

#[cfg(test)]
mod tests;
