//! The owner's desk: registers a person and an agent, and opens agent sessions by signing and redeeming grants.

use std::path::Path;

use anyhow::{Context, Result};
use signer_client::{ClientError, Credential, Engine};
use signer_core::crypto;
use signer_core::dsse;
use signer_core::grant::{Grant, Grantee};
use signer_core::identity::{Custody, Purpose};
use signer_core::nonce::Nonce;
use signer_core::protocol::{
    Base64, GrantRecorded, OpenPersonSession, RedeemGrant, RegisterAgent, RegisterPerson, SessionOpened,
    StatementRequest,
};
use signer_core::scope::{Operation, Scope};
use signer_core::time::Window;

use crate::client::Patience;
use crate::clock;
use crate::hand::{Hand, anyhow_of};

const PERSON: &str = "load@example.org";
const AGENT: &str = "load";

/// Who administers, with a person's session and attestation key.
pub(crate) struct Office {
    pub(crate) engine: Engine,
    pub(crate) owner: Credential,
    pub(crate) person: Credential,
    pub(crate) hand: Hand,
}

impl Office {
    /// Registers the person and the agent, and logs the person in.
    pub(crate) fn open(url: &str, owner_file: &Path) -> Result<Self> {
        let engine = Engine::new(url)?;
        let owner = owner(owner_file)?;
        let person: signer_core::identity::Subject = PERSON.parse()?;
        engine.register_person(&owner, &RegisterPerson { person: person.clone() }).map_err(anyhow_of)?;
        let agent = RegisterAgent { name: AGENT.parse()?, class: "coder".parse()?, sponsor: person.clone() };
        engine.register_agent(&owner, &agent).map_err(anyhow_of)?;
        let request = OpenPersonSession { person, custody: Custody::Broker };
        let session = engine.open_person_session(&owner, &request).map_err(anyhow_of)?;
        let person = Credential::new(session.credential)?;
        let hand = Hand::new(&engine, &person, Some(&owner), Purpose::Attestation, &Patience::none())?;
        Ok(Self { engine, owner, person, hand })
    }

    /// A new agent session with this scope.
    pub(crate) fn agent_session(&self, scope: Scope) -> Result<SessionOpened> {
        let recorded = self.grant(AGENT, scope, 8 * 3600).map_err(anyhow_of)?;
        self.redeem(&recorded).map_err(anyhow_of)
    }

    /// Signs and records a grant.
    pub(crate) fn grant(&self, agent: &str, scope: Scope, seconds: u64) -> Result<GrantRecorded, ClientError> {
        let request = grant_request(agent, scope, seconds, &self.hand).map_err(|_| ClientError::Credential)?;
        self.engine.grant(&self.person, Some(&self.owner), &request)
    }

    /// Redeems a grant.
    pub(crate) fn redeem(&self, recorded: &GrantRecorded) -> Result<SessionOpened, ClientError> {
        self.engine.redeem_grant(&RedeemGrant {
            grant: recorded.grant,
            redemption: recorded.redemption.clone(),
            custody: Custody::Broker,
            claims: vec![("runtime".to_owned(), "load".to_owned())],
        })
    }
}

/// The request for a grant, signed by `hand`.
pub(crate) fn grant_request(agent: &str, scope: Scope, seconds: u64, hand: &Hand) -> Result<StatementRequest> {
    let start = clock::now();
    let grant = Grant {
        grantee: Grantee { agent: agent.parse()?, class: None },
        scope,
        window: Window { start, end: start.plus(seconds) },
        depth: 0,
        task: None,
        salt: Nonce::from_bytes(crypto::random()?),
    };
    statement_request(hand, grant.into_statement()?.encode()?)
}

/// A statement signed by `hand`.
pub(crate) fn statement_request(hand: &Hand, payload: Vec<u8>) -> Result<StatementRequest> {
    let signature = hand.sign(&dsse::pae(dsse::PAYLOAD_TYPE, &payload))?;
    Ok(StatementRequest {
        payload_type: dsse::PAYLOAD_TYPE.to_owned(),
        payload: Base64(payload),
        signature: Base64(signature),
        certificate: Base64(hand.certificate.clone()),
        newest_checkpoint: None,
    })
}

/// A scope over these repositories, targets and paths.
pub(crate) fn scope(repository: &str, target: &str, path: &str) -> Scope {
    Scope {
        repositories: vec![repository.to_owned()],
        targets: vec![target.to_owned()],
        paths: vec![path.to_owned()],
        operations: vec![Operation::Add, Operation::Modify, Operation::Delete],
        purposes: vec![Purpose::Commit, Purpose::Prompt, Purpose::Artifact],
        max_paths: 10_000,
        max_bytes: 1 << 40,
    }
}

/// The owner credential in a file.
pub(crate) fn owner(path: &Path) -> Result<Credential> {
    let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
    Ok(Credential::new(text.trim_end_matches('\n').to_owned())?)
}
