//! The person who is logged in, and how each signature in that person's name is confirmed.

use signer_client::Credential;
use signer_core::crypto;
use signer_wire::Secret;
use signer_wire::message::PersonStatus;

use crate::error::BrokerError;
use crate::identity::{Identity, Presence};
use crate::terminal::Terminal;

/// A person's session.
pub(crate) struct Person {
    /// The session with the engine.
    pub identity: Identity,
    /// The terminal that may confirm.
    pub terminal: Option<Terminal>,
    owner: OwnerMark,
}

impl Person {
    /// A session that was opened with this owner credential.
    pub(crate) fn new(identity: Identity, terminal: Option<Terminal>, owner: &Secret) -> Result<Self, BrokerError> {
        Ok(Self { identity, terminal, owner: OwnerMark::of(owner)? })
    }

    /// Presence by the owner credential. Fails where it is not the one that logged in.
    pub(crate) fn present_by_owner(&self, owner: &Secret) -> Result<Presence, BrokerError> {
        if !self.owner.matches(owner) {
            return Err(BrokerError::OwnerWrong);
        }
        Ok(Presence::Owner(Credential::new(owner.expose().to_owned())?))
    }

    /// Presence by an answer on the terminal that logged in. Fails where `current` is another, or nobody agrees.
    pub(crate) fn present_at(&self, current: Option<Terminal>, question: &str) -> Result<Presence, BrokerError> {
        let missing = |why| BrokerError::PresenceMissing { why };
        match (self.terminal, current) {
            (None, _) => Err(missing("no terminal may confirm: the login came from none, or from an agent's")),
            (Some(known), Some(current)) if known == current => {
                let agreed = known.confirm(question).map_err(|source| BrokerError::Io { what: "ask", source })?;
                if agreed { Ok(Presence::Terminal) } else { Err(missing("nobody agreed on the terminal")) }
            }
            _ => Err(missing("the caller is not on the terminal that logged in")),
        }
    }

    /// What everybody may know.
    pub(crate) fn status(&self) -> PersonStatus {
        PersonStatus {
            person: self.identity.subject.to_string(),
            session: self.identity.session.clone(),
            expires: self.identity.expires.to_string(),
            terminal: self.terminal.is_some(),
        }
    }
}

/// Recognises the owner credential without keeping it: a keyed digest, the key of which is this process's own.
struct OwnerMark {
    key: [u8; 32],
    mark: [u8; 32],
}

impl OwnerMark {
    fn of(owner: &Secret) -> Result<Self, BrokerError> {
        let key = crypto::random()?;
        Ok(Self { key, mark: crypto::mac(&key, owner.expose().as_bytes()) })
    }

    fn matches(&self, owner: &Secret) -> bool {
        crypto::equal(&crypto::mac(&self.key, owner.expose().as_bytes()), &self.mark)
    }
}
