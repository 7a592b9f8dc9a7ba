//! The change list: every path a commit changes, with the SHA-256 of its new content (docs/formats.md F3).
//!
//! A SHA-1 tree does not bind content; this list does. Its byte form is length-framed and has one encoding; its digest
//! is the `change` of the provenance. Who computes it from git is `signer-git`; who decides on it is the engine.

use crate::digest::Digest;
use crate::scope::Operation;

/// Most entries in one list.
pub const MAX_ENTRIES: usize = 100_000;
/// Most bytes in one path.
pub const MAX_PATH: usize = 4096;
/// Most bytes of an encoded list.
pub const MAX_ENCODED: usize = 32 * 1024 * 1024;

const MAGIC: &[u8] = b"chancery change list v1\n";

/// One side of a changed path.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Side {
    /// Git's file mode, such as `0o100644`.
    pub mode: u32,
    /// The object id: 20 or 32 bytes.
    pub id: Vec<u8>,
}

/// New content of a path.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Content {
    /// Mode and object id.
    pub side: Side,
    /// Bytes of the blob; 0 for a submodule.
    pub size: u64,
    /// SHA-256 of the blob's content; of the empty string for a submodule.
    pub sha256: Digest,
}

/// What happens to a path: at least one side is present, by construction.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Edit {
    /// Absent before.
    Add(Content),
    /// Present on both sides, different.
    Modify(Side, Content),
    /// Absent after.
    Delete(Side),
}

/// One changed path.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    /// Path bytes from the root of the tree, `/` between segments.
    pub path: Vec<u8>,
    /// What happens to it.
    pub edit: Edit,
}

impl Entry {
    /// The operation a scope must allow for this entry.
    pub const fn operation(&self) -> Operation {
        match self.edit {
            Edit::Add(_) => Operation::Add,
            Edit::Modify(..) => Operation::Modify,
            Edit::Delete(_) => Operation::Delete,
        }
    }

    /// The new content, if any.
    pub const fn content(&self) -> Option<&Content> {
        match &self.edit {
            Edit::Add(content) | Edit::Modify(_, content) => Some(content),
            Edit::Delete(_) => None,
        }
    }

    const fn old(&self) -> Option<&Side> {
        match &self.edit {
            Edit::Add(_) => None,
            Edit::Modify(side, _) | Edit::Delete(side) => Some(side),
        }
    }
}

/// A sorted list of changed paths without repetition.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ChangeList(Vec<Entry>);

impl ChangeList {
    /// Takes entries that are sorted by path bytes, without repetition and within the limits.
    pub fn new(entries: Vec<Entry>) -> Result<Self, ChangeError> {
        if entries.len() > MAX_ENTRIES {
            return Err(ChangeError::TooManyEntries { actual: entries.len() });
        }
        if entries.iter().any(|e| e.path.is_empty() || e.path.len() > MAX_PATH) {
            return Err(ChangeError::PathLength);
        }
        let mut pairs = entries.iter().zip(entries.iter().skip(1));
        if pairs.any(|(left, right)| left.path >= right.path) {
            return Err(ChangeError::NotSorted);
        }
        Ok(Self(entries))
    }

    /// The entries, sorted by path bytes.
    pub fn entries(&self) -> &[Entry] {
        &self.0
    }

    /// Bytes of new content over all entries.
    pub fn bytes(&self) -> u64 {
        self.0.iter().filter_map(Entry::content).fold(0, |sum, content| sum.saturating_add(content.size))
    }

    /// The digest that the provenance carries as `change`.
    pub fn digest(&self) -> Digest {
        Digest::of(&self.encode())
    }

    /// The one byte form: the magic line, then per entry path, old side, new side, size and digest, each framed.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = MAGIC.to_vec();
        for entry in &self.0 {
            frame(&mut out, &entry.path);
            side(&mut out, entry.old());
            side(&mut out, entry.content().map(|content| &content.side));
            if let Some(content) = entry.content() {
                out.extend_from_slice(&content.size.to_be_bytes());
                out.extend_from_slice(content.sha256.as_bytes());
            }
        }
        out
    }

    /// Reads the byte form. Fails on anything [`Self::encode`] would not write.
    pub fn decode(bytes: &[u8]) -> Result<Self, ChangeError> {
        if bytes.len() > MAX_ENCODED {
            return Err(ChangeError::TooLarge { actual: bytes.len() });
        }
        let mut rest = bytes.strip_prefix(MAGIC).ok_or(ChangeError::Malformed)?;
        let mut entries = Vec::new();
        while !rest.is_empty() {
            if entries.len() == MAX_ENTRIES {
                return Err(ChangeError::TooManyEntries { actual: MAX_ENTRIES + 1 });
            }
            entries.push(read_entry(&mut rest)?);
        }
        Self::new(entries)
    }
}

fn frame(out: &mut Vec<u8>, bytes: &[u8]) {
    // INVARIANT: paths are at most 4096 bytes, ids at most 32, so the length always fits.
    out.extend_from_slice(&u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes());
    out.extend_from_slice(bytes);
}

fn side(out: &mut Vec<u8>, side: Option<&Side>) {
    match side {
        Some(side) => {
            out.extend_from_slice(&side.mode.to_be_bytes());
            frame(out, &side.id);
        }
        None => out.extend_from_slice(&0_u32.to_be_bytes()),
    }
}

fn read_entry(rest: &mut &[u8]) -> Result<Entry, ChangeError> {
    let path = read_frame(rest, MAX_PATH)?;
    let old = read_side(rest)?;
    let new = match read_side(rest)? {
        Some(side) => {
            let length = u64::from_be_bytes(take(rest)?);
            Some(Content { side, size: length, sha256: Digest::from_bytes(take(rest)?) })
        }
        None => None,
    };
    let edit = match (old, new) {
        (None, Some(content)) => Edit::Add(content),
        (Some(side), None) => Edit::Delete(side),
        (Some(old), Some(new)) if old != new.side => Edit::Modify(old, new),
        (None, None) | (Some(_), Some(_)) => return Err(ChangeError::Malformed),
    };
    Ok(Entry { path, edit })
}

fn read_side(rest: &mut &[u8]) -> Result<Option<Side>, ChangeError> {
    let mode = u32::from_be_bytes(take(rest)?);
    if mode == 0 {
        return Ok(None);
    }
    let id = read_frame(rest, 32)?;
    if id.len() == 20 || id.len() == 32 { Ok(Some(Side { mode, id })) } else { Err(ChangeError::Malformed) }
}

fn read_frame(rest: &mut &[u8], limit: usize) -> Result<Vec<u8>, ChangeError> {
    let length = usize::try_from(u32::from_be_bytes(take(rest)?)).map_err(|_| ChangeError::Malformed)?;
    if length > limit {
        return Err(ChangeError::PathLength);
    }
    let (bytes, tail) = rest.split_at_checked(length).ok_or(ChangeError::Malformed)?;
    *rest = tail;
    Ok(bytes.to_vec())
}

fn take<const N: usize>(rest: &mut &[u8]) -> Result<[u8; N], ChangeError> {
    let (bytes, tail) = rest.split_first_chunk::<N>().ok_or(ChangeError::Malformed)?;
    *rest = tail;
    Ok(*bytes)
}

/// Why bytes or entries are not a change list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ChangeError {
    /// Framing that [`ChangeList::encode`] would not write.
    #[error("the change list is malformed")]
    Malformed,
    /// Entries out of order or repeated.
    #[error("the change list is not sorted by path, or repeats one")]
    NotSorted,
    /// An empty path, or one over 4096 bytes.
    #[error("a path in the change list is empty or longer than {MAX_PATH} bytes")]
    PathLength,
    /// Too many bytes.
    #[error("the change list has {actual} bytes, at most {MAX_ENCODED} are allowed")]
    TooLarge {
        /// Bytes found.
        actual: usize,
    },
    /// Too many entries.
    #[error("the change list has {actual} entries, at most {MAX_ENTRIES} are allowed")]
    TooManyEntries {
        /// Entries found.
        actual: usize,
    },
}
