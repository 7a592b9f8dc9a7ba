//! The rows again, from what is logged: events tell registrations and sessions, logged statements tell grants and
//! prompts. What the store holds beyond or beside that was not written by an engine (docs/formats.md F6).

use std::collections::BTreeMap;

use signer_core::digest::Digest;
use signer_core::grant::Grant;
use signer_core::log_entry::LogEntry;
use signer_core::merkle;
use signer_core::prompt::PromptTerms;
use signer_core::protocol::AgentRecord;
use signer_core::revocation::Revocation;
use signer_core::statement::{self, Header, Statement};
use signer_core::time::Timestamp;

use crate::acceptance;
use crate::answer::Kept;
use crate::delegation;
use crate::event::{AnswerMark, Event, EventKind, Record};
use crate::store::rows::{
    CheckpointRow, GrantRow, PersonRow, PolicyRow, PromptRow, RevocationRow, SessionRow, StatementRow,
};

/// The registry as recorded, each row by its name.
#[derive(Default, Debug)]
pub struct Registry {
    /// Persons by subject.
    pub persons: BTreeMap<String, PersonRow>,
    /// Agents by name.
    pub agents: BTreeMap<String, AgentRecord>,
    /// Sessions by id.
    pub sessions: BTreeMap<String, SessionRow>,
    /// Grants by leaf hash.
    pub grants: BTreeMap<String, GrantRow>,
    /// Prompts by leaf hash.
    pub prompts: BTreeMap<String, PromptRow>,
    /// Burnt nonces: the prompt and the session of each.
    pub nonces: BTreeMap<String, (Digest, String)>,
    /// Policy sets in the order in which they came into force.
    pub policies: Vec<PolicyRow>,
    /// Revocations in the order of their numbers.
    pub revocations: Vec<RevocationRow>,
    /// When the log was frozen.
    pub frozen: Option<Timestamp>,
}

impl Registry {
    /// Takes the next event, with the logged statement that it is about.
    ///
    /// Fails where an event cannot follow from those before it: what it names is unknown, or its statement is no such one.
    pub fn apply(&mut self, event: &Event, statement: Option<&StatementRow>) -> Result<(), Unexplained> {
        if let Some(record) = &event.record {
            self.record(event, record.clone())?;
        }
        match event.kind {
            EventKind::Acceptance => self.accept(event),
            EventKind::Countersignature => statement.map_or(Ok(()), |statement| self.prompt(event, statement)),
            EventKind::Grant => self.grant(event, statement.ok_or(Unexplained::Statement)?),
            EventKind::Redemption => self.redeem(event),
            EventKind::Revocation => self.revoke(statement.ok_or(Unexplained::Statement)?),
            // What follows goes into another log.
            EventKind::Succession => {
                self.frozen = None;
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn record(&mut self, event: &Event, record: Record) -> Result<(), Unexplained> {
        match record {
            Record::Agent(row) => drop(self.agents.insert(row.name.to_string(), row)),
            Record::Freeze { at } => self.frozen = Some(at),
            Record::Person { subject, registered } => {
                self.persons.insert(subject.to_string(), PersonRow { subject, registered });
            }
            Record::Policy { digest, since } => self.policies.push(PolicyRow { digest, since }),
            Record::Session(record) => {
                let id = event.session.clone().ok_or(Unexplained::Session)?;
                self.sessions.insert(id.clone(), record.into_row(id));
            }
            Record::SessionEnd { at } => self.session(event)?.window.end = at,
        }
        Ok(())
    }

    fn session(&mut self, event: &Event) -> Result<&mut SessionRow, Unexplained> {
        event.session.as_ref().and_then(|id| self.sessions.get_mut(id)).ok_or(Unexplained::Session)
    }

    fn accept(&mut self, event: &Event) -> Result<(), Unexplained> {
        let leaf = event.about.ok_or(Unexplained::Prompt)?;
        let nonce = self.prompts.get(&leaf.to_string()).ok_or(Unexplained::Prompt)?.nonce;
        let session = self.session(event)?;
        session.prompt = Some(leaf);
        let id = session.id.clone();
        self.nonces.insert(nonce.to_string(), (leaf, id));
        Ok(())
    }

    fn prompt(&mut self, event: &Event, row: &StatementRow) -> Result<(), Unexplained> {
        let header = Header::read(&row.payload).map_err(|_| Unexplained::Statement)?;
        if header.predicate_type() != statement::PROMPT {
            return Ok(());
        }
        let terms = Statement::<PromptTerms>::decode(&row.payload).map_err(|_| Unexplained::Statement)?;
        let signer = self.session(event)?.subject.clone();
        self.prompts.insert(row.leaf.to_string(), acceptance::row_of(&signer, terms.predicate(), row.leaf));
        Ok(())
    }

    fn grant(&mut self, event: &Event, row: &StatementRow) -> Result<(), Unexplained> {
        let statement = Statement::<Grant>::decode(&row.payload).map_err(|_| Unexplained::Statement)?;
        let grant = statement.predicate();
        let agent = self.agents.get(grant.grantee.agent.as_str()).cloned().ok_or(Unexplained::Agent)?;
        let giver = self.session(event)?.clone();
        let made = delegation::row_of(&giver, row.certificate, grant, agent, row.leaf);
        self.grants.insert(row.leaf.to_string(), made);
        Ok(())
    }

    fn revoke(&mut self, row: &StatementRow) -> Result<(), Unexplained> {
        let statement = Statement::<Revocation>::decode(&row.payload).map_err(|_| Unexplained::Statement)?;
        self.revocations.push(RevocationRow::of(row.leaf, statement.predicate()));
        Ok(())
    }

    fn redeem(&mut self, event: &Event) -> Result<(), Unexplained> {
        let leaf = event.about.ok_or(Unexplained::Grant)?;
        let grant = self.grants.get_mut(&leaf.to_string()).ok_or(Unexplained::Grant)?;
        grant.redeemed = Some(event.session.clone().ok_or(Unexplained::Session)?);
        Ok(())
    }
}

/// The place an answer must name.
pub struct Place<'a> {
    /// Index of the entry.
    pub index: u64,
    /// Its leaf hash.
    pub leaf: Digest,
    /// The checkpoint of its batch.
    pub checkpoint: &'a CheckpointRow,
}

/// Whether a kept answer is the one that was given: token and decision as the event says, a proof from the entry to its
/// batch's checkpoint, nothing else.
pub fn is_given_answer(document: &[u8], mark: &AnswerMark, place: Option<&Place<'_>>) -> bool {
    let Ok(kept) = Kept::decode(document) else { return false };
    kept.evidence() == mark.evidence
        && match (&kept, place) {
            (Kept::Certificate(_), None) => true,
            (Kept::Countersigned(given), Some(place)) => is_at(&given.entry.0, place),
            (Kept::Grant { grant, countersignature }, Some(place)) => {
                *grant == place.leaf && is_at(&countersignature.entry.0, place)
            }
            (Kept::Certificate(_), Some(_)) | (Kept::Countersigned(_) | Kept::Grant { .. }, None) => false,
        }
}

fn is_at(entry: &[u8], place: &Place<'_>) -> bool {
    let Place { index, leaf, checkpoint } = place;
    LogEntry::decode(entry).is_ok_and(|entry| {
        entry.index == *index
            && (entry.size, entry.root) == (checkpoint.size, checkpoint.root)
            && entry.checkpoint == checkpoint.note
            && merkle::verify_inclusion(leaf, entry.index, entry.size, &entry.hashes, &entry.root).is_ok()
    })
}

/// Why an event cannot follow from those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unexplained {
    /// No such agent was registered.
    #[error("it names an agent that was not registered")]
    Agent,
    /// No such grant was recorded.
    #[error("it names a grant that was not recorded")]
    Grant,
    /// No such prompt was countersigned.
    #[error("it names a prompt that was not countersigned")]
    Prompt,
    /// No such session was opened.
    #[error("it names a session that was not opened")]
    Session,
    /// The statement is lost or another.
    #[error("its statement is lost, or is none of its kind")]
    Statement,
}

#[cfg(test)]
mod tests;
