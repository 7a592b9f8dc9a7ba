//! Refs of the files store: `HEAD`, loose files below `refs/`, and `packed-refs`.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use signer_core::git_name::RefName;

use crate::object_id::{ObjectFormat, ObjectId};
use crate::repository::layout::{Layout, is_absent, read_small, read_text};
use crate::repository::{Repository, RepositoryError};

/// Most bytes of `packed-refs`.
const MAX_PACKED: u64 = 64 * 1024 * 1024;
/// Most symbolic refs in a row, as git.
const MAX_HOPS: usize = 5;
/// Deepest directory below `refs`.
const MAX_DEPTH: usize = 32;

/// Where `HEAD` points.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Head {
    /// To a branch with commits.
    Branch {
        /// Its full name.
        name: String,
        /// Its tip.
        id: ObjectId,
    },
    /// To a commit.
    Detached {
        /// The commit.
        id: ObjectId,
    },
    /// To a branch without commits.
    Unborn {
        /// Its full name.
        name: String,
    },
}

impl Head {
    /// The commit, if there is one.
    pub const fn id(&self) -> Option<&ObjectId> {
        match self {
            Self::Branch { id, .. } | Self::Detached { id } => Some(id),
            Self::Unborn { .. } => None,
        }
    }
}

enum Target {
    Id(ObjectId),
    Symbolic(String),
}

impl Repository {
    /// Where `HEAD` points.
    pub fn head(&self) -> Result<Head, RepositoryError> {
        let bad = || RepositoryError::BadRef { name: "HEAD".to_owned() };
        let text = read_small(&self.layout.git_dir.join("HEAD"))?.ok_or_else(bad)?;
        match target(&text, self.format()).ok_or_else(bad)? {
            Target::Id(id) => Ok(Head::Detached { id }),
            Target::Symbolic(name) => Ok(match self.reference(&name)? {
                Some(id) => Head::Branch { name, id },
                None => Head::Unborn { name },
            }),
        }
    }

    /// The object a full ref name such as `refs/heads/main` points to; nothing where there is no such ref.
    pub fn reference(&self, name: &str) -> Result<Option<ObjectId>, RepositoryError> {
        let mut name = name.to_owned();
        for _ in 0..=MAX_HOPS {
            match self.layout.target(&name)? {
                Some(Target::Symbolic(next)) => name = next,
                Some(Target::Id(id)) => return Ok(Some(id)),
                None => return Ok(None),
            }
        }
        Err(RepositoryError::BadRef { name })
    }

    /// Every ref below `prefix`, such as `refs/tags/`, by full name. Symbolic refs are followed; dangling ones left out.
    pub fn refs(&self, prefix: &str) -> Result<BTreeMap<String, ObjectId>, RepositoryError> {
        let mut found = self.layout.packed_refs()?;
        let mut loose = Vec::new();
        loose_refs(&self.layout.common_dir.join("refs"), "refs", &mut loose, MAX_DEPTH)?;
        for name in loose {
            if !name.starts_with(prefix) {
                continue;
            }
            if let Some(id) = self.reference(&name)? {
                found.insert(name, id);
            }
        }
        found.retain(|name, _| name.starts_with(prefix));
        Ok(found)
    }
}

impl Layout {
    fn target(&self, name: &str) -> Result<Option<Target>, RepositoryError> {
        let name: RefName = name.parse().map_err(|_| RepositoryError::BadRefName { name: name.to_owned() })?;
        let name = name.as_str();
        if let Some(text) = read_small(&self.common_dir.join(name))? {
            let bad = || RepositoryError::BadRef { name: name.to_owned() };
            return target(&text, self.format).map(Some).ok_or_else(bad);
        }
        Ok(self.packed_refs()?.remove(name).map(Target::Id))
    }

    /// The refs of `packed-refs`.
    pub(super) fn packed_refs(&self) -> Result<BTreeMap<String, ObjectId>, RepositoryError> {
        let path = self.common_dir.join("packed-refs");
        let Some(text) = read_text(&path, MAX_PACKED)? else { return Ok(BTreeMap::new()) };
        // Comment lines, and lines with what the tag before peels to.
        let lines = text.lines().filter(|line| !line.starts_with(['#', '^']));
        let refs = lines.map(|line| {
            let (id, name) = line.split_once(' ')?;
            Some((name.to_owned(), ObjectId::from_hex(id.as_bytes(), self.format).ok()?))
        });
        refs.collect::<Option<_>>().ok_or(RepositoryError::StrangeFile { path })
    }
}

/// Names of the files below a directory of refs.
fn loose_refs(directory: &Path, name: &str, found: &mut Vec<String>, depth: usize) -> Result<(), RepositoryError> {
    let failed = |source| RepositoryError::Io { path: directory.to_owned(), source };
    let entries = match fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if is_absent(&error) => return Ok(()),
        Err(source) => return Err(failed(source)),
    };
    for entry in entries {
        let entry = entry.map_err(failed)?;
        let path = entry.path();
        let part = entry.file_name().into_string();
        let part = part.map_err(|_| RepositoryError::StrangeFile { path: path.clone() })?;
        let name = format!("{name}/{part}");
        let kind = entry.file_type().map_err(failed)?;
        if kind.is_dir() && depth > 0 {
            loose_refs(&path, &name, found, depth - 1)?;
        } else if !kind.is_file() {
            return Err(RepositoryError::StrangeFile { path });
        } else if Path::new(&part).extension().is_none_or(|extension| extension != "lock") {
            found.push(name);
        }
    }
    Ok(())
}

fn target(text: &str, format: ObjectFormat) -> Option<Target> {
    let line = text.strip_suffix('\n').unwrap_or(text);
    match line.strip_prefix("ref: ") {
        Some(name) => Some(Target::Symbolic(name.trim().to_owned())),
        None => ObjectId::from_hex(line.as_bytes(), format).ok().map(Target::Id),
    }
}
