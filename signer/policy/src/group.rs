//! Path groups: which paths a rule means by a name. Literals, prefixes of whole segments, and names at any depth.
//!
//! Both sides are folded: a group protects, so a spelling that some checkout writes over a held path is held as well.
//! Cedar has no quantifier over a set, so a change is asked about once more for each group it touches.

use serde::Deserialize;
use signer_core::folding::Folded;
use signer_core::identity::Name;
use signer_core::reason::{Code, Coded};

/// Most groups in a set.
const MAX_GROUPS: usize = 64;
/// Most elements in a group, of both kinds.
const MAX_ELEMENTS: usize = 256;
/// Most bytes in an element.
const MAX_ELEMENT_BYTES: usize = 256;

/// A named group of paths.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Group {
    /// The name rules use.
    pub name: Name,
    elements: Vec<Element>,
}

impl Group {
    /// Whether a path belongs to it, in any spelling.
    pub fn holds(&self, path: &Folded) -> bool {
        self.elements.iter().any(|element| element.holds(path))
    }
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum Element {
    /// One path.
    Path(Folded),
    /// A folder with all it holds.
    Folder(Folded),
    /// A name at any depth; where a folder has it, all it holds.
    Basename(Folded),
}

impl Element {
    /// `.ci/` holds `.ci/run` and, unlike in a scope, an entry named `.ci` itself: a link in the folder's place replaces
    /// everything the folder held.
    fn holds(&self, path: &Folded) -> bool {
        match self {
            Self::Path(whole) => path.is(whole),
            Self::Folder(folder) => path.is_within(folder),
            Self::Basename(name) => path.has_segment(name),
        }
    }

    fn path(text: &str) -> Option<Self> {
        match text.strip_suffix('/') {
            Some(folder) => Some(Self::Folder(plain(folder)?)),
            None => Some(Self::Path(plain(text)?)),
        }
    }

    fn basename(text: &str) -> Option<Self> {
        if text.contains('/') { None } else { Some(Self::Basename(plain(text)?)) }
    }
}

/// A path as git writes it. `*`, `?`, `[`, `\` and a leading `!` are refused, since who writes them expects a glob
/// (POL-18); so is a segment of which folding leaves nothing, like `..`.
fn plain(text: &str) -> Option<Folded> {
    let taken =
        text.len() <= MAX_ELEMENT_BYTES && !text.starts_with('!') && !text.contains(['*', '?', '[', '\\', '\0']);
    taken.then(|| Folded::of(text.as_bytes())).filter(|folded| !folded.has_empty_segment())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GroupsFile {
    groups: Vec<GroupFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GroupFile {
    name: Name,
    /// Paths from the root; one that ends in `/` is a folder.
    #[serde(default)]
    paths: Vec<String>,
    /// Names that hold at any depth.
    #[serde(default)]
    basenames: Vec<String>,
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
    }
    groups.into_iter().map(Group::try_from).collect()
}

impl TryFrom<GroupFile> for Group {
    type Error = GroupError;

    fn try_from(file: GroupFile) -> Result<Self, GroupError> {
        let GroupFile { name, paths, basenames } = file;
        let actual = paths.len().saturating_add(basenames.len());
        if actual == 0 || actual > MAX_ELEMENTS {
            return Err(GroupError::ElementCount { group: name, actual });
        }
        let mut elements = Vec::with_capacity(actual);
        let paths = paths.into_iter().map(|text| (Element::path(&text), text));
        let basenames = basenames.into_iter().map(|text| (Element::basename(&text), text));
        for (element, text) in paths.chain(basenames) {
            match element {
                Some(element) if !elements.contains(&element) => elements.push(element),
                Some(_) | None => return Err(GroupError::Element { group: name, element: text }),
            }
        }
        Ok(Self { name, elements })
    }
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
    /// An element that is no path or name, looks like a glob, or stands twice, if in another spelling.
    #[error("`{element}` in group `{group}` is not a plain relative path, nor a single name, or stands twice")]
    Element {
        /// The group.
        group: Name,
        /// The element.
        element: String,
    },
    /// A group without elements, or with too many.
    #[error("group `{group}` has {actual} elements, 1 to {MAX_ELEMENTS} are allowed")]
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
