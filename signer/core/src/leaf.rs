//! The leaf's Chancery extension `.1`: who acts, for what, under whose authority (docs/formats.md F2).
//!
//! DER, versioned, at most 4 KiB. Unknown versions, unknown numbers and trailing bytes are refused.

use der::asn1::{GeneralizedTime, OctetString};
use der::{Decode, Encode, Enumerated, Sequence};

use crate::digest::Digest;
use crate::identity::{ActorClass, Custody, Enrolment, IdentityError, Name, Purpose, Subject};
use crate::scope::Scope;
use crate::time::{TimeError, Timestamp, Window};

/// Most bytes of the encoded extension.
pub const MAX_BYTES: usize = 4096;
/// Most hops of a delegation chain.
pub const MAX_HOPS: usize = 4;
/// The version this code writes and reads.
const VERSION: u8 = 1;

/// What a leaf says of its holder beyond the subject name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LeafIdentity {
    /// Person, agent or workload.
    pub class: ActorClass,
    /// The one thing the key may sign.
    pub purpose: Purpose,
    /// The agent's registered name and class, where it is one.
    pub agent: Option<AgentName>,
    /// The session the certificate belongs to.
    pub session: String,
    /// The person who answers for an agent.
    pub sponsor: Option<Subject>,
    /// One hop per grant, root first; empty for people.
    pub hops: Vec<Hop>,
    /// What may be signed with it.
    pub scope: Scope,
    /// How the engine knew whom it issued to.
    pub enrolment: Enrolment,
    /// Who can reach the key.
    pub custody: Custody,
    /// What was said about the session, each with its source.
    pub claims: Vec<Claim>,
}

/// An agent's registered name and the class it belongs to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AgentName {
    /// The agent's name.
    pub name: Name,
    /// The class of agents it belongs to.
    pub class: Name,
}

/// One delegation: who granted what.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Hop {
    /// Who delegated.
    pub actor: Subject,
    /// What kind of actor that is.
    pub class: ActorClass,
    /// SHA-256 of the certificate that signed the grant.
    pub certificate: Digest,
    /// Leaf hash of the grant.
    pub grant: Digest,
    /// What was granted.
    pub scope: Scope,
    /// When it holds.
    pub window: Window,
    /// How many further hops it allows.
    pub depth: u8,
}

/// Something said about the session: model, runtime, tool set, instruction set.
#[derive(Clone, PartialEq, Eq, Debug, Sequence)]
pub struct Claim {
    /// What is claimed.
    pub name: String,
    /// The value.
    pub value: String,
    /// Who said so.
    pub source: ClaimSource,
}

/// Who made a claim.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Enumerated)]
#[asn1(type = "ENUMERATED")]
#[repr(u8)]
pub enum ClaimSource {
    /// The engine established it.
    Engine = 0,
    /// The launcher of the session said so.
    Launcher = 1,
    /// The session says so of itself.
    Session = 2,
}

impl LeafIdentity {
    /// The DER form. Fails over 4 KiB or 4 hops.
    pub fn to_der(&self) -> Result<Vec<u8>, LeafError> {
        if self.hops.len() > MAX_HOPS {
            return Err(LeafError::TooManyHops { actual: self.hops.len() });
        }
        let bytes = LeafIdentityDer::try_from(self)?.to_der()?;
        if bytes.len() > MAX_BYTES { Err(LeafError::TooLarge { actual: bytes.len() }) } else { Ok(bytes) }
    }

    /// Reads the DER form and no other.
    pub fn from_der(bytes: &[u8]) -> Result<Self, LeafError> {
        if bytes.len() > MAX_BYTES {
            return Err(LeafError::TooLarge { actual: bytes.len() });
        }
        let parsed = LeafIdentityDer::from_der(bytes)?;
        if parsed.version != VERSION {
            return Err(LeafError::Version { actual: parsed.version });
        }
        if parsed.hops.len() > MAX_HOPS {
            return Err(LeafError::TooManyHops { actual: parsed.hops.len() });
        }
        let identity = Self::try_from(parsed)?;
        if identity.to_der()? == bytes { Ok(identity) } else { Err(LeafError::NotCanonical) }
    }
}

#[derive(Sequence)]
struct LeafIdentityDer {
    version: u8,
    class: ActorClass,
    purpose: Purpose,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    agent: Option<AgentNameDer>,
    session: String,
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT", optional = "true")]
    sponsor: Option<String>,
    hops: Vec<HopDer>,
    scope: Scope,
    enrolment: Enrolment,
    custody: Custody,
    claims: Vec<Claim>,
}

#[derive(Sequence)]
struct AgentNameDer {
    name: String,
    class: String,
}

#[derive(Sequence)]
struct HopDer {
    actor: String,
    class: ActorClass,
    certificate: OctetString,
    grant: OctetString,
    scope: Scope,
    not_before: GeneralizedTime,
    not_after: GeneralizedTime,
    depth: u8,
}

impl TryFrom<&LeafIdentity> for LeafIdentityDer {
    type Error = LeafError;

    fn try_from(identity: &LeafIdentity) -> Result<Self, LeafError> {
        Ok(Self {
            version: VERSION,
            class: identity.class,
            purpose: identity.purpose,
            agent: identity
                .agent
                .as_ref()
                .map(|agent| AgentNameDer { name: agent.name.to_string(), class: agent.class.to_string() }),
            session: identity.session.clone(),
            sponsor: identity.sponsor.as_ref().map(Subject::to_string),
            hops: identity.hops.iter().map(HopDer::try_from).collect::<Result<_, _>>()?,
            scope: identity.scope.clone(),
            enrolment: identity.enrolment,
            custody: identity.custody,
            claims: identity.claims.clone(),
        })
    }
}

impl TryFrom<LeafIdentityDer> for LeafIdentity {
    type Error = LeafError;

    fn try_from(parsed: LeafIdentityDer) -> Result<Self, LeafError> {
        let agent = match parsed.agent {
            Some(agent) => Some(AgentName { name: agent.name.parse()?, class: agent.class.parse()? }),
            None => None,
        };
        Ok(Self {
            class: parsed.class,
            purpose: parsed.purpose,
            agent,
            session: parsed.session,
            sponsor: parsed.sponsor.map(|text| text.parse()).transpose()?,
            hops: parsed.hops.into_iter().map(Hop::try_from).collect::<Result<_, _>>()?,
            scope: parsed.scope,
            enrolment: parsed.enrolment,
            custody: parsed.custody,
            claims: parsed.claims,
        })
    }
}

impl TryFrom<&Hop> for HopDer {
    type Error = LeafError;

    fn try_from(hop: &Hop) -> Result<Self, LeafError> {
        Ok(Self {
            actor: hop.actor.to_string(),
            class: hop.class,
            certificate: OctetString::new(hop.certificate.as_bytes().as_slice())?,
            grant: OctetString::new(hop.grant.as_bytes().as_slice())?,
            scope: hop.scope.clone(),
            not_before: GeneralizedTime::from_date_time(hop.window.start.to_der()?),
            not_after: GeneralizedTime::from_date_time(hop.window.end.to_der()?),
            depth: hop.depth,
        })
    }
}

impl TryFrom<HopDer> for Hop {
    type Error = LeafError;

    fn try_from(parsed: HopDer) -> Result<Self, LeafError> {
        Ok(Self {
            actor: parsed.actor.parse()?,
            class: parsed.class,
            certificate: Digest::try_from(parsed.certificate.as_bytes()).map_err(|_| LeafError::Digest)?,
            grant: Digest::try_from(parsed.grant.as_bytes()).map_err(|_| LeafError::Digest)?,
            scope: parsed.scope,
            window: Window {
                start: Timestamp::from(parsed.not_before.to_date_time()),
                end: Timestamp::from(parsed.not_after.to_date_time()),
            },
            depth: parsed.depth,
        })
    }
}

/// Why an extension is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LeafError {
    /// Not DER of this structure.
    #[error("the Chancery extension is not DER of its structure")]
    Der(#[from] der::Error),
    /// A digest of another length.
    #[error("a digest in the Chancery extension is not 32 bytes")]
    Digest,
    /// A name or subject that is none.
    #[error("a name in the Chancery extension is malformed")]
    Identity(#[from] IdentityError),
    /// Another encoding of the same content.
    #[error("the Chancery extension is not in its canonical form")]
    NotCanonical,
    /// A time nothing can write.
    #[error("a time in the Chancery extension is out of range")]
    Time(#[from] TimeError),
    /// Too many bytes.
    #[error("the Chancery extension has {actual} bytes, at most {MAX_BYTES} are allowed")]
    TooLarge {
        /// Bytes found.
        actual: usize,
    },
    /// Too many hops.
    #[error("the delegation chain has {actual} hops, at most {MAX_HOPS} are allowed")]
    TooManyHops {
        /// Hops found.
        actual: usize,
    },
    /// A version from the future.
    #[error("the Chancery extension has version {actual}, this code reads {VERSION}")]
    Version {
        /// Version found.
        actual: u8,
    },
}
