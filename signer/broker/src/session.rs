//! Running agent sessions: who their processes are, and by what handle they are known.

use std::sync::{Arc, Mutex, PoisonError};

use signer_core::crypto;
use signer_core::digest::Digest;
use signer_core::time::Timestamp;
use signer_wire::Secret;
use signer_wire::message::SessionStatus;

use crate::error::BrokerError;
use crate::identity::Identity;
use crate::process::{Process, ProcessTable};

/// One running agent.
pub(crate) struct AgentSession {
    /// Its session with the engine.
    pub identity: Identity,
    /// Root of its processes.
    pub root: Option<Process>,
    handle: Digest,
    life: Mutex<Life>,
}

#[derive(Default)]
struct Life {
    prompt: Option<Digest>,
    ended: bool,
    /// Processes that its launcher left behind.
    left: Vec<Process>,
}

impl AgentSession {
    /// A session and the handle that is given out once.
    pub(crate) fn new(identity: Identity, root: Option<Process>) -> Result<(Self, Secret), BrokerError> {
        let random = crypto::random::<32>()?;
        let handle = Secret::new(Digest::from_bytes(random).to_hex());
        let known = Digest::of(handle.expose().as_bytes());
        Ok((Self { identity, root, handle: known, life: Mutex::default() }, handle))
    }

    /// Leaf hash of the newest prompt it accepted.
    pub(crate) fn prompt(&self) -> Option<Digest> {
        self.life().prompt
    }

    /// Its commits name this prompt from now on.
    pub(crate) fn accept(&self, prompt: Digest) {
        self.life().prompt = Some(prompt);
    }

    /// Fails where it has ended: its processes are known, and get nothing more.
    pub(crate) fn require_running(&self) -> Result<(), BrokerError> {
        if self.life().ended { Err(BrokerError::SessionUnknown) } else { Ok(()) }
    }

    /// Whether it began with this process, or left it behind.
    fn knows(&self, process: &Process) -> bool {
        let is_same = |known: &Process| known.pid == process.pid && known.start == process.start;
        self.root.as_ref().is_some_and(is_same) || self.life().left.iter().any(is_same)
    }

    /// Whether any process that it is known by still runs.
    fn has_processes(&self, processes: &ProcessTable) -> bool {
        let left = self.life().left.clone();
        self.root.iter().chain(&left).any(|process| processes.runs(process))
    }

    /// What everybody may know of it.
    pub(crate) fn status(&self) -> SessionStatus {
        let identity = &self.identity;
        SessionStatus {
            session: identity.session.clone(),
            agent: identity.agent.as_ref().map_or_else(String::new, ToString::to_string),
            subject: identity.subject.to_string(),
            sponsor: identity.sponsor.to_string(),
            grants: identity.grants.iter().map(ToString::to_string).collect(),
            prompt: self.prompt().map(|prompt| prompt.to_string()),
            pid: self.root.map(|root| root.pid),
            expires: identity.expires.to_string(),
            custody: identity.custody.to_string(),
        }
    }

    fn life(&self) -> std::sync::MutexGuard<'_, Life> {
        self.life.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Every agent session, oldest first.
#[derive(Default)]
pub(crate) struct Sessions(Mutex<Vec<Arc<AgentSession>>>);

impl Sessions {
    /// Adds a session; forgets those whose time is over and whose processes are gone.
    pub(crate) fn add(&self, session: AgentSession, processes: &ProcessTable, now: Timestamp) -> Arc<AgentSession> {
        let session = Arc::new(session);
        let mut all = self.all();
        all.retain(|old| old.has_processes(processes) || (old.root.is_none() && now < old.identity.expires));
        all.push(Arc::clone(&session));
        session
    }

    /// The session whose processes begin with this one. One that has ended still knows its own: an agent does not become a
    /// person by ending its session, nor what it leaves behind.
    pub(crate) fn rooted_at(&self, process: &Process) -> Option<Arc<AgentSession>> {
        self.all().iter().rev().find(|session| session.knows(process)).cloned()
    }

    /// The session of a handle.
    pub(crate) fn of_handle(&self, handle: &Secret) -> Option<Arc<AgentSession>> {
        // Compared by digest, so that the time of a miss says nothing of the handles.
        let known = Digest::of(handle.expose().as_bytes());
        self.all().iter().find(|session| session.handle == known).cloned()
    }

    /// Whether an agent runs on this terminal.
    pub(crate) fn use_terminal(&self, terminal: u32, processes: &ProcessTable) -> bool {
        let shares = |session: &Arc<AgentSession>| {
            session.root.is_some_and(|root| root.terminal == terminal && processes.runs(&root))
        };
        self.all().iter().any(shares)
    }

    /// Ends a session. Where its own launcher says so, only what it leaves behind stays known as an agent's; else all of its
    /// processes do.
    pub(crate) fn end(&self, session: &Arc<AgentSession>, by_launcher: bool, left: Vec<Process>) {
        let is_left = !left.is_empty();
        {
            let mut life = session.life();
            life.ended = true;
            life.left = left;
        }
        if (by_launcher && !is_left) || session.root.is_none() {
            self.all().retain(|other| !Arc::ptr_eq(other, session));
        }
    }

    /// Those that run.
    pub(crate) fn running(&self) -> Vec<Arc<AgentSession>> {
        self.all().iter().filter(|session| session.require_running().is_ok()).cloned().collect()
    }

    fn all(&self) -> std::sync::MutexGuard<'_, Vec<Arc<AgentSession>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
