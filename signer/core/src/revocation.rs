//! Revocations: what no longer counts, from which place in the log on (docs/formats.md F16).
//!
//! A revocation is a logged statement of a person. It names one thing by a [`Selector`]; whatever rests on that thing and
//! was logged behind the revocation does not stand, and where a key was compromised nothing that rests on it does.

mod chain;
mod record;
mod selector;

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::identity::kebab_text;
use crate::nonce::Nonce;
use crate::reason::{Code, Coded};
use crate::statement::{self, Predicate, Resource, Statement, StatementError};

pub use chain::Chain;
pub use record::{Place, Record, Records, Struck};
pub use selector::{Selector, SelectorError, SelectorKind};

/// The predicate of a revocation.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Revocation {
    /// What happens to what is named.
    pub action: Action,
    /// Why.
    pub cause: Cause,
    /// Makes two equal revocations two.
    pub salt: Nonce,
    /// What is named.
    pub selector: Selector,
}

/// What a revocation does.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// Stops it until it is released.
    Hold,
    /// Ends a hold.
    Release,
    /// Stops it for good.
    Revoke,
}

/// Why something is revoked.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// It is no longer used.
    Ceased,
    /// Somebody else may hold the key: nothing it ever signed counts.
    KeyCompromise,
    /// It did what it must not do.
    Misuse,
    /// Something else took its place.
    Superseded,
    /// Not said.
    Unspecified,
}

impl Revocation {
    /// The statement that is signed. Fails as [`Predicate::check`] does.
    pub fn into_statement(self) -> Result<Statement<Self>, RevocationError> {
        Statement::about_itself("revocation", self)
    }
}

impl Predicate for Revocation {
    type Error = RevocationError;
    const TYPE: &'static str = statement::REVOCATION;
    const MAX_BYTES: usize = 8 * 1024;

    fn check(&self, subjects: &[Resource]) -> Result<(), RevocationError> {
        if self.cause == Cause::KeyCompromise && !(self.selector.holds_keys() && self.action == Action::Revoke) {
            return Err(RevocationError::NoKey { selector: self.selector.clone() });
        }
        Ok(statement::check_about_itself(self, subjects)?)
    }
}

kebab_text!(Action, Cause);

/// Why a revocation is refused.
#[derive(Debug, thiserror::Error)]
pub enum RevocationError {
    /// A compromised key that is none: it would strike what nobody forged.
    #[error("a key is compromised for good where a certificate, key or session is named, not for `{selector}`")]
    NoKey {
        /// What was named.
        selector: Selector,
    },
    /// Not a statement of a revocation.
    #[error(transparent)]
    Statement(#[from] StatementError),
}

impl Coded for RevocationError {
    fn code(&self) -> Code {
        match self {
            Self::NoKey { .. } => Code::RevokedSelector,
            Self::Statement(error) => error.code(),
        }
    }
}

#[cfg(test)]
mod tests;
