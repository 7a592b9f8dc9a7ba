//! Decision cases: data beside a policy set that says what it must answer, and by which rules.
//!
//! A file holds a JSON list of cases: title, principal, action, resource, context (for `accept` alone), the expected
//! answer, and the expected rules in order: those that permit, or those that forbid, or none where no rule permits.

use std::fmt;

use serde::Deserialize;
use signer_core::digest::Digest;
use signer_core::identity::{Purpose, Subject};
use signer_core::reason::{Code, Coded};
use signer_core::verdict::{TimeAssurance, Trust};

use crate::actor::Actor;
use crate::matter::{ChangeFacts, Matter, ScopeFacts};
use crate::question::{AcceptContext, Action, GrantFacts, Question, SelectorKind};
use crate::set::PolicySet;

/// One case.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Case {
    /// What it shows, one sentence.
    pub title: String,
    /// Who asks.
    pub actor: Actor,
    /// What is asked.
    pub question: Question,
    /// The expected answer.
    pub expect: Expected,
    /// The expected rules, sorted.
    pub rules: Vec<String>,
}

/// An expected answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Expected {
    /// Allowed.
    Allow,
    /// Denied.
    Deny,
}

impl Case {
    /// Reads a file of cases.
    pub fn parse(bytes: &[u8]) -> Result<Vec<Self>, CaseError> {
        let cases: Vec<CaseFile> = serde_json::from_slice(bytes).map_err(|source| CaseError::Json { source })?;
        if cases.is_empty() {
            return Err(CaseError::Empty);
        }
        cases.into_iter().map(Self::try_from).collect()
    }

    /// Asks `set`. Fails where answer or rules differ from what is expected.
    pub fn check(&self, set: &PolicySet) -> Result<(), Mismatch> {
        let explanation = set.explain(&self.actor, &self.question);
        let answer = if explanation.is_allowed() { Expected::Allow } else { Expected::Deny };
        let rules = explanation.determining();
        if answer == self.expect && rules == self.rules {
            return Ok(());
        }
        let (title, expected) = (self.title.clone(), self.expect);
        Err(Mismatch { title, expected, expected_rules: self.rules.clone(), answer, rules })
    }
}

/// A case that a set answers otherwise.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{title}`: expected {expected} by {expected_rules:?}, the set answers {answer} by {rules:?}")]
pub struct Mismatch {
    /// The case.
    pub title: String,
    /// The answer it expects.
    pub expected: Expected,
    /// The rules it expects.
    pub expected_rules: Vec<String>,
    /// The set's answer.
    pub answer: Expected,
    /// The set's rules.
    pub rules: Vec<String>,
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Allow => "allow",
            Self::Deny => "deny",
        })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CaseFile {
    title: String,
    principal: Actor,
    action: Action,
    resource: ResourceFile,
    context: Option<ContextFile>,
    expect: Expected,
    rules: Vec<String>,
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case", deny_unknown_fields)]
enum ResourceFile {
    Certificate { purpose: Purpose, scope_allows_purpose: bool },
    Grant(GrantFacts),
    Change(ChangeFacts),
    Tag { repository: String, name: String },
    Prompt { repository: String, scope: ScopeFacts },
    Artifact { name: String },
    Attestation { predicate_type: String },
    OpenEntry { digest: Digest },
    Selector { kind: SelectorKind, id: String },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ContextFile {
    #[serde(with = "TimeAssuranceFile")]
    time: TimeAssurance,
    #[serde(with = "TrustFile")]
    trust: Trust,
    approvals: Vec<Subject>,
}

#[derive(Deserialize)]
#[serde(remote = "TimeAssurance", rename_all = "lowercase")]
enum TimeAssuranceFile {
    #[serde(rename = "self")]
    Own,
    Witnessed,
    Foreign,
}

#[derive(Deserialize)]
#[serde(remote = "Trust", rename_all = "lowercase")]
enum TrustFile {
    Development,
    Threshold,
}

impl TryFrom<CaseFile> for Case {
    type Error = CaseError;

    fn try_from(file: CaseFile) -> Result<Self, CaseError> {
        let CaseFile { title, principal: actor, action, resource, context, expect, rules } = file;
        let known = context.map(|ContextFile { time: time_assurance, trust, approvals }| AcceptContext {
            time_assurance,
            trust,
            approvals,
        });
        match question(action, resource, known) {
            Some(question) => Ok(Self { title, actor, question, expect, rules }),
            None => Err(CaseError::NoSuchQuestion { title }),
        }
    }
}

/// The question, where the schema knows one of that action, resource and context.
fn question(action: Action, resource: ResourceFile, known: Option<AcceptContext>) -> Option<Question> {
    match (action, resource, known) {
        (Action::Issue, ResourceFile::Certificate { purpose, scope_allows_purpose }, None) => {
            Some(Question::Issue { purpose, scope_allows_purpose })
        }
        (Action::Grant, ResourceFile::Grant(facts), None) => Some(Question::Grant(facts)),
        (Action::Revoke, ResourceFile::Selector { kind, id }, None) => Some(Question::Revoke { kind, id }),
        (Action::Countersign, resource, None) => Some(Question::Countersign(matter(resource)?)),
        (Action::Accept, resource, Some(known)) => Some(Question::Accept(matter(resource)?, known)),
        (Action::Approve, resource, None) => Some(Question::Approve(matter(resource)?)),
        _ => None,
    }
}

fn matter(resource: ResourceFile) -> Option<Matter> {
    match resource {
        ResourceFile::Change(facts) => Some(Matter::Change(facts)),
        ResourceFile::Tag { repository, name } => Some(Matter::Tag { repository, name }),
        ResourceFile::Prompt { repository, scope } => Some(Matter::Prompt { repository, scope }),
        ResourceFile::Artifact { name } => Some(Matter::Artifact { name }),
        ResourceFile::Attestation { predicate_type } => Some(Matter::Attestation { predicate_type }),
        ResourceFile::OpenEntry { digest } => Some(Matter::OpenEntry { digest }),
        ResourceFile::Certificate { .. } | ResourceFile::Grant(_) | ResourceFile::Selector { .. } => None,
    }
}

/// Why a file of cases is refused.
#[derive(Debug, thiserror::Error)]
pub enum CaseError {
    /// A file without cases shows nothing.
    #[error("the file holds no case")]
    Empty,
    /// Not JSON of the schema.
    #[error("the file is not a list of cases")]
    Json {
        /// What the parser says.
        source: serde_json::Error,
    },
    /// An action that does not go with that resource or context.
    #[error("the case `{title}` asks what the schema does not know: action, resource and context do not fit")]
    NoSuchQuestion {
        /// The case.
        title: String,
    },
}

impl Coded for CaseError {
    fn code(&self) -> Code {
        match self {
            Self::Empty | Self::Json { .. } | Self::NoSuchQuestion { .. } => Code::PolicyMalformed,
        }
    }
}
