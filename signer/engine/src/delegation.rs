//! Delegation (docs/formats.md F5): recording a grant, and redeeming it for an agent's session, once.

use std::ops::ControlFlow;

use signer_core::crypto;
use signer_core::digest::Digest;
use signer_core::dsse;
use signer_core::grant::{Grant, GrantError};
use signer_core::identity::{ActorClass, Enrolment, Purpose, Subject};
use signer_core::leaf::{AgentName, LeafIdentity, MAX_HOPS};
use signer_core::protocol::{AgentRecord, RedeemGrant, StatementRequest};
use signer_core::reason::Code;
use signer_core::statement::{self, Statement};
use signer_core::time::{Timestamp, Window};
use signer_policy::{GrantFacts, Question};

use crate::answer::Answer;
use crate::engine::Engine;
use crate::event::{EventKind, Occurrence};
use crate::issuing::hop;
use crate::prepared::{Change, Once, Prepared, SigningForm};
use crate::refusal::Refusal;
use crate::session::{Secret, Session, opened};
use crate::signature::{Effect, Entry, Facts, Ruling};
use crate::statements::{read_header, statement_row};
use crate::store::rows::{AgentRow, GrantRow, SessionRow, Write};

/// Most claims a launcher makes of a session.
pub const MAX_CLAIMS: usize = 8;
/// Most bytes of a claim's name or value.
pub const MAX_CLAIM_BYTES: usize = 128;

impl Engine {
    /// Decides about a grant that a session signed.
    pub fn grant(&self, session: &Session, request: &StatementRequest, now: Timestamp) -> Prepared {
        self.granted(session, request, now)
            .unwrap_or_else(|refusal| Prepared::denied(refusal, session.occurrence(EventKind::Denial)))
    }

    fn granted(&self, session: &Session, request: &StatementRequest, now: Timestamp) -> Result<Prepared, Refusal> {
        read_header(request)?;
        let statement = Statement::<Grant>::decode(&request.payload.0)?;
        statement.predicate().scope.check_targets().map_err(GrantError::Scope)?;
        let pae = dsse::pae(&request.payload_type, &request.payload.0);
        let (signature, key) = match self.fresh_statement(session, request, Purpose::Attestation, &pae, now)? {
            ControlFlow::Break(settled) => return Ok(settled),
            ControlFlow::Continue(fresh) => fresh,
        };
        let identity = signature.leaf.identity();
        let grant = statement.predicate();
        let agent = self.grantee(grant)?;
        check_narrowing(session, identity, grant, now)?;
        let rules = self.ask_about_grant(session, identity, grant, &agent)?;
        let entry = Entry::of(&signature)?;
        let row = row_of(&session.row, signature.leaf.digest(), grant, agent, entry.leaf);
        self.check_fits_leaf(session, &row)?;
        let writes = vec![statement_row(&entry, request, &signature), Write::Grant(row)];
        let effect = Effect { kind: EventKind::Grant, form: SigningForm::Grant, writes };
        self.signing(session, &signature, key, entry, Ruling { rules, facts: Facts::default() }, effect)
    }

    fn grantee(&self, grant: &Grant) -> Result<AgentRecord, Refusal> {
        let name = &grant.grantee.agent;
        let unknown = || Refusal::new(Code::AgentUnknown, format!("no agent `{name}` is registered"));
        let agent = self.reader.agent(name)?.ok_or_else(unknown)?;
        if grant.grantee.class.as_ref().is_some_and(|class| *class != agent.class) {
            let message = format!("agent `{name}` is of class `{}`", agent.class);
            return Err(Refusal::new(Code::AgentUnknown, message));
        }
        Ok(agent)
    }

    fn ask_about_grant(
        &self,
        session: &Session,
        identity: &LeafIdentity,
        grant: &Grant,
        agent: &AgentRecord,
    ) -> Result<Vec<String>, Refusal> {
        let facts = GrantFacts {
            grantee: agent.name.clone(),
            class: agent.class.clone(),
            depth: grant.depth,
            purposes: grant.scope.purposes.clone(),
            repositories: grant.scope.repositories.clone(),
            targets: grant.scope.targets.clone(),
        };
        self.ask_to_state(session.subject(), identity, &Question::Grant(facts), statement::GRANT)
    }

    /// A grant whose chain no certificate can carry is refused when it is made, not when it is needed.
    fn check_fits_leaf(&self, session: &Session, row: &GrantRow) -> Result<(), Refusal> {
        let mut hops = self.hops(&session.row.grants)?;
        hops.push(hop(row.clone()));
        let widest = "x".repeat(MAX_CLAIM_BYTES);
        let identity = LeafIdentity {
            class: ActorClass::Agent,
            purpose: Purpose::Attestation,
            agent: Some(AgentName { name: row.agent.name.clone(), class: row.agent.class.clone() }),
            session: widest,
            sponsor: Some(row.sponsor.clone()),
            hops,
            scope: row.scope.clone(),
            enrolment: Enrolment::Grant,
            custody: session.row.custody,
            claims: Vec::new(),
        };
        match identity.to_der() {
            Ok(_) => Ok(()),
            Err(error) => Err(Refusal::new(Code::ScopeElement, error)),
        }
    }

    /// Opens an agent's session for whoever has a grant's code, once and inside its window.
    ///
    /// Nobody is authenticated here, so only refusals to somebody who has the code are recorded.
    pub fn redeem_grant(&self, request: &RedeemGrant, now: Timestamp) -> Prepared {
        match self.redeemable(request) {
            Err(refusal) => Prepared::refused(refusal),
            Ok(row) => {
                let denial = Occurrence::new(EventKind::Denial, &row.actor).about(row.leaf);
                self.redeemed(request, row, now).unwrap_or_else(|refusal| Prepared::denied(refusal, denial))
            }
        }
    }

    fn redeemable(&self, request: &RedeemGrant) -> Result<GrantRow, Refusal> {
        let row = self.reader.grant(&request.grant)?;
        let code = self.authorities.redemption_code(&request.grant);
        // The same answer and the same work for an unknown grant and a wrong code.
        match (crypto::equal(code.as_bytes(), request.redemption.as_bytes()), row) {
            (true, Some(row)) => Ok(row),
            (false, _) | (true, None) => {
                Err(Refusal::new(Code::IssueGrantUnknown, "no such grant, or the redemption code is wrong"))
            }
        }
    }

    fn redeemed(&self, request: &RedeemGrant, grant: GrantRow, now: Timestamp) -> Result<Prepared, Refusal> {
        check_claims(&request.claims)?;
        if grant.redeemed.is_some() {
            return Err(Refusal::new(Code::IssueGrantRedeemed, "the grant was redeemed already"));
        }
        if !grant.window.contains(now) {
            let Window { start, end } = grant.window;
            let message = format!("the grant holds from {start} to {end}, and it is {now} by the engine's clock");
            return Err(Refusal::new(Code::IssueGrantExpired, message));
        }
        let secret = Secret::generate()?;
        // A sub-agent's name is its own; whose sub-agent it is stands in the hops.
        let subject = Subject::agent(&self.deployment.trust_domain, &grant.agent.name, &secret.session)
            .map_err(|error| Refusal::new(Code::IssueBadIdentity, error))?;
        let row = SessionRow {
            id: secret.session.clone(),
            credential: Digest::of(secret.credential.as_bytes()),
            subject,
            grants: grant.parents.iter().copied().chain([grant.leaf]).collect(),
            agent: Some(grant.agent),
            sponsor: grant.sponsor,
            scope: grant.scope,
            custody: request.custody,
            claims: request.claims.clone(),
            window: grant.window,
            prompt: None,
        };
        self.check_session_stands(&row)?;
        Ok(Prepared::change(Change {
            once: vec![Once::Redemption(grant.leaf)],
            unanswered: None,
            window: row.window,
            late: Code::IssueGrantExpired,
            occurrence: Occurrence::new(EventKind::Redemption, &row.subject).in_session(&row.id).about(grant.leaf),
            answer: Answer::Session(opened(&row, secret.credential)),
            writes: vec![Write::Session(row), Write::Redemption { grant: grant.leaf, session: secret.session }],
        }))
    }
}

/// What is kept of a grant that `giver` signed under `certificate`.
pub(crate) fn row_of(
    giver: &SessionRow,
    certificate: Digest,
    grant: &Grant,
    agent: AgentRecord,
    leaf: Digest,
) -> GrantRow {
    GrantRow {
        leaf,
        actor: giver.subject.clone(),
        class: if giver.agent.is_some() { ActorClass::Agent } else { ActorClass::Person },
        certificate,
        agent: AgentRow { name: agent.name, class: agent.class },
        sponsor: agent.sponsor,
        scope: grant.scope.clone(),
        window: grant.window,
        depth: grant.depth,
        parents: giver.grants.clone(),
        redeemed: None,
    }
}

/// Whoever acts under a grant gives on less than it got: scope, window and depth (attacks AGT-03, AGT-04, AGT-06).
fn check_narrowing(session: &Session, identity: &LeafIdentity, grant: &Grant, now: Timestamp) -> Result<(), Refusal> {
    if grant.window.end <= now {
        let message = format!("the grant ended at {}, and it is {now} by the engine's clock", grant.window.end);
        return Err(Refusal::new(Code::IssueGrantExpired, message));
    }
    if !identity.scope.encloses(&grant.scope) {
        return Err(Refusal::new(Code::ScopeNotNarrower, "the grant allows more than its giver may do"));
    }
    let Some(own) = identity.hops.last() else { return Ok(()) };
    if identity.hops.len() >= MAX_HOPS || own.depth == 0 || grant.depth >= own.depth {
        let message = format!("the giver's own grant allows {} further hops", own.depth);
        return Err(Refusal::new(Code::AgentHops, message));
    }
    if !own.window.encloses(&grant.window) || session.row.window.end < grant.window.end {
        return Err(Refusal::new(Code::ScopeNotNarrower, "the grant outlives the one it rests on"));
    }
    Ok(())
}

/// Claims are shown to people and go into certificates: few, short, printable.
fn check_claims(claims: &[(String, String)]) -> Result<(), Refusal> {
    let printable = |text: &str| {
        !text.is_empty() && text.len() <= MAX_CLAIM_BYTES && text.bytes().all(|b| b == b' ' || b.is_ascii_graphic())
    };
    if claims.len() > MAX_CLAIMS || !claims.iter().all(|(name, value)| printable(name) && printable(value)) {
        let message = format!("at most {MAX_CLAIMS} claims of at most {MAX_CLAIM_BYTES} printable bytes are allowed");
        return Err(Refusal::new(Code::RequestMalformed, message));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
