//! `<home>/config.toml`: which engine this home signs with, and which Sigstore in its place, if any.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use signer_core::bounded;
use signer_core::reason::{Code, Coded};
use signer_wire::whole_file;

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
        let Some(bytes) = content(&path)? else { return Ok(Self::default()) };
        let text = std::str::from_utf8(&bytes).ok().filter(|text| text.len() <= MAX_BYTES);
        let Some(text) = text else { return Err(UserFileError::NotText { path }) };
        let mut file: Self =
            toml::from_str(text).map_err(|source| UserFileError::Malformed { path, source: Box::new(source) })?;
        if let Some(table) = &mut file.elsewhere {
            table.settle(home);
        }
        Ok(file)
    }

    /// Names the engine in the file of a home, which names none; what it says besides stays. Gives what stood there.
    pub fn name_engine(home: &Path, url: &str) -> Result<UserFileBefore, UserFileError> {
        let path = home.join("config.toml");
        let before = content(&path)?;
        // Before everything else: what follows a table's heading is the table's.
        let mut text = format!("engine = \"{url}\"\n").into_bytes();
        text.extend(before.as_deref().unwrap_or_default());
        match whole_file::replace(&path, &text) {
            Ok(()) => Ok(UserFileBefore { path, bytes: before }),
            Err(source) => Err(UserFileError::Unwritable { path, source }),
        }
    }
}

/// What a home's file was before an engine was named in it.
pub struct UserFileBefore {
    path: PathBuf,
    bytes: Option<Vec<u8>>,
}

impl UserFileBefore {
    /// Makes the file that again.
    pub fn restore(self) -> Result<(), UserFileError> {
        let done = match &self.bytes {
            Some(bytes) => whole_file::replace(&self.path, bytes),
            None => std::fs::remove_file(&self.path),
        };
        done.map_err(|source| UserFileError::Unwritable { path: self.path, source })
    }
}

/// The file's bytes, or one more than may be in it; nothing where there is none.
fn content(path: &Path) -> Result<Option<Vec<u8>>, UserFileError> {
    match File::open(path).and_then(|file| bounded::read(file, MAX_BYTES)) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(UserFileError::Unreadable { path: path.to_owned(), source }),
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
        source: io::Error,
    },
    /// It cannot be written.
    #[error("`{}` cannot be written", path.display())]
    Unwritable {
        /// Where it lies.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
}

impl Coded for UserFileError {
    fn code(&self) -> Code {
        match self {
            Self::Malformed { .. } | Self::NotText { .. } => Code::Usage,
            Self::Unreadable { .. } | Self::Unwritable { .. } => Code::InternalIo,
        }
    }

    fn help(&self) -> &'static str {
        match self {
            Self::Malformed { .. } | Self::NotText { .. } => {
                "Mend the file, or remove it: `chancery login PERSON --engine URL` writes it anew."
            }
            Self::Unreadable { .. } | Self::Unwritable { .. } => self.code().help(),
        }
    }
}

#[cfg(test)]
mod tests;
