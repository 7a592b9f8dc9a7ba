//! Grants: what a delegator lets an agent do, where, how much and until when (docs/formats.md F5).

use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::identity::Name;
use crate::leaf::MAX_HOPS;
use crate::nonce::Nonce;
use crate::reason::{Code, Coded};
use crate::scope::{Scope, ScopeError};
use crate::statement::{self, Predicate, Resource, Statement, StatementError};
use crate::time::Window;

/// The longest window of a grant, in seconds.
pub const MAX_WINDOW: u64 = 30 * 24 * 60 * 60;
/// The largest number canonical JSON writes exactly (RFC 8785 3.2.2.3).
const MAX_NUMBER: u64 = (1 << 53) - 1;

/// The predicate of a grant.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grant {
    /// Who may redeem it.
    pub grantee: Grantee,
    /// What the grantee may sign.
    pub scope: Scope,
    /// When.
    pub window: Window,
    /// How many further hops it allows.
    pub depth: u8,
    /// Digest of the directive it was given for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task: Option<Digest>,
    /// Makes two equal grants two.
    pub salt: Nonce,
}

/// The agent a grant is for.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grantee {
    /// The agent's registered name.
    pub agent: Name,
    /// The class it must belong to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<Name>,
}

impl Grant {
    /// The statement that is signed. Fails as [`Predicate::check`] does, and where a target is none.
    pub fn into_statement(self) -> Result<Statement<Self>, GrantError> {
        self.scope.check_targets()?;
        Statement::about_itself("grant", self)
    }

    fn check_scope(&self) -> Result<(), GrantError> {
        let scope = &self.scope;
        scope.check_limits()?;
        let lists = [
            ("repositories", scope.repositories.is_empty()),
            ("targets", scope.targets.is_empty()),
            ("paths", scope.paths.is_empty()),
            ("operations", scope.operations.is_empty()),
            ("purposes", scope.purposes.is_empty()),
        ];
        if let Some((list, _)) = lists.into_iter().find(|(_, empty)| *empty) {
            return Err(GrantError::NothingGranted { list });
        }
        if scope.max_paths == 0 || scope.max_bytes > MAX_NUMBER {
            return Err(GrantError::ChangeLimits);
        }
        Ok(())
    }
}

impl Predicate for Grant {
    type Error = GrantError;
    const TYPE: &'static str = statement::GRANT;
    // A scope's three lists of 16 elements of 256 bytes, each byte escaped at worst.
    const MAX_BYTES: usize = 128 * 1024;

    fn check(&self, subjects: &[Resource]) -> Result<(), GrantError> {
        self.check_scope()?;
        let length = self.window.end.unix().saturating_sub(self.window.start.unix());
        if length == 0 || length > MAX_WINDOW {
            return Err(GrantError::Window { seconds: length });
        }
        // The grant is itself the first of at most four hops.
        if usize::from(self.depth) >= MAX_HOPS {
            return Err(GrantError::Depth { depth: self.depth });
        }
        Ok(statement::check_about_itself(self, subjects)?)
    }
}

/// Why a grant is refused.
#[derive(Debug, thiserror::Error)]
pub enum GrantError {
    /// Limits of a change that allow nothing, or that JSON cannot write exactly.
    #[error("a grant allows at least one path, and at most {MAX_NUMBER} bytes")]
    ChangeLimits,
    /// Too many further hops.
    #[error("a grant allows at most 3 further hops, not {depth}")]
    Depth {
        /// Hops asked for.
        depth: u8,
    },
    /// An empty list: it would allow nothing.
    #[error("the grant's scope names no {list}")]
    NothingGranted {
        /// The empty list.
        list: &'static str,
    },
    /// A scope outside its limits.
    #[error(transparent)]
    Scope(#[from] ScopeError),
    /// Not a statement of a grant.
    #[error(transparent)]
    Statement(#[from] StatementError),
    /// A window that is empty, reversed or too long.
    #[error("the grant's window has {seconds} seconds, 1 to {MAX_WINDOW} are allowed")]
    Window {
        /// Seconds between start and end.
        seconds: u64,
    },
}

impl Coded for GrantError {
    fn code(&self) -> Code {
        match self {
            Self::ChangeLimits | Self::Depth { .. } | Self::NothingGranted { .. } | Self::Window { .. } => {
                Code::AgentGrant
            }
            Self::Scope(_) => Code::ScopeElement,
            Self::Statement(error) => error.code(),
        }
    }
}

#[cfg(test)]
mod tests;
