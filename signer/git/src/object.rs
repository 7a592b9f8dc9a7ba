//! What every object has: an id, a kind and bytes; the limits on them; and why bytes are not the object they claim.

use std::fmt;
use std::str::FromStr;

use signer_core::reason::{Code, Coded};

use crate::object_id::ObjectId;

/// Most bytes of a commit, tag or tree, and of a blob that is read as a document.
pub const MAX_OBJECT: usize = 8 * 1024 * 1024;
/// Most bytes of a blob whose content is digested.
pub const MAX_BLOB: usize = 2 * 1024 * 1024 * 1024;
/// Most parents of a commit.
pub const MAX_PARENTS: usize = 64;
/// Most headers of a commit or tag beside the parents.
pub const MAX_HEADERS: usize = 64;
/// Most bytes of an armoured signature.
pub const MAX_ARMOR: usize = 64 * 1024;

/// What an object is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ObjectKind {
    /// A commit.
    Commit,
    /// A directory.
    Tree,
    /// A file's content or a link's target.
    Blob,
    /// An annotated tag.
    Tag,
}

impl ObjectKind {
    /// The word git writes.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Commit => "commit",
            Self::Tree => "tree",
            Self::Blob => "blob",
            Self::Tag => "tag",
        }
    }
}

impl fmt::Display for ObjectKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for ObjectKind {
    type Err = ObjectError;

    fn from_str(text: &str) -> Result<Self, ObjectError> {
        match text {
            "commit" => Ok(Self::Commit),
            "tree" => Ok(Self::Tree),
            "blob" => Ok(Self::Blob),
            "tag" => Ok(Self::Tag),
            _ => Err(ObjectError::ObjectType),
        }
    }
}

/// An object whose bytes hash to its id.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RawObject {
    /// Its name.
    pub id: ObjectId,
    /// What it is.
    pub kind: ObjectKind,
    /// Its bytes, without git's `kind length NUL` frame.
    pub bytes: Vec<u8>,
}

/// An object taken apart into what was signed and the signature.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Signed {
    /// The bytes git gives to the signing program.
    pub payload: Vec<u8>,
    /// The armoured signature as the signing program printed it.
    pub armor: Vec<u8>,
}

/// Why bytes are not an object git writes, or not a signed one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ObjectError {
    /// A header that may stand once stands twice.
    #[error("header `{header}` stands twice")]
    DuplicateHeader {
        /// The header, where it is one we know.
        header: &'static str,
    },
    /// The same parent twice.
    #[error("parent {parent} is named twice")]
    DuplicateParent {
        /// The parent.
        parent: ObjectId,
    },
    /// A header line without key, space and value.
    #[error("a header line is malformed")]
    Header,
    /// Headers in another order than git's.
    #[error("header `{header}` is not where git writes it")]
    HeaderOrder {
        /// The header, where it is one we know.
        header: &'static str,
    },
    /// A mandatory header is absent.
    #[error("header `{header}` is missing")]
    MissingHeader {
        /// The header.
        header: &'static str,
    },
    /// No blank line after the headers.
    #[error("no blank line ends the headers")]
    NoBodySeparator,
    /// A NUL byte in a header.
    #[error("a header holds a NUL byte")]
    NulInHeader,
    /// A NUL byte in the message.
    #[error("the message holds a NUL byte")]
    NulInMessage,
    /// A header that is not UTF-8.
    #[error("a header is not UTF-8")]
    Utf8,
    /// An identity line that git would not write.
    #[error("the `{header}` line is malformed")]
    Ident {
        /// `author`, `committer` or `tagger`.
        header: &'static str,
    },
    /// The date of an identity line.
    #[error("the date of the `{header}` line is malformed or out of range")]
    Date {
        /// `author`, `committer` or `tagger`.
        header: &'static str,
    },
    /// Not an object id of the repository's format.
    #[error("an object id is not lower-case hexadecimal of the repository's length")]
    ObjectId,
    /// Neither `sha1` nor `sha256`.
    #[error("the object format is neither `sha1` nor `sha256`")]
    ObjectFormat,
    /// No kind of object.
    #[error("the object type is none of commit, tree, blob and tag")]
    ObjectType,
    /// An encoding name git would not write.
    #[error("the `encoding` header is malformed")]
    Encoding,
    /// No signature.
    #[error("the object carries no signature")]
    Unsigned,
    /// A tag without signature.
    #[error("the tag carries no signature")]
    TagUnsigned,
    /// A signature header without content.
    #[error("the signature is empty")]
    SignatureEmpty,
    /// Two signature headers, or one of each hash.
    #[error("the object carries more than one signature header")]
    SignatureDuplicate,
    /// Two armoured blocks.
    #[error("the signature holds more than one armoured block")]
    SignatureBlocks,
    /// A signature git would not have written so.
    #[error("the signature does not end its last line, or holds a NUL or CR byte")]
    SignatureArmor,
    /// The header of the other hash.
    #[error("the signature header belongs to the other hash algorithm")]
    SignatureHash,
    /// An armour over the limit.
    #[error("the signature has {actual} bytes, at most {MAX_ARMOR} are allowed")]
    SignatureSize {
        /// Bytes found.
        actual: usize,
    },
    /// An object over the limit.
    #[error("the object has {actual} bytes, at most {MAX_OBJECT} are allowed")]
    TooLarge {
        /// Bytes found.
        actual: usize,
    },
    /// Too many headers.
    #[error("the object has more than {MAX_HEADERS} headers")]
    TooManyHeaders,
    /// Too many parents.
    #[error("the commit has more than {MAX_PARENTS} parents")]
    TooManyParents,
    /// One name twice in a tree.
    #[error("a tree names one entry twice")]
    TreeDuplicate,
    /// A tree git would not write.
    #[error("a tree is truncated, unsorted, or holds a mode or id git never writes")]
    TreeNoncanonical,
    /// A name no checkout may write.
    #[error("a tree holds a name that a checkout may not write")]
    TreeUnsafeName,
    /// A tag's name that is no ref name.
    #[error("the tag's name is not a ref name")]
    TagName,
    /// A tag object under another ref.
    #[error("the tag object's name is not the name of its ref")]
    TagNameMismatch,
    /// A tag of a tag.
    #[error("the tag points to another tag")]
    TagNested,
}

impl Coded for ObjectError {
    fn code(&self) -> Code {
        match self {
            Self::DuplicateHeader { .. } => Code::GitMalformedDuplicateHeader,
            Self::DuplicateParent { .. } => Code::GitMalformedDuplicateParent,
            Self::Header | Self::Encoding => Code::GitMalformedHeader,
            Self::HeaderOrder { .. } => Code::GitMalformedHeaderOrder,
            Self::MissingHeader { .. } => Code::GitMalformedMissingHeader,
            Self::NoBodySeparator => Code::GitMalformedNoBodySeparator,
            Self::NulInHeader => Code::GitMalformedNulInHeader,
            Self::NulInMessage => Code::GitMalformedNulInMessage,
            Self::Utf8 => Code::GitMalformedUtf8,
            Self::Ident { .. } => Code::GitMalformedIdent,
            Self::Date { .. } => Code::GitMalformedDate,
            Self::ObjectId | Self::ObjectFormat => Code::GitMalformedObjectId,
            Self::ObjectType => Code::GitMalformedObjectType,
            Self::Unsigned => Code::GitSigMissing,
            Self::TagUnsigned => Code::GitTagUnsigned,
            Self::SignatureEmpty => Code::GitSigEmpty,
            Self::SignatureDuplicate => Code::GitSigDuplicateHeader,
            Self::SignatureBlocks => Code::GitSigMultipleBlocks,
            Self::SignatureArmor => Code::GitSigArmorNoncanonical,
            Self::SignatureHash => Code::GitSigWrongHashHeader,
            Self::SignatureSize { .. } => Code::LimitSignatureSize,
            Self::TooLarge { .. } => Code::LimitObjectSize,
            Self::TooManyHeaders => Code::LimitHeaders,
            Self::TooManyParents => Code::LimitParents,
            Self::TreeDuplicate => Code::GitTreeDuplicateEntry,
            Self::TreeNoncanonical => Code::GitTreeNoncanonical,
            Self::TreeUnsafeName => Code::GitTreeUnsafeName,
            Self::TagName => Code::HistBadRefname,
            Self::TagNameMismatch => Code::GitTagNameMismatch,
            Self::TagNested => Code::GitTagNested,
        }
    }
}
