//! Sessions begin and end: a person's by the owner credential, an agent's by redeeming a grant.

use std::sync::Arc;

use signer_client::Credential;
use signer_core::digest::Digest;
use signer_core::identity::{Custody, Name, Subject};
use signer_core::protocol;
use signer_core::reason::Coded;
use signer_wire::message::{AcceptPrompt, EndSession, Login, PersonStatus, SessionStarted, StartSession};

use crate::broker::Broker;
use crate::caller::Caller;
use crate::error::BrokerError;
use crate::grant_memory::Wanted;
use crate::identity::Identity;
use crate::person::Person;
use crate::process::Process;
use crate::session::AgentSession;
use crate::terminal::Terminal;

impl Broker {
    /// Opens a person's session; the engine checks the owner credential.
    pub(crate) fn login(&self, pid: u32, request: &Login) -> Result<PersonStatus, BrokerError> {
        let outside = self.outside(pid)?;
        let subject: Subject = request.person.parse()?;
        let terminal = outside
            .process()
            .filter(|_| request.terminal)
            .and_then(|caller| Terminal::of(caller, &self.processes, &self.sessions));
        let owner = Credential::new(request.owner.expose().to_owned())?;
        let open = protocol::OpenPersonSession { person: subject, custody: Custody::SharedUser };
        let opened = self.engines.engine()?.open_person_session(&owner, &open)?;
        let person = Arc::new(Person::new(Identity::new(opened)?, terminal, &request.owner)?);
        let status = person.status();
        let before = self.person().replace(person);
        self.leave(before.as_ref().map(|person| &person.identity));
        Ok(status)
    }

    /// Ends the person's session.
    pub(crate) fn logout(&self, pid: u32) -> Result<(), BrokerError> {
        self.outside(pid)?;
        let before = self.person().take();
        self.leave(before.as_ref().map(|person| &person.identity));
        Ok(())
    }

    /// Tells the engine that a session is over. One it does not hear of ends by itself in time.
    fn leave(&self, identity: Option<&Identity>) {
        if let (Some(identity), Ok(engine)) = (identity, self.engines.engine()) {
            let _unheard = engine.end_session(&identity.credential);
        }
    }

    /// Redeems a grant for an agent.
    pub(crate) fn start_session(&self, pid: u32, request: &StartSession) -> Result<SessionStarted, BrokerError> {
        // An agent that could redeem a grant made for another would leave its own scope.
        self.outside(pid)?;
        let root = request.pid.map(|root| self.root(pid, root)).transpose()?;
        let agent: Name = request.agent.parse()?;
        let named = request.grant.as_deref().map(str::parse::<Digest>).transpose()?;
        let engine = self.engines.engine()?;
        let wanted = Wanted { agent: &agent, grant: named, repository: request.repository.as_deref() };
        let grant = self.grants.take(&wanted)?;
        let redeem = protocol::RedeemGrant {
            grant: grant.grant,
            redemption: grant.redemption.to_string(),
            custody: Custody::SharedUser,
            claims: request.claims.clone(),
        };
        let opened = match engine.redeem_grant(&redeem) {
            Ok(opened) => opened,
            Err(error) => {
                // Nobody has redeemed it where the engine did not say so.
                if error.code().as_str().starts_with("engine.") {
                    self.grants.keep(grant);
                }
                return Err(error.into());
            }
        };
        let (session, handle) = AgentSession::new(Identity::new(opened)?, root)?;
        let session = self.sessions.add(session, &self.processes, self.now());
        Ok(SessionStarted { handle, session: session.status() })
    }

    /// The root of a session's processes, which must be its launcher's own.
    fn root(&self, caller: u32, root: u32) -> Result<Process, BrokerError> {
        let lineage = self.processes.lineage(root);
        match lineage.first() {
            Some(process) if lineage.iter().any(|above| above.pid == caller) => Ok(*process),
            _ => Err(BrokerError::NotDescendant { root, caller }),
        }
    }

    /// Ends an agent's session.
    pub(crate) fn end_session(&self, pid: u32, request: &EndSession) -> Result<(), BrokerError> {
        let Caller::Agent(session) = self.attribute(pid, Some(&request.session))? else {
            return Err(BrokerError::SessionUnknown);
        };
        let launcher = session.root.filter(|root| root.pid == pid && self.processes.runs(root));
        let mut left = launcher.map(|root| self.processes.beneath(&root)).unwrap_or_default();
        // The launcher may have started this process as well.
        left.retain(|process| process.pid != std::process::id());
        self.sessions.end(&session, launcher.is_some(), left);
        self.leave(Some(&session.identity));
        Ok(())
    }

    /// Accepts a prompt for the caller's session; its commits then name it.
    pub(crate) fn accept_prompt(&self, pid: u32, request: &AcceptPrompt) -> Result<(), BrokerError> {
        let Caller::Agent(session) = self.attribute(pid, request.session.as_ref())? else {
            return Err(BrokerError::SessionUnknown);
        };
        session.require_running()?;
        let prompt: Digest = request.prompt.parse()?;
        self.engines.engine()?.accept_prompt(&session.identity.credential, &protocol::AcceptPrompt { prompt })?;
        session.accept(prompt);
        Ok(())
    }
}
