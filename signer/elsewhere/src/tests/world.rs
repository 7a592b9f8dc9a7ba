//! Keys and certificates of a deployment, the trust root over them, and a token. Its time lies in the past of any clock.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use signer_core::crypto::{self, Ed25519Key, P256Key, P256Public, SignP256 as _};
use signer_core::digest::Digest;
use signer_core::identity::{ActorClass, Custody, Enrolment, Purpose};
use signer_core::issue::{self, Authority, IssueError, LeafRequest};
use signer_core::leaf::LeafIdentity;
use signer_core::protocol::Base64;
use signer_core::scope::Scope;
use signer_core::time::{Timestamp, Window};
use signer_core::trust_root::{AuthorityPart, CtLogPart, LogPart, Parts, TrustRoot, ValidFor};

pub(super) const SUBJECT: &str = "bob@example.org";
pub(super) const ISSUER: &str = "https://idp.example.org";
pub(super) const ORIGIN: &str = "log.example.org";
/// Rekor v1 puts the tree's number behind its name.
pub(super) const ORIGIN_1: &str = "rekor.example.org - 1193050959916656506";
const DAY: u64 = 86_400;

pub(super) fn now() -> Timestamp {
    Timestamp::from_unix(1_700_000_000).unwrap()
}

type Made = Result<Vec<u8>, IssueError>;

/// A key and its certificate.
pub(super) struct Keyed {
    pub(super) key: P256Key,
    pub(super) certificate: Vec<u8>,
}

impl Keyed {
    pub(super) fn root() -> Self {
        let key = P256Key::generate().unwrap();
        let certificate = issue::root("Example", &key, days(2000), crypto::random().unwrap()).unwrap();
        Self { key, certificate }
    }

    pub(super) fn under(root: &Self, make: impl Fn(&P256Public, Window, [u8; 20], &Authority<'_>) -> Made) -> Self {
        let key = P256Key::generate().unwrap();
        let certificate = make(&key.public(), days(90), crypto::random().unwrap(), &root.authority()).unwrap();
        Self { key, certificate }
    }

    pub(super) fn authority(&self) -> Authority<'_> {
        Authority { key: &self.key, certificate_der: &self.certificate }
    }
}

fn days(count: u64) -> Window {
    Window { start: now().minus(DAY), end: now().plus(count * DAY) }
}

/// A deployment's keys, and what a certificate of it says.
pub(super) struct World {
    pub(super) root: Keyed,
    pub(super) issuing: Keyed,
    pub(super) clock: Keyed,
    pub(super) ct: P256Key,
    pub(super) log: Ed25519Key,
    pub(super) log_1: P256Key,
    /// What stands in the trust root, whatever keys sign.
    published: Vec<u8>,
    pub(super) subject: &'static str,
    pub(super) issuer: &'static str,
    pub(super) life: Window,
    pub(super) stamped_at: Timestamp,
    pub(super) logged_at: Timestamp,
}

impl World {
    pub(super) fn new() -> Self {
        let root = Keyed::root();
        let mut world = Self {
            issuing: Keyed::under(&root, issue::issuing),
            clock: Keyed::under(&root, issue::time_authority),
            root,
            ct: P256Key::generate().unwrap(),
            log: Ed25519Key::generate().unwrap(),
            log_1: P256Key::generate().unwrap(),
            published: Vec::new(),
            subject: SUBJECT,
            issuer: ISSUER,
            life: Window { start: now().minus(5), end: now().plus(595) },
            stamped_at: now().plus(1),
            logged_at: now().plus(2),
        };
        world.published = world.publish();
        world
    }

    /// The trust root as it was when the world was made: keys that changed since are a stranger's.
    pub(super) fn trust_root(&self) -> Vec<u8> {
        self.published.clone()
    }

    fn publish(&self) -> Vec<u8> {
        let valid_for = ValidFor { start: now().minus(DAY), end: None };
        let chain = |uri: &str, keyed: &Keyed| AuthorityPart {
            uri: uri.into(),
            certificate: keyed.certificate.clone(),
            root: self.root.certificate.clone(),
            valid_for,
        };
        let parts = Parts {
            certificate_authorities: vec![chain("https://ca.example.org", &self.issuing)],
            logs: vec![LogPart { origin: ORIGIN.into(), key: self.log.public(), valid_for }],
            ct_logs: vec![CtLogPart { base_url: "https://ct.example.org".into(), key: self.ct.public(), valid_for }],
            time_authorities: vec![chain("https://time.example.org", &self.clock)],
        };
        let mut document: Value = serde_json::from_slice(&TrustRoot::new(parts).unwrap().to_json()).unwrap();
        document["tlogs"].as_array_mut().unwrap().push(json!({
            "baseUrl": "https://rekor.example.org", "hashAlgorithm": "SHA2_256",
            "publicKey": {
                "rawBytes": Base64(self.log_1_spki()), "keyDetails": "PKIX_ECDSA_P256_SHA_256",
                "validFor": { "start": now().minus(DAY) },
            },
            "logId": { "keyId": Base64(self.log_1_id().as_bytes().to_vec()) },
        }));
        serde_json::to_vec(&document).unwrap()
    }

    fn log_1_spki(&self) -> Vec<u8> {
        self.log_1.public().to_spki_der().unwrap()
    }

    /// RFC 6962 3.2, as Rekor v1 names itself.
    pub(super) fn log_1_id(&self) -> Digest {
        Digest::of(&self.log_1_spki())
    }

    pub(super) fn leaf(&self, key: &P256Public) -> Vec<u8> {
        let request = LeafRequest {
            subject: &self.subject.parse().unwrap(),
            identity: &identity(),
            public_key: key,
            window: self.life,
            serial: crypto::random().unwrap(),
            issuer_url: self.issuer,
        };
        issue::leaf(&request, &self.issuing.authority(), &self.ct, now().unix() * 1000).unwrap()
    }
}

fn identity() -> LeafIdentity {
    LeafIdentity {
        class: ActorClass::Person,
        purpose: Purpose::Artifact,
        agent: None,
        session: "s-1".into(),
        sponsor: None,
        hops: vec![],
        scope: Scope {
            repositories: vec![],
            targets: vec![],
            paths: vec!["/".into()],
            operations: vec![],
            purposes: vec![Purpose::Artifact],
            max_paths: 1,
            max_bytes: 1,
        },
        enrolment: Enrolment::Terminal,
        custody: Custody::SharedUser,
        claims: vec![],
    }
}

/// What an honest issuer says of Bob.
pub(super) fn claims() -> Value {
    json!({ "iss": ISSUER, "aud": "sigstore", "sub": "7", "email": SUBJECT, "email_verified": true, "exp": now().unix() + 60 })
}

/// A token, signed by nobody: only an authority would look.
pub(super) fn token(claims: &Value) -> String {
    let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
    format!("{}.{}.{}", part("{}"), part(&claims.to_string()), part("signature"))
}
