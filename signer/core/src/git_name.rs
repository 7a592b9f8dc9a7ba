//! Names that git gives: full names of refs, and ids of commits in hexadecimal.
//!
//! They are only read here; what they point to is the business of `signer-git`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Most bytes of a ref's name: as much as a scope element holds.
pub const MAX_REF: usize = 256;

/// The full name of a ref, such as `refs/heads/main`, by the rules of git-check-ref-format.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RefName(String);

impl RefName {
    /// The text of the name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for RefName {
    type Err = GitNameError;

    fn from_str(text: &str) -> Result<Self, GitNameError> {
        let Some(rest) = text.strip_prefix("refs/") else { return Err(GitNameError::Ref) };
        let forbidden = |b: u8| b <= b' ' || b == 0x7f || b"~^:?*[\\".contains(&b);
        let refused = |part: &str| {
            part.is_empty() || part.starts_with('.') || part.ends_with('.') || part.strip_suffix(".lock").is_some()
        };
        let whole =
            text.len() <= MAX_REF && !text.bytes().any(forbidden) && !text.contains("..") && !text.contains("@{");
        if whole && !rest.split('/').any(refused) { Ok(Self(text.to_owned())) } else { Err(GitNameError::Ref) }
    }
}

/// The id of a commit: 40 or 64 lower-case hexadecimal digits.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CommitId(String);

impl CommitId {
    /// The hexadecimal digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for CommitId {
    type Err = GitNameError;

    fn from_str(text: &str) -> Result<Self, GitNameError> {
        let digits = text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        if digits && matches!(text.len(), 40 | 64) { Ok(Self(text.to_owned())) } else { Err(GitNameError::CommitId) }
    }
}

macro_rules! text {
    ($($kind:ident),*) => {$(
        impl TryFrom<String> for $kind {
            type Error = GitNameError;

            fn try_from(text: String) -> Result<Self, GitNameError> {
                text.parse()
            }
        }

        impl From<$kind> for String {
            fn from(name: $kind) -> Self {
                name.0
            }
        }

        impl fmt::Display for $kind {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}
text!(RefName, CommitId);

/// Why a text is not a name of git's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum GitNameError {
    /// Not a commit id.
    #[error("a commit id is 40 or 64 lower-case hexadecimal digits")]
    CommitId,
    /// Not the full name of a ref.
    #[error("a ref is named in full, like `refs/heads/main`, in at most {MAX_REF} bytes")]
    Ref,
}

#[cfg(test)]
mod tests;
