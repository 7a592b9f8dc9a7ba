//! Who asks: the facts of a certificate that rules may read.

use serde::Deserialize;
use signer_core::identity::{ActorClass, Custody, Enrolment, Name, Subject};
use signer_core::leaf::LeafIdentity;

/// An actor, as its certificate or its session says.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Actor {
    /// Person, agent or workload.
    pub class: ActorClass,
    /// The certificate's subject.
    pub subject: Subject,
    /// An agent's name and class; persons and workloads have none.
    pub agent: Option<(Name, Name)>,
    /// The session.
    pub session: String,
    /// Who answers for an agent.
    pub sponsor: Option<Subject>,
    /// Who could reach the key.
    pub custody: Custody,
    /// How the engine knew whom it issued to.
    pub enrolment: Enrolment,
    /// How many further hops the newest grant allows; `None` where the actor acts under no grant.
    pub depth: Option<u8>,
}

impl Actor {
    /// What keeps the facts from describing any actor of their class (AGT-01), if anything does.
    pub(crate) const fn contradiction(&self) -> Option<&'static str> {
        match (self.class, &self.agent, &self.sponsor) {
            (ActorClass::Agent, None, _) => Some("an agent without a registered name"),
            (ActorClass::Agent, _, None) => Some("an agent without a sponsor"),
            (ActorClass::Person | ActorClass::Workload, Some(_), _) => Some("an agent's name on somebody else"),
            _ => None,
        }
    }
}

impl From<(&Subject, &LeafIdentity)> for Actor {
    fn from((subject, leaf): (&Subject, &LeafIdentity)) -> Self {
        Self {
            class: leaf.class,
            subject: subject.clone(),
            agent: leaf.agent.as_ref().map(|agent| (agent.name.clone(), agent.class.clone())),
            session: leaf.session.clone(),
            sponsor: leaf.sponsor.clone(),
            custody: leaf.custody,
            enrolment: leaf.enrolment,
            depth: leaf.hops.last().map(|hop| hop.depth),
        }
    }
}

#[cfg(test)]
mod tests;
