//! Why a bundle is refused, and under which code.

use super::MEDIA_TYPE;
use crate::canonical::CanonicalError;
use crate::log_entry::LogError;
use crate::reason::{Code, Coded};
use crate::token::TokenError;

/// Why bytes are not a bundle of our profile.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// The log entry, or its body, is refused.
    #[error(transparent)]
    Entry(#[from] LogError),
    /// Several log entries.
    #[error("the bundle carries {found} log entries, not one")]
    EntryCount {
        /// Entries found.
        found: usize,
    },
    /// No log entry.
    #[error("the bundle carries no log entry")]
    EntryMissing,
    /// Not JSON of the schema.
    #[error("the bundle is not JSON of its schema")]
    Json {
        /// What the reader said.
        #[source]
        source: serde_json::Error,
    },
    /// Another encoding of the same content.
    #[error("the bundle is not in its canonical form (RFC 8785)")]
    NotCanonical,
    /// No signature, or several.
    #[error("the envelope carries {found} signatures, not one")]
    SignatureCount {
        /// Signatures found.
        found: usize,
    },
    /// Too many time-stamps.
    #[error("the bundle carries {found} time-stamps, at most the engine's and one foreign authority's")]
    StampCount {
        /// Time-stamps found.
        found: usize,
    },
    /// No time-stamp.
    #[error("the bundle carries no time-stamp")]
    StampMissing,
    /// One time-stamp twice.
    #[error("the bundle carries the same time-stamp twice")]
    StampTwice,
    /// The time-stamp response is refused.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// A part over its limit.
    #[error("the {part} has {actual} bytes, at most {limit} are allowed")]
    TooLarge {
        /// The part.
        part: &'static str,
        /// Most bytes allowed.
        limit: usize,
        /// Bytes found.
        actual: usize,
    },
    /// A value JSON cannot write.
    #[error("the bundle cannot be written")]
    Unwritable {
        /// What the writer said.
        #[source]
        source: CanonicalError,
    },
    /// Another media type.
    #[error("the bundle is `{found}`, not `{MEDIA_TYPE}`")]
    Version {
        /// Type found.
        found: String,
    },
}

impl Coded for BundleError {
    fn code(&self) -> Code {
        match self {
            Self::Entry(error) => error.code(),
            Self::EntryCount { .. } | Self::NotCanonical | Self::Unwritable { .. } => Code::BundleMalformed,
            Self::EntryMissing => Code::LogEntryMissing,
            Self::Json { .. } => Code::BundleJson,
            Self::SignatureCount { .. } => Code::DsseSignatureCount,
            Self::StampCount { .. } => Code::LimitTimestamps,
            Self::StampTwice => Code::TimeDuplicate,
            Self::StampMissing => Code::TimeNone,
            Self::Token(error) => error.code(),
            Self::TooLarge { .. } => Code::LimitBundle,
            Self::Version { .. } => Code::BundleVersion,
        }
    }
}
