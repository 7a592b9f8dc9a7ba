//! Issuing leaves (docs/formats.md F2): one key, one certificate, one purpose, ten minutes.

use std::ops::ControlFlow;
use std::sync::Arc;

use signer_core::crypto::{self, P256Public};
use signer_core::csr;
use signer_core::digest::Digest;
use signer_core::identity::{ActorClass, Enrolment};
use signer_core::issue::LeafRequest;
use signer_core::leaf::{AgentName, Claim, ClaimSource, Hop, LeafIdentity};
use signer_core::profile::LEAF_LIFETIME;
use signer_core::protocol::{Base64, CertificateIssued, CertificateRequest, Presence};
use signer_core::reason::Code;
use signer_core::time::{Timestamp, Window};
use signer_policy::Question;

use crate::answer::Answer;
use crate::engine::Engine;
use crate::event::EventKind;
use crate::prepared::{Change, Once, Prepared};
use crate::refusal::Refusal;
use crate::session::{Session, internal};
use crate::store::StoreError;
use crate::store::rows::{CertificateRow, GrantRow, Write};

impl Engine {
    /// Decides about a certificate. `presence` is what the caller could establish, never what the request merely says:
    /// [`Presence::OwnerCredential`] only where the credential was checked.
    pub fn issue_certificate(
        &self,
        session: &Session,
        request: &CertificateRequest,
        presence: Option<Presence>,
        now: Timestamp,
    ) -> Prepared {
        self.certificate(session, request, presence, now)
            .unwrap_or_else(|refusal| Prepared::denied(refusal, session.occurrence(EventKind::Denial)))
    }

    fn certificate(
        &self,
        session: &Session,
        request: &CertificateRequest,
        presence: Option<Presence>,
        now: Timestamp,
    ) -> Result<Prepared, Refusal> {
        let key = csr::parse(&request.csr.0)?;
        let answer_key = Digest::of_parts(&[session.row.id.as_bytes(), &request.csr.0]);
        let unanswered = match self.answered(answer_key)? {
            ControlFlow::Break(answer) => return Ok(Prepared::settled(answer)),
            ControlFlow::Continue(unanswered) => unanswered,
        };
        let enrolment = enrolment(session, presence)?;
        let identity = self.leaf_identity(session, request, enrolment)?;
        let scope_allows_purpose = identity.scope.purposes.contains(&request.purpose);
        if !scope_allows_purpose {
            let message = format!("the session's scope does not hold the purpose {}", request.purpose);
            return Err(Refusal::new(Code::IssuePurpose, message));
        }
        let question = Question::Issue { purpose: request.purpose, scope_allows_purpose };
        self.ask(session.subject(), &identity, &question)?;
        let der = self.certify(session, &identity, &key, now)?;
        let row = CertificateRow {
            digest: Digest::of(&der),
            session: session.row.id.clone(),
            key: Digest::of(key.point()),
            der: der.clone(),
        };
        let chain = vec![Base64(self.authorities.issuing.certificate.clone()), Base64(self.authorities.root.clone())];
        Ok(Prepared::change(Change {
            once: vec![Once::Answer(answer_key), Once::Key(row.key)],
            unanswered: Some(unanswered),
            window: session.row.window,
            late: Code::AgentSessionUnknown,
            occurrence: session.occurrence(EventKind::Issuance).about(row.digest),
            writes: vec![Write::Certificate(row)],
            answer: Answer::Certificate(CertificateIssued { certificate: Base64(der), chain }),
        }))
    }

    fn certify(
        &self,
        session: &Session,
        identity: &LeafIdentity,
        key: &P256Public,
        now: Timestamp,
    ) -> Result<Vec<u8>, Refusal> {
        let request = LeafRequest {
            subject: session.subject(),
            identity,
            public_key: key,
            window: Window { start: now, end: now.plus(LEAF_LIFETIME).min(session.row.window.end) },
            serial: crypto::random().map_err(internal)?,
            issuer_url: &self.deployment.issuer_url,
        };
        let name = Digest::of_parts(&[session.row.id.as_bytes(), identity.purpose.to_string().as_bytes()]);
        let known = self.forms.find(&name).filter(|form| form.is_of(&request));
        let form = if let Some(form) = known {
            form
        } else {
            let form = Arc::new(self.authorities.form(&request)?);
            self.forms.keep(name, Arc::clone(&form));
            form
        };
        Ok(self.authorities.leaf_of(&form, &request, now)?)
    }

    fn leaf_identity(
        &self,
        session: &Session,
        request: &CertificateRequest,
        enrolment: Enrolment,
    ) -> Result<LeafIdentity, Refusal> {
        let row = &session.row;
        let agent = row.agent.as_ref();
        Ok(LeafIdentity {
            class: session.class(),
            purpose: request.purpose,
            agent: agent.map(|agent| AgentName { name: agent.name.clone(), class: agent.class.clone() }),
            session: row.id.clone(),
            sponsor: agent.map(|_| row.sponsor.clone()),
            hops: self.hops(&row.grants)?,
            scope: row.scope.clone(),
            enrolment,
            custody: row.custody,
            claims: row.claims.iter().map(launcher_claim).collect(),
        })
    }

    /// One hop per grant, root first.
    pub(crate) fn hops(&self, grants: &[Digest]) -> Result<Vec<Hop>, Refusal> {
        let mut hops = Vec::with_capacity(grants.len());
        for leaf in grants {
            let hop = if let Some(hop) = self.hops.find(leaf) {
                hop
            } else {
                let row = self.reader.grant(leaf)?.ok_or(StoreError::Corrupt { table: "sessions" })?;
                let hop = hop(row);
                self.hops.keep(*leaf, hop.clone());
                hop
            };
            hops.push(hop);
        }
        Ok(hops)
    }
}

/// A grant as a leaf names it.
pub(crate) fn hop(row: GrantRow) -> Hop {
    Hop {
        actor: row.actor,
        class: row.class,
        certificate: row.certificate,
        grant: row.leaf,
        scope: row.scope,
        window: row.window,
        depth: row.depth,
    }
}

fn launcher_claim((name, value): &(String, String)) -> Claim {
    Claim { name: name.clone(), value: value.clone(), source: ClaimSource::Launcher }
}

/// How the engine knows whom it issues to. A person proves presence for every certificate; an agent cannot.
fn enrolment(session: &Session, presence: Option<Presence>) -> Result<Enrolment, Refusal> {
    match (session.class(), presence) {
        (ActorClass::Person, Some(Presence::Terminal)) => Ok(Enrolment::Terminal),
        (ActorClass::Person, Some(Presence::OwnerCredential)) => Ok(Enrolment::OwnerCredential),
        (ActorClass::Person, None) => {
            Err(Refusal::new(Code::AgentPresence, "a person's certificate needs proof of presence"))
        }
        (ActorClass::Agent | ActorClass::Workload, None) => Ok(Enrolment::Grant),
        (ActorClass::Agent | ActorClass::Workload, Some(_)) => {
            Err(Refusal::new(Code::AgentCallerNotPerson, "an agent session has no person's presence"))
        }
    }
}

#[cfg(test)]
mod tests;
