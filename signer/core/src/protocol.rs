//! What clients and the engine say to each other over HTTP: JSON bodies, base64 for bytes (docs/formats.md F8).
//!
//! Routes: `/v1/status` `/v1/trust` `/v1/persons` `/v1/agents` `/v1/sessions/person` `/v1/sessions/agent`
//! `/v1/sessions/self` `/v1/certificates` `/v1/countersign` `/v1/statements` `/v1/grants` `/v1/revocations`
//! `/v1/revocations/touched` `/v1/feed` `/v1/prompts/accept` `/v1/agents/named` `/v1/sessions/list` `/v1/sessions/named`
//! `/v1/grants/list` `/v1/grants/named`
//! `/v1/log/checkpoint` `/v1/log/entries` `/v1/log/freeze`; stock clients have `/checkpoint` `/tile/…` `/api/v2/…`.

mod registered;

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::de::Visitor;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::digest::Digest;
use crate::identity::{Custody, Name, Purpose, Subject};
use crate::reason::{Code, Reason};
use crate::revocation::{Action, Cause, Selector};
use crate::scope::Scope;
use crate::time::Timestamp;

pub use registered::{
    AgentStanding, GrantRecord, GrantShown, Listing, MAX_LISTED, NameAgent, NameGrant, NameSession, Page,
    SessionRecord, SessionShown, StruckBy,
};

/// Most bytes of any request body.
pub const MAX_BODY: usize = 48 * 1024 * 1024;

/// Bytes that travel as standard base64 with padding.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Base64(pub Vec<u8>);

impl Serialize for Base64 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Base64 {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Base64Text)
    }
}

/// Takes the text as it lies in the document: a copy of a change list would cost as much as reading it.
struct Base64Text;

impl Visitor<'_> for Base64Text {
    type Value = Base64;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("standard base64 with padding")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Base64, E> {
        STANDARD.decode(text).map(Base64).map_err(E::custom)
    }
}

/// Owner: registers a person.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegisterPerson {
    /// The person's subject, usually a mail address.
    pub person: Subject,
}

/// One registered person.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PersonRecord {
    /// The person's subject.
    pub person: Subject,
    /// When the person was registered.
    pub registered: Timestamp,
}

/// Owner: registers an agent.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegisterAgent {
    /// The agent's name.
    pub name: Name,
    /// The class it belongs to.
    pub class: Name,
    /// The person who answers for it; must be registered.
    pub sponsor: Subject,
}

/// One registered agent.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgentRecord {
    /// The agent's name.
    pub name: Name,
    /// The class it belongs to.
    pub class: Name,
    /// The person who answers for it.
    pub sponsor: Subject,
    /// When it was registered.
    pub registered: Timestamp,
}

/// Owner: opens a person's session on a broker (`chancery login`).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpenPersonSession {
    /// A registered person.
    pub person: Subject,
    /// Who will hold the session's keys.
    pub custody: Custody,
}

/// Anybody with the redemption code: opens an agent's session by redeeming a grant, once.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RedeemGrant {
    /// Leaf hash of the grant.
    pub grant: Digest,
    /// The code that came back when the grant was made.
    pub redemption: String,
    /// Who will hold the session's keys.
    pub custody: Custody,
    /// What the launcher says of the session: name and value.
    pub claims: Vec<(String, String)>,
}

/// A session, as its holder gets it. The credential goes into the `Authorization: Bearer` header.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SessionOpened {
    /// The session's id.
    pub session: String,
    /// The bearer credential, shown this once.
    pub credential: String,
    /// The subject certificates of this session will carry.
    pub subject: Subject,
    /// The agent, where it is one's.
    pub agent: Option<Name>,
    /// The person who answers: the sponsor, or the person.
    pub sponsor: Subject,
    /// What the session may sign.
    pub scope: Scope,
    /// Grants it acts under, root first.
    pub grants: Vec<Digest>,
    /// When it ends.
    pub expires: Timestamp,
    /// Who holds its keys.
    pub custody: Custody,
}

/// Session: asks for a certificate. A person's session must also prove presence (see `presence`).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CertificateRequest {
    /// The one thing the key will sign.
    pub purpose: Purpose,
    /// PKCS#10 in DER, signed by its own key.
    pub csr: Base64,
    /// How a person proved presence; `None` for agents.
    pub presence: Option<Presence>,
}

/// How a person proved presence. The owner credential itself travels in the `Chancery-Owner` header, never in a body.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Presence {
    /// Confirmed on a terminal no agent owns, as the broker says.
    Terminal,
    /// The owner credential is in the header.
    OwnerCredential,
}

/// A certificate and its chain, each DER: leaf, issuing authority, root.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CertificateIssued {
    /// The leaf.
    pub certificate: Base64,
    /// Issuing authority, then root.
    pub chain: Vec<Base64>,
}

/// Session: asks for the countersignature of a commit or tag (docs/formats.md F3).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CountersignRequest {
    /// DER `SET OF Attribute`.
    pub signed_attributes: Base64,
    /// The signature over them.
    pub signature: Base64,
    /// The leaf, DER.
    pub certificate: Base64,
    /// The encoded change list; absent for tags.
    pub change_list: Option<Base64>,
    /// Newest checkpoint the client has seen.
    pub newest_checkpoint: Option<String>,
}

/// Session: asks for the countersignature of a DSSE statement: prompts, artifacts, grants, attestations.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatementRequest {
    /// DSSE payload type.
    pub payload_type: String,
    /// DSSE payload: the statement's bytes.
    pub payload: Base64,
    /// The signature over the PAE.
    pub signature: Base64,
    /// The leaf, DER.
    pub certificate: Base64,
    /// Newest checkpoint the client has seen.
    pub newest_checkpoint: Option<String>,
}

/// What the engine adds to an allowed signature.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Countersignature {
    /// RFC 3161 `TimeStampToken`, DER.
    pub token: Base64,
    /// Protobuf `TransparencyLogEntry` without its body.
    pub entry: Base64,
    /// Canonical JSON of the decision record.
    pub decision: Base64,
    /// Token of a foreign time authority in its embedded form, where the engine asks one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub foreign: Option<Base64>,
}

impl CertificateRequest {
    /// Reads a body. Fails where it is not a document of this schema.
    pub fn from_json(body: &[u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_slice(body)
    }
}

impl CountersignRequest {
    /// Reads a body. Fails where it is not a document of this schema.
    pub fn from_json(body: &[u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_slice(body)
    }
}

impl CertificateIssued {
    /// Its document.
    pub fn to_json(&self) -> Vec<u8> {
        let mut parts = vec![("{\"certificate\":\"", &self.certificate)];
        let befores = std::iter::once("\",\"chain\":[\"").chain(std::iter::repeat("\",\""));
        parts.extend(befores.zip(&self.chain));
        let end = if self.chain.is_empty() { "\",\"chain\":[]}" } else { "\"]}" };
        written(&parts, end)
    }
}

impl Countersignature {
    /// Its document.
    pub fn to_json(&self) -> Vec<u8> {
        let Self { token, entry, decision, foreign } = self;
        let parts = [("{\"token\":\"", token), ("\",\"entry\":\"", entry), ("\",\"decision\":\"", decision)];
        let foreign = foreign.as_ref().map(|token| ("\",\"foreign\":\"", token));
        written(&parts.into_iter().chain(foreign).collect::<Vec<_>>(), "\"}")
    }
}

/// Base64 between fixed texts, in one go: nothing in it has to be escaped.
fn written(parts: &[(&str, &Base64)], end: &str) -> Vec<u8> {
    // Four digits for three bytes, two more for the rest of the last.
    let length = parts.iter().map(|(before, part)| before.len() + part.0.len() / 3 * 4 + 4).sum::<usize>() + end.len();
    let mut text = String::with_capacity(length);
    for (before, part) in parts {
        text.push_str(before);
        STANDARD.encode_string(&part.0, &mut text);
    }
    text.push_str(end);
    text.into_bytes()
}

/// The answer to a grant: its countersignature and the code that redeems it, once.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GrantRecorded {
    /// Leaf hash of the grant.
    pub grant: Digest,
    /// The code that redeems it.
    pub redemption: String,
    /// Countersignature of the statement.
    pub countersignature: Countersignature,
}

/// Asks what a revocation would touch.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NameRevoked {
    /// What it would name.
    pub selector: Selector,
}

/// What a revocation would touch now.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Touched {
    /// What was asked about.
    pub selector: Selector,
    /// Whether it is held or revoked already.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub standing: Option<Action>,
    /// The open sessions that rest on it.
    pub sessions: Vec<TouchedSession>,
}

/// An open session that a revocation would end.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TouchedSession {
    /// Its id.
    pub session: String,
    /// Whom its certificates name.
    pub subject: Subject,
    /// Who answers for it.
    pub sponsor: Subject,
    /// When it ends by itself.
    pub expires: Timestamp,
}

/// A recorded revocation, as it is listed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RevocationRecorded {
    /// Its number, from 1.
    pub number: u64,
    /// Leaf hash of its log entry.
    pub leaf: Digest,
    /// What it does.
    pub action: Action,
    /// Why.
    pub cause: Cause,
    /// What it names.
    pub selector: Selector,
}

/// Agent session: accepts a prompt and burns its nonce; commits may then name it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AcceptPrompt {
    /// Leaf hash of the prompt's log entry.
    pub prompt: Digest,
}

/// The engine, at a glance.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Status {
    /// Version of the software.
    pub version: String,
    /// Origin of the log.
    pub origin: String,
    /// The newest checkpoint.
    pub checkpoint: Option<String>,
    /// When it was signed, as the audit head under it says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checkpoint_time: Option<Timestamp>,
    /// The engine's trust domain.
    pub trust_domain: String,
    /// Digest of the policy set in force.
    pub policy: Digest,
    /// Since when the log takes nothing more, if it does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frozen: Option<Timestamp>,
    /// Why it records nothing until it is started again, if that is so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped: Option<Code>,
}

/// A page of log entries, each a canonical body.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogEntries {
    /// Index of the first entry.
    pub start: u64,
    /// Entry bodies.
    pub entries: Vec<Base64>,
}

/// `POST /v1/log/freeze`, of the owner: the log takes nothing more.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FreezeLog {}

/// The log is frozen; a repeat gets the same answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct LogFrozen {
    /// Since when.
    pub frozen: Timestamp,
}

/// RFC 9457 problem document; `reasons` is never empty.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Problem {
    /// `urn:chancery:problem:<code>`.
    #[serde(rename = "type")]
    pub kind: String,
    /// HTTP status.
    pub status: u16,
    /// One line for people.
    pub title: String,
    /// Every reason, worst first.
    pub reasons: Vec<ProblemReason>,
}

/// One reason on the wire; severity and help follow from the code.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ProblemReason {
    /// The stable code.
    pub code: Code,
    /// What happened.
    pub message: String,
}

impl From<&Reason> for ProblemReason {
    fn from(reason: &Reason) -> Self {
        Self { code: reason.code, message: reason.message.clone() }
    }
}

impl From<&ProblemReason> for Reason {
    fn from(reason: &ProblemReason) -> Self {
        Self::new(reason.code, &reason.message)
    }
}

#[cfg(test)]
mod tests;
