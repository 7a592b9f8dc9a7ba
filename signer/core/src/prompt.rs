//! Prompts: text that a model may only see after it was signed, verified and accepted (docs/formats.md F4).
//!
//! [`UntrustedPrompt`] holds bytes and shows none of them. [`Prompt`] is text bound to a signed statement; its text is
//! readable on an accepted prompt alone. Bytes are never normalised: what was signed is what is read.

mod hidden;
mod terms;

use std::fmt;

use crate::digest::Digest;
use crate::reason::{Code, Coded};
use crate::statement::{self, Statement, StatementError};
use crate::time::Timestamp;

pub(crate) use hidden::is_hidden;
pub use hidden::{Finding, FindingKind, MAX_FINDINGS};
pub use terms::{Binding, PromptTerms, Segment, SegmentTrust};

/// Most bytes of a prompt.
pub const MAX_TEXT: usize = 1024 * 1024;

/// Bytes that claim to be a prompt. They have a digest and findings; there is no way to their text.
pub struct UntrustedPrompt {
    text: String,
}

impl UntrustedPrompt {
    /// Takes the bytes of a prompt file.
    ///
    /// Fails where they are over 1 MiB, blank, not UTF-8, or hold a NUL or byte order mark.
    pub fn new(bytes: Vec<u8>) -> Result<Self, PromptError> {
        if bytes.len() > MAX_TEXT {
            return Err(PromptError::TooLarge { actual: bytes.len() });
        }
        let text = String::from_utf8(bytes).map_err(|error| {
            let offset = error.utf8_error().valid_up_to();
            PromptError::NotText { offset }
        })?;
        if let Some(offset) = text.find('\0') {
            return Err(PromptError::NotText { offset });
        }
        if text.starts_with('\u{feff}') {
            return Err(PromptError::NotText { offset: 0 });
        }
        if text.trim().is_empty() {
            return Err(PromptError::Blank);
        }
        Ok(Self { text })
    }

    /// The digest of the bytes as they are.
    pub fn digest(&self) -> Digest {
        Digest::of(self.text.as_bytes())
    }

    /// How many bytes there are.
    pub const fn length(&self) -> usize {
        self.text.len()
    }

    /// What a reader would not see, or see as something else.
    pub fn findings(&self) -> Vec<Finding> {
        hidden::findings(&self.text)
    }

    /// Refuses hidden characters; what remains is worth a warning.
    pub fn refuse_hidden(&self) -> Result<Vec<Finding>, PromptError> {
        let findings = self.findings();
        match findings.iter().find(|finding| finding.kind.is_refused()) {
            Some(first) => Err(PromptError::Hidden { first: *first }),
            None => Ok(findings),
        }
    }

    /// Whether the segments end where the text does, and cut it between characters.
    fn check_segments(&self, terms: &PromptTerms) -> Result<(), PromptError> {
        let end = |segment: &Segment| usize::try_from(segment.end).unwrap_or(usize::MAX);
        let cuts_whole = terms.segments.iter().all(|segment| self.text.is_char_boundary(end(segment)));
        if cuts_whole && terms.segments.last().map(end) == Some(self.text.len()) {
            Ok(())
        } else {
            Err(PromptError::Segments)
        }
    }
}

impl fmt::Debug for UntrustedPrompt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UntrustedPrompt({})", self.digest())
    }
}

/// A prompt whose text is the one a signed statement is about.
pub struct Prompt {
    text: String,
    statement: Statement<PromptTerms>,
}

impl Prompt {
    /// Binds text to the payload of a verified statement. Verification alone calls this.
    ///
    /// Fails where the statement is about other text, or the text holds hidden characters.
    pub(crate) fn bind(untrusted: UntrustedPrompt, payload: &[u8]) -> Result<Self, PromptError> {
        let statement = Statement::<PromptTerms>::decode(payload)?;
        if statement::sole_subject(statement.subjects())?.sha256 != untrusted.digest() {
            return Err(PromptError::OtherText);
        }
        untrusted.check_segments(statement.predicate())?;
        untrusted.refuse_hidden()?;
        Ok(Self { text: untrusted.text, statement })
    }

    /// What the statement says about the text.
    pub const fn terms(&self) -> &PromptTerms {
        self.statement.predicate()
    }

    /// The digest of the text.
    pub fn digest(&self) -> Digest {
        Digest::of(self.text.as_bytes())
    }

    /// The text; acceptance alone shows it.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }
}

impl fmt::Debug for Prompt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Prompt({})", self.digest())
    }
}

/// Why a prompt is refused.
#[derive(Debug, thiserror::Error)]
pub enum PromptError {
    /// Bound to other work.
    #[error("the prompt is bound to another {member}")]
    Binding {
        /// What differs.
        member: &'static str,
    },
    /// Nothing in it.
    #[error("the prompt is blank")]
    Blank,
    /// Past its expiry.
    #[error("the prompt expired at {expires}")]
    Expired {
        /// When.
        expires: Timestamp,
    },
    /// Characters a reader does not see.
    #[error("{first}")]
    Hidden {
        /// The first of them.
        first: Finding,
    },
    /// Not UTF-8, or with a NUL or byte order mark.
    #[error("the prompt is not plain UTF-8 text at byte {offset}")]
    NotText {
        /// Where.
        offset: usize,
    },
    /// The statement is about other text.
    #[error("the statement is about another text")]
    OtherText,
    /// Segments that do not tile the text.
    #[error("the segments do not cover the text, each from where the one before ends")]
    Segments,
    /// Not a statement of a prompt.
    #[error(transparent)]
    Statement(#[from] StatementError),
    /// A member beyond its limits.
    #[error("the prompt's {member} cannot be")]
    Terms {
        /// The member.
        member: &'static str,
    },
    /// Too many bytes.
    #[error("the prompt has {actual} bytes, at most {MAX_TEXT} are allowed")]
    TooLarge {
        /// Bytes found.
        actual: usize,
    },
}

impl Coded for PromptError {
    fn code(&self) -> Code {
        match self {
            Self::Binding { .. } => Code::PromptBinding,
            Self::Blank | Self::NotText { .. } | Self::Segments => Code::PromptMalformed,
            Self::Expired { .. } => Code::PromptExpired,
            Self::Hidden { .. } => Code::PromptHidden,
            Self::OtherText => Code::IntotoSubject,
            Self::Statement(error) => error.code(),
            Self::Terms { .. } => Code::IntotoPredicate,
            Self::TooLarge { .. } => Code::LimitPrompt,
        }
    }
}

#[cfg(test)]
mod tests;
