//! The authorities of one engine, as `chancery-server init` makes them. The engine gets a copy of every key; this one
//! stays at hand, so that a test can have anything signed that no honest engine signs.

use signer_core::checkpoint::{self, Checkpoint};
use signer_core::crypto::{self, Ed25519Key, P256Key, P256Public, SignP256 as _};
use signer_core::digest::Digest;
use signer_core::issue::{self, IssueError, LeafRequest};
use signer_core::leaf::LeafIdentity;
use signer_core::log_entry::LogEntry;
use signer_core::merkle;
use signer_core::time::{Timestamp, Window};
use signer_core::trust_root::{AuthorityPart, CtLogPart, LogPart, Parts, TrustRoot, ValidFor};
use signer_core::{identity::Subject, oid, token};
use signer_engine::deployment::Deployment;
use signer_engine::keys::{Authority, Keys};
use zeroize::Zeroizing;

/// The origin of every world's log.
pub const ORIGIN: &str = "log-7f.7f.chancery.internal";
/// The identity issuer of every world.
pub const ISSUER: &str = "https://7f.chancery.internal";
/// The trust domain of every world.
pub const TRUST_DOMAIN: &str = "7f.chancery.internal";

const DAY: u64 = 86_400;

/// A key with its certificate.
pub struct Party {
    /// The key.
    pub key: P256Key,
    /// Its certificate, DER.
    pub certificate: Vec<u8>,
}

/// Every authority of one engine.
pub struct Office {
    /// Issues authorities.
    pub root: Party,
    /// Issues leaves.
    pub issuing: Party,
    /// Stamps time alone, `.5.0`.
    pub time: Party,
    /// Countersigns, `.5.1`.
    pub countersign: Party,
    /// Promises certificates' logging.
    pub ct: P256Key,
    /// Signs checkpoints.
    pub log: Ed25519Key,
}

/// What makes an authority's certificate.
pub(crate) type MakeAuthority = fn(&P256Public, Window, [u8; 20], &issue::Authority<'_>) -> Result<Vec<u8>, IssueError>;

impl Office {
    /// Fresh authorities that live for a year around `now`.
    pub fn new(now: Timestamp) -> Self {
        let life = life(now);
        let key = P256Key::generate().unwrap();
        let certificate = issue::root("Test", &key, life, crypto::random().unwrap()).unwrap();
        let root = Party { key, certificate };
        let under = |make: MakeAuthority| root.certifies(make, P256Key::generate().unwrap(), life);
        Self {
            issuing: under(issue::issuing),
            time: under(issue::time_authority),
            countersign: under(issue::countersigning_authority),
            ct: P256Key::generate().unwrap(),
            log: Ed25519Key::generate().unwrap(),
            root,
        }
    }

    /// The same keys once more.
    #[must_use]
    pub fn copied(&self) -> Self {
        let again = |party: &Party| Party { key: copy(&party.key), certificate: party.certificate.clone() };
        Self {
            root: again(&self.root),
            issuing: again(&self.issuing),
            time: again(&self.time),
            countersign: again(&self.countersign),
            ct: copy(&self.ct),
            log: Ed25519Key::from_pkcs8(&self.log.to_pkcs8().unwrap()).unwrap(),
        }
    }

    /// A key of somebody's under this root.
    pub(crate) fn certified(&self, make: MakeAuthority, key: P256Key, now: Timestamp) -> Party {
        self.root.certifies(make, key, Window { start: now, end: now.plus(DAY) })
    }

    /// A copy of every key for the engine.
    pub fn keys(&self) -> Keys {
        let authority = |party: &Party| Authority { key: copy(&party.key), certificate: party.certificate.clone() };
        Keys {
            root: self.root.certificate.clone(),
            issuing: authority(&self.issuing),
            ct: copy(&self.ct),
            log: Ed25519Key::from_pkcs8(&self.log.to_pkcs8().unwrap()).unwrap(),
            countersign: authority(&self.countersign),
            time: authority(&self.time),
            mac: Zeroizing::new([7; 32]),
        }
    }

    /// What the trust root is made of; trusted from a day before `now` on.
    pub fn trust_parts(&self, now: Timestamp) -> Parts {
        let valid_for = ValidFor { start: life(now).start, end: None };
        let part = |party: &Party| AuthorityPart {
            uri: ISSUER.to_owned(),
            certificate: party.certificate.clone(),
            root: self.root.certificate.clone(),
            valid_for,
        };
        Parts {
            certificate_authorities: vec![part(&self.issuing)],
            logs: vec![LogPart { origin: ORIGIN.to_owned(), key: self.log.public(), valid_for }],
            ct_logs: vec![CtLogPart { base_url: ISSUER.to_owned(), key: self.ct.public(), valid_for }],
            time_authorities: vec![part(&self.countersign), part(&self.time)],
        }
    }

    /// The trust root that names exactly these authorities.
    pub fn trust(&self, now: Timestamp) -> TrustRoot {
        TrustRoot::new(self.trust_parts(now)).unwrap()
    }

    /// A leaf by the real issuing authority, for whatever identity and time a forger likes.
    pub fn leaf(&self, subject: &Subject, identity: &LeafIdentity, key: &P256Key, window: Window) -> Vec<u8> {
        let public_key = &key.public();
        let serial = crypto::random().unwrap();
        let request = LeafRequest { subject, identity, public_key, window, serial, issuer_url: ISSUER };
        let issuing = issue::Authority { key: &self.issuing.key, certificate_der: &self.issuing.certificate };
        issue::leaf(&request, &issuing, &self.ct, window.start.unix() * 1000).unwrap()
    }

    /// A token of the countersigning authority.
    pub fn countersign(&self, message: &[u8], time: Timestamp, decision: &Digest) -> Vec<u8> {
        self.countersign.countersigns(message, time, decision)
    }

    /// A token of the plain time authority.
    pub fn stamp(&self, message: &[u8], time: Timestamp) -> Vec<u8> {
        let serial = crypto::random().unwrap();
        token::mint(&self.time.key, &self.time.certificate, oid::TIME_POLICY, message, time, &serial, None).unwrap()
    }

    /// A proof that the log holds `body` alone, at index 0 of a tree of one, signed by the log's own key.
    pub fn logs(&self, body: &[u8]) -> LogEntry {
        entry_in(ORIGIN, &self.log, &[merkle::leaf_hash(body)], 0)
    }
}

impl Party {
    /// Certifies a key as this root.
    fn certifies(&self, make: MakeAuthority, key: P256Key, life: Window) -> Self {
        let issuer = issue::Authority { key: &self.key, certificate_der: &self.certificate };
        let certificate = make(&key.public(), life, crypto::random().unwrap(), &issuer).unwrap();
        Self { key, certificate }
    }

    /// A token of this authority under the countersigning policy, whatever its certificate says.
    pub fn countersigns(&self, message: &[u8], time: Timestamp, decision: &Digest) -> Vec<u8> {
        let serial = crypto::random().unwrap();
        let policy = oid::COUNTERSIGN_POLICY;
        token::mint(&self.key, &self.certificate, policy, message, time, &serial, Some(decision)).unwrap()
    }
}

/// The entry at `index` of a tree of one or two leaves under any origin and key.
pub fn entry_in(origin: &str, key: &Ed25519Key, leaves: &[Digest], index: usize) -> LogEntry {
    let (root, hashes) = match leaves {
        [only] => (*only, Vec::new()),
        [left, right] => (merkle::node_hash(left, right), vec![if index == 0 { *right } else { *left }]),
        _ => panic!("a forged tree has one or two leaves"),
    };
    let size = u64::try_from(leaves.len()).unwrap();
    let checkpoint = Checkpoint { origin: origin.to_owned(), size, root }.sign(key);
    let log_id = checkpoint::log_id(origin, &key.public());
    LogEntry { index: u64::try_from(index).unwrap(), log_id, size, root, hashes, checkpoint }
}

/// The last entry of a tree of 2^`levels` leaves, of which nobody knows the others.
pub fn last_entry_in(origin: &str, key: &Ed25519Key, leaf: &Digest, levels: u32) -> LogEntry {
    let mut sibling = Digest::of(b"another");
    let (mut root, mut hashes) = (*leaf, Vec::new());
    for _ in 0..levels {
        root = merkle::node_hash(&sibling, &root);
        hashes.push(sibling);
        sibling = merkle::node_hash(&sibling, &sibling);
    }
    let size = 1 << levels;
    let checkpoint = Checkpoint { origin: origin.to_owned(), size, root }.sign(key);
    LogEntry { index: size - 1, log_id: checkpoint::log_id(origin, &key.public()), size, root, hashes, checkpoint }
}

/// The same key once more.
pub fn copy(key: &P256Key) -> P256Key {
    P256Key::from_pkcs8(&key.to_pkcs8().unwrap()).unwrap()
}

/// The names of every world's engine.
pub fn deployment() -> Deployment {
    Deployment { trust_domain: TRUST_DOMAIN.to_owned(), origin: ORIGIN.to_owned(), issuer_url: ISSUER.to_owned() }
}

/// When every authority is alive.
pub fn life(now: Timestamp) -> Window {
    Window { start: now.minus(DAY), end: now.plus(300 * DAY) }
}
