//! Files of other people are read no further than what may be in them.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

/// The file's bytes, or one more than `most` of them, so that whoever parses them sees that they are too many: a device or
/// a pipe says no length, and may have no end.
pub fn read(path: &Path, most: usize) -> io::Result<Vec<u8>> {
    let limit = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
    let mut bytes = Vec::new();
    File::open(path)?.take(limit).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests;
