//! What the engine knows of agents, grants and sessions, for whoever looks for something to revoke: each names the selector
//! that a revocation takes. Lists come in pages, newest first.

use serde::{Deserialize, Serialize};

use super::AgentRecord;
use crate::digest::Digest;
use crate::identity::{Custody, Name, Subject};
use crate::revocation::{Action, Cause, Selector};
use crate::scope::Scope;
use crate::time::Timestamp;

/// Most rows of one page.
pub const MAX_LISTED: u64 = 100;

/// `POST /v1/sessions/list` and `/v1/grants/list`: which, and from where on.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Listing {
    /// Of this agent alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<Name>,
    /// Of what this person answers for alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sponsor: Option<Subject>,
    /// What holds now, and is neither held nor revoked, alone.
    #[serde(default)]
    pub live: bool,
    /// Behind the page that named this as its next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<u64>,
    /// How many, from 1 to [`MAX_LISTED`].
    pub count: u64,
}

/// One page. It may be shorter than was asked for, although more follow.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Page<T> {
    /// Newest first.
    pub rows: Vec<T>,
    /// What the next page begins behind; none where this is the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<u64>,
}

/// `POST /v1/agents/named`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NameAgent {
    /// The agent's name.
    pub agent: Name,
}

/// `POST /v1/grants/named`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NameGrant {
    /// Leaf hash of its log entry.
    pub grant: Digest,
}

/// `POST /v1/sessions/named`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NameSession {
    /// Its id.
    pub session: String,
}

/// What something rests on that is held or revoked.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StruckBy {
    /// What was named.
    pub selector: Selector,
    /// Whether it is held or revoked.
    pub action: Action,
    /// Why.
    pub cause: Cause,
}

/// An agent, and how it stands.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgentStanding {
    /// What revokes it.
    pub selector: Selector,
    /// As it was registered.
    pub agent: AgentRecord,
    /// Why it may not act, if it may not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub struck: Option<StruckBy>,
}

/// A session, and how it stands.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SessionRecord {
    /// What revokes it.
    pub selector: Selector,
    /// Its id.
    pub session: String,
    /// Whom its certificates name.
    pub subject: Subject,
    /// The agent, where it is one's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<Name>,
    /// Who answers for it.
    pub sponsor: Subject,
    /// Who holds its keys.
    pub custody: Custody,
    /// Leaf hashes of the grants it acts under, root first.
    pub grants: Vec<Digest>,
    /// When it was opened.
    pub opened: Timestamp,
    /// When it ends, or has ended.
    pub expires: Timestamp,
    /// Whether it may act now.
    pub live: bool,
    /// What it rests on that is held or revoked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub struck: Option<StruckBy>,
}

/// A session with everything that bounds it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SessionShown {
    /// The session.
    pub session: SessionRecord,
    /// What it may sign.
    pub scope: Scope,
    /// What its launcher said: name and value.
    pub claims: Vec<(String, String)>,
    /// Leaf hash of the newest prompt it accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prompt: Option<Digest>,
}

/// A grant, and how it stands.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GrantRecord {
    /// What revokes it.
    pub selector: Selector,
    /// Leaf hash of its log entry.
    pub grant: Digest,
    /// Who granted.
    pub actor: Subject,
    /// The agent it is for.
    pub agent: Name,
    /// The person who answers for that agent.
    pub sponsor: Subject,
    /// When it begins to hold.
    pub start: Timestamp,
    /// When it ends.
    pub end: Timestamp,
    /// The session that redeemed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redeemed: Option<String>,
    /// Whether it holds now.
    pub live: bool,
    /// What it rests on that is held or revoked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub struck: Option<StruckBy>,
}

/// A grant with everything that it allows.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GrantShown {
    /// The grant.
    pub grant: GrantRecord,
    /// What it grants.
    pub scope: Scope,
    /// How many further hops it allows.
    pub depth: u8,
    /// The grants it rests on, root first.
    pub parents: Vec<Digest>,
}
