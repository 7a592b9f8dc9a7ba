//! Reads an artifact from a disk: the only file of this crate that does.
//!
//! Three passes: list names and sizes (so that limits hold before a byte is read), hash each file through one open
//! handle, list again. Whatever differs between them is a change while reading, and no manifest comes out of it.
//! A file is left out only where, by name and by content, it is the bundle or decision of its neighbour.

use std::ffi::OsStr;
use std::fs::{self, File, Metadata};
use std::io::{self, Read as _};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};
use walkdir::WalkDir;

use super::{Artifact, ArtifactKind, ArtifactTerms, Entry, MAX_FILES, MAX_SIZE, Manifest, ManifestError, RelPath};
use crate::bundle::{self, Bundle};
use crate::decision::{self, DecisionRecord};
use crate::digest::Digest;

const BUFFER: usize = 128 * 1024;

/// The file or directory at `path` with everything below it.
///
/// Fails on symbolic links (`path` itself included), special files, names that are not portable or collide, more than
/// 100,000 files or 16 GiB, nothing at all, and whatever changes while it is read.
pub fn walk(path: &Path) -> Result<Artifact, ManifestError> {
    // Rebuilt without a trailing slash, which would make the system follow a link.
    let path: PathBuf = path.components().collect();
    let name = own_name(&path)?;
    let before = list(&path)?;
    let kind = match before.as_slice() {
        [only] if only.path == path => ArtifactKind::File,
        _ => ArtifactKind::Directory,
    };
    // Names first: a bad one is refused before gigabytes are hashed.
    let named = match kind {
        ArtifactKind::File => before.iter().map(|found| (name.clone(), found)).collect(),
        ArtifactKind::Directory => named_below(&path, &before)?,
    };
    let mut entries = Vec::with_capacity(named.len());
    for (inside, found) in named {
        let executable = found.state.mode & 0o111 != 0;
        entries.push(Entry { path: inside, size: found.state.size, sha256: hash(found)?, executable });
    }
    let manifest = Manifest::new(entries)?;
    if list(&path)? == before {
        Ok(Artifact { name, terms: ArtifactTerms { kind, manifest } })
    } else {
        Err(ManifestError::Changed { path: shown(&path) })
    }
}

/// The files of a directory that belong to it, by their paths inside.
fn named_below<'a>(root: &Path, listing: &'a [Found]) -> Result<Vec<(RelPath, &'a Found)>, ManifestError> {
    let mut named = Vec::with_capacity(listing.len());
    for found in listing {
        // INVARIANT: a walk yields paths below its root.
        let inside = to_path(found.path.strip_prefix(root).unwrap_or(&found.path))?;
        if !is_evidence(found)? {
            named.push((inside, found));
        }
    }
    Ok(named)
}

/// One file of a listing.
#[derive(PartialEq, Eq)]
struct Found {
    path: PathBuf,
    state: State,
}

/// What changes when a file does.
#[derive(PartialEq, Eq)]
struct State {
    device: u64,
    inode: u64,
    size: u64,
    mode: u32,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl From<&Metadata> for State {
    fn from(metadata: &Metadata) -> Self {
        Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            size: metadata.size(),
            mode: metadata.mode(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        }
    }
}

/// Every regular file, sorted by name; anything that is neither file nor directory is a refusal.
fn list(root: &Path) -> Result<Vec<Found>, ManifestError> {
    let mut found = Vec::new();
    let mut size: u64 = 0;
    for entry in WalkDir::new(root).follow_links(false).follow_root_links(false).sort_by_file_name() {
        let entry = entry.map_err(|error| {
            let path = error.path().unwrap_or(root);
            let shown = shown(path);
            ManifestError::Io { path: shown, source: error.into() }
        })?;
        let path = entry.path();
        let metadata = fs::symlink_metadata(path).map_err(|source| ManifestError::Io { path: shown(path), source })?;
        let kind = metadata.file_type();
        if kind.is_symlink() {
            return Err(ManifestError::Symlink { path: shown(path) });
        }
        if kind.is_dir() {
            continue;
        }
        if !kind.is_file() {
            return Err(ManifestError::Special { path: shown(path) });
        }
        size = size.saturating_add(metadata.size());
        if size > MAX_SIZE {
            return Err(ManifestError::TooLarge);
        }
        if found.len() == MAX_FILES {
            return Err(ManifestError::TooManyFiles);
        }
        found.push(Found { path: path.to_owned(), state: State::from(&metadata) });
    }
    Ok(found)
}

/// Hashes a file through one handle that is the listed file before the first byte and after the last.
fn hash(found: &Found) -> Result<Digest, ManifestError> {
    let failed = |source| ManifestError::Io { path: shown(&found.path), source };
    let changed = || ManifestError::Changed { path: shown(&found.path) };
    let mut file = File::open(&found.path).map_err(failed)?;
    if State::from(&file.metadata().map_err(failed)?) != found.state {
        return Err(changed());
    }
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; BUFFER];
    let mut left = found.state.size;
    loop {
        let count = match file.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(failed(error)),
        };
        // A file that grows without end ends here.
        left = u64::try_from(count).ok().and_then(|count| left.checked_sub(count)).ok_or_else(changed)?;
        hasher.update(buffer.get(..count).unwrap_or_default());
    }
    if left != 0 || State::from(&file.metadata().map_err(failed)?) != found.state {
        return Err(changed());
    }
    Ok(Digest::from_bytes(hasher.finalize().into()))
}

/// Whether a file is the bundle or decision of the file or directory beside it. A name alone would let anything hide.
fn is_evidence(found: &Found) -> Result<bool, ManifestError> {
    let name = found.path.file_name().map(OsStrExt::as_bytes).unwrap_or_default();
    let (neighbour, limit, is_one): (_, _, fn(&[u8]) -> bool) =
        if let Some(neighbour) = name.strip_suffix(bundle::SUFFIX.as_bytes()) {
            (neighbour, bundle::MAX_BYTES, |bytes| Bundle::from_json(bytes).is_ok())
        } else if let Some(neighbour) = name.strip_suffix(bundle::DECISION_SUFFIX.as_bytes()) {
            (neighbour, decision::MAX_BYTES, |bytes| DecisionRecord::decode(bytes).is_ok())
        } else {
            return Ok(false);
        };
    let beside = found.path.with_file_name(OsStr::from_bytes(neighbour));
    let fits = usize::try_from(found.state.size).is_ok_and(|size| size <= limit);
    if neighbour.is_empty() || !fits || fs::symlink_metadata(&beside).is_err() {
        return Ok(false);
    }
    let bytes = fs::read(&found.path).map_err(|source| ManifestError::Io { path: shown(&found.path), source })?;
    Ok(is_one(&bytes))
}

fn own_name(path: &Path) -> Result<RelPath, ManifestError> {
    let failed = |source| ManifestError::Io { path: shown(path), source };
    let whole;
    let named = if path.file_name().is_some() {
        path
    } else {
        whole = fs::canonicalize(path).map_err(failed)?;
        &whole
    };
    // The root of a file system has no name, and is no artifact.
    let name = named.file_name().ok_or_else(|| failed(io::ErrorKind::InvalidInput.into()))?;
    to_path(Path::new(name))
}

fn to_path(path: &Path) -> Result<RelPath, ManifestError> {
    let text = path.to_str().ok_or_else(|| ManifestError::NotUtf8 { name: shown(path) })?;
    text.parse().map_err(|source| ManifestError::Name { name: text.to_owned(), source })
}

fn shown(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests;
