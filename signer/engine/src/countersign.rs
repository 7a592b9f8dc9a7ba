//! Countersigning commits and tags (docs/formats.md F3). The engine computes every digest itself and never countersigns
//! one it did not compute.

use std::ops::ControlFlow;
use std::sync::Arc;

use signer_core::attributes::SignedAttributes;
use signer_core::change::{ChangeError, ChangeList};
use signer_core::digest::Digest;
use signer_core::identity::Purpose;
use signer_core::protocol::{Base64, CountersignRequest};
use signer_core::provenance::{CommitProvenance, Counts, Provenance, TagProvenance};
use signer_core::reason::Code;
use signer_core::rights;
use signer_core::time::Timestamp;
use signer_policy::{ChangeFacts, Matter, Question};

use crate::engine::Engine;
use crate::event::EventKind;
use crate::prepared::{Prepared, SigningForm};
use crate::refusal::Refusal;
use crate::session::Session;
use crate::signature::{Effect, Entry, Facts, Ruling, Signature, refused_signature};

impl Engine {
    /// Decides about a commit or tag that a session signed.
    pub fn countersign(&self, session: &Session, request: &CountersignRequest, now: Timestamp) -> Prepared {
        self.countersigned(session, request, now)
            .unwrap_or_else(|refusal| Prepared::denied(refusal, session.occurrence(EventKind::Denial)))
    }

    fn countersigned(
        &self,
        session: &Session,
        request: &CountersignRequest,
        now: Timestamp,
    ) -> Result<Prepared, Refusal> {
        self.check_seen(request.newest_checkpoint.as_deref())?;
        let known = self.own_leaf(session, &request.certificate.0, Purpose::Commit)?;
        let attributes = SignedAttributes::parse(&request.signed_attributes.0)?;
        if *attributes.certificate_digest() != known.leaf.digest() {
            return Err(Refusal::new(Code::CmsEss, "the signing-certificate attribute names another certificate"));
        }
        let leaf = Arc::clone(&known.leaf);
        let signature = Signature { leaf, bytes: attributes.der(), value: &request.signature.0 };
        known
            .key
            .verify(signature.bytes, signature.value)
            .map_err(|error| refused_signature(error, Code::CmsSignatureInvalid))?;
        let key = match self.answered(signature.key())? {
            ControlFlow::Break(answer) => return Ok(Prepared::settled(answer)),
            ControlFlow::Continue(key) => key,
        };
        self.check_valid_at(&signature, now)?;
        let provenance = Provenance::decode(attributes.provenance_bytes())
            .map_err(|error| Refusal::new(Code::CmsProvenance, error))?;
        let ruling = match (&provenance, &request.change_list) {
            (Provenance::Commit(commit), Some(Base64(list))) => self.judge_commit(session, &signature, commit, list)?,
            (Provenance::Tag(tag), None) => self.judge_tag(session, &signature, tag)?,
            (Provenance::Commit(_), None) => {
                return Err(Refusal::new(Code::RequestMalformed, "a commit comes with its change list"));
            }
            (Provenance::Tag(_), Some(_)) => {
                return Err(Refusal::new(Code::RequestMalformed, "a tag has no change list"));
            }
        };
        let entry = Entry::of(&signature)?;
        let form = SigningForm::Countersignature;
        let effect = Effect { kind: EventKind::Countersignature, form, writes: Vec::new() };
        self.signing(session, &signature, key, entry, ruling, effect)
    }

    fn judge_commit(
        &self,
        session: &Session,
        signature: &Signature<'_>,
        commit: &CommitProvenance,
        list: &[u8],
    ) -> Result<Ruling, Refusal> {
        let identity = signature.leaf.identity();
        check_grant(session, commit.grant)?;
        check_prompt(session, commit.prompt)?;
        let changes = ChangeList::decode(list).map_err(|error| refused_list(&error))?;
        // The list has one encoding, so the digest of what came is the digest of what was read.
        if Digest::of(list) != commit.change {
            return Err(Refusal::new(Code::ScopeClaimMismatch, "the change list does not hash to `change`"));
        }
        if Counts::of(&changes) != commit.counts {
            return Err(Refusal::new(Code::ScopeClaimMismatch, "the change list does not hold what `counts` says"));
        }
        rights::check_commit(identity, commit, &changes)?;
        let matter = Matter::Change(ChangeFacts::new(commit, &changes, &identity.scope));
        let rules = self.ask(session.subject(), identity, &Question::Countersign(matter))?;
        let facts = Facts {
            repository: Some(commit.repository.clone()),
            target: Some(commit.target.clone()),
            change: Some(commit.change),
            prompt: commit.prompt,
        };
        Ok(Ruling { rules, facts })
    }

    fn judge_tag(&self, session: &Session, signature: &Signature<'_>, tag: &TagProvenance) -> Result<Ruling, Refusal> {
        let identity = signature.leaf.identity();
        check_grant(session, tag.grant)?;
        rights::check_tag(identity, tag)?;
        let matter = Matter::Tag { repository: tag.repository.clone(), name: tag.name.clone() };
        let rules = self.ask(session.subject(), identity, &Question::Countersign(matter))?;
        Ok(Ruling { rules, facts: Facts { repository: Some(tag.repository.clone()), ..Facts::default() } })
    }
}

fn check_grant(session: &Session, named: Option<Digest>) -> Result<(), Refusal> {
    if named == session.row.grants.last().copied() {
        Ok(())
    } else {
        Err(Refusal::new(Code::SignGrantMismatch, "the grant named is not the one this session acts under"))
    }
}

fn check_prompt(session: &Session, named: Option<Digest>) -> Result<(), Refusal> {
    match (named, session.row.prompt) {
        (named, head) if named == head => Ok(()),
        (Some(named), _) => {
            let message = format!("prompt `{named}` is not the newest this session accepted");
            Err(Refusal::new(Code::PromptNotAccepted, message))
        }
        (None, _) => Err(Refusal::new(Code::SignGrantMismatch, "the session accepted a prompt that is not named")),
    }
}

fn refused_list(error: &ChangeError) -> Refusal {
    let code = match error {
        ChangeError::TooLarge { .. } | ChangeError::TooManyEntries { .. } => Code::LimitChangeList,
        ChangeError::Malformed | ChangeError::NotSorted | ChangeError::PathLength => Code::ScopeClaimMismatch,
    };
    Refusal::new(code, error)
}

#[cfg(test)]
mod tests;
