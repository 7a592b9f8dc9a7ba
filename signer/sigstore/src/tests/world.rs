//! An engine's keys, a trust root over them, and a bundle made as the engine and a client make it together.

use serde_json::{Value, json};
use signer_core::attributes::ForeignAttributes;
use signer_core::bundle::Bundle;
use signer_core::checkpoint::{self, Checkpoint};
use signer_core::cms::ForeignSignature;
use signer_core::crypto::{self, Ed25519Key, P256Key, P256Public, SignP256};
use signer_core::digest::Digest;
use signer_core::foreign_time::ForeignToken;
use signer_core::identity::{ActorClass, Custody, Enrolment, Purpose, Subject};
use signer_core::issue::{self, Authority, IssueError, LeafRequest};
use signer_core::leaf::{AgentName, Hop, LeafIdentity};
use signer_core::log_entry::{self, ForeignEntry, LogEntry};
use signer_core::manifest::{Artifact, ArtifactKind, ArtifactTerms, Entry, Manifest};
use signer_core::protocol::Base64;
use signer_core::scope::{Operation, Scope};
use signer_core::time::{Timestamp, Window};
use signer_core::time_stamp::{self, Asked, Query};
use signer_core::trust_root::{AuthorityPart, CtLogPart, LogPart, Parts, TrustRoot, ValidFor};
use signer_core::{dsse, merkle, oid, token};

pub(crate) const ISSUER: &str = "https://example.chancery.internal";
const ORIGIN: &str = "log-1.example.chancery.internal";
const CONTENT: &[u8] = b"content";
const DAY: u64 = 86_400;

/// 2023-11-14, before any clock the client may read.
fn now() -> Timestamp {
    Timestamp::from_unix(1_700_000_000).unwrap()
}

pub(crate) fn signed_at() -> Timestamp {
    now().plus(5)
}

type Made = Result<Vec<u8>, IssueError>;

struct Keyed {
    key: P256Key,
    certificate: Vec<u8>,
}

impl Keyed {
    fn authority(&self) -> Authority<'_> {
        Authority { key: &self.key, certificate_der: &self.certificate }
    }

    fn under(root: &Self, make: impl Fn(&P256Public, Window, [u8; 20], &Authority<'_>) -> Made) -> Self {
        let key = P256Key::generate().unwrap();
        let certificate = make(&key.public(), years(1), crypto::random().unwrap(), &root.authority()).unwrap();
        Self { key, certificate }
    }
}

/// What the bundles are about.
pub(crate) fn artifact() -> Digest {
    Digest::of(CONTENT)
}

fn years(count: u64) -> Window {
    Window { start: now().minus(DAY), end: now().plus(count * 300 * DAY) }
}

pub(crate) struct World {
    root: Keyed,
    issuing: Keyed,
    countersigning: Keyed,
    ct: P256Key,
    log: Ed25519Key,
    holder: P256Key,
    class: ActorClass,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::of(ActorClass::Agent)
    }

    pub(crate) fn of_person() -> Self {
        Self::of(ActorClass::Person)
    }

    fn of(class: ActorClass) -> Self {
        let key = P256Key::generate().unwrap();
        let certificate = issue::root("Example", &key, years(9), crypto::random().unwrap()).unwrap();
        let root = Keyed { key, certificate };
        Self {
            issuing: Keyed::under(&root, issue::issuing),
            countersigning: Keyed::under(&root, issue::countersigning_authority),
            root,
            ct: P256Key::generate().unwrap(),
            log: Ed25519Key::generate().unwrap(),
            holder: P256Key::generate().unwrap(),
            class,
        }
    }

    pub(crate) fn trust_root(&self) -> Vec<u8> {
        let valid_for = ValidFor { start: now().minus(DAY), end: None };
        let chain = |uri: &str, keyed: &Keyed| AuthorityPart {
            uri: uri.into(),
            certificate: keyed.certificate.clone(),
            root: self.root.certificate.clone(),
            valid_for,
        };
        let parts = Parts {
            certificate_authorities: vec![chain("https://ca.example.chancery.internal", &self.issuing)],
            logs: vec![LogPart { origin: ORIGIN.into(), key: self.log.public(), valid_for }],
            ct_logs: vec![CtLogPart {
                base_url: "https://ct.example.chancery.internal".into(),
                key: self.ct.public(),
                valid_for,
            }],
            time_authorities: vec![chain("https://time.example.chancery.internal", &self.countersigning)],
        };
        TrustRoot::new(parts).unwrap().to_json()
    }

    pub(crate) fn subject(&self) -> Subject {
        match self.class {
            ActorClass::Person => "alice@example.org".parse().unwrap(),
            _ => Subject::agent("example.chancery.internal", &"builder".parse().unwrap(), "s-1").unwrap(),
        }
    }

    pub(crate) fn bundle(&self) -> Vec<u8> {
        self.bundle_of(CONTENT)
    }

    /// A countersigned bundle about a file with this content.
    pub(crate) fn bundle_of(&self, content: &[u8]) -> Vec<u8> {
        self.envelope(dsse::PAYLOAD_TYPE, statement(content))
    }

    /// A countersigned bundle of any payload.
    pub(crate) fn envelope(&self, payload_type: &str, payload: Vec<u8>) -> Vec<u8> {
        let pae = dsse::pae(payload_type, &payload);
        let signature = self.holder.sign_p256(&pae).unwrap();
        let certificate = self.leaf();
        let body = log_entry::body(&Digest::of(&pae), &signature, &certificate).unwrap();
        let bundle = Bundle {
            certificate,
            payload_type: payload_type.to_owned(),
            payload,
            token: self.stamp(&signature),
            signature,
            entry: self.log(&body),
            foreign: None,
        };
        bundle.to_json().unwrap()
    }

    /// A bundle of an artifact's own signature, whose log entry has the body that `log` makes of digest, signature and
    /// certificate.
    pub(crate) fn message(&self, content: &[u8], log: impl Fn(&Digest, &[u8], &[u8]) -> Vec<u8>) -> Value {
        let signature = self.holder.sign_p256(content).unwrap();
        let certificate = self.leaf();
        let body = log(&Digest::of(content), &signature, &certificate);
        let digest = Base64(Digest::of(content).as_bytes().to_vec());
        let stamp = Base64(token::response(&self.stamp(&signature)));
        json!({
            "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
            "messageSignature": {
                "messageDigest": { "algorithm": "SHA2_256", "digest": digest },
                "signature": Base64(signature),
            },
            "verificationMaterial": {
                "certificate": { "rawBytes": Base64(certificate) },
                "timestampVerificationData": { "rfc3161Timestamps": [{ "signedTimestamp": stamp }] },
                "tlogEntries": [self.log(&body).to_bundle_json(&body).unwrap()],
            },
        })
    }

    /// The signature of a git object, made without an engine.
    pub(crate) fn object(&self, object: &[u8]) -> ForeignSignature {
        let certificate = self.leaf();
        let named = Some(Digest::of(&certificate));
        self.over(ForeignAttributes::new(Digest::of(object), now(), named).unwrap(), certificate)
    }

    /// The same over these attributes.
    pub(crate) fn over(&self, attributes: ForeignAttributes, certificate: Vec<u8>) -> ForeignSignature {
        let signature = self.holder.sign_p256(attributes.der()).unwrap();
        let body = log_entry::body(&Digest::of(attributes.der()), &signature, &certificate).unwrap();
        let entry = ForeignEntry { entry: self.log(&body), proof_index: 1, promise: None };
        ForeignSignature {
            attributes,
            token: Some(self.stamp_at(&signature, signed_at(), true)),
            signature,
            certificate,
            entry,
        }
    }

    /// A stamp over a signature at any time, in the form that has no certificates or as an authority writes it.
    pub(crate) fn stamp_at(&self, signature: &[u8], time: Timestamp, is_bare: bool) -> Vec<u8> {
        let Keyed { key, certificate } = &self.countersigning;
        let asked = Asked::new(Digest::of(signature), [7; 8]);
        let query = Query::from_der(&asked.to_der()).unwrap();
        let reply = time_stamp::grant(key, certificate, &query, time, &[7; 16]).unwrap();
        let token = asked.check(&reply).unwrap();
        if is_bare { ForeignToken::read(token).unwrap().to_der().unwrap() } else { token.to_vec() }
    }

    /// The key the bundles are signed with, DER.
    pub(crate) fn key(&self) -> Vec<u8> {
        self.holder.public().to_spki_der().unwrap()
    }

    fn stamp(&self, signature: &[u8]) -> Vec<u8> {
        let Keyed { key, certificate } = &self.countersigning;
        let decision = Digest::of(b"decision");
        let serial = crypto::random().unwrap();
        token::mint(key, certificate, oid::COUNTERSIGN_POLICY, signature, signed_at(), &serial, Some(&decision))
            .unwrap()
    }

    /// The second entry of a log of two.
    fn log(&self, body: &[u8]) -> LogEntry {
        let first = merkle::leaf_hash(b"first");
        let root = merkle::node_hash(&first, &merkle::leaf_hash(body));
        let checkpoint = Checkpoint { origin: ORIGIN.to_owned(), size: 2, root };
        let log_id = checkpoint::log_id(ORIGIN, &self.log.public());
        LogEntry { index: 1, log_id, size: 2, root, hashes: vec![first], checkpoint: checkpoint.sign(&self.log) }
    }

    fn leaf(&self) -> Vec<u8> {
        let request = LeafRequest {
            subject: &self.subject(),
            identity: &self.identity(),
            public_key: &self.holder.public(),
            window: Window { start: now(), end: now().plus(600) },
            serial: crypto::random().unwrap(),
            issuer_url: ISSUER,
        };
        issue::leaf(&request, &self.issuing.authority(), &self.ct, now().unix() * 1000).unwrap()
    }

    fn identity(&self) -> LeafIdentity {
        let person = LeafIdentity {
            class: ActorClass::Person,
            purpose: Purpose::Artifact,
            agent: None,
            session: "s-1".into(),
            sponsor: None,
            hops: vec![],
            scope: scope(),
            enrolment: Enrolment::Terminal,
            custody: Custody::SharedUser,
            claims: vec![],
        };
        if self.class == ActorClass::Person {
            return person;
        }
        LeafIdentity {
            class: self.class,
            agent: Some(AgentName { name: "builder".parse().unwrap(), class: "coder".parse().unwrap() }),
            sponsor: Some("alice@example.org".parse().unwrap()),
            hops: vec![hop()],
            enrolment: Enrolment::Grant,
            ..person
        }
    }
}

fn hop() -> Hop {
    Hop {
        actor: "alice@example.org".parse().unwrap(),
        class: ActorClass::Person,
        certificate: Digest::of(b"certificate"),
        grant: Digest::of(b"grant"),
        scope: scope(),
        window: years(1),
        depth: 0,
    }
}

fn scope() -> Scope {
    Scope {
        repositories: vec!["repo-00112233445566778899aabbccddeeff".into()],
        targets: vec!["refs/heads/main".into()],
        paths: vec!["src/".into()],
        operations: vec![Operation::Add],
        purposes: vec![Purpose::Artifact],
        max_paths: 100,
        max_bytes: 1 << 20,
    }
}

fn statement(content: &[u8]) -> Vec<u8> {
    let size = u64::try_from(content.len()).unwrap();
    let file = Entry { path: "app".parse().unwrap(), size, sha256: Digest::of(content), executable: false };
    let terms = ArtifactTerms { kind: ArtifactKind::File, manifest: Manifest::new(vec![file]).unwrap() };
    Artifact { name: "app".parse().unwrap(), terms }.into_statement().unwrap().encode().unwrap()
}
