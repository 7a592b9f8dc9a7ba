//! Signs statements: prompts, artifacts, evidence, and grants.

use signer_core::crypto::SignP256;
use signer_core::grant::Grant;
use signer_core::identity::Purpose;
use signer_core::protocol::{Base64, Countersignature, StatementRequest};
use signer_core::revocation::Revocation;
use signer_core::statement::{self, Header, Statement};
use signer_core::{dsse, oracle};
use signer_wire::bytes::Bytes;
use signer_wire::escape::visible;
use signer_wire::message::{CreateGrant, GrantCreated, SignStatement, StatementPurpose, StatementSigned};
use zeroize::Zeroizing;

use std::sync::Arc;

use crate::broker::{Broker, Signer};
use crate::error::BrokerError;
use crate::evidence::{self, Claims};
use crate::grant_memory::Redeemable;
use crate::identity::{CertifiedKey, with_fresh_certificate};

/// Most characters of a summary in a question.
const MAX_SHOWN: usize = 400;

/// A statement under its signature, before the engine has seen it.
struct Draft {
    key: Arc<CertifiedKey>,
    request: StatementRequest,
}

impl Broker {
    /// Signs a statement in the caller's name.
    pub(crate) fn sign_statement(&self, pid: u32, request: &SignStatement) -> Result<StatementSigned, BrokerError> {
        let caller = self.attribute(pid, request.session.as_ref())?;
        let candidate = self.candidate(caller, pid, request.owner.as_ref())?;
        let purpose = purpose_of(request.purpose, &request.payload.0)?;
        let revocation = revocation(&request.payload.0)?;
        // What is revoked is read from what is signed: a summary may say anything.
        let question = || match &revocation {
            Some(said) => format!(
                "a revocation: {} {} ({})",
                said.action,
                visible(&said.selector.to_string(), MAX_SHOWN),
                said.cause
            ),
            None => format!("a statement: {}", visible(&request.summary, MAX_SHOWN)),
        };
        let signer = self.confirm(candidate, request.owner.as_ref(), question)?;
        let (engine, identity) = (self.engines.engine()?, signer.identity());
        let (draft, answer) = with_fresh_certificate(|| {
            let draft = self.sign_payload(&signer, purpose, &request.payload_type, &request.payload.0)?;
            let (credential, owner) = (&identity.credential, signer.presence.owner());
            let answer = match &revocation {
                Some(_) => engine.revoke(credential, owner, &draft.request),
                None => engine.statement(credential, owner, &draft.request),
            };
            Ok((draft, identity.answered(purpose, answer)?))
        })?;
        self.finish(&signer, draft, answer)
    }

    /// Signs and records a grant of the person who is logged in. The code that redeems it stays here.
    pub(crate) fn create_grant(&self, pid: u32, request: &CreateGrant) -> Result<GrantCreated, BrokerError> {
        let candidate = self.person_candidate(self.outside(pid)?)?;
        oracle::refuse_foreign_form(&request.payload.0)?;
        let statement: Statement<Grant> = Statement::decode(&request.payload.0)?;
        let grant = statement.predicate();
        let (agent, scope) = (grant.grantee.agent.clone(), grant.scope.clone());
        let signer = self.confirm(candidate, request.owner.as_ref(), || shown(grant))?;
        let (engine, identity, purpose) = (self.engines.engine()?, signer.identity(), Purpose::Attestation);
        let (draft, recorded) = with_fresh_certificate(|| {
            let draft = self.sign_payload(&signer, purpose, &request.payload_type, &request.payload.0)?;
            let recorded = engine.grant(&identity.credential, signer.presence.owner(), &draft.request);
            Ok((draft, identity.answered(purpose, recorded)?))
        })?;
        let redemption = Zeroizing::new(recorded.redemption);
        let statement = self.finish(&signer, draft, recorded.countersignature)?;
        self.grants.keep(Redeemable { grant: recorded.grant, agent, scope, redemption });
        Ok(GrantCreated { grant: recorded.grant.to_string(), statement })
    }

    fn sign_payload(
        &self,
        signer: &Signer,
        purpose: Purpose,
        payload_type: &str,
        payload: &[u8],
    ) -> Result<Draft, BrokerError> {
        let engine = self.engines.engine()?;
        let key = signer.identity().key(&engine, purpose, &signer.presence, self.now())?;
        let signature = key.key.sign_p256(&dsse::pae(payload_type, payload))?;
        let request = StatementRequest {
            payload_type: payload_type.to_owned(),
            payload: Base64(payload.to_vec()),
            signature: Base64(signature),
            certificate: Base64(key.leaf.der().to_vec()),
            newest_checkpoint: self.checkpoint.newest(),
        };
        Ok(Draft { key, request })
    }

    fn finish(&self, signer: &Signer, draft: Draft, answer: Countersignature) -> Result<StatementSigned, BrokerError> {
        let claims = Claims { identity: signer.identity(), signer: &draft.key, provenance: None };
        let (evidence, size, note) = evidence::check(answer, &claims)?;
        self.checkpoint.saw(size, note)?;
        Ok(StatementSigned {
            signature: Bytes(draft.request.signature.0),
            certificate: Bytes(draft.request.certificate.0),
            token: Bytes(evidence.token),
            entry: Bytes(evidence.entry),
            decision: Bytes(evidence.decision),
            foreign: evidence.foreign.map(Bytes),
        })
    }
}

/// The purpose asked for, which must be the one that signs statements of this type. A grant has its own request.
fn purpose_of(asked: StatementPurpose, payload: &[u8]) -> Result<Purpose, BrokerError> {
    oracle::refuse_foreign_form(payload)?;
    let purpose = match asked {
        StatementPurpose::Prompt => Purpose::Prompt,
        StatementPurpose::Artifact => Purpose::Artifact,
        StatementPurpose::Attestation => Purpose::Attestation,
    };
    let header = Header::read(payload)?;
    let predicate = header.predicate_type();
    if predicate == statement::GRANT || statement::purpose_of(predicate) != Some(purpose) {
        return Err(BrokerError::PurposeMismatch { predicate: predicate.to_owned(), purpose });
    }
    Ok(purpose)
}

/// What a statement revokes, where it is a revocation.
fn revocation(payload: &[u8]) -> Result<Option<Revocation>, BrokerError> {
    if Header::read(payload)?.predicate_type() != statement::REVOCATION {
        return Ok(None);
    }
    Ok(Some(Statement::<Revocation>::decode(payload)?.predicate().clone()))
}

/// What a person is asked to grant.
fn shown(grant: &Grant) -> String {
    let list = |values: &[String]| visible(&values.join(", "), MAX_SHOWN);
    let scope = &grant.scope;
    format!(
        "a grant to agent {} until {}\n  repositories: {}\n  targets: {}\n  paths: {}",
        grant.grantee.agent,
        grant.window.end,
        list(&scope.repositories),
        list(&scope.targets),
        list(&scope.paths)
    )
}
