//! What a revocation names: a kind and an id, each id in its one spelling.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::identity::{Name, Subject};
use crate::reason::{Code, Coded};
use crate::scope::MAX_ELEMENT_BYTES;

/// Hexadecimal digits of a session's id.
const SESSION_DIGITS: usize = 32;
/// Most bytes of a model's name, as of any claim.
const MAX_MODEL: usize = 128;

/// What kind of thing is named.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SelectorKind {
    /// A log entry, by its leaf hash: a commit, a prompt, an artifact.
    Leaf,
    /// A certificate, by the SHA-256 of its DER: a signer's, or an authority's.
    Certificate,
    /// A key, by the SHA-256 of its DER `SubjectPublicKeyInfo`.
    Key,
    /// A grant, by its leaf hash.
    Grant,
    /// A session, by its id.
    Session,
    /// An agent, by its name.
    Agent,
    /// A class of agents, by its name.
    Class,
    /// A model, by the name that launchers claim.
    Model,
    /// A person, and everything that person sponsors.
    Sponsor,
    /// A repository, by its id.
    Repository,
}

impl SelectorKind {
    /// Every kind.
    pub const ALL: [Self; 10] = [
        Self::Leaf,
        Self::Certificate,
        Self::Key,
        Self::Grant,
        Self::Session,
        Self::Agent,
        Self::Class,
        Self::Model,
        Self::Sponsor,
        Self::Repository,
    ];

    /// Its name, in selectors and in policy.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Leaf => "leaf",
            Self::Certificate => "certificate",
            Self::Key => "key",
            Self::Grant => "grant",
            Self::Session => "session",
            Self::Agent => "agent",
            Self::Class => "class",
            Self::Model => "model",
            Self::Sponsor => "sponsor",
            Self::Repository => "repository",
        }
    }
}

/// One thing. Its text is `KIND:ID`.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Selector {
    kind: SelectorKind,
    id: String,
}

impl Selector {
    /// Names something. Fails where the id is not of its kind's form.
    pub fn new(kind: SelectorKind, id: impl Into<String>) -> Result<Self, SelectorError> {
        let id = id.into();
        if is_of(kind, &id) { Ok(Self { kind, id }) } else { Err(SelectorError::Id { kind: kind.as_str() }) }
    }

    /// Names what has a digest.
    pub fn digest(kind: SelectorKind, digest: &Digest) -> Self {
        Self { kind, id: digest.to_string() }
    }

    /// Names what is known to be of its kind's form.
    pub(super) fn known(kind: SelectorKind, id: impl fmt::Display) -> Self {
        Self { kind, id: id.to_string() }
    }

    /// The kind.
    pub const fn kind(&self) -> SelectorKind {
        self.kind
    }

    /// The id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Whether what is named signs with keys of its own, which somebody else may have got.
    pub const fn holds_keys(&self) -> bool {
        matches!(self.kind, SelectorKind::Certificate | SelectorKind::Key | SelectorKind::Session)
    }
}

fn is_of(kind: SelectorKind, id: &str) -> bool {
    let printable =
        |limit: usize| !id.is_empty() && id.len() <= limit && id.bytes().all(|b| b == b' ' || b.is_ascii_graphic());
    match kind {
        SelectorKind::Leaf | SelectorKind::Certificate | SelectorKind::Key | SelectorKind::Grant => {
            id.parse::<Digest>().is_ok_and(|digest| digest.to_string() == id)
        }
        SelectorKind::Session => {
            id.len() == SESSION_DIGITS && id.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
        }
        SelectorKind::Agent | SelectorKind::Class => id.parse::<Name>().is_ok(),
        SelectorKind::Sponsor => id.parse::<Subject>().is_ok(),
        SelectorKind::Model => printable(MAX_MODEL),
        SelectorKind::Repository => printable(MAX_ELEMENT_BYTES),
    }
}

impl FromStr for Selector {
    type Err = SelectorError;

    fn from_str(text: &str) -> Result<Self, SelectorError> {
        let (kind, id) = text.split_once(':').ok_or(SelectorError::Form)?;
        let kind = SelectorKind::ALL.into_iter().find(|known| known.as_str() == kind).ok_or(SelectorError::Kind)?;
        Self::new(kind, id)
    }
}

impl TryFrom<String> for Selector {
    type Error = SelectorError;

    fn try_from(text: String) -> Result<Self, SelectorError> {
        text.parse()
    }
}

impl From<Selector> for String {
    fn from(selector: Selector) -> Self {
        selector.to_string()
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.kind.as_str(), self.id)
    }
}

/// Why a text names nothing that can be revoked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SelectorError {
    /// Not `KIND:ID`.
    #[error("a selector is KIND:ID, as in agent:builder")]
    Form,
    /// The id is not of the form of its kind.
    #[error("this is not the id of a {kind}")]
    Id {
        /// The kind.
        kind: &'static str,
    },
    /// An unknown kind.
    #[error("a selector's kind is leaf, certificate, key, grant, session, agent, class, model, sponsor or repository")]
    Kind,
}

impl Coded for SelectorError {
    fn code(&self) -> Code {
        Code::RevokedSelector
    }
}
