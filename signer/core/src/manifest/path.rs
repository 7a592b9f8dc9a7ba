//! Paths inside an artifact: relative, portable, and read the same way by everybody.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::prompt::is_hidden;

/// Most bytes of a path.
pub const MAX_PATH: usize = 4096;
/// Most bytes between two slashes, as on common file systems.
const MAX_COMPONENT: usize = 255;
/// Names that Windows gives to devices, with any extension.
const DEVICES: &[&str] = &["con", "prn", "aux", "nul", "conin$", "conout$"];

/// Components joined by `/`. Ordered by bytes.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RelPath(String);

impl RelPath {
    /// The path as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for RelPath {
    type Err = RelPathError;

    fn from_str(text: &str) -> Result<Self, RelPathError> {
        if text.starts_with('/') {
            return Err(RelPathError::Absolute);
        }
        if text.len() > MAX_PATH {
            return Err(RelPathError::TooLong { actual: text.len() });
        }
        text.split('/').try_for_each(check_component)?;
        Ok(Self(text.to_owned()))
    }
}

fn check_component(component: &str) -> Result<(), RelPathError> {
    match component {
        "" => return Err(RelPathError::EmptyComponent),
        "." => return Err(RelPathError::CurrentComponent),
        ".." => return Err(RelPathError::ParentComponent),
        _ => (),
    }
    if component.len() > MAX_COMPONENT {
        return Err(RelPathError::TooLong { actual: component.len() });
    }
    // A backslash or colon is a separator, drive or stream to some readers; the others no Windows file may hold.
    if let Some(character) = component.chars().find(|c| r#"\:*?"<>|"#.contains(*c) || is_hidden(*c)) {
        return Err(RelPathError::Character { character });
    }
    if component.ends_with(['.', ' ']) {
        return Err(RelPathError::Ending);
    }
    if is_device(component) { Err(RelPathError::Device) } else { Ok(()) }
}

fn is_device(component: &str) -> bool {
    let stem = component.split('.').next().unwrap_or_default().trim_end().to_lowercase();
    let numbered = |kind: &str| {
        let number = stem.strip_prefix(kind).unwrap_or_default();
        number.chars().count() == 1 && number.chars().all(|c| "0123456789¹²³".contains(c))
    };
    DEVICES.contains(&stem.as_str()) || numbered("com") || numbered("lpt")
}

impl TryFrom<String> for RelPath {
    type Error = RelPathError;

    fn try_from(text: String) -> Result<Self, RelPathError> {
        text.parse()
    }
}

impl From<RelPath> for String {
    fn from(path: RelPath) -> Self {
        path.0
    }
}

impl fmt::Display for RelPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why a text is not a path inside an artifact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RelPathError {
    /// Starts at a root.
    #[error("the path is absolute")]
    Absolute,
    /// A character that some system reads as something else, or that nobody sees.
    #[error("the path holds U+{:04X}", u32::from(*.character))]
    Character {
        /// The character.
        character: char,
    },
    /// A component `.`.
    #[error("the path has a component `.`")]
    CurrentComponent,
    /// The name of a device.
    #[error("the path names a device")]
    Device,
    /// An empty component.
    #[error("the path has an empty component")]
    EmptyComponent,
    /// A component that ends in a dot or space.
    #[error("a component ends in a dot or space")]
    Ending,
    /// A component `..`.
    #[error("the path has a component `..`")]
    ParentComponent,
    /// Too many bytes.
    #[error("the path, or a component of it, has {actual} bytes; {MAX_PATH} and {MAX_COMPONENT} are allowed")]
    TooLong {
        /// Bytes found.
        actual: usize,
    },
}
