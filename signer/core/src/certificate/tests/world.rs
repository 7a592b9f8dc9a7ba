//! Keys, certificates and a trust root made for one test, and a forge that signs what the engine never would.

use const_oid::ObjectIdentifier;
use der::asn1::{Any, BitString, OctetString};
use der::{Decode, Encode};
use x509_cert::certificate::{Certificate, TbsCertificate};
use x509_cert::ext::Extension;

use crate::certificate::parsed::Parsed;
use crate::crypto::{Ed25519Key, P256Key, P256Public, SignP256};
use crate::digest::Digest;
use crate::identity::{ActorClass, Custody, Enrolment, Purpose, Subject};
use crate::issue::{self, Authority, IssueError, LeafRequest};
use crate::leaf::{AgentName, Claim, ClaimSource, Hop, LeafIdentity};
use crate::oid;
use crate::profile;
use crate::scope::{Operation, Scope};
use crate::sct::Promise;
use crate::time::{Timestamp, Window};
use crate::trust_root::{AuthorityPart, CtLogPart, LogPart, Parts, TrustRoot, ValidFor};

pub(crate) const ISSUER: &str = "https://example.chancery.internal";
pub(crate) const ORIGIN: &str = "log-1.example.chancery.internal";
pub(crate) const DAY: u64 = 86_400;

pub(crate) fn now() -> Timestamp {
    Timestamp::from_unix(1_795_000_000).unwrap()
}

pub(crate) fn days(before: u64, after: u64) -> Window {
    Window { start: now().minus(before * DAY), end: now().plus(after * DAY) }
}

/// One of the functions of `issue` that certify an authority.
type MakeAuthority = fn(&P256Public, Window, [u8; 20], &Authority<'_>) -> Result<Vec<u8>, IssueError>;

/// A key and the certificate that goes with it.
pub(crate) struct Keyed {
    pub(crate) key: P256Key,
    pub(crate) certificate: Vec<u8>,
}

impl Keyed {
    pub(crate) fn authority(&self) -> Authority<'_> {
        Authority { key: &self.key, certificate_der: &self.certificate }
    }

    /// An authority that `root` certifies.
    pub(crate) fn under(root: &Self, window: Window, make: MakeAuthority) -> Self {
        let key = P256Key::generate().unwrap();
        let certificate = make(&key.public(), window, serial(), &root.authority()).unwrap();
        Self { key, certificate }
    }

    pub(crate) fn root(window: Window) -> Self {
        let key = P256Key::generate().unwrap();
        let certificate = issue::root("Example", &key, window, serial()).unwrap();
        Self { key, certificate }
    }
}

pub(crate) struct World {
    pub(crate) root: Keyed,
    pub(crate) issuing: Keyed,
    pub(crate) time: Keyed,
    pub(crate) countersigning: Keyed,
    pub(crate) ct: P256Key,
    pub(crate) log: Ed25519Key,
    pub(crate) holder: P256Key,
}

impl World {
    pub(crate) fn new() -> Self {
        let root = Keyed::root(days(100, 3_000));
        Self {
            issuing: Keyed::under(&root, days(10, 300), issue::issuing),
            time: Keyed::under(&root, days(10, 300), issue::time_authority),
            countersigning: Keyed::under(&root, days(10, 300), issue::countersigning_authority),
            root,
            ct: P256Key::generate().unwrap(),
            log: Ed25519Key::generate().unwrap(),
            holder: P256Key::generate().unwrap(),
        }
    }

    pub(crate) fn parts(&self) -> Parts {
        let valid_for = ValidFor { start: now().minus(10 * DAY), end: None };
        let chain = |uri: &str, keyed: &Keyed| AuthorityPart {
            uri: uri.into(),
            certificate: keyed.certificate.clone(),
            root: self.root.certificate.clone(),
            valid_for,
        };
        Parts {
            certificate_authorities: vec![chain("https://ca.example.chancery.internal", &self.issuing)],
            logs: vec![LogPart { origin: ORIGIN.into(), key: self.log.public(), valid_for }],
            ct_logs: vec![CtLogPart {
                base_url: "https://ct.example.chancery.internal".into(),
                key: self.ct.public(),
                valid_for,
            }],
            time_authorities: vec![
                chain("https://countersign.example.chancery.internal", &self.countersigning),
                chain("https://time.example.chancery.internal", &self.time),
            ],
        }
    }

    pub(crate) fn trust_root(&self) -> TrustRoot {
        TrustRoot::new(self.parts()).unwrap()
    }

    pub(crate) fn issue(&self, subject: &Subject, identity: &LeafIdentity) -> Result<Vec<u8>, IssueError> {
        self.issue_for(subject, identity, life())
    }

    pub(crate) fn issue_for(
        &self,
        subject: &Subject,
        identity: &LeafIdentity,
        window: Window,
    ) -> Result<Vec<u8>, IssueError> {
        let public_key = self.holder.public();
        let request =
            LeafRequest { subject, identity, public_key: &public_key, window, serial: serial(), issuer_url: ISSUER };
        issue::leaf(&request, &self.issuing.authority(), &self.ct, now().unix() * 1000)
    }

    /// The leaf of an agent that a person has sent.
    pub(crate) fn leaf(&self) -> Vec<u8> {
        self.issue(&agent_subject(), &agent()).unwrap()
    }

    /// A leaf of the issuing authority, altered before it was promised and signed.
    pub(crate) fn forge(&self, alter: impl FnOnce(&mut TbsCertificate)) -> Vec<u8> {
        self.forge_signed_by(&self.issuing.key, alter)
    }

    pub(crate) fn forge_signed_by(&self, key: &P256Key, alter: impl FnOnce(&mut TbsCertificate)) -> Vec<u8> {
        let mut tbs = tbs_of(&self.leaf());
        alter(&mut tbs);
        promise(&mut tbs, &self.ct, &key.public());
        signed(tbs, key)
    }
}

/// Replaces the promise of a certificate, where it has one, by one for its altered content.
pub(crate) fn promise(tbs: &mut TbsCertificate, ct: &P256Key, issuer: &P256Public) {
    let mut bare = tbs.clone();
    bare.extensions.as_mut().unwrap().retain(|extension| extension.extn_id != oid::SCT_LIST);
    let made = Promise::make(ct, now().unix() * 1000, issuer, &bare.to_der().unwrap()).unwrap();
    for extension in tbs.extensions.as_mut().unwrap().iter_mut().filter(|extension| extension.extn_id == oid::SCT_LIST)
    {
        extension.extn_value = OctetString::new(made.to_extension().unwrap()).unwrap();
    }
}

pub(crate) fn tbs_of(der: &[u8]) -> TbsCertificate {
    Certificate::from_der(der).unwrap().tbs_certificate
}

pub(crate) fn signed(tbs: TbsCertificate, key: &P256Key) -> Vec<u8> {
    let signature = BitString::from_bytes(&key.sign_p256(&tbs.to_der().unwrap()).unwrap()).unwrap();
    let signature_algorithm = tbs.signature.clone();
    Certificate { tbs_certificate: tbs, signature_algorithm, signature }.to_der().unwrap()
}

/// The certificate with the fields of its signed part replaced as raw DER, which the types could not write.
pub(crate) fn rewritten(der: &[u8], alter: impl FnOnce(&mut Vec<Any>)) -> Vec<u8> {
    let mut outer = Vec::<Any>::from_der(der).unwrap();
    let mut fields = Vec::<Any>::from_der(&outer[0].to_der().unwrap()).unwrap();
    alter(&mut fields);
    outer[0] = Any::from_der(&fields.to_der().unwrap()).unwrap();
    outer.to_der().unwrap()
}

pub(crate) fn extension(tbs: &mut TbsCertificate, oid: ObjectIdentifier) -> &mut Extension {
    tbs.extensions.as_mut().unwrap().iter_mut().find(|extension| extension.extn_id == oid).unwrap()
}

pub(crate) fn set(tbs: &mut TbsCertificate, oid: ObjectIdentifier, value: &[u8]) {
    extension(tbs, oid).extn_value = OctetString::new(value).unwrap();
}

pub(crate) fn remove(tbs: &mut TbsCertificate, oid: ObjectIdentifier) {
    tbs.extensions.as_mut().unwrap().retain(|extension| extension.extn_id != oid);
}

/// Inserts an extension before the promise of logging.
pub(crate) fn insert(tbs: &mut TbsCertificate, oid: ObjectIdentifier, critical: bool, value: &[u8]) {
    let extensions = tbs.extensions.as_mut().unwrap();
    let extn_value = OctetString::new(value).unwrap();
    extensions.insert(extensions.len() - 1, Extension { extn_id: oid, critical, extn_value });
}

pub(crate) fn serial() -> [u8; 20] {
    crate::crypto::random().unwrap()
}

pub(crate) fn life() -> Window {
    Window { start: now(), end: now().plus(profile::LEAF_LIFETIME) }
}

pub(crate) fn agent_subject() -> Subject {
    Subject::agent("example.chancery.internal", &"builder".parse().unwrap(), "s-1").unwrap()
}

pub(crate) fn scope(paths: &[&str]) -> Scope {
    Scope {
        repositories: vec!["r-1".into()],
        targets: vec!["refs/heads/main".into()],
        paths: paths.iter().map(|path| (*path).into()).collect(),
        operations: vec![Operation::Add, Operation::Modify],
        purposes: vec![Purpose::Commit],
        max_paths: 100,
        max_bytes: 1 << 20,
    }
}

pub(crate) fn hop(actor: &str, class: ActorClass, paths: &[&str], depth: u8) -> Hop {
    Hop {
        actor: actor.parse().unwrap(),
        class,
        certificate: Digest::of(b"certificate"),
        grant: Digest::of(actor.as_bytes()),
        scope: scope(paths),
        window: Window { start: now().minus(3_600), end: now().plus(36_000) },
        depth,
    }
}

/// An agent under one hop of a person.
pub(crate) fn agent() -> LeafIdentity {
    LeafIdentity {
        class: ActorClass::Agent,
        purpose: Purpose::Commit,
        agent: Some(AgentName { name: "builder".parse().unwrap(), class: "coder".parse().unwrap() }),
        session: "s-1".into(),
        sponsor: Some("alice@example.com".parse().unwrap()),
        hops: vec![hop("alice@example.com", ActorClass::Person, &["src/", "docs/"], 1)],
        scope: scope(&["src/"]),
        enrolment: Enrolment::Grant,
        custody: Custody::SharedUser,
        claims: vec![Claim { name: "model".into(), value: "m-1".into(), source: ClaimSource::Launcher }],
    }
}

pub(crate) fn person() -> LeafIdentity {
    LeafIdentity {
        class: ActorClass::Person,
        agent: None,
        sponsor: None,
        hops: Vec::new(),
        scope: scope(&["/"]),
        enrolment: Enrolment::Terminal,
        claims: Vec::new(),
        ..agent()
    }
}

pub(crate) fn workload() -> LeafIdentity {
    LeafIdentity { class: ActorClass::Workload, enrolment: Enrolment::OpenId, ..person() }
}

/// The certificate as the crate reads it, for tests of chains.
pub(crate) fn parsed(der: &[u8], profile: &'static profile::Profile) -> Parsed {
    Parsed::parse(der, profile).unwrap()
}
