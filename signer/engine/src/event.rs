//! The event chain: every issuance, denial, registration, grant, redemption and acceptance, each naming the one before
//! it (docs/formats.md F6). Each batch that logs anything logs the chain's head, signed, as its last entry.

use serde::{Deserialize, Serialize};
use signer_core::canonical::{self, CanonicalError};
use signer_core::digest::Digest;
use signer_core::identity::Subject;
use signer_core::reason::Code;
use signer_core::time::Timestamp;

use crate::store::rows::EventRow;

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
    /// A grant was recorded.
    Grant,
    /// A certificate was issued.
    Issuance,
    /// A person was registered.
    PersonRegistration,
    /// A grant was redeemed.
    Redemption,
    /// A session ended before its time.
    SessionEnd,
    /// A person's session was opened.
    SessionOpening,
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

/// One link of the chain: canonical JSON, closed schema.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// Place in the chain, from 0.
    pub number: u64,
    /// Digest of the event before; of the log's origin for the first.
    pub previous: Digest,
    /// When it was recorded.
    pub time: Timestamp,
    /// What happened.
    pub kind: EventKind,
    /// Who asked or was registered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// The session that asked or was opened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    /// What it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<Digest>,
    /// Why it was denied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<Code>,
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
    pub fn link(&mut self, occurrence: &Occurrence, time: Timestamp) -> Result<EventRow, CanonicalError> {
        let event = Event {
            number: self.count,
            previous: self.digest,
            time,
            kind: occurrence.kind,
            subject: occurrence.subject.clone(),
            session: occurrence.session.clone(),
            about: occurrence.about,
            code: occurrence.code,
        };
        let document = canonical::to_vec(&event)?;
        let row = EventRow { number: self.count, digest: Digest::of(&document), document };
        *self = Self { count: self.count.saturating_add(1), digest: row.digest };
        Ok(row)
    }
}
