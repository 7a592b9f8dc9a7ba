//! Who acts: the subject of a certificate, the class of actor, the purpose of a key, and who held the key
//! (docs/formats.md F2).

use std::fmt;
use std::str::FromStr;

use der::Enumerated;
use serde::{Deserialize, Serialize};

/// What kind of actor a certificate names. The numbers are those of the DER form.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Enumerated, Serialize, Deserialize)]
#[asn1(type = "ENUMERATED")]
#[serde(rename_all = "kebab-case")]
#[repr(u8)]
pub enum ActorClass {
    /// A human being.
    Person = 0,
    /// An AI agent's session.
    Agent = 1,
    /// A program such as a CI job.
    Workload = 2,
}

/// The one thing a key may sign (docs/formats.md F1).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord, Enumerated, Serialize, Deserialize)]
#[asn1(type = "ENUMERATED")]
#[serde(rename_all = "kebab-case")]
#[repr(u8)]
pub enum Purpose {
    /// Git commits and tags.
    Commit = 0,
    /// Prompts.
    Prompt = 1,
    /// Artifacts.
    Artifact = 2,
    /// Grants, approvals, evidence.
    Attestation = 3,
    /// The Fulcio wire, where the client's bytes are unknown.
    Open = 4,
}

/// Who could reach the private key while it lived.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Enumerated, Serialize, Deserialize)]
#[asn1(type = "ENUMERATED")]
#[serde(rename_all = "kebab-case")]
#[repr(u8)]
pub enum Custody {
    /// The broker, which runs as another system user than the agent.
    Broker = 0,
    /// The engine.
    Engine = 1,
    /// The broker, which runs as the same system user as the agent.
    SharedUser = 2,
    /// A hardware token.
    Token = 3,
}

/// How the engine knew whom it issued to.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Enumerated, Serialize, Deserialize)]
#[asn1(type = "ENUMERATED")]
#[serde(rename_all = "kebab-case")]
#[repr(u8)]
pub enum Enrolment {
    /// A person confirmed on a terminal that no agent owns.
    Terminal = 0,
    /// A script presented the owner credential.
    OwnerCredential = 1,
    /// An agent session redeemed a person's grant.
    Grant = 2,
    /// A token of a configured `OpenID` issuer.
    OpenId = 3,
}

macro_rules! kebab_text {
    ($($kind:ty),*) => {$(
        impl fmt::Display for $kind {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.serialize(f)
            }
        }
    )*};
}
kebab_text!(ActorClass, Purpose, Custody, Enrolment);
pub(crate) use kebab_text;

/// The subject alternative name of a leaf: exactly one (docs/formats.md F2).
#[derive(Clone, PartialEq, Eq, Hash, Debug, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Subject {
    /// A person's mail address, an `rfc822Name`.
    Mail(String),
    /// An agent's SPIFFE id, an opaque URI, or a CI subject: a `uniformResourceIdentifier`.
    Uri(String),
}

impl Subject {
    /// The subject of an agent session: `spiffe://<trust domain>/agent/<name>/<session>`.
    pub fn agent(trust_domain: &str, name: &Name, session: &str) -> Result<Self, IdentityError> {
        format!("spiffe://{trust_domain}/agent/{name}/{session}").parse()
    }

    /// The text inside the general name.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Mail(text) | Self::Uri(text) => text,
        }
    }
}

impl FromStr for Subject {
    type Err = IdentityError;

    /// A text with a scheme is a URI, one with a single `@` a mail address; printable ASCII without spaces, 1 to 255 bytes.
    fn from_str(text: &str) -> Result<Self, IdentityError> {
        if text.is_empty() || text.len() > 255 || !text.bytes().all(|b| b.is_ascii_graphic() && !b"<>\"\\".contains(&b))
        {
            return Err(IdentityError::Subject);
        }
        if text.contains("://") {
            return Ok(Self::Uri(text.to_owned()));
        }
        match text.split_once('@') {
            Some((local, domain)) if !local.is_empty() && !domain.is_empty() && !domain.contains('@') => {
                Ok(Self::Mail(text.to_owned()))
            }
            _ => Err(IdentityError::Subject),
        }
    }
}

impl TryFrom<String> for Subject {
    type Error = IdentityError;

    fn try_from(text: String) -> Result<Self, IdentityError> {
        text.parse()
    }
}

impl From<Subject> for String {
    fn from(subject: Subject) -> Self {
        match subject {
            Subject::Mail(text) | Subject::Uri(text) => text,
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The name of an agent or of an agent's class: 1 to 64 of `a-z`, `0-9` and inner `-`.
#[derive(Clone, PartialEq, Eq, Hash, Debug, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Name(String);

impl Name {
    /// The text of the name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Name {
    type Err = IdentityError;

    fn from_str(text: &str) -> Result<Self, IdentityError> {
        let inner = text.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'));
        if text.is_empty() || text.len() > 64 || !inner || text.starts_with('-') || text.ends_with('-') {
            return Err(IdentityError::Name);
        }
        Ok(Self(text.to_owned()))
    }
}

impl TryFrom<String> for Name {
    type Error = IdentityError;

    fn try_from(text: String) -> Result<Self, IdentityError> {
        text.parse()
    }
}

impl From<Name> for String {
    fn from(name: Name) -> Self {
        name.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why a text names nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IdentityError {
    /// Not a name of an agent or class.
    #[error("a name is 1 to 64 of `a-z`, `0-9` and inner `-`")]
    Name,
    /// Neither a mail address nor a URI.
    #[error("a subject is a mail address or a URI in printable ASCII, at most 255 bytes")]
    Subject,
}
