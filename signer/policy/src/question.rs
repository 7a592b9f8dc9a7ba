//! What is asked: an action on something, with what is known at that moment.

use serde::Deserialize;
use signer_core::identity::{Name, Purpose, Subject};
pub use signer_core::revocation::SelectorKind;
use signer_core::verdict::{TimeAssurance, Trust};

use crate::actor::Actor;
use crate::matter::Matter;

/// May this actor do that?
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Question {
    /// May the engine certify a key for it?
    Issue {
        /// What the key will sign.
        purpose: Purpose,
        /// Whether its scope lists that purpose.
        scope_allows_purpose: bool,
    },
    /// May it delegate?
    Grant(GrantFacts),
    /// May the engine countersign what it signed?
    Countersign(Matter),
    /// Is what it signed acceptable?
    Accept(Matter, AcceptContext),
    /// May it approve?
    Approve(Matter),
    /// May it withdraw what the selector names?
    Revoke {
        /// What kind of thing is named.
        kind: SelectorKind,
        /// Its name.
        id: String,
    },
}

impl Question {
    /// The action asked about.
    pub const fn action(&self) -> Action {
        match self {
            Self::Issue { .. } => Action::Issue,
            Self::Grant(_) => Action::Grant,
            Self::Countersign(_) => Action::Countersign,
            Self::Accept(..) => Action::Accept,
            Self::Approve(_) => Action::Approve,
            Self::Revoke { .. } => Action::Revoke,
        }
    }
}

/// The actions of the schema.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// Certify a key.
    Issue,
    /// Delegate.
    Grant,
    /// Countersign.
    Countersign,
    /// Accept what is verified.
    Accept,
    /// Approve.
    Approve,
    /// Withdraw.
    Revoke,
}

impl Action {
    /// Every action of the schema, which knows no groups of them.
    pub(crate) const ALL: [Self; 6] =
        [Self::Issue, Self::Grant, Self::Countersign, Self::Accept, Self::Approve, Self::Revoke];

    /// Its name in the schema.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Issue => "issue",
            Self::Grant => "grant",
            Self::Countersign => "countersign",
            Self::Accept => "accept",
            Self::Approve => "approve",
            Self::Revoke => "revoke",
        }
    }
}

/// What is delegated.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GrantFacts {
    /// The agent it is for.
    pub grantee: Name,
    /// The agent's class.
    pub class: Name,
    /// How many further hops it allows.
    pub depth: u8,
    /// What may be signed under it.
    pub purposes: Vec<Purpose>,
    /// Repositories of its scope.
    pub repositories: Vec<String>,
    /// Targets of its scope.
    pub targets: Vec<String>,
}

/// What is known when a verified signature is judged.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AcceptContext {
    /// Whose clock stands behind the time.
    pub time_assurance: TimeAssurance,
    /// How many keyholders stand behind the anchor.
    pub trust: Trust,
    /// The persons whose approval of this very thing verified.
    pub approvals: Vec<Subject>,
}

impl AcceptContext {
    /// How many persons other than the signer and the signer's sponsor approved (AGT-15).
    pub(crate) fn second_persons(&self, signer: &Actor) -> usize {
        let mut others: Vec<&Subject> = self
            .approvals
            .iter()
            .filter(|person| **person != signer.subject && Some(*person) != signer.sponsor.as_ref())
            .collect();
        others.sort();
        others.dedup();
        others.len()
    }
}
