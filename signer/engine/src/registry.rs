//! The registry: persons and agents. Registering the same twice changes nothing.

use signer_core::identity::Subject;
use signer_core::protocol::{AgentRecord, PersonRecord, RegisterAgent, RegisterPerson};
use signer_core::reason::Code;
use signer_core::time::{Timestamp, Window};

use crate::answer::Answer;
use crate::engine::Engine;
use crate::event::{EventKind, Occurrence};
use crate::prepared::{Change, Once, Prepared};
use crate::refusal::Refusal;
use crate::store::rows::{PersonRow, Write};

impl Engine {
    /// Registers a person. The caller has checked the owner credential.
    pub fn register_person(&self, request: &RegisterPerson, now: Timestamp) -> Prepared {
        let Subject::Mail(_) = &request.person else {
            let refusal = Refusal::new(Code::IssueBadIdentity, format!("`{}` is not a mail address", request.person));
            return Prepared::denied(refusal, Occurrence::new(EventKind::Denial, &request.person));
        };
        let row = PersonRow { subject: request.person.clone(), registered: now };
        Prepared::change(Change {
            once: vec![Once::Person(request.person.clone())],
            unanswered: None,
            window: from(now),
            late: Code::TimeClockRegression,
            occurrence: Occurrence::new(EventKind::PersonRegistration, &request.person),
            writes: vec![Write::Person(row)],
            answer: Answer::Person { registered: now },
        })
    }

    /// Registers an agent under a registered person. The caller has checked the owner credential.
    pub fn register_agent(&self, request: &RegisterAgent, now: Timestamp) -> Prepared {
        let denial = Occurrence::new(EventKind::Denial, &request.sponsor);
        self.new_agent(request, now).unwrap_or_else(|refusal| Prepared::denied(refusal, denial))
    }

    fn new_agent(&self, request: &RegisterAgent, now: Timestamp) -> Result<Prepared, Refusal> {
        if self.reader.person(&request.sponsor)?.is_none() {
            let message = format!("the sponsor `{}` is not registered", request.sponsor);
            return Err(Refusal::new(Code::IssuePersonUnknown, message));
        }
        let record = AgentRecord {
            name: request.name.clone(),
            class: request.class.clone(),
            sponsor: request.sponsor.clone(),
            registered: now,
        };
        let mut occurrence = Occurrence::new(EventKind::AgentRegistration, &request.sponsor);
        occurrence.subject = Some(request.name.to_string());
        Ok(Prepared::change(Change {
            once: vec![Once::Agent(request.name.clone())],
            unanswered: None,
            window: from(now),
            late: Code::TimeClockRegression,
            occurrence,
            writes: vec![Write::Agent(record.clone())],
            answer: Answer::Agent(record),
        }))
    }

    /// Every registered person, by subject.
    pub fn persons(&self) -> Result<Vec<PersonRecord>, Refusal> {
        let record = |row: PersonRow| PersonRecord { person: row.subject, registered: row.registered };
        Ok(self.reader.persons()?.into_iter().map(record).collect())
    }

    /// Every registered agent, by name.
    pub fn agents(&self) -> Result<Vec<AgentRecord>, Refusal> {
        Ok(self.reader.agents()?)
    }
}

/// Any time from `start`.
pub(crate) fn from(start: Timestamp) -> Window {
    Window { start, end: start.plus(u64::MAX) }
}

#[cfg(test)]
mod tests;
