//! What other people wrote is read no further than what may be in it.

use std::io::{self, Read};

/// All that `source` gives, or one byte more than `most`, so that whoever parses it sees that it is too much: a device or a
/// pipe says no length, and may have no end.
pub fn read(source: impl Read, most: usize) -> io::Result<Vec<u8>> {
    let limit = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
    let mut bytes = Vec::new();
    source.take(limit).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests;
