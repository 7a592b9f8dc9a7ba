//! Files that whoever starts a program names on its command line: read whole, and within bounds.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use signer_core::bounded;
use signer_core::reason::Code;

/// At most `most` bytes of a file, or of a pipe, which says no length.
pub(crate) fn bytes(path: &Path, most: usize) -> Result<Vec<u8>, FileError> {
    let unreadable = |source| FileError::Unreadable { path: path.to_owned(), source };
    let held = File::open(path).and_then(|file| bounded::read(file, most)).map_err(unreadable)?;
    if held.len() > most { Err(FileError::TooLarge { path: path.to_owned(), most }) } else { Ok(held) }
}

/// The same of text in UTF-8.
pub(crate) fn text(path: &Path, most: usize) -> Result<String, FileError> {
    String::from_utf8(bytes(path, most)?).map_err(|_| FileError::Text { path: path.to_owned() })
}

/// Why a file does not serve.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// It is not text.
    #[error("`{}` is not UTF-8", path.display())]
    Text {
        /// Which.
        path: PathBuf,
    },
    /// It is too large.
    #[error("`{}` has more than {most} bytes", path.display())]
    TooLarge {
        /// Which.
        path: PathBuf,
        /// The limit.
        most: usize,
    },
    /// It cannot be read.
    #[error("`{}` cannot be read", path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
}

impl FileError {
    /// The code of a file that can be read and is `wrong`.
    pub(crate) const fn code_or(&self, wrong: Code) -> Code {
        match self {
            Self::Text { .. } | Self::TooLarge { .. } => wrong,
            Self::Unreadable { .. } => Code::InternalIo,
        }
    }
}

#[cfg(test)]
mod tests;
