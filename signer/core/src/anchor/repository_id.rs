//! The id of a repository: random, chosen once when its first anchor is made, never read from remotes.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::nonce::Nonce;

/// `repo-` and 32 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RepositoryId(Nonce);

impl RepositoryId {
    /// The id that sixteen random bytes make.
    pub const fn from_random(bytes: [u8; 16]) -> Self {
        Self(Nonce::from_bytes(bytes))
    }
}

impl FromStr for RepositoryId {
    type Err = RepositoryIdError;

    fn from_str(text: &str) -> Result<Self, RepositoryIdError> {
        let digits = text.strip_prefix("repo-").ok_or(RepositoryIdError::Malformed)?;
        digits.parse().map(Self).map_err(|_| RepositoryIdError::Malformed)
    }
}

impl TryFrom<String> for RepositoryId {
    type Error = RepositoryIdError;

    fn try_from(text: String) -> Result<Self, RepositoryIdError> {
        text.parse()
    }
}

impl From<RepositoryId> for String {
    fn from(id: RepositoryId) -> Self {
        id.to_string()
    }
}

impl fmt::Display for RepositoryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "repo-{}", self.0)
    }
}

/// Why a text is not a repository id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RepositoryIdError {
    /// Not of the one form.
    #[error("a repository id is `repo-` and 32 lower-case hexadecimal digits")]
    Malformed,
}
