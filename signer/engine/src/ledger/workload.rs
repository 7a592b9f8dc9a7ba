//! The engine as a workload: the key that signs audit heads lives an hour, in memory only, under a leaf of the profile
//! every verifier knows already.

use signer_core::crypto::{self, P256Key, SignP256};
use signer_core::digest::Digest;
use signer_core::identity::{ActorClass, Custody, Enrolment, Purpose, Subject};
use signer_core::issue::{self, LeafRequest};
use signer_core::leaf::LeafIdentity;
use signer_core::scope::Scope;
use signer_core::time::{Timestamp, Window};

use super::RecordError;
use crate::deployment::Deployment;
use crate::event::{EventKind, Occurrence};
use crate::keys::Authorities;

/// Life of a workload key: the longest a leaf may live.
const SECONDS: u64 = 3600;

/// A key of the engine's own, with its certificate.
pub(super) struct Workload {
    pub(super) key: P256Key,
    pub(super) certificate: Vec<u8>,
    pub(super) window: Window,
    subject: Subject,
}

impl Workload {
    pub(super) fn certify(
        authorities: &Authorities,
        deployment: &Deployment,
        now: Timestamp,
    ) -> Result<Self, RecordError> {
        let key = P256Key::generate()?;
        let subject: Subject = format!("spiffe://{}/engine", deployment.trust_domain).parse()?;
        let window = Window { start: now, end: now.plus(SECONDS) };
        let request = LeafRequest {
            subject: &subject,
            identity: &identity(),
            public_key: &key.public(),
            window,
            serial: crypto::random()?,
            issuer_url: &deployment.issuer_url,
        };
        let issuing =
            issue::Authority { key: &authorities.issuing.key, certificate_der: &authorities.issuing.certificate };
        let certificate = issue::leaf(&request, &issuing, &authorities.ct, now.unix().saturating_mul(1000))?;
        Ok(Self { key, certificate, window, subject })
    }

    pub(super) fn occurrence(&self) -> Occurrence {
        Occurrence::new(EventKind::Issuance, &self.subject).about(Digest::of(&self.certificate))
    }
}

/// Who the engine is in the certificate of its workload key: enrolled by whoever started it with its credential, and it
/// may touch no repository.
pub fn identity() -> LeafIdentity {
    LeafIdentity {
        class: ActorClass::Workload,
        purpose: Purpose::Attestation,
        agent: None,
        session: "engine".to_owned(),
        sponsor: None,
        hops: Vec::new(),
        scope: Scope {
            repositories: Vec::new(),
            targets: Vec::new(),
            paths: Vec::new(),
            operations: Vec::new(),
            purposes: vec![Purpose::Attestation],
            max_paths: 0,
            max_bytes: 0,
        },
        enrolment: Enrolment::OwnerCredential,
        custody: Custody::Engine,
        claims: Vec::new(),
    }
}
