//! Loose objects: zlib streams of `kind length NUL bytes`, one file each.
//!
//! A crash or a hostile `.git` leaves streams behind that are cut short, and files that are none.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use miniz_oxide::inflate::{TINFLStatus, decompress_to_vec_zlib_with_limit};

use crate::object::ObjectKind;
use crate::object_id::{ObjectFormat, ObjectId};
use crate::repository::RepositoryError;
use crate::repository::layout::is_absent;

/// Most bytes of `kind length NUL`.
const MAX_HEADER: usize = 32;

/// Kind and bytes of the loose object, not hashed yet; nothing where there is none. Fails on a stream that is cut short,
/// and on more than `limit` bytes before they are allocated.
pub(super) fn read(
    objects: &Path,
    id: &ObjectId,
    limit: usize,
) -> Result<Option<(ObjectKind, Vec<u8>)>, RepositoryError> {
    let Some(packed) = read_file(objects, id, limit)? else { return Ok(None) };
    let mut bytes = decompress_to_vec_zlib_with_limit(&packed, limit.saturating_add(MAX_HEADER)).map_err(|error| {
        match error.status {
            TINFLStatus::HasMoreOutput => RepositoryError::TooLarge { id: *id, size: error.output.len(), limit },
            _ => damaged(*id, "not a whole zlib stream"),
        }
    })?;
    let (kind, header) = parse_header(&bytes).ok_or_else(|| damaged(*id, "malformed header"))?;
    bytes.drain(..header);
    if bytes.len() > limit {
        return Err(RepositoryError::TooLarge { id: *id, size: bytes.len(), limit });
    }
    Ok(Some((kind, bytes)))
}

/// Whether there is such a file; nothing is said about its bytes.
pub(super) fn has(objects: &Path, id: &ObjectId) -> Result<bool, RepositoryError> {
    let Some(path) = place(objects, id) else { return Ok(false) };
    path.try_exists().map_err(|source| RepositoryError::Io { path, source })
}

/// Adds the ids that start with these hexadecimal digits, of which there are at least two.
pub(super) fn complete(
    objects: &Path,
    digits: &str,
    format: ObjectFormat,
    found: &mut BTreeSet<ObjectId>,
) -> Result<(), RepositoryError> {
    let Some((directory, _)) = digits.split_at_checked(2) else { return Ok(()) };
    let path = objects.join(directory);
    let entries = match fs::read_dir(&path) {
        Ok(entries) => entries,
        Err(error) if is_absent(&error) => return Ok(()),
        Err(source) => return Err(RepositoryError::Io { path, source }),
    };
    for entry in entries {
        let name = entry.map_err(|source| RepositoryError::Io { path: path.clone(), source })?.file_name();
        let hex = format!("{directory}{}", name.to_string_lossy());
        found.extend(ObjectId::from_hex(hex.as_bytes(), format).ok().filter(|_| hex.starts_with(digits)));
    }
    Ok(())
}

fn place(objects: &Path, id: &ObjectId) -> Option<PathBuf> {
    let hex = id.to_string();
    let (directory, name) = hex.split_at_checked(2)?;
    Some(objects.join(directory).join(name))
}

fn read_file(objects: &Path, id: &ObjectId, limit: usize) -> Result<Option<Vec<u8>>, RepositoryError> {
    let Some(path) = place(objects, id) else { return Ok(None) };
    let failed = |source: io::Error| RepositoryError::Io { path: path.clone(), source };
    let metadata = match fs::metadata(&path) {
        Ok(metadata) => metadata,
        Err(error) if is_absent(&error) => return Ok(None),
        Err(error) => return Err(failed(error)),
    };
    if !metadata.is_file() {
        return Err(RepositoryError::StrangeFile { path });
    }
    // What does not shrink grows by 5 bytes in 16 KiB at worst.
    let most = limit.saturating_add(limit / 1024).saturating_add(1024);
    let size = usize::try_from(metadata.len()).unwrap_or(usize::MAX);
    if size > most {
        return Err(RepositoryError::TooLarge { id: *id, size, limit });
    }
    let mut bytes = Vec::with_capacity(size);
    let file = fs::File::open(&path).map_err(failed)?;
    file.take(metadata.len()).read_to_end(&mut bytes).map_err(failed)?;
    Ok(Some(bytes))
}

/// The kind, and the bytes of the header. Nothing unless the length is that of the rest.
fn parse_header(bytes: &[u8]) -> Option<(ObjectKind, usize)> {
    let end = bytes.iter().take(MAX_HEADER).position(|byte| *byte == 0)?;
    let (kind, length) = str::from_utf8(bytes.get(..end)?).ok()?.split_once(' ')?;
    let body = bytes.len().checked_sub(end + 1)?;
    (length == body.to_string()).then_some((kind.parse().ok()?, end + 1))
}

const fn damaged(id: ObjectId, detail: &'static str) -> RepositoryError {
    RepositoryError::Damaged { id, detail }
}
