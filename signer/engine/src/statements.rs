//! Countersigning statements (docs/formats.md F4): prompts, artifacts, attestations. Grants have their own way in,
//! `delegation.rs`.

use std::ops::ControlFlow;
use std::sync::Arc;

use signer_core::digest::Digest;
use signer_core::dsse;
use signer_core::identity::Purpose;
use signer_core::oracle;
use signer_core::protocol::StatementRequest;
use signer_core::reason::Code;
use signer_core::rights;
use signer_core::scope::Scope;
use signer_core::statement::{self, Header};
use signer_core::time::Timestamp;
use signer_policy::{Matter, Question, ScopeFacts};

use crate::engine::Engine;
use crate::event::EventKind;
use crate::prepared::{Prepared, SigningForm};
use crate::refusal::Refusal;
use crate::session::Session;
use crate::signature::{Effect, Entry, Facts, Ruling, Signature, Unanswered, refused_signature};
use crate::store::rows::{PromptRow, StatementRow, Write};

impl Engine {
    /// Decides about a statement that a session signed.
    pub fn statement(&self, session: &Session, request: &StatementRequest, now: Timestamp) -> Prepared {
        self.stated(session, request, now)
            .unwrap_or_else(|refusal| Prepared::denied(refusal, session.occurrence(EventKind::Denial)))
    }

    fn stated(&self, session: &Session, request: &StatementRequest, now: Timestamp) -> Result<Prepared, Refusal> {
        let header = read_header(request)?;
        let kind = header.predicate_type();
        if kind == statement::GRANT || kind == statement::REVOCATION {
            let message = "a grant is recorded as a grant, a revocation as a revocation, not as a statement";
            return Err(Refusal::new(Code::IntotoPredicateType, message));
        }
        let Some(purpose) = statement::purpose_of(kind) else {
            let message = format!("no certificate signs statements of type `{kind}`");
            return Err(Refusal::new(Code::IntotoPredicateType, message));
        };
        let pae = dsse::pae(&request.payload_type, &request.payload.0);
        let (signature, key) = match self.fresh_statement(session, request, purpose, &pae, now)? {
            ControlFlow::Break(settled) => return Ok(settled),
            ControlFlow::Continue(fresh) => fresh,
        };
        let identity = signature.leaf.identity();
        let entry = Entry::of(&signature)?;
        let prompt = match purpose {
            Purpose::Prompt => Some(self.prompt_row(session, &request.payload.0, entry.leaf, now)?),
            Purpose::Artifact | Purpose::Attestation | Purpose::Commit | Purpose::Open => None,
        };
        let matter = matter(&header, purpose, &identity.scope, prompt.as_ref());
        let rules = self.ask(session.subject(), identity, &Question::Countersign(matter))?;
        let facts = Facts {
            repository: prompt.as_ref().map(|prompt| prompt.repository.clone()),
            target: prompt.as_ref().map(|prompt| prompt.target.clone()),
            change: None,
            prompt: session.row.prompt,
        };
        let writes =
            [statement_row(&entry, request, &signature)].into_iter().chain(prompt.map(Write::Prompt)).collect();
        let form = SigningForm::Countersignature;
        let effect = Effect { kind: EventKind::Countersignature, form, writes };
        self.signing(session, &signature, key, entry, Ruling { rules, facts }, effect)
    }

    /// The signature over the statement's encoding, valid now; or what was answered to the same request before.
    pub(crate) fn fresh_statement<'a>(
        &self,
        session: &Session,
        request: &'a StatementRequest,
        purpose: Purpose,
        pae: &'a [u8],
        now: Timestamp,
    ) -> Result<ControlFlow<Prepared, (Signature<'a>, Unanswered)>, Refusal> {
        let signature = self.statement_signature(session, request, purpose, pae)?;
        let key = match self.answered(signature.key())? {
            ControlFlow::Break(answer) => return Ok(ControlFlow::Break(Prepared::settled(answer))),
            ControlFlow::Continue(key) => key,
        };
        self.check_valid_at(&signature, now)?;
        rights::check_purpose(signature.leaf.identity())?;
        Ok(ControlFlow::Continue((signature, key)))
    }

    /// The signature over the statement's encoding, under the session's own certificate.
    fn statement_signature<'a>(
        &self,
        session: &Session,
        request: &'a StatementRequest,
        purpose: Purpose,
        pae: &'a [u8],
    ) -> Result<Signature<'a>, Refusal> {
        self.check_seen(request.newest_checkpoint.as_deref())?;
        let known = self.own_leaf(session, &request.certificate.0, purpose)?;
        let signature = Signature { leaf: Arc::clone(&known.leaf), bytes: pae, value: &request.signature.0 };
        known.key.verify(pae, signature.value).map_err(|error| refused_signature(error, Code::DsseSignatureInvalid))?;
        Ok(signature)
    }
}

/// What policy is asked about.
fn matter(header: &Header, purpose: Purpose, scope: &Scope, prompt: Option<&PromptRow>) -> Matter {
    match (prompt, purpose) {
        (Some(prompt), _) => Matter::Prompt {
            repository: prompt.repository.clone(),
            scope: ScopeFacts::of(scope, &prompt.repository, &prompt.target),
        },
        (None, Purpose::Artifact) => {
            let first = header.subjects().first();
            Matter::Artifact { name: first.map(|subject| subject.name.clone()).unwrap_or_default() }
        }
        (None, Purpose::Attestation | Purpose::Commit | Purpose::Open | Purpose::Prompt) => {
            Matter::Attestation { predicate_type: header.predicate_type().to_owned() }
        }
    }
}

/// The statement's header: payload type, form and subjects are ours.
pub(crate) fn read_header(request: &StatementRequest) -> Result<Header, Refusal> {
    if request.payload_type != dsse::PAYLOAD_TYPE {
        let message = format!("the payload type is `{}`", request.payload_type);
        return Err(Refusal::new(Code::DssePayloadType, message));
    }
    oracle::refuse_foreign_form(&request.payload.0)?;
    Ok(Header::read(&request.payload.0)?)
}

/// The row that keeps a statement beside its entry.
pub(crate) fn statement_row(entry: &Entry, request: &StatementRequest, signature: &Signature<'_>) -> Write {
    Write::Statement(StatementRow {
        leaf: entry.leaf,
        payload_type: request.payload_type.clone(),
        payload: request.payload.0.clone(),
        signature: request.signature.0.clone(),
        certificate: Digest::of(signature.leaf.der()),
    })
}

#[cfg(test)]
mod tests;
