//! Files that a caller names: read no further than what may be in them.

use std::fs::File;
use std::path::Path;

use signer_core::bounded;
use signer_core::reason::Code;

use crate::failure::Failure;

/// The file's bytes, or one more than `most` of them; `unread` is the code of a file that cannot be read.
pub fn read(path: &Path, most: usize, unread: Code) -> Result<Vec<u8>, Failure> {
    let failed = |error| Failure::new(unread, format_args!("`{}`: {error}", path.display()));
    File::open(path).and_then(|file| bounded::read(file, most)).map_err(failed)
}
