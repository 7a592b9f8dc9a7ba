//! What a grant allows and a leaf carries: literals and segment prefixes, compared as bytes (docs/formats.md F5).

use der::{Enumerated, Sequence};
use serde::{Deserialize, Serialize};

use crate::git_name::RefName;
use crate::identity::Purpose;

/// Most elements in one list of a scope.
pub const MAX_ELEMENTS: usize = 16;
/// Most bytes in one element of a scope.
pub const MAX_ELEMENT_BYTES: usize = 256;

/// What may be done to a path, or to a repository as a whole.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord, Enumerated, Serialize, Deserialize)]
#[asn1(type = "ENUMERATED")]
#[serde(rename_all = "kebab-case")]
#[repr(u8)]
pub enum Operation {
    /// A path that was absent becomes present.
    Add = 0,
    /// A path changes content or mode.
    Modify = 1,
    /// A path becomes absent.
    Delete = 2,
    /// A tag is signed.
    Tag = 3,
}

/// Where and what somebody may sign. An empty list allows nothing.
#[derive(Clone, PartialEq, Eq, Debug, Sequence, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scope {
    /// Repository ids, literal; `/` alone is every repository.
    pub repositories: Vec<String>,
    /// Full ref names; one that ends in `/` is a prefix.
    pub targets: Vec<String>,
    /// Paths; one that ends in `/` is a prefix of whole segments, `/` alone is every path.
    pub paths: Vec<String>,
    /// Allowed operations.
    pub operations: Vec<Operation>,
    /// Allowed purposes.
    pub purposes: Vec<Purpose>,
    /// The most paths one change may touch.
    pub max_paths: u32,
    /// The most bytes of new content one change may bring.
    pub max_bytes: u64,
}

impl Scope {
    /// Whether `repository` is named.
    pub fn allows_repository(&self, repository: &str) -> bool {
        self.repositories.iter().any(|allowed| allowed == repository || allowed == "/")
    }

    /// Whether `target` lies inside.
    pub fn allows_target(&self, target: &str) -> bool {
        holds(&self.targets, target.as_bytes())
    }

    /// Whether `path` lies inside.
    pub fn allows_path(&self, path: &[u8]) -> bool {
        holds(&self.paths, path)
    }

    /// Whether every right in `inner` is one of this scope's.
    pub fn encloses(&self, inner: &Self) -> bool {
        inner.repositories.iter().all(|r| self.allows_repository(r))
            && inner.targets.iter().all(|t| holds(&self.targets, t.as_bytes()))
            && inner.paths.iter().all(|p| holds(&self.paths, p.as_bytes()))
            && inner.operations.iter().all(|o| self.operations.contains(o))
            && inner.purposes.iter().all(|p| self.purposes.contains(p))
            && inner.max_paths <= self.max_paths
            && inner.max_bytes <= self.max_bytes
    }

    /// Refuses a scope with a list over 16 elements, an element over 256 bytes, or an element that names nothing: it would
    /// allow less than whoever wrote it meant.
    pub fn check_limits(&self) -> Result<(), ScopeError> {
        for list in [&self.repositories, &self.targets, &self.paths] {
            if list.len() > MAX_ELEMENTS {
                return Err(ScopeError::TooManyElements { actual: list.len() });
            }
            if let Some(element) = list.iter().find(|e| e.is_empty() || e.len() > MAX_ELEMENT_BYTES) {
                return Err(ScopeError::ElementLength { actual: element.len() });
            }
        }
        if self.paths.iter().any(|path| path != "/" && !is_path(path)) {
            return Err(ScopeError::NoPath);
        }
        if self.targets.iter().any(|target| target != "/" && !target.starts_with("refs/")) {
            return Err(ScopeError::NoRef);
        }
        if self.operations.len() > MAX_ELEMENTS || self.purposes.len() > MAX_ELEMENTS {
            return Err(ScopeError::TooManyElements { actual: self.operations.len().max(self.purposes.len()) });
        }
        Ok(())
    }

    /// Refuses a target that git can have no ref of, nor refs below. Asked where a grant is made: what was granted before
    /// stays what it was, and such an element allows nothing.
    pub fn check_targets(&self) -> Result<(), ScopeError> {
        let sound = self.targets.iter().all(|target| target == "/" || is_target(target));
        if sound { Ok(()) } else { Err(ScopeError::NoRef) }
    }
}

/// Whether git can have such a path, or paths below it: segments that are names, with `/` between them.
fn is_path(path: &str) -> bool {
    let segments = path.strip_suffix('/').unwrap_or(path).split('/');
    segments.into_iter().all(|segment| !matches!(segment, "" | "." | "..") && !segment.contains('\0'))
}

/// Whether git can have such a ref, or refs below it.
fn is_target(target: &str) -> bool {
    let whole = target.strip_suffix('/').unwrap_or(target);
    target == "refs/" || whole.parse::<RefName>().is_ok()
}

/// `src/` holds `src/x` and `src/`, never `src-y`; `src` holds `src` alone; `/` holds everything.
fn holds(allowed: &[String], wanted: &[u8]) -> bool {
    allowed.iter().any(|element| {
        let element = element.as_bytes();
        element == b"/" || element == wanted || (element.ends_with(b"/") && wanted.starts_with(element))
    })
}

/// Why a scope is refused at issue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ScopeError {
    /// An element is empty or too long.
    #[error("a scope element has {actual} bytes, 1 to {MAX_ELEMENT_BYTES} are allowed")]
    ElementLength {
        /// Bytes found.
        actual: usize,
    },
    /// A path that no repository has.
    #[error("a path of a scope begins at the top of the repository, without `/`, `.` or `..`; `/` alone is every path")]
    NoPath,
    /// A target that is no ref.
    #[error("a target of a scope is a full ref name, such as `refs/heads/main`; `/` alone is every ref")]
    NoRef,
    /// A list is too long.
    #[error("a scope list has {actual} elements, at most {MAX_ELEMENTS} are allowed")]
    TooManyElements {
        /// Elements found.
        actual: usize,
    },
}
