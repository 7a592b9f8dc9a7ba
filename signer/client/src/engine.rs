//! The engine as its clients see it: one method per route of `signer_core::protocol`.

use std::time::Duration;

use signer_core::protocol::{
    AcceptPrompt, AgentRecord, AgentStanding, CertificateIssued, CertificateRequest, CountersignRequest,
    Countersignature, FreezeLog, GrantRecord, GrantRecorded, GrantShown, Listing, LogEntries, LogFrozen, NameAgent,
    NameGrant, NameRevoked, NameSession, OpenPersonSession, Page, PersonRecord, RedeemGrant, RegisterAgent,
    RegisterPerson, RevocationRecorded, SessionOpened, SessionRecord, SessionShown, StatementRequest, Status, Touched,
};
use signer_core::revocation::Selector;

use crate::credential::Credential;
use crate::error::ClientError;
use crate::transport::{Call, Caller, Transport};

/// The engine at one address, over one warm connection per thread that asks at the same time.
pub struct Engine {
    transport: Transport,
}

impl Engine {
    /// The engine at `url`. Connects with the first call; fails where `url` is not plain HTTP on this machine.
    pub fn new(url: &str) -> Result<Self, ClientError> {
        Transport::new(url).map(|transport| Self { transport })
    }

    /// The same for one who waits no longer than `limit` for an answer.
    pub fn within(url: &str, limit: Duration) -> Result<Self, ClientError> {
        Transport::within(url, limit).map(|transport| Self { transport })
    }

    /// Which process of it answered last, where it is near and has said so.
    pub fn process(&self) -> Option<String> {
        self.transport.process()
    }

    /// Where the engine is.
    pub fn url(&self) -> &str {
        self.transport.base()
    }

    /// Owner: registers a person.
    pub fn register_person(&self, owner: &Credential, person: &RegisterPerson) -> Result<(), ClientError> {
        self.transport.done(post("/v1/persons").by(owner), person)
    }

    /// Owner: registers an agent.
    pub fn register_agent(&self, owner: &Credential, agent: &RegisterAgent) -> Result<AgentRecord, ClientError> {
        self.transport.json(post("/v1/agents").by(owner), agent)
    }

    /// Owner: every registered person.
    pub fn persons(&self, owner: &Credential) -> Result<Vec<PersonRecord>, ClientError> {
        self.read(get("/v1/persons").by(owner))
    }

    /// Every registered agent.
    pub fn agents(&self, credential: &Credential) -> Result<Vec<AgentRecord>, ClientError> {
        self.read(get("/v1/agents").by(credential))
    }

    /// Owner or session: an agent, and how it stands.
    pub fn agent(&self, credential: &Credential, asked: &NameAgent) -> Result<AgentStanding, ClientError> {
        self.transport.json(post("/v1/agents/named").by(credential).repeatable(), asked)
    }

    /// Owner or person: a page of grants.
    pub fn grants(&self, credential: &Credential, listing: &Listing) -> Result<Page<GrantRecord>, ClientError> {
        self.transport.json(post("/v1/grants/list").by(credential).repeatable(), listing)
    }

    /// Owner or person: a grant, and how it stands.
    pub fn grant_named(&self, credential: &Credential, asked: &NameGrant) -> Result<GrantShown, ClientError> {
        self.transport.json(post("/v1/grants/named").by(credential).repeatable(), asked)
    }

    /// Owner or person: a page of sessions.
    pub fn sessions(&self, credential: &Credential, listing: &Listing) -> Result<Page<SessionRecord>, ClientError> {
        self.transport.json(post("/v1/sessions/list").by(credential).repeatable(), listing)
    }

    /// Owner or person: a session, and how it stands.
    pub fn session_named(&self, credential: &Credential, asked: &NameSession) -> Result<SessionShown, ClientError> {
        self.transport.json(post("/v1/sessions/named").by(credential).repeatable(), asked)
    }

    /// Owner: opens a person's session.
    pub fn open_person_session(
        &self,
        owner: &Credential,
        person: &OpenPersonSession,
    ) -> Result<SessionOpened, ClientError> {
        self.transport.json(post("/v1/sessions/person").by(owner), person)
    }

    /// Opens an agent's session by redeeming a grant, once.
    pub fn redeem_grant(&self, grant: &RedeemGrant) -> Result<SessionOpened, ClientError> {
        self.transport.json(post("/v1/sessions/agent"), grant)
    }

    /// Session: ends itself.
    pub fn end_session(&self, session: &Credential) -> Result<(), ClientError> {
        let call = Call { method: "DELETE", ..get("/v1/sessions/self").by(session) };
        self.transport.bytes(call, &[]).map(drop)
    }

    /// Session: a certificate for a fresh key. `owner` proves a person's presence.
    pub fn issue(
        &self,
        session: &Credential,
        owner: Option<&Credential>,
        request: &CertificateRequest,
    ) -> Result<CertificateIssued, ClientError> {
        self.transport.json(post("/v1/certificates").by(session).present(owner), request)
    }

    /// Session: the countersignature of a commit or tag. A repeat gives the same bytes.
    pub fn countersign(
        &self,
        session: &Credential,
        owner: Option<&Credential>,
        request: &CountersignRequest,
    ) -> Result<Countersignature, ClientError> {
        self.transport.json(post("/v1/countersign").by(session).present(owner).repeatable(), request)
    }

    /// Session: the countersignature of a statement. A repeat gives the same bytes.
    pub fn statement(
        &self,
        session: &Credential,
        owner: Option<&Credential>,
        request: &StatementRequest,
    ) -> Result<Countersignature, ClientError> {
        self.transport.json(post("/v1/statements").by(session).present(owner).repeatable(), request)
    }

    /// Person's session: records a grant and makes its redemption code.
    pub fn grant(
        &self,
        session: &Credential,
        owner: Option<&Credential>,
        request: &StatementRequest,
    ) -> Result<GrantRecorded, ClientError> {
        self.transport.json(post("/v1/grants").by(session).present(owner), request)
    }

    /// Person's session: the countersignature of a revocation. A repeat gives the same bytes.
    pub fn revoke(
        &self,
        session: &Credential,
        owner: Option<&Credential>,
        request: &StatementRequest,
    ) -> Result<Countersignature, ClientError> {
        self.transport.json(post("/v1/revocations").by(session).present(owner).repeatable(), request)
    }

    /// Owner or session: what a revocation would touch.
    pub fn touched(&self, credential: &Credential, selector: &Selector) -> Result<Touched, ClientError> {
        let asked = NameRevoked { selector: selector.clone() };
        self.transport.json(post("/v1/revocations/touched").by(credential).repeatable(), &asked)
    }

    /// Owner or session: every revocation, in the order of their numbers.
    pub fn revocations(&self, credential: &Credential) -> Result<Vec<RevocationRecorded>, ClientError> {
        self.read(get("/v1/revocations").by(credential))
    }

    /// Whoever may read the log: the feed of revocations, as a file. Whoever relies on it verifies it.
    pub fn feed(&self, credential: Option<&Credential>) -> Result<Vec<u8>, ClientError> {
        let call = get("/v1/feed");
        let call = match credential {
            Some(credential) => call.by(credential),
            None => call,
        };
        self.transport.bytes(call, &[]).map(|(_, body)| body)
    }

    /// Agent's session: accepts a prompt and burns its nonce.
    pub fn accept_prompt(&self, session: &Credential, prompt: &AcceptPrompt) -> Result<(), ClientError> {
        self.transport.done(post("/v1/prompts/accept").by(session), prompt)
    }

    /// The engine, at a glance.
    pub fn status(&self) -> Result<Status, ClientError> {
        self.read(get("/v1/status"))
    }

    /// The trust root, as published: `trusted_root.json`. Whoever relies on it compares it with an anchor.
    pub fn trust(&self) -> Result<Vec<u8>, ClientError> {
        self.transport.bytes(get("/v1/trust"), &[]).map(|(_, body)| body)
    }

    /// Where the engine's services are, as stock Sigstore clients read it: `signing_config` v0.2.
    pub fn signing_config(&self) -> Result<Vec<u8>, ClientError> {
        self.transport.bytes(get("/v1/trust/signing_config"), &[]).map(|(_, body)| body)
    }

    /// Trust root and signing config in one document, as stock Sigstore clients read it.
    pub fn client_trust_config(&self) -> Result<Vec<u8>, ClientError> {
        self.transport.bytes(get("/v1/trust/client_trust_config"), &[]).map(|(_, body)| body)
    }

    /// The issuing authority's certificate and its root's, PEM.
    pub fn authorities(&self) -> Result<Vec<u8>, ClientError> {
        self.transport.bytes(get("/api/v1/rootCert"), &[]).map(|(_, body)| body)
    }

    /// The newest checkpoint.
    pub fn checkpoint(&self) -> Result<String, ClientError> {
        let route = "/v1/log/checkpoint";
        let (status, body) = self.transport.bytes(get(route), &[])?;
        String::from_utf8(body).map_err(|_| ClientError::Answer { route, status })
    }

    /// Owner: freezes the log for ever. A repeat gives the first answer.
    pub fn freeze_log(&self, owner: &Credential) -> Result<LogFrozen, ClientError> {
        self.transport.json(post("/v1/log/freeze").by(owner).repeatable(), &FreezeLog {})
    }

    /// How the log's witnesses do, as the server tells its operator.
    pub fn log_witnesses(&self, credential: &Credential) -> Result<serde_json::Value, ClientError> {
        self.read(get("/v1/log/witnesses").by(credential))
    }

    /// A page of log entries.
    pub fn entries(&self, start: u64, count: u64) -> Result<LogEntries, ClientError> {
        let query = format!("?start={start}&count={count}");
        self.read(Call { query: &query, ..get("/v1/log/entries") })
    }

    fn read<T: serde::de::DeserializeOwned>(&self, call: Call<'_>) -> Result<T, ClientError> {
        let (status, body) = self.transport.bytes(call, &[])?;
        serde_json::from_slice(&body).map_err(|_| ClientError::Answer { route: call.route, status })
    }
}

fn post(route: &'static str) -> Call<'static> {
    Call { method: "POST", route, query: "", repeatable: false, caller: Caller::default() }
}

fn get(route: &'static str) -> Call<'static> {
    Call { method: "GET", repeatable: true, ..post(route) }
}

impl<'a> Call<'a> {
    fn by(self, bearer: &'a Credential) -> Self {
        Self { caller: Caller { bearer: Some(bearer), ..self.caller }, ..self }
    }

    fn present(self, owner: Option<&'a Credential>) -> Self {
        Self { caller: Caller { owner, ..self.caller }, ..self }
    }

    fn repeatable(self) -> Self {
        Self { repeatable: true, ..self }
    }
}

#[cfg(test)]
mod tests;
