//! A world whose engine rotates every key but its root's: another log with its own name, and people who log in again.

use std::cell::RefCell;
use std::sync::Arc;

use signer_core::crypto::{Ed25519Key, P256Key, SignP256 as _};
use signer_core::protocol::RegisterPerson;
use signer_core::time::Timestamp;
use signer_core::trust_root::{LogPart, Parts, TrustRoot, ValidFor};
use signer_engine::deployment::Deployment;
use signer_engine::engine::Engine;
use signer_engine::store::memory::MemoryStore;

use crate::office::{self, Office, Party, copy};
use crate::world::{PERSON, World};

/// The origin of the log that follows.
pub const NEXT_ORIGIN: &str = "log-80.7f.chancery.internal";

impl Office {
    /// Fresh keys under the same root.
    #[must_use]
    pub fn rotated(&self, now: Timestamp) -> Self {
        let fresh = Self::new(now);
        let under = |make: office::MakeAuthority, key: P256Key| self.certified(make, key, now);
        Self {
            issuing: under(signer_core::issue::issuing, fresh.issuing.key),
            time: under(signer_core::issue::time_authority, fresh.time.key),
            countersign: under(signer_core::issue::countersigning_authority, fresh.countersign.key),
            ct: fresh.ct,
            log: Ed25519Key::generate().unwrap(),
            root: Party { key: copy(&self.root.key), certificate: self.root.certificate.clone() },
        }
    }
}

impl World {
    /// Rotates everything at this second. Gives the trust root that names old and new.
    pub fn rotates(&mut self) -> TrustRoot {
        let now = self.now();
        let (before, after) = (&self.office, self.office.rotated(now));
        let log = LogPart {
            origin: NEXT_ORIGIN.to_owned(),
            key: after.log.public(),
            valid_for: ValidFor { start: now, end: None },
        };
        let mut coming = Parts { logs: vec![log], ..after.trust_parts(now) };
        coming.certificate_authorities.iter_mut().for_each(|part| part.valid_for.start = now);
        coming.time_authorities.iter_mut().for_each(|part| part.valid_for.start = now);
        coming.ct_logs.iter_mut().for_each(|part| part.valid_for.start = now);
        let keys = [before.log.public().to_spki_der().unwrap(), before.ct.public().to_spki_der().unwrap()];
        let authorities = [&before.issuing, &before.countersign, &before.time];
        let leaving: Vec<&[u8]> =
            keys.iter().map(Vec::as_slice).chain(authorities.map(|party| party.certificate.as_slice())).collect();
        let trust = before.trust(now).succeed(&leaving, now.plus(1), coming).unwrap();
        let deployment = Deployment { origin: NEXT_ORIGIN.to_owned(), ..office::deployment() };
        let store = MemoryStore::default();
        let (reader, writer) = (Arc::new(store.clone()), Box::new(store));
        let opened = Engine::open(after.keys(), deployment, self.policy().clone(), reader, writer);
        let (engine, ledger) = opened.unwrap();
        (self.engine, self.ledger, self.office) = (engine, RefCell::new(ledger), after);
        self.sessions.borrow_mut().clear();
        let person = RegisterPerson { person: PERSON.parse().unwrap() };
        assert!(self.ask(self.engine.register_person(&person, now)).is_ok());
        trust
    }
}
