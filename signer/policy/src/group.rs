//! Path groups: which paths a rule means by a name. Literals and prefixes of whole segments, compared as bytes.
//!
//! Cedar has no quantifier over a set, so a change is asked about once more for each group it touches.

use serde::Deserialize;
use signer_core::identity::Name;
use signer_core::reason::{Code, Coded};

/// Most groups in a set.
const MAX_GROUPS: usize = 64;
/// Most elements in a group.
const MAX_ELEMENTS: usize = 256;
/// Most bytes in an element.
const MAX_ELEMENT_BYTES: usize = 256;

/// A named group of paths.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// The name rules use.
    pub name: Name,
    /// Paths; one that ends in `/` is a folder with all it holds.
    pub paths: Vec<String>,
}

impl Group {
    /// Whether `path` belongs to it. `.ci/` holds `.ci/run` and, unlike in a scope, an entry named `.ci` itself: a link
    /// in the folder's place replaces everything the folder held.
    pub fn holds(&self, path: &[u8]) -> bool {
        self.paths.iter().any(|element| match element.strip_suffix('/') {
            Some(folder) => {
                path.strip_prefix(folder.as_bytes()).is_some_and(|rest| rest.first().is_none_or(|byte| *byte == b'/'))
            }
            None => element.as_bytes() == path,
        })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GroupsFile {
    groups: Vec<Group>,
}

/// Reads `groups.json`.
pub(crate) fn parse(bytes: &[u8]) -> Result<Vec<Group>, GroupError> {
    let GroupsFile { groups } = serde_json::from_slice(bytes).map_err(|source| GroupError::Json { source })?;
    if groups.len() > MAX_GROUPS {
        return Err(GroupError::TooManyGroups { actual: groups.len() });
    }
    for (position, group) in groups.iter().enumerate() {
        if groups.iter().skip(position + 1).any(|other| other.name == group.name) {
            return Err(GroupError::DuplicateGroup { group: group.name.clone() });
        }
        check_elements(group)?;
    }
    Ok(groups)
}

fn check_elements(group: &Group) -> Result<(), GroupError> {
    let malformed = |element: &String| GroupError::Element { group: group.name.clone(), element: element.clone() };
    if group.paths.is_empty() || group.paths.len() > MAX_ELEMENTS {
        return Err(GroupError::ElementCount { group: group.name.clone(), actual: group.paths.len() });
    }
    for (position, element) in group.paths.iter().enumerate() {
        let repeated = group.paths.iter().skip(position + 1).any(|other| other == element);
        if repeated || !is_path(element) {
            return Err(malformed(element));
        }
    }
    Ok(())
}

/// A path as git writes it, a final `/` allowed. `*`, `?`, `[`, `\` and a leading `!` are refused, since who writes them
/// expects a glob (POL-18).
fn is_path(element: &str) -> bool {
    let body = element.strip_suffix('/').unwrap_or(element);
    element.len() <= MAX_ELEMENT_BYTES
        && !element.starts_with('!')
        && !element.contains(['*', '?', '[', '\\', '\0'])
        && body.split('/').all(|segment| !matches!(segment, "" | "." | ".."))
}

/// Why a `groups.json` is refused.
#[derive(Debug, thiserror::Error)]
pub enum GroupError {
    /// Two groups of one name.
    #[error("group `{group}` stands twice")]
    DuplicateGroup {
        /// Its name.
        group: Name,
    },
    /// An element that is no path, looks like a glob, or stands twice.
    #[error("`{element}` in group `{group}` is not a plain relative path, or stands twice")]
    Element {
        /// The group.
        group: Name,
        /// The element.
        element: String,
    },
    /// A group without elements, or with too many.
    #[error("group `{group}` has {actual} paths, 1 to {MAX_ELEMENTS} are allowed")]
    ElementCount {
        /// The group.
        group: Name,
        /// Elements found.
        actual: usize,
    },
    /// Not JSON of the schema.
    #[error("`groups.json` is not JSON of its schema")]
    Json {
        /// What the parser says.
        source: serde_json::Error,
    },
    /// Too many groups.
    #[error("there are {actual} groups, at most {MAX_GROUPS} are allowed")]
    TooManyGroups {
        /// Groups found.
        actual: usize,
    },
}

impl Coded for GroupError {
    fn code(&self) -> Code {
        match self {
            Self::DuplicateGroup { .. }
            | Self::Element { .. }
            | Self::ElementCount { .. }
            | Self::Json { .. }
            | Self::TooManyGroups { .. } => Code::PolicyMalformed,
        }
    }
}

#[cfg(test)]
mod tests;
