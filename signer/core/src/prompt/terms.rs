//! What is signed about a prompt: the predicate of its statement.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{MAX_TEXT, PromptError, UntrustedPrompt};
use crate::anchor::RepositoryId;
use crate::digest::Digest;
use crate::git_name::{CommitId, RefName};
use crate::identity::Name;
use crate::nonce::Nonce;
use crate::statement::{self, Predicate, Resource, Statement};
use crate::time::Timestamp;

/// Most segments of one prompt.
const MAX_SEGMENTS: usize = 1024;
/// Most parameters of one prompt.
const MAX_PARAMETERS: usize = 64;
/// Most bytes of a model's or session's name.
const MAX_LABEL: usize = 256;

/// The predicate of a prompt.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PromptTerms {
    /// The work it is for.
    pub binding: Binding,
    /// The model it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Digest of the tool set it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tools: Option<Digest>,
    /// Digest of the template it was made from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<Digest>,
    /// Digests of the template's parameters; their values stand in the text as data.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub parameters: BTreeMap<Name, Digest>,
    /// How far each part of the text is to be trusted, without gap or overlap.
    pub segments: Vec<Segment>,
    /// The first second it may no longer be accepted.
    pub expires: Timestamp,
    /// Makes it acceptable once.
    pub nonce: Nonce,
    /// Leaf hash of the prompt before it in the chain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<Digest>,
}

/// The work a prompt is for. What is absent is not bound.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Binding {
    /// The repository.
    pub repository: RepositoryId,
    /// The protected ref the work is meant for.
    pub target: RefName,
    /// The commit the work starts from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<CommitId>,
    /// The session that may accept it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
}

/// Bytes `start..end` of the text.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Segment {
    /// How far they are to be trusted.
    pub trust: SegmentTrust,
    /// First byte.
    pub start: u32,
    /// First byte after.
    pub end: u32,
}

/// How far a part of a prompt is to be trusted.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SegmentTrust {
    /// An instruction of the signer.
    Directive,
    /// An instruction of a template's owner.
    Template,
    /// Material to work on, never an instruction.
    Data,
}

impl Segment {
    /// One segment over the whole prompt.
    pub fn whole(prompt: &UntrustedPrompt, trust: SegmentTrust) -> Self {
        // INVARIANT: a prompt has at most 1 MiB.
        Self { trust, start: 0, end: u32::try_from(prompt.length()).unwrap_or(u32::MAX) }
    }
}

impl PromptTerms {
    /// The statement about `prompt`, which is called `name`.
    ///
    /// Fails where the terms are not acceptable, do not fit the text, or the text holds hidden characters.
    pub fn into_statement(self, name: &str, prompt: &UntrustedPrompt) -> Result<Statement<Self>, PromptError> {
        prompt.refuse_hidden()?;
        prompt.check_segments(&self)?;
        Statement::new(vec![Resource { name: name.to_owned(), sha256: prompt.digest() }], self)
    }

    /// Fails from the second of expiry on.
    pub fn check_time(&self, now: Timestamp) -> Result<(), PromptError> {
        if now < self.expires { Ok(()) } else { Err(PromptError::Expired { expires: self.expires }) }
    }

    /// Fails where the prompt is bound to other work than `place`. A member bound to something needs exactly that.
    pub fn check_binding(&self, place: &Binding) -> Result<(), PromptError> {
        let bound = &self.binding;
        let member = if bound.repository != place.repository {
            "repository"
        } else if bound.target != place.target {
            "target"
        } else if bound.base.is_some() && bound.base != place.base {
            "base"
        } else if bound.session.is_some() && bound.session != place.session {
            "session"
        } else {
            return Ok(());
        };
        Err(PromptError::Binding { member })
    }

    fn check_tiling(&self) -> Result<(), PromptError> {
        let limit = u32::try_from(MAX_TEXT).unwrap_or(u32::MAX);
        if self.segments.is_empty() || self.segments.len() > MAX_SEGMENTS {
            return Err(PromptError::Segments);
        }
        let mut reached = 0;
        for segment in &self.segments {
            if segment.start != reached || segment.end <= segment.start || segment.end > limit {
                return Err(PromptError::Segments);
            }
            reached = segment.end;
        }
        Ok(())
    }
}

impl Predicate for PromptTerms {
    type Error = PromptError;
    const TYPE: &'static str = statement::PROMPT;
    const MAX_BYTES: usize = 128 * 1024;

    fn check(&self, subjects: &[Resource]) -> Result<(), PromptError> {
        statement::sole_subject(subjects)?;
        let readable =
            |label: &str| matches!(label.len(), 1..=MAX_LABEL) && label.bytes().all(|b| b.is_ascii_graphic());
        if self.model.as_ref().is_some_and(|model| !readable(model)) {
            return Err(PromptError::Terms { member: "model" });
        }
        if self.binding.session.as_ref().is_some_and(|session| !readable(session)) {
            return Err(PromptError::Terms { member: "session" });
        }
        if self.parameters.len() > MAX_PARAMETERS || (self.template.is_none() && !self.parameters.is_empty()) {
            return Err(PromptError::Terms { member: "parameters" });
        }
        self.check_tiling()
    }
}
