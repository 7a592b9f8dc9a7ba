//! Manifests: what a file or directory holds, and how two of them differ (docs/formats.md F4).
//!
//! Canonical JSON, sorted by path bytes. Names that two systems would read differently, or that would collide where
//! case or normalisation is folded, never enter one. Modes are reduced to the executable bit; empty directories,
//! owners and times are not recorded. `walk` is the one place that reads a disk.

mod compare;
mod error;
mod path;
mod statement;
pub mod walk;

use std::collections::HashMap;
use std::collections::hash_map::Entry::{Occupied, Vacant};

use serde::{Deserialize, Serialize};

use crate::canonical::{self, CanonicalError};
use crate::digest::Digest;
use crate::folding::Folded;

pub use compare::{Difference, compare};
pub use error::ManifestError;
pub use path::{MAX_PATH, RelPath, RelPathError};
pub use statement::{Artifact, ArtifactKind, ArtifactTerms};

/// Most files of one artifact.
pub const MAX_FILES: usize = 100_000;
/// Most bytes of one artifact: 16 GiB.
pub const MAX_SIZE: u64 = 16 << 30;

/// One file.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Path from the root of the artifact.
    pub path: RelPath,
    /// Bytes.
    pub size: u64,
    /// SHA-256 of the content.
    pub sha256: Digest,
    /// Whether anybody may execute it.
    pub executable: bool,
}

/// The files of an artifact, sorted by path bytes; never empty.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(try_from = "Document", into = "Document")]
pub struct Manifest {
    entries: Vec<Entry>,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    files: Vec<Entry>,
}

impl Manifest {
    /// Takes entries in any order.
    ///
    /// Fails where there are none, too many, too many bytes, or two names collide.
    pub fn new(mut entries: Vec<Entry>) -> Result<Self, ManifestError> {
        check_limits(&entries)?;
        entries.sort_by(|left, right| left.path.cmp(&right.path));
        check_collisions(&entries)?;
        Ok(Self { entries })
    }

    /// The files, sorted by path bytes.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Bytes over all files.
    pub fn size(&self) -> u64 {
        self.entries.iter().map(|entry| entry.size).sum()
    }

    /// The one byte form. Fails never for a value of this type, but the writer says it may.
    pub fn encode(&self) -> Result<Vec<u8>, CanonicalError> {
        canonical::to_vec(self)
    }

    /// Digest of the byte form: what a directory's statement is about.
    pub fn digest(&self) -> Result<Digest, CanonicalError> {
        Ok(Digest::of(&self.encode()?))
    }
}

impl TryFrom<Document> for Manifest {
    type Error = ManifestError;

    fn try_from(document: Document) -> Result<Self, ManifestError> {
        let mut pairs = document.files.iter().zip(document.files.iter().skip(1));
        if let Some((_, later)) = pairs.find(|(left, right)| left.path >= right.path) {
            return Err(ManifestError::NotSorted { path: later.path.clone() });
        }
        Self::new(document.files)
    }
}

impl From<Manifest> for Document {
    fn from(manifest: Manifest) -> Self {
        Self { files: manifest.entries }
    }
}

fn check_limits(entries: &[Entry]) -> Result<(), ManifestError> {
    if entries.is_empty() {
        return Err(ManifestError::Empty);
    }
    if entries.len() > MAX_FILES {
        return Err(ManifestError::TooManyFiles);
    }
    let size = entries.iter().try_fold(0_u64, |sum, entry| sum.checked_add(entry.size));
    if size.is_none_or(|size| size > MAX_SIZE) { Err(ManifestError::TooLarge) } else { Ok(()) }
}

/// Refuses names that are one name to some file system, directories included, and a file where another entry needs a
/// directory.
fn check_collisions(entries: &[Entry]) -> Result<(), ManifestError> {
    let mut seen = HashMap::with_capacity(entries.len());
    for entry in entries {
        let path = entry.path.as_str();
        let parents = path.match_indices('/').filter_map(|(end, _)| path.get(..end)).map(|parent| (parent, false));
        for (name, is_file) in parents.chain([(path, true)]) {
            match seen.entry(Folded::of(name.as_bytes())) {
                Vacant(place) => {
                    place.insert((name, is_file));
                }
                // One directory is the parent of many.
                Occupied(place) if *place.get() == (name, false) && !is_file => (),
                Occupied(place) => {
                    let (other, _) = *place.get();
                    return Err(ManifestError::Collision { path: entry.path.clone(), other: other.to_owned() });
                }
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
