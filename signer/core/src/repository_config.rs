//! `.chancery/config.toml`: which repository this is and which protected ref work is meant for (docs/formats.md F7).
//!
//! It may only tighten: it names no engine, no key and no trust.

use serde::Deserialize;

use crate::anchor::RepositoryId;
use crate::git_name::RefName;
use crate::reason::{Code, Coded};

/// Where the file lies in a tree.
pub const PATH: &str = ".chancery/config.toml";
/// Most bytes of the file.
pub const MAX_BYTES: usize = 4096;

/// The file's content.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RepositoryConfig {
    /// The repository id, as in the anchor.
    pub repository: RepositoryId,
    /// The protected ref that work is meant for.
    pub target: RefName,
}

impl RepositoryConfig {
    /// Reads the file. Fails on unknown keys and on values that are not an id and a full ref name.
    pub fn parse(bytes: &[u8]) -> Result<Self, ConfigError> {
        if bytes.len() > MAX_BYTES {
            return Err(ConfigError::TooLarge { actual: bytes.len() });
        }
        let text = std::str::from_utf8(bytes).map_err(|_| ConfigError::NotText)?;
        toml::from_str(text).map_err(|source| ConfigError::Schema { source: Box::new(source) })
    }

    /// The text to write into a tree.
    pub fn to_toml(&self) -> String {
        format!("repository = \"{}\"\ntarget = \"{}\"\n", self.repository, self.target)
    }
}

/// Why a file is not a repository's configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// Not UTF-8.
    #[error("{PATH} is not UTF-8 text")]
    NotText,
    /// Not TOML of the schema.
    #[error("{PATH} does not fit its schema")]
    Schema {
        /// What the reader said.
        #[source]
        source: Box<toml::de::Error>,
    },
    /// Too many bytes.
    #[error("{PATH} has {actual} bytes, at most {MAX_BYTES} are allowed")]
    TooLarge {
        /// Bytes found.
        actual: usize,
    },
}

impl Coded for ConfigError {
    fn code(&self) -> Code {
        Code::RepositoryConfig
    }
}

#[cfg(test)]
mod tests;
