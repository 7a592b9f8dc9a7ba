//! Revoking (docs/formats.md F16): recording that something no longer counts, refusing what rests on it, and telling what
//! a revocation would touch.

use std::ops::ControlFlow;

use signer_core::dsse;
use signer_core::identity::Purpose;
use signer_core::protocol::{StatementRequest, Touched, TouchedSession};
use signer_core::reason::Code;
use signer_core::revocation::{Action, Cause, Chain, Revocation, Selector, SelectorKind};
use signer_core::statement::{self, Statement};
use signer_core::time::Timestamp;
use signer_policy::Question;

use crate::engine::Engine;
use crate::event::EventKind;
use crate::prepared::{Prepared, SigningForm};
use crate::refusal::Refusal;
use crate::session::Session;
use crate::signature::{Effect, Entry, Facts, Ruling, Signature};
use crate::standing::chain_of;
use crate::statements::{read_header, statement_row};
use crate::store::rows::{RevocationRow, SessionRow, Wanted, Write};

/// Most sessions that are listed of those a revocation touches.
pub const MAX_TOUCHED: u64 = 10_000;

impl Engine {
    /// Decides about a revocation that a session signed.
    pub fn revoke(&self, session: &Session, request: &StatementRequest, now: Timestamp) -> Prepared {
        self.revoked(session, request, now)
            .unwrap_or_else(|refusal| Prepared::denied(refusal, session.occurrence(EventKind::Denial)))
    }

    fn revoked(&self, session: &Session, request: &StatementRequest, now: Timestamp) -> Result<Prepared, Refusal> {
        read_header(request)?;
        let statement = Statement::<Revocation>::decode(&request.payload.0)?;
        let pae = dsse::pae(&request.payload_type, &request.payload.0);
        let (signature, key) = match self.fresh_statement(session, request, Purpose::Attestation, &pae, now)? {
            ControlFlow::Break(settled) => return Ok(settled),
            ControlFlow::Continue(fresh) => fresh,
        };
        let identity = signature.leaf.identity();
        let revocation = statement.predicate();
        self.check_known(&revocation.selector)?;
        self.check_follows(revocation)?;
        let selector = &revocation.selector;
        let question = Question::Revoke { kind: selector.kind(), id: selector.id().to_owned() };
        let rules = self.ask_to_state(session.subject(), identity, &question, statement::REVOCATION)?;
        let entry = Entry::of(&signature)?;
        let row = RevocationRow::of(entry.leaf, revocation);
        let writes = vec![statement_row(&entry, request, &signature), Write::Revocation(row)];
        let effect = Effect { kind: EventKind::Revocation, form: SigningForm::Countersignature, writes };
        self.signing(session, &signature, key, entry, Ruling { rules, facts: Facts::default() }, effect)
    }

    /// A name that nobody bears is a slip of the pen; what it was meant to stop would go on.
    fn check_known(&self, selector: &Selector) -> Result<(), Refusal> {
        let unreadable = || Refusal::new(Code::RevokedSelector, format!("`{selector}` names nothing"));
        let id = selector.id();
        let (is_known, code) = match selector.kind() {
            SelectorKind::Agent => {
                (self.reader.agent(&id.parse().map_err(|_| unreadable())?)?.is_some(), Code::AgentUnknown)
            }
            SelectorKind::Class => {
                (self.reader.agents()?.iter().any(|agent| agent.class.as_str() == id), Code::AgentUnknown)
            }
            SelectorKind::Session => (self.reader.session(id)?.is_some(), Code::AgentSessionUnknown),
            SelectorKind::Sponsor => {
                (self.reader.person(&id.parse().map_err(|_| unreadable())?)?.is_some(), Code::IssuePersonUnknown)
            }
            SelectorKind::Grant => {
                (self.reader.grant(&id.parse().map_err(|_| unreadable())?)?.is_some(), Code::IssueGrantUnknown)
            }
            SelectorKind::Leaf
            | SelectorKind::Certificate
            | SelectorKind::Key
            | SelectorKind::Model
            | SelectorKind::Repository => return Ok(()),
        };
        if is_known { Ok(()) } else { Err(Refusal::new(code, format!("this engine knows no `{selector}`"))) }
    }

    /// What is revoked stays so, a release ends a hold, and only a compromise is worse than what was said before.
    fn check_follows(&self, next: &Revocation) -> Result<(), Refusal> {
        let Revocation { action, cause, selector, .. } = next;
        match (self.standing.of(selector), action) {
            (Some((Action::Revoke, known)), Action::Revoke) if *cause == Cause::KeyCompromise && known != *cause => {
                Ok(())
            }
            (Some((Action::Revoke, _)), _) => {
                Err(Refusal::new(Code::RevokedFinal, format!("`{selector}` was revoked before")))
            }
            (Some((Action::Hold, _)), Action::Hold) => {
                Err(Refusal::new(Code::RevokedFinal, format!("`{selector}` is held already")))
            }
            (None, Action::Release) => Err(Refusal::new(Code::RevokedSelector, format!("`{selector}` is not held"))),
            (Some(_) | None, _) => Ok(()),
        }
    }

    /// Fails where something that the session rests on is held or revoked.
    pub(crate) fn check_session_stands(&self, row: &SessionRow) -> Result<(), Refusal> {
        if self.standing.is_clear() {
            return Ok(());
        }
        Ok(self.standing.check(&chain_of(row, &self.hops(&row.grants)?))?)
    }

    /// The revocation number at which nothing that the signature rests on is held or revoked. The ledger takes the
    /// signature at that number only.
    pub(crate) fn clear_at(
        &self,
        session: &Session,
        signature: &Signature<'_>,
        facts: &Facts,
        entry: &Entry,
    ) -> Result<u64, Refusal> {
        let number = self.standing.number();
        if number == 0 {
            return Ok(0);
        }
        let mut chain = chain_of(&session.row, &self.hops(&session.row.grants)?);
        chain.add_leaf(&signature.leaf).map_err(|error| Refusal::new(Code::Internal, error))?;
        chain.add(SelectorKind::Leaf, &entry.leaf);
        facts.prompt.iter().for_each(|prompt| chain.add(SelectorKind::Leaf, prompt));
        facts.repository.iter().for_each(|repository| chain.add_repository(repository));
        self.standing.check(&chain)?;
        Ok(number)
    }

    /// Fails where this log entry was revoked.
    pub(crate) fn check_stands(&self, chain: &Chain) -> Result<(), Refusal> {
        Ok(self.standing.check(chain)?)
    }

    /// The open sessions that rest on what is named.
    pub fn touched(&self, selector: &Selector, now: Timestamp) -> Result<Touched, Refusal> {
        self.check_known(selector)?;
        let mut sessions = Vec::new();
        let open = Wanted { at: Some(now), count: MAX_TOUCHED, ..Wanted::default() };
        for (_, row) in self.reader.sessions(&open)? {
            if chain_of(&row, &self.hops(&row.grants)?).names().contains(selector) {
                sessions.push(TouchedSession {
                    session: row.id,
                    subject: row.subject,
                    sponsor: row.sponsor,
                    expires: row.window.end,
                });
            }
        }
        Ok(Touched {
            selector: selector.clone(),
            standing: self.standing.of(selector).map(|(action, _)| action),
            sessions,
        })
    }

    /// Everything recorded, in the order of the numbers.
    pub fn revocations(&self) -> Result<Vec<RevocationRow>, Refusal> {
        Ok(self.reader.revocations()?)
    }
}

#[cfg(test)]
pub(crate) mod tests;
