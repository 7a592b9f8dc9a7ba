//! Why a checkpoint is refused, and under which code.

use super::{MAX_BYTES, MAX_SIGNATURES};
use crate::reason::{Code, Coded};

/// Why a checkpoint is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// Not origin, size and root.
    #[error("the checkpoint's text is not origin, size and root, one a line")]
    Lines,
    /// A character that notes may not hold.
    #[error("the checkpoint holds a control character")]
    ControlCharacter,
    /// A name that is no host name.
    #[error("a log's name of {length} bytes is not a lower-case host name without port and path")]
    Origin {
        /// Bytes of the name.
        length: usize,
    },
    /// Text or signature line of another log.
    #[error("the checkpoint is of log `{actual}`, not `{expected}`")]
    OriginMismatch {
        /// The log that was expected.
        expected: String,
        /// The log it is of.
        actual: String,
    },
    /// Not 32 bytes in base64.
    #[error("the checkpoint's root is not 32 bytes in base64")]
    Root,
    /// No blank line before the signatures, or no line end after them.
    #[error("the checkpoint has no block of signature lines after a blank line")]
    Separator,
    /// The log's own signature fails.
    #[error("the checkpoint's signature does not verify under the log's key")]
    Signature,
    /// A line that is no signature line.
    #[error("signature line {line} of the checkpoint is malformed")]
    SignatureLine {
        /// Number of the line, from 1.
        line: usize,
    },
    /// Not a decimal number below 2^63 in its only spelling.
    #[error("the checkpoint's size is not a plain decimal number")]
    Size,
    /// Too many bytes.
    #[error("the checkpoint has {actual} bytes, at most {MAX_BYTES} are allowed")]
    TooLarge {
        /// Bytes found.
        actual: usize,
    },
    /// Too many signature lines.
    #[error("the checkpoint has more than {MAX_SIGNATURES} signature lines")]
    TooManySignatures,
    /// A line under a key that is not the log's.
    #[error("the checkpoint is not signed by the log's key")]
    UnknownKey,
    /// Lines after the log's that no trusted witness made.
    #[error("the checkpoint carries {lines} signature lines of keys that the trust root does not name")]
    UnknownSignature {
        /// Lines found after the known ones.
        lines: usize,
    },
    /// No signature line at all.
    #[error("the checkpoint carries no signature")]
    Unsigned,
}

impl Coded for CheckpointError {
    fn code(&self) -> Code {
        match self {
            Self::OriginMismatch { .. } => Code::LogOriginMismatch,
            Self::Signature | Self::UnknownKey => Code::LogCheckpointSignature,
            Self::TooLarge { .. } | Self::TooManySignatures => Code::LimitNoteSignatures,
            Self::Lines
            | Self::ControlCharacter
            | Self::Origin { .. }
            | Self::Root
            | Self::Separator
            | Self::SignatureLine { .. }
            | Self::Size
            | Self::UnknownSignature { .. }
            | Self::Unsigned => Code::LogCheckpointMalformed,
        }
    }
}
