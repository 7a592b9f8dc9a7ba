//! `<home>/config.toml`: which engine this home signs with, and which Sigstore in its place, if any.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use signer_core::reason::{Code, Coded};

/// Most bytes of the file.
const MAX_BYTES: usize = 64 * 1024;

/// The file's content.
#[derive(Deserialize, Default, Debug)]
#[serde(deny_unknown_fields)]
pub struct UserFile {
    /// The engine's address.
    pub engine: Option<String>,
    /// A Sigstore that artifacts and prompts are signed through instead, and commits where git is told so.
    pub elsewhere: Option<ElsewhereTable>,
}

/// The table `[elsewhere]`. Paths are relative to the home; `public` is public Sigstore's.
#[derive(Deserialize, Clone, Default, Debug)]
#[serde(deny_unknown_fields)]
pub struct ElsewhereTable {
    /// As `--signing-config`.
    pub signing_config: Option<PathBuf>,
    /// As `--trust-config`.
    pub trust_config: Option<PathBuf>,
    /// As `--trusted-root`.
    pub trusted_root: Option<PathBuf>,
    /// As `--ca`.
    pub ca: Option<PathBuf>,
    /// Program and arguments that print an identity token, where flags and environment hold none; run for every signature.
    pub identity_token_command: Option<Vec<String>>,
    /// As `--identity`.
    pub identity: Option<String>,
}

impl UserFile {
    /// Reads the file of a home; one that is absent says nothing.
    pub fn read(home: &Path) -> Result<Self, UserFileError> {
        let path = home.join("config.toml");
        let bytes = match std::fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(source) => return Err(UserFileError::Unreadable { path, source }),
        };
        let text = std::str::from_utf8(&bytes).ok().filter(|text| text.len() <= MAX_BYTES);
        let Some(text) = text else { return Err(UserFileError::NotText { path }) };
        let mut file: Self =
            toml::from_str(text).map_err(|source| UserFileError::Malformed { path, source: Box::new(source) })?;
        if let Some(table) = &mut file.elsewhere {
            table.settle(home);
        }
        Ok(file)
    }
}

impl ElsewhereTable {
    fn settle(&mut self, home: &Path) {
        for path in [&mut self.signing_config, &mut self.trust_config, &mut self.trusted_root, &mut self.ca] {
            if let Some(path) = path.as_mut().filter(|path| path.as_path() != Path::new("public")) {
                *path = home.join(&*path);
            }
        }
    }
}

/// Why the file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum UserFileError {
    /// Unknown members, or members of another type.
    #[error("`{}` is malformed", path.display())]
    Malformed {
        /// Where it lies.
        path: PathBuf,
        /// What is wrong.
        #[source]
        source: Box<toml::de::Error>,
    },
    /// Not UTF-8, or over 64 KiB.
    #[error("`{}` is no text of at most 64 KiB", path.display())]
    NotText {
        /// Where it lies.
        path: PathBuf,
    },
    /// It cannot be read.
    #[error("`{}` cannot be read", path.display())]
    Unreadable {
        /// Where it lies.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
}

impl Coded for UserFileError {
    fn code(&self) -> Code {
        match self {
            Self::Malformed { .. } | Self::NotText { .. } => Code::Usage,
            Self::Unreadable { .. } => Code::InternalIo,
        }
    }
}

#[cfg(test)]
mod tests;
