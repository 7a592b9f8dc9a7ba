//! Why a repository cannot be read, or is not what it seems.

use std::path::PathBuf;

use signer_core::reason::{Code, Coded};

use crate::object::{ObjectError, ObjectKind};
use crate::object_id::ObjectId;

/// Why a repository, ref, revision or object cannot be read or trusted.
#[derive(Debug, thiserror::Error)]
pub enum RepositoryError {
    /// Nothing there that git would take for a repository.
    #[error("`{}` is not a git repository", path.display())]
    NotARepository {
        /// The path given.
        path: PathBuf,
    },
    /// A storage format we do not read.
    #[error("the repository needs `{extension}`, which is not supported")]
    Unsupported {
        /// The extension or its value.
        extension: String,
    },
    /// A file of the repository cannot be read.
    #[error("cannot read `{}`", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file of the repository that is too large, not a regular file, or not text.
    #[error("`{}` is not a file git would write", path.display())]
    StrangeFile {
        /// The file.
        path: PathBuf,
    },
    /// A shallow clone.
    #[error("the clone is shallow")]
    Shallow,
    /// A grafts file.
    #[error("the repository has a grafts file")]
    Grafts,
    /// An alternates file.
    #[error("the repository borrows objects from another store")]
    Alternates,
    /// An object that is not there.
    #[error("object {id} is missing")]
    Missing {
        /// The object.
        id: ObjectId,
    },
    /// Bytes that are not the object's.
    #[error("the bytes stored for object {id} do not hash to it")]
    IdMismatch {
        /// The object.
        id: ObjectId,
    },
    /// An object that cannot be unpacked.
    #[error("object {id} cannot be unpacked: {detail}")]
    Damaged {
        /// The object.
        id: ObjectId,
        /// What is wrong with it.
        detail: &'static str,
    },
    /// A SHA-1 collision attack.
    #[error("object {id} is part of a SHA-1 collision")]
    Collision {
        /// The object.
        id: ObjectId,
    },
    /// An object over the limit.
    #[error("object {id} has {size} bytes, at most {limit} are allowed")]
    TooLarge {
        /// The object.
        id: ObjectId,
        /// Its bytes.
        size: usize,
        /// The limit.
        limit: usize,
    },
    /// A folder of policy or anchors with too much below it.
    #[error("a folder has more than {limit} entries below it")]
    TooManyFiles {
        /// The limit.
        limit: usize,
    },
    /// An object of another kind than its use.
    #[error("object {id} is a {actual}, not a {expected}")]
    WrongKind {
        /// The object.
        id: ObjectId,
        /// The kind its use needs.
        expected: ObjectKind,
        /// The kind it is.
        actual: ObjectKind,
    },
    /// A tagged object of another kind than the tag says.
    #[error("the tag says that {id} is a {expected}, but it is a {actual}")]
    TagType {
        /// The tagged object.
        id: ObjectId,
        /// The kind the tag says.
        expected: ObjectKind,
        /// The kind it is.
        actual: ObjectKind,
    },
    /// A malformed object.
    #[error("object {id} is malformed")]
    Object {
        /// The object.
        id: ObjectId,
        /// What is wrong with it.
        source: ObjectError,
    },
    /// An id of the other hash.
    #[error("{id} is not an id of this repository's object format")]
    WrongFormat {
        /// The id.
        id: ObjectId,
    },
    /// A name that no ref has.
    #[error("`{name}` is not a ref name")]
    BadRefName {
        /// The name.
        name: String,
    },
    /// A ref whose content git would not write.
    #[error("the ref `{name}` holds neither an id nor a ref name")]
    BadRef {
        /// The ref.
        name: String,
    },
    /// A revision that names nothing.
    #[error("revision `{revision}` does not exist")]
    UnknownRevision {
        /// As given.
        revision: String,
    },
    /// A revision of a form that is not read here.
    #[error("`{revision}` names no commit: what does is an id, a branch or a tag, with `~N` or `^N` after it")]
    RevisionForm {
        /// As given.
        revision: String,
    },
    /// A revision that names several things.
    #[error("revision `{revision}` is ambiguous")]
    AmbiguousRevision {
        /// As given.
        revision: String,
    },
}

impl Coded for RepositoryError {
    fn code(&self) -> Code {
        match self {
            Self::NotARepository { .. } | Self::Unsupported { .. } => Code::HistUnsupportedRepository,
            Self::Io { .. } | Self::StrangeFile { .. } => Code::InternalIo,
            Self::Shallow => Code::HistShallow,
            Self::Grafts => Code::HistGraftsPresent,
            Self::Alternates => Code::HistAlternates,
            Self::Missing { .. } => Code::HistMissingObject,
            Self::IdMismatch { .. } | Self::Damaged { .. } => Code::HistObjectIdMismatch,
            Self::Collision { .. } => Code::GitSha1Collision,
            Self::TooLarge { .. } => Code::LimitObjectSize,
            Self::TooManyFiles { .. } => Code::LimitPolicy,
            Self::WrongKind { .. } => Code::GitMalformedObjectType,
            Self::TagType { .. } => Code::GitTagTypeMismatch,
            Self::Object { source, .. } => source.code(),
            Self::WrongFormat { .. } => Code::GitMalformedObjectId,
            Self::BadRefName { .. } | Self::BadRef { .. } => Code::HistBadRefname,
            Self::UnknownRevision { .. } | Self::AmbiguousRevision { .. } | Self::RevisionForm { .. } => {
                Code::HistUnknownRevision
            }
        }
    }
}
