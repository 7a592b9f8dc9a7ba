//! Which trust root the caller means: a file of theirs, or public Sigstore's by its name.

use std::fs::File;
use std::io;
use std::path::Path;

use signer_core::bounded;
use signer_core::trust_root::MAX_BYTES;

/// What names public Sigstore's own documents, which this program carries.
pub const PUBLIC: &str = "public";

/// The trust root's JSON. Of a file at most one byte more than [`MAX_BYTES`], so that what is too large is seen to be. Fails
/// with what the system says of the file.
pub fn read(named: &Path) -> io::Result<Vec<u8>> {
    if named == Path::new(PUBLIC) {
        return Ok(sigstore_trust_root::SIGSTORE_PRODUCTION_TRUSTED_ROOT.as_bytes().to_vec());
    }
    File::open(named).and_then(|file| bounded::read(file, MAX_BYTES))
}

#[cfg(test)]
mod tests;
