//! The world of the engine's tests: an own certificate authority, an empty log in memory, a fixed clock, a person, an
//! agent, and clients that sign with real keys.

mod signer;

use std::sync::{Arc, LazyLock};

use signer_core::crypto::{Ed25519Key, P256Key, P256Public, SignP256};
use signer_core::issue::{self, Authority as Issuer, IssueError};
use signer_core::protocol::{CertificateIssued, CertificateRequest, Countersignature, OpenPersonSession, Presence};
use signer_core::protocol::{GrantRecorded, RedeemGrant, RegisterAgent, RegisterPerson, SessionOpened};
use signer_core::reason::{Code, Coded as _};
use signer_core::time::{Timestamp, Window};
use signer_core::trust_root::{AuthorityPart, CtLogPart, LogPart, Parts, TrustRoot, ValidFor};
use signer_core::verify::Verifier;
use signer_policy::PolicySet;
use zeroize::Zeroizing;

use crate::answer::Answer;
use crate::deployment::Deployment;
use crate::engine::Engine;
use crate::keys::{Authority, Keys};
use crate::ledger::{Ledger, Outcome};
use crate::prepared::Prepared;
use crate::session::Session;
use crate::store::StoreWriter;
use crate::store::memory::MemoryStore;
use signer_core::identity::{Custody, Purpose};

pub(crate) use signer::{Signer, changes, commit_of, grant_for, prompt_for, scope};

/// The repository of all tests.
pub(crate) const REPOSITORY: &str = "repo-000102030405060708090a0b0c0d0e0f";
/// The origin of the log.
pub(crate) const ORIGIN: &str = "log-7f.7f.chancery.internal";

const DAY: u64 = 86_400;

/// Read once: most of a test's time would go into it.
static BASELINE: LazyLock<PolicySet> = LazyLock::new(|| PolicySet::baseline().unwrap());

/// An engine, its ledger and its store.
pub(crate) struct World {
    pub(crate) engine: Engine,
    pub(crate) ledger: Ledger,
    pub(crate) store: MemoryStore,
    pub(crate) trust: TrustRoot,
    secrets: Secrets,
    pub(crate) now: Timestamp,
}

/// The time of all tests.
pub(crate) fn now() -> Timestamp {
    Timestamp::from_unix(1_795_000_000).unwrap()
}

impl World {
    /// An engine with the baseline policy and an empty log.
    pub(crate) fn new() -> Self {
        let store = MemoryStore::default();
        Self::over(&store, Box::new(store.clone()))
    }

    /// An engine over a writer of the test's own.
    pub(crate) fn over(store: &MemoryStore, writer: Box<dyn StoreWriter>) -> Self {
        Self::under(BASELINE.clone(), store, writer)
    }

    /// An engine whose policy lets agents delegate, which the baseline leaves to people.
    pub(crate) fn delegating() -> Self {
        let store = MemoryStore::default();
        let baseline = BASELINE.clone().without_rule("authority-is-personal").unwrap();
        let mut files = baseline.files().to_vec();
        let rule = b"@id(\"agent-grant\") @reason(\"agents delegate\")
            permit (principal is Agent, action == Action::\"grant\", resource is Grant);";
        files.push(("agents-delegate.cedar".to_owned(), rule.to_vec()));
        Self::under(PolicySet::from_files(&files).unwrap(), &store, Box::new(store.clone()))
    }

    /// An engine whose policy lacks a rule.
    pub(crate) fn without(rule: &str) -> Self {
        let store = MemoryStore::default();
        Self::under(BASELINE.clone().without_rule(rule).unwrap(), &store, Box::new(store.clone()))
    }

    fn under(policy: PolicySet, store: &MemoryStore, writer: Box<dyn StoreWriter>) -> Self {
        let secrets = Secrets::generate();
        let keys = secrets.unseal();
        let trust = trust(&keys);
        let (engine, ledger) = Engine::open(keys, deployment(), policy, Arc::new(store.clone()), writer).unwrap();
        Self { engine, ledger, store: store.clone(), trust, secrets, now: now() }
    }

    /// The same engine again, over a store that may be another.
    pub(crate) fn restarted(self, store: &MemoryStore) -> Result<Self, Code> {
        self.restarted_over(store, Box::new(store.clone()))
    }

    /// The same, over a writer of the test's own.
    pub(crate) fn restarted_over(self, store: &MemoryStore, writer: Box<dyn StoreWriter>) -> Result<Self, Code> {
        let opened =
            Engine::open(self.secrets.unseal(), deployment(), BASELINE.clone(), Arc::new(store.clone()), writer);
        let (engine, ledger) = opened.map_err(|error| error.code())?;
        Ok(Self { engine, ledger, store: store.clone(), ..self })
    }

    /// The same engine with another issuing authority.
    pub(crate) fn rotated(mut self) -> Self {
        self.secrets.issuing = Secrets::generate().issuing;
        let store = self.store.clone();
        self.restarted(&store).unwrap()
    }

    /// A world in which alice answers for the agent `builder`.
    pub(crate) fn peopled() -> Self {
        let mut world = Self::new();
        world.people();
        world
    }

    pub(crate) fn people(&mut self) {
        let alice = RegisterPerson { person: "alice@example.org".parse().unwrap() };
        self.commit(self.engine.register_person(&alice, self.now)).unwrap();
        for (name, class) in [("builder", "coder"), ("helper", "coder")] {
            let agent = RegisterAgent {
                name: name.parse().unwrap(),
                class: class.parse().unwrap(),
                sponsor: alice.person.clone(),
            };
            self.commit(self.engine.register_agent(&agent, self.now)).unwrap();
        }
    }

    /// Commits one request at the world's time.
    pub(crate) fn commit(&mut self, prepared: Prepared) -> Result<Answer, Code> {
        self.commit_all(vec![prepared]).remove(0)
    }

    /// Commits a batch at the world's time.
    pub(crate) fn commit_all(&mut self, batch: Vec<Prepared>) -> Vec<Result<Answer, Code>> {
        self.ledger.commit(batch, self.now).into_iter().map(plain).collect()
    }

    /// Alice's session on a broker.
    pub(crate) fn alice(&mut self) -> Session {
        let request = OpenPersonSession { person: "alice@example.org".parse().unwrap(), custody: Custody::Broker };
        let opened = session(self.commit(self.engine.open_person_session(&request, self.now)));
        self.resume(&opened)
    }

    /// The session behind a credential, as the store has it at this moment.
    pub(crate) fn resume(&self, opened: &SessionOpened) -> Session {
        self.engine.authenticate(&opened.credential, self.now).unwrap()
    }

    /// The same session, read again.
    pub(crate) fn refreshed(&self, session: &Session) -> Session {
        use crate::store::StoreReader as _;
        Session { row: Arc::new(self.store.session(session.id()).unwrap().unwrap()) }
    }

    /// A fresh key with a certificate for `purpose`.
    pub(crate) fn signer(&mut self, session: &Session, purpose: Purpose) -> Signer {
        let key = P256Key::generate().unwrap();
        let issued = certificate(self.certify(session, purpose, &key)).certificate.0;
        Signer { key, certificate: issued }
    }

    /// Asks for a certificate as the session's class has to.
    pub(crate) fn certify(&mut self, session: &Session, purpose: Purpose, key: &P256Key) -> Result<Answer, Code> {
        let csr = signer_core::csr::make(key).unwrap();
        let presence = session.row().agent.is_none().then_some(Presence::Terminal);
        let request = CertificateRequest { purpose, csr: signer_core::protocol::Base64(csr), presence };
        self.commit(self.engine.issue_certificate(session, &request, presence, self.now))
    }

    /// A grant of alice's to `builder`.
    pub(crate) fn granted(&mut self, depth: u8) -> GrantRecorded {
        let alice = self.alice();
        let signer = self.signer(&alice, Purpose::Attestation);
        let request = signer.statement(&grant_for("builder", scope(), depth, self.now));
        grant(self.commit(self.engine.grant(&alice, &request, self.now)))
    }

    /// A session of the agent `builder` under a grant of alice's.
    pub(crate) fn builder(&mut self, depth: u8) -> Session {
        let recorded = self.granted(depth);
        self.redeemed(&recorded)
    }

    /// The session that redeeming a grant opens.
    pub(crate) fn redeemed(&mut self, recorded: &GrantRecorded) -> Session {
        let opened = session(self.commit(self.engine.redeem_grant(&redemption(recorded), self.now)));
        self.resume(&opened)
    }

    /// A verifier under this world's trust root.
    pub(crate) fn verifier(&self) -> Verifier {
        Verifier::new(self.trust.clone(), self.now)
    }
}

/// What redeems a grant.
pub(crate) fn redemption(recorded: &GrantRecorded) -> RedeemGrant {
    RedeemGrant {
        grant: recorded.grant,
        redemption: recorded.redemption.clone(),
        custody: Custody::Broker,
        claims: vec![("model".to_owned(), "m-1".to_owned())],
    }
}

pub(crate) fn plain(outcome: Outcome) -> Result<Answer, Code> {
    match outcome {
        Ok(recorded) => Ok(recorded.into_inner()),
        Err(refusal) => Err(refusal.code()),
    }
}

pub(crate) fn session(answer: Result<Answer, Code>) -> SessionOpened {
    match answer {
        Ok(Answer::Session(opened)) => opened,
        other => panic!("no session: {:?}", other.err()),
    }
}

pub(crate) fn certificate(answer: Result<Answer, Code>) -> CertificateIssued {
    match answer {
        Ok(Answer::Certificate(issued)) => issued,
        other => panic!("no certificate: {:?}", other.err()),
    }
}

pub(crate) fn grant(answer: Result<Answer, Code>) -> GrantRecorded {
    match answer {
        Ok(Answer::Grant(recorded)) => recorded,
        other => panic!("no grant: {:?}", other.err()),
    }
}

pub(crate) fn countersignature(answer: Result<Answer, Code>) -> Countersignature {
    match answer {
        Ok(Answer::Countersigned(countersignature)) => countersignature,
        other => panic!("no countersignature: {:?}", other.err()),
    }
}

/// The code of a refusal.
pub(crate) fn refusal(answer: Result<Answer, Code>) -> Code {
    answer.err().expect("the request was to be refused")
}

pub(crate) fn deployment() -> Deployment {
    Deployment {
        trust_domain: "7f.chancery.internal".to_owned(),
        origin: ORIGIN.to_owned(),
        issuer_url: "https://7f.chancery.internal".to_owned(),
    }
}

/// What `init` would have sealed.
pub(crate) struct Secrets {
    root: Vec<u8>,
    issuing: (Vec<u8>, Vec<u8>),
    time: (Vec<u8>, Vec<u8>),
    countersign: (Vec<u8>, Vec<u8>),
    ct: Vec<u8>,
    log: Vec<u8>,
}

/// A certificate under the test's root.
type MakeAuthority = fn(&P256Public, Window, [u8; 20], &Issuer<'_>) -> Result<Vec<u8>, IssueError>;

impl Secrets {
    fn generate() -> Self {
        let root_key = P256Key::generate().unwrap();
        let root = issue::root("Test", &root_key, long(), [1; 20]).unwrap();
        let under = |make: MakeAuthority, serial: u8| {
            let key = P256Key::generate().unwrap();
            let issuer = Issuer { key: &root_key, certificate_der: &root };
            let certificate = make(&key.public(), long(), [serial; 20], &issuer).unwrap();
            (key.to_pkcs8().unwrap().to_vec(), certificate)
        };
        Self {
            issuing: under(issue::issuing, 2),
            time: under(issue::time_authority, 3),
            countersign: under(issue::countersigning_authority, 4),
            ct: P256Key::generate().unwrap().to_pkcs8().unwrap().to_vec(),
            log: Ed25519Key::generate().unwrap().to_pkcs8().unwrap().to_vec(),
            root,
        }
    }

    fn unseal(&self) -> Keys {
        let authority = |(key, certificate): &(Vec<u8>, Vec<u8>)| Authority {
            key: P256Key::from_pkcs8(key).unwrap(),
            certificate: certificate.clone(),
        };
        Keys {
            root: self.root.clone(),
            issuing: authority(&self.issuing),
            ct: P256Key::from_pkcs8(&self.ct).unwrap(),
            log: Ed25519Key::from_pkcs8(&self.log).unwrap(),
            countersign: authority(&self.countersign),
            time: authority(&self.time),
            mac: Zeroizing::new([7; 32]),
        }
    }
}

/// The life of every authority.
fn long() -> Window {
    Window { start: now().minus(DAY), end: now().plus(300 * DAY) }
}

fn trust(keys: &Keys) -> TrustRoot {
    let valid_for = ValidFor { start: long().start, end: None };
    let uri = "https://7f.chancery.internal".to_owned();
    let part = |authority: &Authority| AuthorityPart {
        uri: uri.clone(),
        certificate: authority.certificate.clone(),
        root: keys.root.clone(),
        valid_for,
    };
    TrustRoot::new(Parts {
        certificate_authorities: vec![part(&keys.issuing)],
        logs: vec![LogPart { origin: ORIGIN.to_owned(), key: keys.log.public(), valid_for }],
        ct_logs: vec![CtLogPart { base_url: uri.clone(), key: keys.ct.public(), valid_for }],
        time_authorities: vec![part(&keys.countersign), part(&keys.time)],
    })
    .unwrap()
}
