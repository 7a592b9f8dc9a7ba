//! Why a checkpoint is refused, and under which code.

use crate::reason::{Code, Coded};

/// Why a checkpoint is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// A line under a known witness's key that the witness did not make.
    #[error("the cosignature of witness `{witness}` does not verify")]
    Cosignature {
        /// The witness's name.
        witness: String,
    },
    /// A name that no key may have.
    #[error("a key's name of {length} bytes is empty, too long, or holds a space or `+`")]
    KeyName {
        /// Bytes of the name.
        length: usize,
    },
    /// A key of another algorithm or use.
    #[error("a verifier key of type {kind:#04x} is neither a log's nor a witness's Ed25519 key")]
    KeyType {
        /// The type byte.
        kind: u8,
    },
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
    #[error("the checkpoint has {actual} bytes, at most {limit} are allowed")]
    TooLarge {
        /// Bytes found.
        actual: usize,
        /// Most bytes allowed.
        limit: usize,
    },
    /// Too many signature lines.
    #[error("the checkpoint has more than {limit} signature lines")]
    TooManySignatures {
        /// Most lines allowed.
        limit: usize,
    },
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
    /// Not `<name>+<hint>+<key>` in its only spelling.
    #[error("a verifier key is not `<name>+<8 hex digits>+<base64>` with the hint of its key")]
    VerifierKey,
}

impl Coded for CheckpointError {
    fn code(&self) -> Code {
        match self {
            Self::OriginMismatch { .. } => Code::LogOriginMismatch,
            Self::Cosignature { .. } => Code::LogWitnessSignature,
            Self::Signature | Self::UnknownKey => Code::LogCheckpointSignature,
            Self::TooLarge { .. } | Self::TooManySignatures { .. } => Code::LimitNoteSignatures,
            Self::KeyName { .. } | Self::KeyType { .. } | Self::VerifierKey => Code::LogKeyMalformed,
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
