//! The requests a caller may make of the broker, and the answers.
//!
//! Closed schemas: a member or a kind of request this version does not know is refused, never ignored. Who the caller is
//! never stands in a request: the broker finds that out itself.

use serde::{Deserialize, Serialize};

use crate::bytes::Bytes;
use crate::secret::Secret;

/// What a caller may ask for.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Request {
    /// Is anybody there?
    Ping,
    /// Sign a git commit or tag.
    SignGit(SignGit),
    /// Sign an in-toto statement.
    SignStatement(SignStatement),
    /// Sign and record a grant; its redemption code stays with the broker.
    CreateGrant(CreateGrant),
    /// Start an agent's session by redeeming a grant.
    StartSession(StartSession),
    /// End an agent's session.
    EndSession(EndSession),
    /// Accept a prompt for a session; its commits then name it.
    AcceptPrompt(AcceptPrompt),
    /// Open a person's session.
    Login(Login),
    /// End the person's session.
    Logout,
    /// Who is logged in, who runs, and whom the broker takes the caller for.
    Status,
    /// End the broker and every key it holds.
    Stop,
}

/// Asks for the signature of a git commit or tag.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignGit {
    /// The object's bytes without a signature.
    pub payload: Bytes,
    /// The repository: a work tree, or a folder of git's; absolute path bytes.
    pub directory: Bytes,
    /// Handle of the agent's session, from `CHANCERY_SESSION`.
    pub session: Option<Secret>,
    /// The owner credential, by which a script proves a person's presence.
    pub owner: Option<Secret>,
}

/// Asks for the signature of a statement.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignStatement {
    /// What the key is for.
    pub purpose: StatementPurpose,
    /// DSSE payload type.
    pub payload_type: String,
    /// DSSE payload: the statement's bytes.
    pub payload: Bytes,
    /// One line that tells a person what is signed.
    pub summary: String,
    /// Handle of the agent's session.
    pub session: Option<Secret>,
    /// The owner credential.
    pub owner: Option<Secret>,
}

/// Purposes a statement may be signed under; commits have their own request.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StatementPurpose {
    /// Prompts.
    Prompt,
    /// Artifacts.
    Artifact,
    /// Grants, approvals, evidence.
    Attestation,
}

/// Asks a person's session to grant something to an agent.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreateGrant {
    /// DSSE payload type.
    pub payload_type: String,
    /// The grant statement's bytes.
    pub payload: Bytes,
    /// The owner credential.
    pub owner: Option<Secret>,
}

/// Starts an agent's session.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StartSession {
    /// The agent's registered name.
    pub agent: String,
    /// The grant to redeem, `sha256:…`; the newest unredeemed one for the agent and its repository where absent.
    pub grant: Option<String>,
    /// Id of the repository it starts in. A grant that allows nothing there is not taken unless it is named.
    pub repository: Option<String>,
    /// Root of the session's processes: the caller or a descendant of it. All beneath it are the session's.
    pub pid: Option<u32>,
    /// What the launcher says of the session: name and value.
    pub claims: Vec<(String, String)>,
}

/// Ends an agent's session.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EndSession {
    /// Handle of the session.
    pub session: Secret,
}

/// Accepts a prompt for a session.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AcceptPrompt {
    /// Handle of the session; the caller's own where absent.
    pub session: Option<Secret>,
    /// Leaf hash of the prompt's log entry, `sha256:…`.
    pub prompt: String,
}

/// Opens a person's session.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Login {
    /// A registered person.
    pub person: String,
    /// The owner credential; the engine checks it.
    pub owner: Secret,
    /// Whether the caller's terminal may confirm signatures from now on.
    pub terminal: bool,
}

/// What the broker answers.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// To `Ping`.
    Pong(Pong),
    /// To `SignGit`.
    GitSigned(GitSigned),
    /// To `SignStatement`.
    StatementSigned(StatementSigned),
    /// To `CreateGrant`.
    GrantCreated(GrantCreated),
    /// To `StartSession`.
    SessionStarted(SessionStarted),
    /// To `Login`.
    LoggedIn(PersonStatus),
    /// To `Status`.
    Status(Status),
    /// To `EndSession`, `AcceptPrompt`, `Logout` and `Stop`.
    Done,
    /// To any of them.
    Refused(Refusal),
}

/// The broker is there.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pong {
    /// Version of the broker.
    pub version: String,
    /// Its process.
    pub pid: u32,
}

/// A countersigned git signature.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GitSigned {
    /// `SIGNED MESSAGE` armor, ready for git.
    pub armor: String,
}

/// A countersigned statement, in the parts a bundle is made of.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatementSigned {
    /// The signature over the PAE.
    pub signature: Bytes,
    /// The leaf, DER.
    pub certificate: Bytes,
    /// RFC 3161 `TimeStampToken`, DER.
    pub token: Bytes,
    /// Protobuf `TransparencyLogEntry` without its body.
    pub entry: Bytes,
    /// Canonical JSON of the decision record.
    pub decision: Bytes,
    /// Token of a foreign time authority, DER, where the engine asks one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub foreign: Option<Bytes>,
}

/// A recorded grant.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GrantCreated {
    /// Leaf hash of the grant, `sha256:…`.
    pub grant: String,
    /// Its signature and countersignature.
    pub statement: StatementSigned,
}

/// A running agent session, as its launcher gets it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SessionStarted {
    /// The handle for `CHANCERY_SESSION`, shown this once.
    pub handle: Secret,
    /// What everybody may know of it.
    pub session: SessionStatus,
}

/// What everybody may know of an agent's session.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SessionStatus {
    /// The session's id.
    pub session: String,
    /// The agent's name.
    pub agent: String,
    /// The subject its certificates carry.
    pub subject: String,
    /// The person who answers for it.
    pub sponsor: String,
    /// Grants it acts under, root first.
    pub grants: Vec<String>,
    /// Leaf hash of the newest prompt it accepted.
    pub prompt: Option<String>,
    /// Root of its processes.
    pub pid: Option<u32>,
    /// When it ends, `2026-11-22T10:00:00Z`.
    pub expires: String,
    /// Who can reach its keys.
    pub custody: String,
}

/// The person's session.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PersonStatus {
    /// The subject certificates carry.
    pub person: String,
    /// The session's id.
    pub session: String,
    /// When it ends.
    pub expires: String,
    /// Whether a terminal may confirm signatures.
    pub terminal: bool,
}

/// The broker, at a glance.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Status {
    /// Version of the broker.
    pub version: String,
    /// Its process.
    pub pid: u32,
    /// The engine it signs with, where one is configured.
    pub engine: Option<String>,
    /// Who is logged in.
    pub person: Option<PersonStatus>,
    /// Running agent sessions, oldest first.
    pub sessions: Vec<SessionStatus>,
    /// Id of the agent session the caller belongs to.
    pub caller: Option<String>,
}

/// Why the broker refused.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refusal {
    /// The stable code.
    pub code: String,
    /// Refused, or undecided.
    pub severity: Severity,
    /// What happened, foreign text as it came: who shows it escapes it.
    pub message: String,
    /// What to do next.
    pub help: String,
}

/// What a refusal does to an exit code.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Refused: exit 1.
    Reject,
    /// Nobody could decide: exit 3.
    Undetermined,
}
