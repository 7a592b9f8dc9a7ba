//! A forgery in the making: a signed commit whose claims, certificate, decision or time a test replaces, and which the
//! real authorities then sign as if they had been asked.

use std::rc::Rc;

use signer_core::attributes::{self, SignedAttributes};
use signer_core::certificate::Leaf;
use signer_core::crypto::{P256Key, SignP256 as _};
use signer_core::decision::{DecisionRecord, LogPosition};
use signer_core::digest::Digest;
use signer_core::leaf::LeafIdentity;
use signer_core::provenance::{CommitProvenance, Provenance};
use signer_core::time::{Timestamp, Window};
use signer_core::{log_entry, merkle};

use crate::actor::{Actor, Credential, Signed, salt};
use crate::office::ORIGIN;
use crate::parts::Parts;
use crate::world::World;

/// A commit that is about to be signed by everybody.
pub struct Draft<'w> {
    world: &'w World,
    /// The object without its signature.
    pub payload: Vec<u8>,
    /// Who signs.
    pub by: Credential,
    /// The provenance, as it will be signed.
    pub provenance: Vec<u8>,
    /// What messageDigest will say.
    pub digest: Digest,
    /// What signingCertificateV2 will say.
    pub named: Digest,
    /// What the token will say.
    pub time: Timestamp,
    /// What signingTime will say, if not the same.
    pub claimed: Option<Timestamp>,
}

impl World {
    /// Starts a forgery from an honest commit.
    pub fn forges(&self, commit: &Signed) -> Draft<'_> {
        let parts = Parts::of(&commit.bytes, self.checkout.format());
        let attributes = SignedAttributes::parse(&parts.attributes).unwrap();
        Draft {
            world: self,
            digest: Digest::of(&parts.payload),
            named: Digest::of(&parts.certificate),
            payload: parts.payload,
            by: commit.by.clone(),
            provenance: attributes.provenance_bytes().to_vec(),
            time: self.now(),
            claimed: None,
        }
    }

    /// Starts a forgery of an actor's from the bytes of a commit; it honestly says what the commit changes.
    pub fn drafts(&self, actor: &Actor<'_>, by: &Credential, payload: Vec<u8>) -> Draft<'_> {
        let provenance = Provenance::Commit(actor.provenance(&self.changes(&payload))).encode().unwrap();
        Draft {
            world: self,
            digest: Digest::of(&payload),
            named: Digest::of(&by.certificate),
            payload,
            by: by.clone(),
            provenance,
            time: self.now(),
            claimed: None,
        }
    }

    /// A certificate like another one, but for what the test changes, by the real issuing authority, over a fresh key.
    pub fn certifies(&self, like: &Credential, alter: impl FnOnce(&mut LeafIdentity, &mut Window)) -> Credential {
        let leaf = Leaf::parse(&like.certificate).unwrap();
        let (mut identity, mut window) = (leaf.identity().clone(), leaf.window());
        alter(&mut identity, &mut window);
        let key = P256Key::generate().unwrap();
        let certificate = self.office.leaf(leaf.subject(), &identity, &key, window);
        Credential { key: Rc::new(key), certificate }
    }
}

impl Draft<'_> {
    /// Has the commit say something else of itself; the decision will repeat it.
    #[must_use]
    pub fn saying(mut self, say: impl FnOnce(&mut CommitProvenance)) -> Self {
        let Ok(Provenance::Commit(mut commit)) = Provenance::decode(&self.provenance) else {
            panic!("no provenance of a commit");
        };
        say(&mut commit);
        self.provenance = Provenance::Commit(commit).encode().unwrap();
        self
    }

    /// Has somebody else sign, under their own certificate.
    #[must_use]
    pub fn signed_by(mut self, by: &Credential) -> Self {
        self.named = Digest::of(&by.certificate);
        self.by = by.clone();
        self
    }

    /// Has another object signed.
    #[must_use]
    pub fn over(mut self, payload: Vec<u8>) -> Self {
        self.digest = Digest::of(&payload);
        self.payload = payload;
        self
    }

    /// Stamps another time.
    #[must_use]
    pub const fn at(mut self, time: Timestamp) -> Self {
        self.time = time;
        self
    }

    /// Claims another time of signing.
    #[must_use]
    pub const fn claiming(mut self, time: Timestamp) -> Self {
        self.claimed = Some(time);
        self
    }

    /// Signs, logs, decides and stamps.
    pub fn parts(self) -> Parts {
        self.parts_deciding(|_| ())
    }

    /// The same with another decision than the one that repeats what was signed.
    pub fn parts_deciding(self, decide: impl FnOnce(&mut DecisionRecord)) -> Parts {
        let world = self.world;
        let claimed = self.claimed.unwrap_or(self.time);
        let attributes = attributes::encode(&self.digest, claimed, &self.named, &self.provenance).unwrap();
        let signature = self.by.key.sign_p256(&attributes).unwrap();
        let body = log_entry::body(&Digest::of(&attributes), &signature, &self.by.certificate).unwrap();
        let mut record = self.record(merkle::leaf_hash(&body));
        decide(&mut record);
        let parts = Parts {
            format: world.checkout.format(),
            payload: self.payload,
            attributes,
            signature,
            certificate: self.by.certificate,
            token: Vec::new(),
            foreign: None,
            entry: world.office.logs(&body).encode().unwrap(),
            decision: record.encode().unwrap(),
        };
        parts.stamped(&world.office, self.time)
    }

    /// The forged object.
    pub fn object(self) -> Vec<u8> {
        self.parts().object()
    }

    /// The decision that repeats certificate and provenance.
    fn record(&self, leaf: Digest) -> DecisionRecord {
        let certificate = Leaf::parse(&self.by.certificate).unwrap();
        let identity = certificate.identity();
        let commit = match Provenance::decode(&self.provenance) {
            Ok(Provenance::Commit(commit)) => Some(commit),
            Ok(Provenance::Tag(_)) | Err(_) => None,
        };
        DecisionRecord {
            leaf,
            log: LogPosition { origin: ORIGIN.to_owned(), index: 0, size: 1 },
            subject: certificate.subject().clone(),
            policy: self.world.policy().digest(),
            rules: vec!["agent-change".to_owned()],
            session: identity.session.clone(),
            certificate: certificate.digest(),
            repository: commit.as_ref().map(|commit| commit.repository.clone()),
            target: commit.as_ref().map(|commit| commit.target.clone()),
            change: commit.as_ref().map(|commit| commit.change),
            grants: identity.hops.iter().map(|hop| hop.grant).collect(),
            prompt: commit.and_then(|commit| commit.prompt),
            approvals: Vec::new(),
            feed: 0,
            custody: identity.custody,
            salt: salt(),
        }
    }
}
