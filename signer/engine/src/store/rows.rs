//! The rows of the store and the batch that writes them. Registry rows are caches of logged statements and events.

use signer_core::digest::Digest;
use signer_core::dsse;
use signer_core::identity::{ActorClass, Custody, Name, Subject};
use signer_core::protocol::AgentRecord;
use signer_core::revocation::{Action, Cause, Revocation, Selector};
use signer_core::scope::Scope;
use signer_core::time::{Timestamp, Window};
use signer_log::Node;

/// What the writer must know to go on after a restart.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct State {
    /// The right edge of the log's tree, encoded.
    pub frontier: Vec<u8>,
    /// The newest time ever recorded.
    pub last_time: Option<Timestamp>,
    /// Events in the chain.
    pub events: u64,
    /// Digest of the newest event.
    pub event_head: Digest,
    /// Revocation number.
    pub feed: u64,
}

/// One transaction.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Batch {
    /// The state after it.
    pub state: State,
    /// Its rows, in the order they must be written.
    pub writes: Vec<Write>,
}

/// One row to write.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Write {
    /// A prompt becomes a session's newest, and its nonce is burnt.
    Acceptance {
        /// Leaf hash of the prompt.
        prompt: Digest,
        /// The session.
        session: String,
        /// The nonce's digest.
        nonce: Digest,
    },
    /// An agent.
    Agent(AgentRecord),
    /// An answer to keep.
    Answer(AnswerRow),
    /// A certificate.
    Certificate(CertificateRow),
    /// A checkpoint.
    Checkpoint(CheckpointRow),
    /// A log entry.
    Entry(EntryRow),
    /// An event.
    Event(EventRow),
    /// The log takes nothing after this batch.
    Freeze {
        /// Since when.
        at: Timestamp,
    },
    /// A grant.
    Grant(GrantRow),
    /// The root of a full tile.
    Node(Node),
    /// A person.
    Person(PersonRow),
    /// A policy set is in force.
    Policy(PolicyRow),
    /// A prompt.
    Prompt(PromptRow),
    /// A grant is redeemed by the session it opened.
    Redemption {
        /// Leaf hash of the grant.
        grant: Digest,
        /// The session.
        session: String,
    },
    /// A revocation, a hold or a release.
    Revocation(RevocationRow),
    /// A session.
    Session(SessionRow),
    /// A session ends before its time.
    SessionEnd {
        /// The session.
        session: String,
        /// When.
        at: Timestamp,
    },
    /// A statement.
    Statement(StatementRow),
}

/// A logged revocation. Its number is its place among all of them, from 1.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RevocationRow {
    /// Leaf hash of its log entry.
    pub leaf: Digest,
    /// What it does.
    pub action: Action,
    /// Why.
    pub cause: Cause,
    /// What it names.
    pub selector: Selector,
}

impl RevocationRow {
    /// What is kept of a revocation.
    pub fn of(leaf: Digest, revocation: &Revocation) -> Self {
        let Revocation { action, cause, selector, .. } = revocation;
        Self { leaf, action: *action, cause: *cause, selector: selector.clone() }
    }
}

/// A policy set, from the first thing it decided about until the next.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PolicyRow {
    /// Its digest.
    pub digest: Digest,
    /// Since when.
    pub since: Timestamp,
}

/// A registered person.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PersonRow {
    /// Who.
    pub subject: Subject,
    /// Since when.
    pub registered: Timestamp,
}

/// An open or past session.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SessionRow {
    /// 32 hexadecimal digits.
    pub id: String,
    /// SHA-256 of the bearer credential.
    pub credential: Digest,
    /// Subject of its certificates.
    pub subject: Subject,
    /// The agent, where it is one's.
    pub agent: Option<AgentRow>,
    /// Who answers for it: the sponsor, or the person.
    pub sponsor: Subject,
    /// What it may sign.
    pub scope: Scope,
    /// Grants it acts under, root first.
    pub grants: Vec<Digest>,
    /// Who holds its keys.
    pub custody: Custody,
    /// What its launcher said: name and value.
    pub claims: Vec<(String, String)>,
    /// When it was opened and when it ends.
    pub window: Window,
    /// Leaf hash of the newest prompt it accepted.
    pub prompt: Option<Digest>,
}

/// Which sessions or grants are wanted, newest first.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Wanted {
    /// Of this agent alone.
    pub agent: Option<Name>,
    /// Of what this person answers for alone.
    pub sponsor: Option<Subject>,
    /// What holds at this time alone.
    pub at: Option<Timestamp>,
    /// Older than the one of this number.
    pub before: Option<u64>,
    /// How many at most.
    pub count: u64,
}

/// The agent of a session.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AgentRow {
    /// Its name.
    pub name: Name,
    /// Its class.
    pub class: Name,
}

/// A countersigned grant.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GrantRow {
    /// Leaf hash of its log entry.
    pub leaf: Digest,
    /// Who granted.
    pub actor: Subject,
    /// What kind of actor that is.
    pub class: ActorClass,
    /// SHA-256 of the certificate that signed it.
    pub certificate: Digest,
    /// The agent it is for.
    pub agent: AgentRow,
    /// The person who answers for that agent.
    pub sponsor: Subject,
    /// What it grants.
    pub scope: Scope,
    /// When it holds.
    pub window: Window,
    /// How many further hops it allows.
    pub depth: u8,
    /// The grants it rests on, root first.
    pub parents: Vec<Digest>,
    /// The session that redeemed it.
    pub redeemed: Option<String>,
}

/// An issued certificate.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CertificateRow {
    /// SHA-256 of its DER.
    pub digest: Digest,
    /// The session it was issued in.
    pub session: String,
    /// SHA-256 of its public key's point.
    pub key: Digest,
    /// Its DER.
    pub der: Vec<u8>,
}

/// A countersigned prompt.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PromptRow {
    /// Leaf hash of its log entry.
    pub leaf: Digest,
    /// Who signed it.
    pub signer: Subject,
    /// The repository it is bound to.
    pub repository: String,
    /// The target it is bound to.
    pub target: String,
    /// The session it is bound to, if to one.
    pub session: Option<String>,
    /// When it ends.
    pub expires: Timestamp,
    /// Digest of signer and nonce.
    pub nonce: Digest,
    /// Leaf hash of the prompt it continues.
    pub previous: Option<Digest>,
}

/// A logged statement: what is needed to rebuild its entry.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StatementRow {
    /// Leaf hash of its log entry.
    pub leaf: Digest,
    /// DSSE payload type.
    pub payload_type: String,
    /// DSSE payload.
    pub payload: Vec<u8>,
    /// The signature over the PAE.
    pub signature: Vec<u8>,
    /// SHA-256 of the signer's certificate.
    pub certificate: Digest,
}

impl StatementRow {
    /// The idempotency key of the request that brought it (docs/formats.md F6).
    pub fn answer_key(&self) -> Digest {
        Digest::of_parts(&[&dsse::pae(&self.payload_type, &self.payload), &self.signature])
    }
}

/// A log entry.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EntryRow {
    /// Its index.
    pub index: u64,
    /// Its leaf hash.
    pub leaf: Digest,
    /// Its canonical body.
    pub body: Vec<u8>,
}

/// An event.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EventRow {
    /// Its place in the chain, from 0.
    pub number: u64,
    /// SHA-256 of the document.
    pub digest: Digest,
    /// Canonical JSON, which names the event before it.
    pub document: Vec<u8>,
}

/// An answer to keep.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AnswerRow {
    /// The idempotency key.
    pub key: Digest,
    /// What was answered, in the engine's own form.
    pub document: Vec<u8>,
}

/// A log that another has followed: it is read, and nothing is added to it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PastLogRow {
    /// Its place in the line of this engine's logs, from 1.
    pub number: u32,
    /// Its origin.
    pub origin: String,
    /// The key that signed its checkpoints, 32 bytes.
    pub key: Vec<u8>,
    /// Its last checkpoint.
    pub last: CheckpointRow,
}

/// A signed checkpoint.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CheckpointRow {
    /// Size of the tree.
    pub size: u64,
    /// Its root.
    pub root: Digest,
    /// The signed note.
    pub note: String,
}
