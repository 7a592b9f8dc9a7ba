//! The verdict document that `chancery-ci verify`, `prompt verify` and `artifact verify` print (docs/formats.md F9).

use serde::Serialize;

use crate::digest::Digest;
use crate::feed::FeedHead;
use crate::identity::{ActorClass, Custody};
use crate::reason::{Reason, Severity};
use crate::time::Timestamp;

/// The schema of the document.
pub const SCHEMA: &str = "urn:chancery:verdict:v1";

/// The answer for one subject or for all of them. Ordered from best to worst.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// True and allowed.
    Accepted,
    /// Could not decide: every caller treats it as failure.
    Undetermined,
    /// False, or true but not allowed.
    Rejected,
}

impl Outcome {
    /// The worst of the reasons' severities.
    pub fn of(reasons: &[Reason]) -> Self {
        match reasons.iter().map(|reason| reason.severity).max() {
            None | Some(Severity::Warn) => Self::Accepted,
            Some(Severity::Undetermined) => Self::Undetermined,
            Some(Severity::Reject) => Self::Rejected,
        }
    }
}

/// What an answer means for the caller's exit code.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Says what enforce would have said, exits 0.
    Audit,
    /// As audit, on stderr too.
    Warn,
    /// Exits as the verdict says.
    Enforce,
}

/// What kind of evidence stands behind a subject.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Assurance {
    /// All steps of docs/formats.md.
    Chancery,
    /// Nothing established.
    None,
    /// A Sigstore bundle of others, under the trust root and for the signer that the caller named.
    Sigstore,
}

/// Whose clock stands behind `signed_at`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum TimeAssurance {
    /// The engine's own.
    #[serde(rename = "self")]
    Own,
    /// Cosigned by witnesses of other operators.
    Witnessed,
    /// A foreign time authority's.
    Foreign,
}

/// How many keyholders stand behind the anchor.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Trust {
    /// One keyholder, one signature.
    Development,
    /// A threshold of at least two.
    Threshold,
}

/// What a subject is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A git commit.
    Commit,
    /// A git tag.
    Tag,
    /// A prompt file.
    Prompt,
    /// A file or directory.
    Artifact,
    /// A signed statement.
    Attestation,
}

/// The signer, present only when cryptographically established.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Signer {
    /// Person, agent or workload.
    pub class: ActorClass,
    /// The certificate's subject.
    pub identity: String,
    /// The agent's registered name.
    pub agent: Option<String>,
    /// The session the certificate was issued in.
    pub session: String,
    /// Who answers for the agent.
    pub sponsor: Option<String>,
    /// The actors of the delegation chain, root first.
    pub hops: Vec<String>,
    /// Who could reach the key.
    pub custody: Custody,
}

/// Who signed a Sigstore bundle of others: its certificate says no more than this.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct SigstoreSigner {
    /// The certificate's subject.
    pub identity: String,
    /// Who vouched for the subject.
    pub issuer: String,
}

/// Where the signature stands in the log.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct LogPlace {
    /// Origin of the log.
    pub origin: String,
    /// Index of the entry.
    pub index: u64,
    /// Size of the tree proven in.
    pub tree_size: u64,
    /// Leaf hash.
    pub leaf: Digest,
}

/// The decision that stood behind the countersignature.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct DecisionShown {
    /// Digest of the policy set asked.
    pub policy: Digest,
    /// Rules that determined it.
    pub rules: Vec<String>,
    /// Approvals that counted.
    pub approvals: Vec<Digest>,
}

/// One judged subject.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct SubjectVerdict {
    /// What it is.
    pub kind: Kind,
    /// Object id or digest.
    pub id: String,
    /// The answer.
    pub verdict: Outcome,
    /// What evidence stands behind it.
    pub assurance: Assurance,
    /// Who signed, if established.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signer: Option<Signer>,
    /// Who signed a bundle of others; in place of `signer`.
    #[serde(rename = "signer", skip_serializing_if = "Option::is_none")]
    pub sigstore_signer: Option<SigstoreSigner>,
    /// The authenticated time.
    pub signed_at: Option<Timestamp>,
    /// Whose clock.
    pub time_assurance: Option<TimeAssurance>,
    /// Log position.
    pub log: Option<LogPlace>,
    /// Decision.
    pub decision: Option<DecisionShown>,
    /// Leaf hash of the prompt it was made under.
    pub prompt: Option<Digest>,
    /// Why, worst first.
    pub reasons: Vec<Reason>,
}

impl SubjectVerdict {
    /// A subject about which nothing was established.
    pub fn refused(kind: Kind, id: String, reasons: Vec<Reason>) -> Self {
        Self {
            kind,
            id,
            verdict: Outcome::of(&reasons),
            assurance: Assurance::None,
            signer: None,
            sigstore_signer: None,
            signed_at: None,
            time_assurance: None,
            log: None,
            decision: None,
            prompt: None,
            reasons,
        }
    }
}

/// How many subjects got which answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Summary {
    /// Accepted subjects.
    pub accepted: usize,
    /// Rejected subjects.
    pub rejected: usize,
    /// Undetermined subjects.
    pub undetermined: usize,
}

/// The whole document.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Verdict {
    /// [`SCHEMA`].
    pub schema: &'static str,
    /// The worst of the subjects.
    pub verdict: Outcome,
    /// Audit, warn or enforce.
    pub mode: Mode,
    /// Digest of the anchor in force.
    pub anchor: Option<Digest>,
    /// Keyholders behind the anchor.
    pub trust: Option<Trust>,
    /// Digest of the policy in force at the head.
    pub policy: Option<Digest>,
    /// How far the feed of revocations reaches that was judged by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub feed: Option<FeedHead>,
    /// First commit outside the range.
    pub base: Option<String>,
    /// Last commit inside the range.
    pub head: Option<String>,
    /// Every subject.
    pub subjects: Vec<SubjectVerdict>,
    /// Counts.
    pub summary: Summary,
}

impl Verdict {
    /// The document for `subjects`; without any, nothing was verified and the verdict is undetermined.
    pub fn new(mode: Mode, subjects: Vec<SubjectVerdict>) -> Self {
        let count = |outcome| subjects.iter().filter(|subject| subject.verdict == outcome).count();
        Self {
            schema: SCHEMA,
            verdict: subjects.iter().map(|subject| subject.verdict).max().unwrap_or(Outcome::Undetermined),
            mode,
            anchor: None,
            trust: None,
            policy: None,
            feed: None,
            base: None,
            head: None,
            summary: Summary {
                accepted: count(Outcome::Accepted),
                rejected: count(Outcome::Rejected),
                undetermined: count(Outcome::Undetermined),
            },
            subjects,
        }
    }
}
