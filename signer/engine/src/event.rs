//! The event chain: every issuance, denial, registration, grant, redemption and acceptance, each naming the one before
//! it (docs/formats.md F6). Each batch that logs anything logs the chain's head, signed, as its last entry.
//!
//! An event holds, or names by digest, everything the store keeps because of it: rows of the registry, answers and
//! statements are caches that `fsck` makes again from here.

use serde::{Deserialize, Serialize};
use signer_core::canonical::{self, CanonicalError};
use signer_core::digest::Digest;
use signer_core::identity::{Custody, Name, Subject};
use signer_core::protocol::AgentRecord;
use signer_core::reason::Code;
use signer_core::scope::Scope;
use signer_core::time::{Timestamp, Window};

use crate::store::rows::{AgentRow, EventRow, SessionRow, Write};

/// Most bytes of an event.
pub const MAX_EVENT: usize = 64 * 1024;

/// What happened.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EventKind {
    /// A prompt was accepted.
    Acceptance,
    /// An agent was registered.
    AgentRegistration,
    /// A signature was countersigned.
    Countersignature,
    /// A request was denied.
    Denial,
    /// The log was frozen; nothing follows.
    Freeze,
    /// A grant was recorded.
    Grant,
    /// A certificate was issued.
    Issuance,
    /// A signature under an open certificate was logged.
    OpenEntry,
    /// A person was registered.
    PersonRegistration,
    /// Another policy decides from here on.
    PolicyActivation,
    /// A grant was redeemed.
    Redemption,
    /// Something was revoked, held or released.
    Revocation,
    /// Keys of the trust root were rotated.
    Rotation,
    /// A session ended before its time.
    SessionEnd,
    /// A person's session was opened.
    SessionOpening,
    /// Another log was closed, and this one goes on from there.
    Succession,
}

impl EventKind {
    /// Whether the log has an entry for it, beside the audit head of its batch.
    pub const fn is_entry(self) -> bool {
        match self {
            Self::Countersignature | Self::Grant | Self::OpenEntry | Self::Revocation | Self::Succession => true,
            Self::Acceptance
            | Self::AgentRegistration
            | Self::Denial
            | Self::Freeze
            | Self::Issuance
            | Self::PersonRegistration
            | Self::PolicyActivation
            | Self::Redemption
            | Self::Rotation
            | Self::SessionEnd
            | Self::SessionOpening => false,
        }
    }
}

/// What an operation says of itself; the ledger adds number, time and link.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Occurrence {
    /// What happened.
    pub kind: EventKind,
    /// Who asked or was registered.
    pub subject: Option<String>,
    /// The session that asked or was opened.
    pub session: Option<String>,
    /// What it is about: a leaf hash or a certificate's digest.
    pub about: Option<Digest>,
    /// Why it was denied.
    pub code: Option<Code>,
}

impl Occurrence {
    /// An occurrence that concerns a subject.
    pub fn new(kind: EventKind, subject: &Subject) -> Self {
        Self { kind, subject: Some(subject.to_string()), session: None, about: None, code: None }
    }

    /// The same, inside a session.
    #[must_use]
    pub fn in_session(mut self, session: &str) -> Self {
        self.session = Some(session.to_owned());
        self
    }

    /// The same, about a digest.
    #[must_use]
    pub fn about(mut self, digest: Digest) -> Self {
        self.about = Some(digest);
        self
    }
}

/// What the store keeps because of an event.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Keeping {
    /// The registry row that it makes or changes.
    pub record: Option<Record>,
    /// The answer that is kept for repeats.
    pub answer: Option<AnswerMark>,
    /// Digest of the statement's payload that is kept beside the log entry.
    pub statement: Option<Digest>,
}

/// A registry row that no logged statement tells.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Record {
    /// An agent, whole.
    Agent(AgentRecord),
    /// The log is frozen.
    Freeze {
        /// Since when.
        at: Timestamp,
    },
    /// A person.
    Person {
        /// Who.
        subject: Subject,
        /// Since when.
        registered: Timestamp,
    },
    /// A policy set decides from here on.
    Policy {
        /// Its digest.
        digest: Digest,
        /// Since when.
        since: Timestamp,
    },
    /// The session that was opened.
    Session(Box<SessionRecord>),
    /// The session has ended.
    SessionEnd {
        /// When.
        at: Timestamp,
    },
}

/// An opened session; its id is the event's.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SessionRecord {
    /// SHA-256 of the bearer credential.
    pub credential: Digest,
    /// Subject of its certificates.
    pub subject: Subject,
    /// Name and class of the agent, where it is one's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<(Name, Name)>,
    /// Who answers for it.
    pub sponsor: Subject,
    /// What it may sign.
    pub scope: Scope,
    /// Grants it acts under, root first.
    pub grants: Vec<Digest>,
    /// Who holds its keys.
    pub custody: Custody,
    /// What its launcher said: name and value.
    pub claims: Vec<(String, String)>,
    /// When it was opened.
    pub opened: Timestamp,
    /// When it ends.
    pub expires: Timestamp,
}

/// An answer that is kept: under which key, and what in it nobody could make again.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnswerMark {
    /// Digest of token and decision, or of the certificates.
    pub evidence: Digest,
    /// The idempotency key.
    pub key: Digest,
}

impl Record {
    /// The record of what is about to be written; statements tell the rest.
    pub(crate) fn of(writes: &[Write]) -> Option<Self> {
        writes.iter().find_map(|write| match write {
            Write::Agent(row) => Some(Self::Agent(row.clone())),
            Write::Freeze { at } => Some(Self::Freeze { at: *at }),
            Write::Policy(row) => Some(Self::Policy { digest: row.digest, since: row.since }),
            Write::Person(row) => Some(Self::Person { subject: row.subject.clone(), registered: row.registered }),
            Write::Session(row) => Some(Self::Session(Box::new(SessionRecord::of(row)))),
            Write::SessionEnd { at, .. } => Some(Self::SessionEnd { at: *at }),
            _ => None,
        })
    }
}

impl SessionRecord {
    fn of(row: &SessionRow) -> Self {
        Self {
            credential: row.credential,
            subject: row.subject.clone(),
            agent: row.agent.as_ref().map(|agent| (agent.name.clone(), agent.class.clone())),
            sponsor: row.sponsor.clone(),
            scope: row.scope.clone(),
            grants: row.grants.clone(),
            custody: row.custody,
            claims: row.claims.clone(),
            opened: row.window.start,
            expires: row.window.end,
        }
    }

    /// The row it was when it was opened.
    pub fn into_row(self, id: String) -> SessionRow {
        SessionRow {
            id,
            credential: self.credential,
            subject: self.subject,
            agent: self.agent.map(|(name, class)| AgentRow { name, class }),
            sponsor: self.sponsor,
            scope: self.scope,
            grants: self.grants,
            custody: self.custody,
            claims: self.claims,
            window: Window { start: self.opened, end: self.expires },
            prompt: None,
        }
    }
}

/// One link of the chain: canonical JSON, closed schema. Members stand in the order in which they are written.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// What it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<Digest>,
    /// The answer that is kept for repeats.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<AnswerMark>,
    /// Why it was denied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<Code>,
    /// What happened.
    pub kind: EventKind,
    /// Place in the chain, from 0.
    pub number: u64,
    /// Digest of the event before; of the log's origin for the first.
    pub previous: Digest,
    /// The registry row that it makes or changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<Record>,
    /// The session that asked or was opened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    /// Digest of the payload of the statement that is kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statement: Option<Digest>,
    /// Who asked or was registered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// When it was recorded.
    pub time: Timestamp,
}

/// The head of the chain: how many events, and the digest of the newest.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ChainHead {
    /// Events in the chain.
    pub count: u64,
    /// Digest of the newest, or of the origin.
    pub digest: Digest,
}

impl ChainHead {
    /// The head of an empty chain of the log with this origin.
    pub fn empty(origin: &str) -> Self {
        Self { count: 0, digest: Digest::of_parts(&[b"chancery event chain v1\n", origin.as_bytes()]) }
    }

    /// Links one more event and returns its row.
    pub fn link(
        &mut self,
        occurrence: &Occurrence,
        keeping: Keeping,
        time: Timestamp,
    ) -> Result<EventRow, CanonicalError> {
        let event = Event {
            number: self.count,
            previous: self.digest,
            time,
            kind: occurrence.kind,
            subject: occurrence.subject.clone(),
            session: occurrence.session.clone(),
            about: occurrence.about,
            code: occurrence.code,
            record: keeping.record,
            answer: keeping.answer,
            statement: keeping.statement,
        };
        let document = canonical::to_vec(&event)?;
        let row = EventRow { number: self.count, digest: Digest::of(&document), document };
        *self = Self { count: self.count.saturating_add(1), digest: row.digest };
        Ok(row)
    }
}
