//! Why a witness policy is refused.

use super::{MAX_BYTES, MAX_ITEMS};
use crate::checkpoint::CheckpointError;
use crate::reason::{Code, Coded};

/// Why a witness policy is refused. Lines are numbered from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WitnessPolicyError {
    /// A control character other than tab and line end.
    #[error("the witness policy holds a control character")]
    ControlCharacter,
    /// One name for two things.
    #[error("line {line} defines `{name}` a second time")]
    DuplicateName {
        /// Where.
        line: usize,
        /// Which.
        name: String,
    },
    /// One key for two things: it would count twice, or a log would be its own witness.
    #[error("line {line} names a key that another line names")]
    DuplicateKey {
        /// Where.
        line: usize,
    },
    /// A key that is none, or of another use.
    #[error("line {line} names no such key")]
    Key {
        /// Where.
        line: usize,
        /// What is wrong with it.
        #[source]
        source: CheckpointError,
    },
    /// A key of a log where a witness's must stand, or the reverse.
    #[error("line {line} names a key of another use")]
    KeyRole {
        /// Where.
        line: usize,
    },
    /// Not a line of the format.
    #[error("line {line} is not `log`, `witness`, `group` or `quorum` with what belongs to it")]
    Line {
        /// Where.
        line: usize,
    },
    /// A member of two groups, or twice of one: it could contribute in two ways.
    #[error("line {line} names `{name}`, which is a member of a group already")]
    Member {
        /// Where.
        line: usize,
        /// Which.
        name: String,
    },
    /// Not exactly one quorum.
    #[error("the witness policy has {actual} quorum lines, one is needed")]
    Quorum {
        /// Lines found.
        actual: usize,
    },
    /// More than the group has, or none.
    #[error("line {line} asks for a number of members that the group does not have")]
    Threshold {
        /// Where.
        line: usize,
    },
    /// Too many bytes.
    #[error("the witness policy has {actual} bytes, at most {MAX_BYTES} are allowed")]
    TooLarge {
        /// Bytes found.
        actual: usize,
    },
    /// Too many logs, witnesses or groups.
    #[error("line {line} is one more of its kind than the {MAX_ITEMS} that are allowed")]
    TooMany {
        /// Where.
        line: usize,
    },
    /// A name that nothing before defines.
    #[error("line {line} names `{name}`, which no line before it defines")]
    Undefined {
        /// Where.
        line: usize,
        /// Which.
        name: String,
    },
}

impl Coded for WitnessPolicyError {
    fn code(&self) -> Code {
        match self {
            Self::TooLarge { .. } | Self::TooMany { .. } => Code::LimitPolicy,
            Self::Key { source, .. } => source.code(),
            Self::ControlCharacter
            | Self::DuplicateName { .. }
            | Self::DuplicateKey { .. }
            | Self::KeyRole { .. }
            | Self::Line { .. }
            | Self::Member { .. }
            | Self::Quorum { .. }
            | Self::Threshold { .. }
            | Self::Undefined { .. } => Code::LogWitnessPolicy,
        }
    }
}
