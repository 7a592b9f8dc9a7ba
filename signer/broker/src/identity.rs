//! One session with the engine and the keys it signs with: one key and certificate per purpose, made on first use.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use signer_client::{ClientError, Credential, Engine};
use signer_core::certificate::Leaf;
use signer_core::crypto::{P256Key, SignP256 as _};
use signer_core::csr;
use signer_core::digest::Digest;
use signer_core::identity::{Custody, Name, Purpose, Subject};
use signer_core::protocol::{Base64, CertificateRequest, Presence as ProtocolPresence, SessionOpened};
use signer_core::reason::{Code, Coded as _};
use signer_core::scope::Scope;
use signer_core::time::Timestamp;

use crate::error::BrokerError;

/// A certificate is renewed when less than this is left of it, never before.
const RENEWAL_SECONDS: u64 = 60;

/// A key and the certificate that says whose it is.
pub(crate) struct CertifiedKey {
    /// Signs.
    pub key: P256Key,
    /// Names.
    pub leaf: Leaf,
}

/// How a person's presence was established; agents have none.
pub(crate) enum Presence {
    /// An agent's session.
    Agent,
    /// The owner credential came with the request.
    Owner(Credential),
    /// Somebody answered on the terminal.
    Terminal,
}

impl Presence {
    /// For the `Chancery-Owner` header.
    pub(crate) const fn owner(&self) -> Option<&Credential> {
        match self {
            Self::Owner(credential) => Some(credential),
            Self::Agent | Self::Terminal => None,
        }
    }

    const fn protocol(&self) -> Option<ProtocolPresence> {
        match self {
            Self::Agent => None,
            Self::Owner(_) => Some(ProtocolPresence::OwnerCredential),
            Self::Terminal => Some(ProtocolPresence::Terminal),
        }
    }
}

/// Signs, and once more where the engine has rotated the authority behind the certificate: it was forgotten then.
pub(crate) fn with_fresh_certificate<T>(mut sign: impl FnMut() -> Result<T, BrokerError>) -> Result<T, BrokerError> {
    match sign() {
        Err(error) if error.code() == Code::X509AuthorityRotated => sign(),
        signed => signed,
    }
}

/// A session with the engine.
pub(crate) struct Identity {
    /// The session's id.
    pub session: String,
    /// The subject of its certificates.
    pub subject: Subject,
    /// The agent, where it is one's.
    pub agent: Option<Name>,
    /// The person who answers.
    pub sponsor: Subject,
    /// What it may sign.
    pub scope: Scope,
    /// Grants it acts under, root first.
    pub grants: Vec<Digest>,
    /// When it ends.
    pub expires: Timestamp,
    /// Who holds its keys.
    pub custody: Custody,
    /// Proves the session to the engine.
    pub credential: Credential,
    ring: Mutex<HashMap<Purpose, Arc<CertifiedKey>>>,
}

impl Identity {
    /// Takes over what the engine opened.
    pub(crate) fn new(opened: SessionOpened) -> Result<Self, BrokerError> {
        Ok(Self {
            session: opened.session,
            subject: opened.subject,
            agent: opened.agent,
            sponsor: opened.sponsor,
            scope: opened.scope,
            grants: opened.grants,
            expires: opened.expires,
            custody: opened.custody,
            credential: Credential::new(opened.credential)?,
            ring: Mutex::default(),
        })
    }

    /// The key for `purpose`, with a certificate that is still good for a while. Asks the engine only where there is none.
    pub(crate) fn key(
        &self,
        engine: &Engine,
        purpose: Purpose,
        presence: &Presence,
        now: Timestamp,
    ) -> Result<Arc<CertifiedKey>, BrokerError> {
        // Held while the engine is asked: two callers at once shall not make two keys.
        let mut ring = self.ring.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(held) = ring.get(&purpose).filter(|held| self.is_fresh(&held.leaf, now)) {
            return Ok(Arc::clone(held));
        }
        let made = Arc::new(self.certify(engine, purpose, presence)?);
        ring.insert(purpose, Arc::clone(&made));
        Ok(made)
    }

    /// Forgets a certificate that the engine takes no more: the next signature gets a fresh one.
    fn forget(&self, purpose: Purpose) {
        self.ring.lock().unwrap_or_else(PoisonError::into_inner).remove(&purpose);
    }

    /// What the engine answered to a signature under `purpose`. Where it rotated its issuing authority, the certificate
    /// is forgotten.
    pub(crate) fn answered<T>(&self, purpose: Purpose, answer: Result<T, ClientError>) -> Result<T, BrokerError> {
        if answer.as_ref().is_err_and(|error| error.code() == Code::X509AuthorityRotated) {
            self.forget(purpose);
        }
        Ok(answer?)
    }

    fn is_fresh(&self, leaf: &Leaf, now: Timestamp) -> bool {
        let end = leaf.window().end;
        // A certificate that ends with the session cannot be had longer.
        now.plus(RENEWAL_SECONDS) <= end || (end >= self.expires && now < end)
    }

    fn certify(&self, engine: &Engine, purpose: Purpose, presence: &Presence) -> Result<CertifiedKey, BrokerError> {
        let key = P256Key::generate()?;
        let request = CertificateRequest { purpose, csr: Base64(csr::make(&key)?), presence: presence.protocol() };
        let issued = engine.issue(&self.credential, presence.owner(), &request)?;
        let leaf = Leaf::parse(&issued.certificate.0)?;
        let differs = [
            ("key", *leaf.public_key() != key.public()),
            ("purpose", leaf.identity().purpose != purpose),
            ("session", leaf.identity().session != self.session),
            ("subject", *leaf.subject() != self.subject),
        ];
        match differs.into_iter().find(|(_, differs)| *differs) {
            Some((what, _)) => Err(BrokerError::CertificateMismatch { what }),
            None => Ok(CertifiedKey { key, leaf }),
        }
    }
}
