//! The broker's state, and the requests that change it.

use std::sync::{Arc, Mutex, PoisonError};

use signer_core::digest::Digest;
use signer_core::reason::{Code, Coded as _};
use signer_core::scope::Scope;
use signer_core::time::Timestamp;
use signer_wire::message::{Answer, Pong, Refusal, Request, Status};
use signer_wire::{Home, Secret};

use crate::caller::{self, Caller, Outside};
use crate::checkpoint_memory::CheckpointMemory;
use crate::engine_address::EngineAddress;
use crate::engine_trust::EngineTrust;
use crate::error::BrokerError;
use crate::governed_memory::GovernedMemory;
use crate::grant_memory::GrantMemory;
use crate::identity::{Identity, Presence};
use crate::lookout::Sighting;
use crate::made::Made;
use crate::person::Person;
use crate::process::ProcessTable;
use crate::repository_memory::RepositoryMemory;
use crate::session::{AgentSession, Sessions};
use crate::terminal::Terminal;

/// Keys, sessions and what is remembered between requests.
pub struct Broker {
    pub(crate) engines: EngineAddress,
    pub(crate) processes: ProcessTable,
    pub(crate) sessions: Sessions,
    pub(crate) grants: GrantMemory,
    pub(crate) repositories: RepositoryMemory,
    pub(crate) governed: GovernedMemory,
    pub(crate) trust: EngineTrust,
    pub(crate) checkpoint: CheckpointMemory,
    pub(crate) made: Made,
    /// What mends an engine that is away.
    away: String,
    person: Mutex<Option<Arc<Person>>>,
    /// One question at a time.
    asking: Mutex<()>,
    clock: fn() -> Timestamp,
}

/// In whose name a signature is made, and how that person's presence was established.
pub(crate) struct Signer {
    holder: Holder,
    /// How presence was established.
    pub presence: Presence,
}

/// In whose name a signature may be made once it is confirmed.
pub(crate) enum Candidate {
    /// An agent's: its session is all it needs.
    Agent(Arc<AgentSession>),
    /// A person's, asked for by this process.
    Person(Arc<Person>, Outside),
}

enum Holder {
    Agent(Arc<AgentSession>),
    Person(Arc<Person>),
}

impl Signer {
    /// The session that signs.
    pub(crate) fn identity(&self) -> &Identity {
        match &self.holder {
            Holder::Agent(session) => &session.identity,
            Holder::Person(person) => &person.identity,
        }
    }

    /// What narrows the target: an agent's scope.
    pub(crate) fn scope(&self) -> Option<&Scope> {
        match &self.holder {
            Holder::Agent(session) => Some(&session.identity.scope),
            Holder::Person(_) => None,
        }
    }

    /// The newest prompt an agent accepted.
    pub(crate) fn prompt(&self) -> Option<Digest> {
        match &self.holder {
            Holder::Agent(session) => session.prompt(),
            Holder::Person(_) => None,
        }
    }
}

impl Broker {
    /// A broker with no session yet.
    pub fn new(home: &Home, clock: fn() -> Timestamp) -> Self {
        Self::watching(home, clock, ProcessTable::system())
    }

    pub(crate) fn watching(home: &Home, clock: fn() -> Timestamp, processes: ProcessTable) -> Self {
        Self {
            engines: EngineAddress::new(home.path().join("config.toml")),
            processes,
            sessions: Sessions::default(),
            grants: GrantMemory::default(),
            repositories: RepositoryMemory::default(),
            governed: GovernedMemory::default(),
            trust: EngineTrust::default(),
            checkpoint: CheckpointMemory::open(home.path().join("checkpoint")),
            made: Made::default(),
            away: home.start_help(),
            person: Mutex::default(),
            asking: Mutex::default(),
            clock,
        }
    }

    /// Answers one request of the process `pid`. Whether the broker ends afterwards is the server's to see.
    pub fn answer(&self, pid: u32, request: Request) -> Answer {
        self.answer_to(&Sighting::of(pid), request)
    }

    /// The same for a process that was looked at when it connected.
    pub(crate) fn answer_to(&self, caller: &Sighting, request: Request) -> Answer {
        let pid = caller.pid();
        let answer = match request {
            Request::Ping => {
                Ok(Answer::Pong(Pong { version: env!("CARGO_PKG_VERSION").to_owned(), pid: std::process::id() }))
            }
            Request::SignGit(what) => self.sign_git(caller, what).map(Answer::GitSigned),
            Request::SignStatement(what) => self.sign_statement(pid, &what).map(Answer::StatementSigned),
            Request::CreateGrant(what) => self.create_grant(pid, &what).map(Answer::GrantCreated),
            Request::StartSession(what) => self.start_session(pid, &what).map(Answer::SessionStarted),
            Request::EndSession(what) => self.end_session(pid, &what).map(|()| Answer::Done),
            Request::AcceptPrompt(what) => self.accept_prompt(pid, &what).map(|()| Answer::Done),
            Request::Login(what) => self.login(pid, &what).map(Answer::LoggedIn),
            Request::Logout => self.logout(pid).map(|()| Answer::Done),
            Request::Status => Ok(Answer::Status(self.status(pid))),
            Request::Stop => self.outside(pid).map(|_| Answer::Done),
        };
        answer.unwrap_or_else(|error| {
            let refusal = Refusal::from(&error);
            let is_away = error.code() == Code::EngineUnreachable;
            let help = if is_away { self.away.clone() } else { refusal.help };
            Answer::Refused(Refusal { help, ..refusal })
        })
    }

    /// What is left to do at once when an answer was sent. Whether there is something to [`Self::keep`] soon.
    pub fn settle(&self) -> bool {
        self.checkpoint.settle()
    }

    /// Remembers the commits that git has made of what was signed.
    pub(crate) fn learn(&self) {
        self.made.learn();
    }

    /// Writes down what was seen.
    pub fn keep(&self) {
        self.checkpoint.keep();
    }

    pub(crate) fn now(&self) -> Timestamp {
        (self.clock)()
    }

    /// Who asks.
    pub(crate) fn attribute(&self, pid: u32, handle: Option<&Secret>) -> Result<Caller, BrokerError> {
        caller::attribute(caller::descend(&self.processes, &self.sessions, pid), &self.sessions, handle)
    }

    /// The agent's session that a process which has just connected is of. None says nothing: whoever asks is looked at
    /// again then.
    pub(crate) fn recognise(&self, pid: u32) -> Option<Arc<AgentSession>> {
        match caller::descend(&self.processes, &self.sessions, pid) {
            Caller::Agent(session) => Some(session),
            Caller::Outside(_) => None,
        }
    }

    /// Who asks, on a connection of this process. It remains an agent's if it was one's when it connected, whoever has
    /// taken over its parents or its number meanwhile.
    pub(crate) fn attribute_seen(&self, caller: &Sighting, handle: Option<&Secret>) -> Result<Caller, BrokerError> {
        match caller.session(self) {
            Some(session) => caller::attribute(Caller::Agent(Arc::clone(session)), &self.sessions, handle),
            None => self.attribute(caller.pid(), handle),
        }
    }

    /// In whose name the caller may sign: an agent in its own, anybody else in that of the person who is logged in.
    pub(crate) fn candidate(&self, caller: Caller, pid: u32, owner: Option<&Secret>) -> Result<Candidate, BrokerError> {
        match caller {
            Caller::Agent(session) if owner.is_none() => {
                session.require_running()?;
                Ok(Candidate::Agent(session))
            }
            other => self.person_candidate(other.outside(&self.processes, pid)?),
        }
    }

    /// The person who is logged in, for a caller of no session.
    pub(crate) fn person_candidate(&self, outside: Outside) -> Result<Candidate, BrokerError> {
        let person = self.person().clone().ok_or(BrokerError::NotLoggedIn)?;
        Ok(Candidate::Person(person, outside))
    }

    /// The candidate with presence: a person confirms each signature, by the owner credential or on the terminal where
    /// `question` is shown.
    pub(crate) fn confirm(
        &self,
        candidate: Candidate,
        owner: Option<&Secret>,
        question: impl FnOnce() -> String,
    ) -> Result<Signer, BrokerError> {
        let (person, outside) = match candidate {
            Candidate::Agent(session) => {
                return Ok(Signer { holder: Holder::Agent(session), presence: Presence::Agent });
            }
            Candidate::Person(person, outside) => (person, outside),
        };
        let presence = if let Some(owner) = owner {
            person.present_by_owner(owner)?
        } else {
            let _one_at_a_time = self.asking.lock().unwrap_or_else(PoisonError::into_inner);
            let current = outside.process().and_then(|caller| Terminal::of(caller, &self.processes, &self.sessions));
            let subject = &person.identity.subject;
            let asked = question().replace('\n', "\r\n");
            person.present_at(current, &format!("\r\nchancery: {subject} signs {asked}\r\nSign? [y/N] "))?
        };
        Ok(Signer { holder: Holder::Person(person), presence })
    }

    /// The caller as one who may act for a person.
    pub(crate) fn outside(&self, pid: u32) -> Result<Outside, BrokerError> {
        self.attribute(pid, None)?.outside(&self.processes, pid)
    }

    fn status(&self, pid: u32) -> Status {
        let caller = match self.attribute(pid, None) {
            Ok(Caller::Agent(session)) => Some(session.identity.session.clone()),
            _ => None,
        };
        Status {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            pid: std::process::id(),
            engine: self.engines.engine().ok().map(|engine| engine.url().to_owned()),
            person: self.person().as_ref().map(|person| person.status()),
            sessions: self.sessions.running().iter().map(|session| session.status()).collect(),
            caller,
        }
    }

    pub(crate) fn person(&self) -> std::sync::MutexGuard<'_, Option<Arc<Person>>> {
        self.person.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
