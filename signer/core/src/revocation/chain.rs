//! What a signature rests on: everything that, once revoked, takes it along.

use crate::certificate::Leaf;
use crate::crypto::CryptoError;
use crate::digest::Digest;
use crate::identity::{ActorClass, Name, Subject};
use crate::leaf::{Hop, LeafIdentity};

use super::{Selector, SelectorKind};

/// The claim of a session's launcher that says which model runs in it.
const MODEL: &str = "model";

/// The names of everything that a session, a certificate or a signature rests on.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Chain(Vec<Selector>);

impl Chain {
    /// The names, in no order.
    pub fn names(&self) -> &[Selector] {
        &self.0
    }

    /// Adds something with a digest.
    pub fn add(&mut self, kind: SelectorKind, digest: &Digest) {
        self.0.push(Selector::digest(kind, digest));
    }

    /// Adds a session.
    pub fn add_session(&mut self, session: &str) {
        self.0.push(Selector::known(SelectorKind::Session, session));
    }

    /// Adds a repository.
    pub fn add_repository(&mut self, repository: &str) {
        self.0.push(Selector::known(SelectorKind::Repository, repository));
    }

    /// Adds an agent and its class.
    pub fn add_agent(&mut self, name: &Name, class: &Name) {
        self.0.push(Selector::known(SelectorKind::Agent, name));
        self.0.push(Selector::known(SelectorKind::Class, class));
    }

    /// Adds whoever answers for it.
    pub fn add_sponsor(&mut self, person: &Subject) {
        self.0.push(Selector::known(SelectorKind::Sponsor, person));
    }

    /// Adds what a launcher claimed, as far as it can be named.
    pub fn add_claim(&mut self, name: &str, value: &str) {
        if name == MODEL {
            self.0.push(Selector::known(SelectorKind::Model, value));
        }
    }

    /// Adds a delegation: the grant, the certificate that signed it, and who gave it.
    pub fn add_hop(&mut self, hop: &Hop) {
        self.add(SelectorKind::Grant, &hop.grant);
        self.add(SelectorKind::Certificate, &hop.certificate);
        match (hop.class, agent_session(&hop.actor)) {
            (ActorClass::Agent, Some((agent, session))) => {
                self.0.push(Selector::known(SelectorKind::Agent, agent));
                self.add_session(session);
            }
            _ => self.add_sponsor(&hop.actor),
        }
    }

    /// Adds what a leaf's holder rests on.
    pub fn add_identity(&mut self, subject: &Subject, identity: &LeafIdentity) {
        self.add_session(&identity.session);
        if let Some(agent) = &identity.agent {
            self.add_agent(&agent.name, &agent.class);
        }
        // Nobody answers for a person but the person.
        self.add_sponsor(identity.sponsor.as_ref().unwrap_or(subject));
        identity.claims.iter().for_each(|claim| self.add_claim(&claim.name, &claim.value));
        for hop in &identity.hops {
            self.add_hop(hop);
        }
    }

    /// Adds a leaf: its certificate, its key and its holder. Fails where the key cannot be written.
    pub fn add_leaf(&mut self, leaf: &Leaf) -> Result<(), CryptoError> {
        self.add(SelectorKind::Certificate, &leaf.digest());
        self.add(SelectorKind::Key, &Digest::of(&leaf.public_key().to_spki_der()?));
        self.add_identity(leaf.subject(), leaf.identity());
        Ok(())
    }
}

/// Name and session of an agent's subject.
fn agent_session(subject: &Subject) -> Option<(&str, &str)> {
    let (_, path) = subject.as_str().strip_prefix("spiffe://")?.split_once('/')?;
    path.strip_prefix("agent/")?.split_once('/')
}
