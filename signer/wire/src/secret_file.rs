//! A secret in a file: read where the file is a pipe or its owner's alone.

use std::fs::File;
use std::io::Read as _;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use zeroize::Zeroizing;

use crate::error::WireError;
use crate::secret::Secret;

/// Permission bits of everybody but the owner.
const OTHERS: u32 = 0o077;

/// The secret in `path` without the line end it may have, and no more than `limit` bytes of the file. Fails where it
/// cannot be read, or is a regular file that others may read or write.
pub fn read(path: &Path, limit: u64) -> Result<Secret, WireError> {
    let unread = |source| WireError::SecretUnread { path: path.to_path_buf(), source };
    let file = File::open(path).map_err(unread)?;
    if is_exposed(&file).map_err(unread)? {
        return Err(WireError::SecretExposed { path: path.to_path_buf() });
    }
    let mut text = Zeroizing::new(String::new());
    file.take(limit).read_to_string(&mut text).map_err(unread)?;
    Ok(Secret::new(text.trim_end_matches(['\n', '\r']).to_owned()))
}

/// Asked of what was opened, not of the path. What has no name, such as a memfd, nobody else can open.
fn is_exposed(file: &File) -> std::io::Result<bool> {
    let found = file.metadata()?;
    Ok(found.is_file() && found.nlink() > 0 && found.mode() & OTHERS != 0)
}

#[cfg(test)]
mod tests;
