//! Why a file, directory or manifest is refused, and under which code.

use std::io;

use super::{MAX_FILES, MAX_SIZE, RelPath, RelPathError};
use crate::canonical::CanonicalError;
use crate::reason::{Code, Coded};
use crate::statement::StatementError;

/// Why an artifact is refused.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// It changed while it was read.
    #[error("`{path}` changed while it was read")]
    Changed {
        /// What changed.
        path: String,
    },
    /// Two names that are one to some file system.
    #[error("`{path}` collides with `{other}` where case or normalisation is folded")]
    Collision {
        /// The later.
        path: RelPath,
        /// The earlier.
        other: String,
    },
    /// No file.
    #[error("the artifact holds no file")]
    Empty,
    /// The disk refused.
    #[error("`{path}` could not be read")]
    Io {
        /// What was read.
        path: String,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// A name that is not portable.
    #[error("`{name}` is not a portable name")]
    Name {
        /// The name.
        name: String,
        /// Why.
        #[source]
        source: RelPathError,
    },
    /// A manifest of one file with another number of files.
    #[error("the manifest of a single file names another number of files")]
    NotOneFile,
    /// A manifest out of order, or with one path twice.
    #[error("`{path}` is out of order in the manifest, or repeated")]
    NotSorted {
        /// The path.
        path: RelPath,
    },
    /// A name that is not UTF-8.
    #[error("`{name}` is not UTF-8")]
    NotUtf8 {
        /// The name, as far as it can be shown.
        name: String,
    },
    /// The subject is not what the manifest says.
    #[error("the statement's subject is not what its manifest says")]
    OtherSubject,
    /// A device, socket or pipe.
    #[error("`{path}` is a device, socket or pipe")]
    Special {
        /// Where.
        path: String,
    },
    /// Not a statement of an artifact.
    #[error(transparent)]
    Statement(#[from] StatementError),
    /// A symbolic link.
    #[error("`{path}` is a symbolic link")]
    Symlink {
        /// Where.
        path: String,
    },
    /// Too many bytes.
    #[error("the artifact has more than {MAX_SIZE} bytes")]
    TooLarge,
    /// Too many files.
    #[error("the artifact has more than {MAX_FILES} files")]
    TooManyFiles,
    /// A value JSON cannot write.
    #[error("the manifest cannot be written")]
    Unwritable {
        /// What the writer said.
        #[source]
        source: CanonicalError,
    },
}

impl Coded for ManifestError {
    fn code(&self) -> Code {
        match self {
            Self::Changed { .. } => Code::ArtRace,
            Self::Collision { .. } => Code::ArtCollision,
            Self::Empty => Code::ArtEmpty,
            Self::Io { .. } => Code::InternalIo,
            Self::Name { .. } | Self::NotUtf8 { .. } => Code::ArtName,
            Self::NotOneFile | Self::NotSorted { .. } | Self::Unwritable { .. } => Code::IntotoPredicate,
            Self::OtherSubject => Code::IntotoSubject,
            Self::Special { .. } => Code::ArtSpecialFile,
            Self::Statement(error) => error.code(),
            Self::Symlink { .. } => Code::ArtSymlink,
            Self::TooLarge | Self::TooManyFiles => Code::ArtLimit,
        }
    }
}
