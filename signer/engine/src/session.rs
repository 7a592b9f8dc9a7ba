//! Sessions: who speaks. A credential is shown once and kept as its SHA-256.

mod memory;

use std::sync::Arc;

use signer_core::crypto;
use signer_core::digest::Digest;
use signer_core::identity::{ActorClass, Purpose, Subject};
use signer_core::protocol::{OpenPersonSession, SessionOpened};
use signer_core::reason::Code;
use signer_core::scope::{Operation, Scope};
use signer_core::time::{Timestamp, Window};

use crate::answer::Answer;
use crate::engine::Engine;
use crate::event::{EventKind, Occurrence};
use crate::prepared::{Change, Prepared};
use crate::refusal::Refusal;
use crate::store::rows::{SessionRow, Write};

pub(crate) use memory::SessionMemory;

/// How long a person's session lasts: a working day.
pub const PERSON_SESSION_SECONDS: u64 = 12 * 3600;
/// Most bytes of a presented credential.
const MAX_CREDENTIAL: usize = 128;

/// An authenticated session. Made by [`Engine::authenticate`] only.
#[derive(Clone)]
pub struct Session {
    pub(crate) row: Arc<SessionRow>,
}

impl Session {
    /// Its id.
    pub fn id(&self) -> &str {
        &self.row.id
    }

    /// The subject of its certificates.
    pub fn subject(&self) -> &Subject {
        &self.row.subject
    }

    /// Person or agent.
    pub fn class(&self) -> ActorClass {
        if self.row.agent.is_some() { ActorClass::Agent } else { ActorClass::Person }
    }

    /// Everything about it but the credential.
    pub fn row(&self) -> &SessionRow {
        &self.row
    }

    pub(crate) fn occurrence(&self, kind: EventKind) -> Occurrence {
        Occurrence::new(kind, &self.row.subject).in_session(&self.row.id)
    }
}

impl Engine {
    /// The session a bearer credential belongs to. Fails where there is none or it has ended.
    pub fn authenticate(&self, credential: &str, now: Timestamp) -> Result<Session, Refusal> {
        let unknown = || Refusal::new(Code::AgentSessionUnknown, "no open session has this credential");
        if credential.len() > MAX_CREDENTIAL {
            return Err(unknown());
        }
        let credential = Digest::of(credential.as_bytes());
        let row = match self.sessions.find(&credential) {
            Ok(row) => row,
            Err(seen) => {
                let row = Arc::new(self.reader.session_of(&credential)?.ok_or_else(unknown)?);
                self.sessions.keep(seen, &row);
                row
            }
        };
        if !row.window.contains(now) {
            return Err(unknown());
        }
        self.check_session_stands(&row)?;
        Ok(Session { row })
    }

    /// Opens a person's session. The caller has checked the owner credential.
    pub fn open_person_session(&self, request: &OpenPersonSession, now: Timestamp) -> Prepared {
        let occurrence = Occurrence::new(EventKind::SessionOpening, &request.person);
        self.person_session(request, now)
            .unwrap_or_else(|refusal| Prepared::denied(refusal, Occurrence { kind: EventKind::Denial, ..occurrence }))
    }

    fn person_session(&self, request: &OpenPersonSession, now: Timestamp) -> Result<Prepared, Refusal> {
        if self.reader.person(&request.person)?.is_none() {
            let message = format!("`{}` is not registered", request.person);
            return Err(Refusal::new(Code::IssuePersonUnknown, message));
        }
        let secret = Secret::generate()?;
        let row = SessionRow {
            id: secret.session.clone(),
            credential: Digest::of(secret.credential.as_bytes()),
            subject: request.person.clone(),
            agent: None,
            sponsor: request.person.clone(),
            scope: person_scope(),
            grants: Vec::new(),
            custody: request.custody,
            claims: Vec::new(),
            window: Window { start: now, end: now.plus(PERSON_SESSION_SECONDS) },
            prompt: None,
        };
        self.check_session_stands(&row)?;
        let occurrence = Occurrence::new(EventKind::SessionOpening, &request.person).in_session(&row.id);
        Ok(Prepared::change(Change {
            once: Vec::new(),
            unanswered: None,
            window: row.window,
            late: Code::AgentSessionUnknown,
            occurrence,
            answer: Answer::Session(opened(&row, secret.credential)),
            writes: vec![Write::Session(row)],
        }))
    }

    /// Ends a session before its time.
    pub fn end_session(&self, session: &Session, now: Timestamp) -> Prepared {
        Prepared::change(Change {
            once: Vec::new(),
            unanswered: None,
            window: session.row.window,
            late: Code::AgentSessionUnknown,
            occurrence: session.occurrence(EventKind::SessionEnd),
            writes: vec![Write::SessionEnd { session: session.row.id.clone(), at: now }],
            answer: Answer::Ended { at: now },
        })
    }
}

/// A fresh session id and credential.
pub(crate) struct Secret {
    pub(crate) session: String,
    pub(crate) credential: String,
}

impl Secret {
    pub(crate) fn generate() -> Result<Self, Refusal> {
        let session = crypto::random::<16>().map_err(internal)?;
        let credential = crypto::random::<32>().map_err(internal)?;
        Ok(Self { session: hex::encode(session), credential: hex::encode(credential) })
    }
}

/// What a holder is told of its session.
pub(crate) fn opened(row: &SessionRow, credential: String) -> SessionOpened {
    SessionOpened {
        session: row.id.clone(),
        credential,
        subject: row.subject.clone(),
        agent: row.agent.as_ref().map(|agent| agent.name.clone()),
        sponsor: row.sponsor.clone(),
        scope: row.scope.clone(),
        grants: row.grants.clone(),
        expires: row.window.end,
        custody: row.custody,
    }
}

/// People are bound by policy alone; their leaves allow every repository, target and path.
fn person_scope() -> Scope {
    let everything = || vec!["/".to_owned()];
    Scope {
        repositories: everything(),
        targets: everything(),
        paths: everything(),
        operations: vec![Operation::Add, Operation::Modify, Operation::Delete, Operation::Tag],
        purposes: vec![Purpose::Commit, Purpose::Prompt, Purpose::Artifact, Purpose::Attestation],
        max_paths: u32::MAX,
        // The largest number canonical JSON writes exactly (RFC 8785 3.2.2.3).
        max_bytes: (1 << 53) - 1,
    }
}

/// Something failed that says nothing about the request.
pub(crate) fn internal(error: impl std::error::Error) -> Refusal {
    tracing::error!(%error, "the engine failed");
    Refusal::new(Code::Internal, "the engine failed; its log says why")
}

#[cfg(test)]
mod tests;
