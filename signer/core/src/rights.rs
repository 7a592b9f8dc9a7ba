//! Whether a change stays inside its signer's scope (docs/formats.md F5). The engine asks before it countersigns, the
//! verifier asks again from the leaf alone.

use crate::change::ChangeList;
use crate::leaf::LeafIdentity;
use crate::provenance::{CommitProvenance, TagProvenance};
use crate::reason::{Code, Coded};
use crate::scope::{Operation, Scope};

/// Checks a commit: repository, target, every path and operation, and the limits of the leaf's scope.
pub fn check_commit(leaf: &LeafIdentity, commit: &CommitProvenance, changes: &ChangeList) -> Result<(), RightsError> {
    let scope = &leaf.scope;
    check_purpose(leaf)?;
    check_repository(scope, &commit.repository)?;
    if !scope.allows_target(&commit.target) {
        return Err(RightsError::Target { target: commit.target.clone() });
    }
    for entry in changes.entries() {
        if !scope.operations.contains(&entry.operation()) {
            return Err(RightsError::Operation { operation: entry.operation(), path: shown(&entry.path) });
        }
        if !scope.allows_path(&entry.path) {
            return Err(RightsError::Path { path: shown(&entry.path) });
        }
    }
    check_limits(scope, changes)
}

/// Checks a tag: repository, operation and the tag's full ref name as target.
pub fn check_tag(leaf: &LeafIdentity, tag: &TagProvenance) -> Result<(), RightsError> {
    let scope = &leaf.scope;
    let target = format!("refs/tags/{}", tag.name);
    check_purpose(leaf)?;
    check_repository(scope, &tag.repository)?;
    if !scope.operations.contains(&Operation::Tag) {
        return Err(RightsError::Operation { operation: Operation::Tag, path: target });
    }
    if scope.allows_target(&target) { Ok(()) } else { Err(RightsError::Target { target }) }
}

/// Checks that the scope lists the purpose of the leaf itself.
pub fn check_purpose(leaf: &LeafIdentity) -> Result<(), RightsError> {
    if leaf.scope.purposes.contains(&leaf.purpose) {
        Ok(())
    } else {
        Err(RightsError::Purpose { purpose: leaf.purpose })
    }
}

/// Checks that the scope names a repository.
pub fn check_repository(scope: &Scope, repository: &str) -> Result<(), RightsError> {
    if scope.allows_repository(repository) {
        Ok(())
    } else {
        Err(RightsError::Repository { repository: repository.to_owned() })
    }
}

fn check_limits(scope: &Scope, changes: &ChangeList) -> Result<(), RightsError> {
    let paths = u32::try_from(changes.entries().len()).unwrap_or(u32::MAX);
    if paths > scope.max_paths {
        return Err(RightsError::TooManyPaths { limit: scope.max_paths, actual: paths });
    }
    if changes.bytes() > scope.max_bytes {
        return Err(RightsError::TooManyBytes { limit: scope.max_bytes, actual: changes.bytes() });
    }
    Ok(())
}

fn shown(path: &[u8]) -> String {
    String::from_utf8_lossy(path).into_owned()
}

/// Which right is missing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RightsError {
    /// An operation outside the scope.
    #[error("`{path}` needs the operation {operation:?}, which the signer's scope does not hold")]
    Operation {
        /// What is done.
        operation: Operation,
        /// To which path or tag.
        path: String,
    },
    /// A path outside the scope.
    #[error("`{path}` lies outside the signer's scope")]
    Path {
        /// The path, as near as text comes.
        path: String,
    },
    /// A purpose outside the scope.
    #[error("the signer's scope does not hold the purpose {purpose}")]
    Purpose {
        /// The leaf's purpose.
        purpose: crate::identity::Purpose,
    },
    /// A repository outside the scope.
    #[error("repository `{repository}` lies outside the signer's scope")]
    Repository {
        /// The repository id.
        repository: String,
    },
    /// A target outside the scope.
    #[error("target `{target}` lies outside the signer's scope")]
    Target {
        /// The full ref name.
        target: String,
    },
    /// Too much new content.
    #[error("the change brings {actual} bytes, the signer's scope allows {limit}")]
    TooManyBytes {
        /// Allowed.
        limit: u64,
        /// Found.
        actual: u64,
    },
    /// Too many paths.
    #[error("the change touches {actual} paths, the signer's scope allows {limit}")]
    TooManyPaths {
        /// Allowed.
        limit: u32,
        /// Found.
        actual: u32,
    },
}

impl Coded for RightsError {
    fn code(&self) -> Code {
        match self {
            Self::Operation { .. } => Code::ScopeOperation,
            Self::Path { .. } => Code::ScopePath,
            Self::Purpose { .. } => Code::ScopePurpose,
            Self::Repository { .. } => Code::ScopeRepository,
            Self::Target { .. } => Code::ScopeTarget,
            Self::TooManyBytes { .. } | Self::TooManyPaths { .. } => Code::ScopeLimit,
        }
    }
}
