//! Files of the home: there whole or not at all, for this user alone. A disk that fills up, or a crash, leaves what was
//! there before.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// Puts a file in the place of the one before.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    drafted(path, bytes, |draft| fs::rename(draft, path))
}

/// Makes a file. Fails where there is one already.
pub fn make(path: &Path, bytes: &[u8]) -> io::Result<()> {
    drafted(path, bytes, |draft| fs::hard_link(draft, path).and_then(|()| fs::remove_file(draft)))
}

fn drafted(path: &Path, bytes: &[u8], place: impl FnOnce(&Path) -> io::Result<()>) -> io::Result<()> {
    let draft = draft(path);
    match fs::remove_file(&draft) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        // One that a process of the same id left behind.
        Ok(()) | Err(_) => {}
    }
    let written = || {
        let mut file = File::options().write(true).create_new(true).mode(0o600).open(&draft)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        place(&draft)?;
        path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
    };
    written().inspect_err(|_| drop(fs::remove_file(&draft)))
}

/// In the same folder, so that it can take the file's place; a process of its own has one of its own.
fn draft(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{}", std::process::id()));
    PathBuf::from(name)
}

#[cfg(test)]
mod tests;
