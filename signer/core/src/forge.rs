//! Builds certificates, signatures and tokens field by field, wrong ones included, for the tests of this crate.

pub(crate) mod certificate;
pub(crate) mod mutants;
pub(crate) mod openssl;
pub(crate) mod signed_data;

use const_oid::ObjectIdentifier;

use crate::cms::{self, Evidence};
use crate::crypto::{P256Key, SignP256};
use crate::digest::Digest;
use crate::time::{Timestamp, Window};
use crate::token::{self, TimeAuthority};
use crate::{attributes, oid};

use certificate::Party;

/// The time of all tests.
pub(crate) fn now() -> Timestamp {
    Timestamp::from_unix(1_795_000_000).unwrap()
}

/// A root, a leaf under it, a countersigning and a plain time authority.
pub(crate) struct World {
    pub(crate) root: Party,
    pub(crate) leaf: Party,
    pub(crate) countersigner: Party,
    pub(crate) clock: Party,
}

impl World {
    pub(crate) fn new() -> Self {
        let root = Party::root("Root");
        let leaf = root.issues_leaf("agent builder", 2);
        let countersigner = root.issues_time_authority("Countersigning authority", 3);
        let clock = root.issues_time_authority("Time authority", 4);
        Self { root, leaf, countersigner, clock }
    }

    /// Both authorities, as a trust root would list them.
    pub(crate) fn authorities(&self) -> Vec<TimeAuthority> {
        vec![authority(&self.countersigner, oid::COUNTERSIGN_POLICY), authority(&self.clock, oid::TIME_POLICY)]
    }

    /// A countersigning token over `message`.
    pub(crate) fn countersign(&self, message: &[u8], decision: &Digest) -> Vec<u8> {
        let Party { key, certificate } = &self.countersigner;
        token::mint(key, certificate, oid::COUNTERSIGN_POLICY, message, now(), &[9; 16], Some(decision)).unwrap()
    }

    /// A token of the plain time authority over `message`.
    pub(crate) fn stamp(&self, message: &[u8]) -> Vec<u8> {
        let Party { key, certificate } = &self.clock;
        token::mint(key, certificate, oid::TIME_POLICY, message, now(), &[7; 16], None).unwrap()
    }

    /// A whole signature over `object`.
    pub(crate) fn sign(&self, object: &[u8]) -> Signed {
        let provenance = br#"{"kind":"commit","salt":"00"}"#;
        let leaf = Digest::of(&self.leaf.certificate);
        let attributes = attributes::encode(&Digest::of(object), now(), &leaf, provenance).unwrap();
        let signature = self.leaf.key.sign_p256(&attributes).unwrap();
        let decision = br#"{"rules":["a"]}"#.to_vec();
        let evidence = Evidence {
            token: self.countersign(&signature, &Digest::of(&decision)),
            entry: b"an entry of the log".to_vec(),
            decision,
            foreign: None,
        };
        let der = cms::assemble(&attributes, &signature, &self.leaf.certificate, &evidence).unwrap();
        Signed { attributes, signature, certificate: self.leaf.certificate.clone(), evidence, der }
    }
}

/// A signature and the parts it was put together from.
pub(crate) struct Signed {
    pub(crate) attributes: Vec<u8>,
    pub(crate) signature: Vec<u8>,
    pub(crate) certificate: Vec<u8>,
    pub(crate) evidence: Evidence,
    pub(crate) der: Vec<u8>,
}

/// A trust root's row for a time authority, good for an hour around the time of all tests.
pub(crate) fn authority(party: &Party, policy: ObjectIdentifier) -> TimeAuthority {
    TimeAuthority {
        certificate: party.certificate.clone(),
        public_key: P256Key::public(&party.key),
        policy,
        window: Window { start: now().minus(1800), end: now().plus(1800) },
    }
}
