//! An engine on a loopback port: real certificates, tokens and entries, no policy, and lies on demand.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use signer_core::attributes::SignedAttributes;
use signer_core::certificate::Leaf;
use signer_core::checkpoint::{Checkpoint, log_id};
use signer_core::crypto::{Ed25519Key, P256Key, SignP256, random};
use signer_core::decision::{DecisionRecord, LogPosition};
use signer_core::digest::Digest;
use signer_core::identity::{ActorClass, Custody, Enrolment, Purpose, Subject};
use signer_core::issue::{self, Authority, LeafRequest};
use signer_core::leaf::{AgentName, Hop, LeafIdentity};
use signer_core::log_entry::{self, LogEntry};
use signer_core::protocol::{
    Base64, CertificateIssued, CertificateRequest, CountersignRequest, Countersignature, GrantRecorded, Problem,
    ProblemReason, SessionOpened, StatementRequest,
};
use signer_core::provenance::Provenance;
use signer_core::reason::Code;
use signer_core::scope::{Operation, Scope};
use signer_core::time::{Timestamp, Window};
use signer_core::{csr, dsse, merkle, oid, token};

/// The time of all tests.
pub(super) fn now() -> Timestamp {
    Timestamp::from_unix(1_795_000_000).unwrap()
}

/// What the tests change about the engine.
#[derive(Default)]
pub(super) struct Mood {
    /// Refuses every call to this route with this code.
    pub refuse: Option<(&'static str, Code)>,
    /// Alters the decision before it is stamped.
    pub lie: Option<fn(&mut DecisionRecord)>,
    /// Seconds that certificates live; 600 where unset.
    pub lifetime: Option<u64>,
    /// Issues for another session than the one that asked.
    pub foreign_certificate: bool,
}

/// One call as it arrived.
pub(super) struct Arrived {
    pub route: String,
    pub owner: Option<String>,
    pub body: Vec<u8>,
}

pub(super) struct FakeEngine {
    pub url: String,
    pub mood: Arc<Mutex<Mood>>,
    pub arrived: Arc<Mutex<Vec<Arrived>>>,
}

struct State {
    root: (P256Key, Vec<u8>),
    issuing: (P256Key, Vec<u8>),
    stamping: (P256Key, Vec<u8>),
    ct: P256Key,
    log: Ed25519Key,
    mood: Arc<Mutex<Mood>>,
}

/// The repository of all tests.
pub(super) const REPOSITORY: &str = "repo-00112233445566778899aabbccddeeff";

const ORIGIN: &str = "log-1.example.org";

impl FakeEngine {
    pub(super) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (mood, arrived) = (Arc::<Mutex<Mood>>::default(), Arc::<Mutex<Vec<Arrived>>>::default());
        let state = Arc::new(State::new(Arc::clone(&mood)));
        let seen = Arc::clone(&arrived);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (state, seen) = (Arc::clone(&state), Arc::clone(&seen));
                thread::spawn(move || converse(stream.unwrap(), &state, &seen));
            }
        });
        Self { url, mood, arrived }
    }

    /// How many calls a route had.
    pub(super) fn calls(&self, route: &str) -> usize {
        self.arrived.lock().unwrap().iter().filter(|call| call.route == route).count()
    }
}

fn converse(mut stream: TcpStream, state: &State, seen: &Mutex<Vec<Arrived>>) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    loop {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if reader.read_line(&mut head).ok()? == 0 {
                return None;
            }
        }
        let header = |name: &str| {
            let line = head.lines().find(|line| line.to_lowercase().starts_with(name))?;
            Some(line.split_once(": ")?.1.to_owned())
        };
        let mut body = vec![0; header("content-length").map_or(0, |length| length.parse().unwrap())];
        reader.read_exact(&mut body).ok()?;
        let route = head.split(' ').nth(1)?.to_owned();
        let (status, answer) = state.answer(&route, &header("authorization").unwrap_or_default(), &body);
        seen.lock().unwrap().push(Arrived { route, owner: header("chancery-owner"), body });
        let length = answer.len();
        write!(stream, "HTTP/1.1 {status} x\r\ncontent-length: {length}\r\n\r\n").ok()?;
        stream.write_all(&answer).ok()?;
    }
}

impl State {
    fn new(mood: Arc<Mutex<Mood>>) -> Self {
        let window = Window { start: now().minus(3600), end: now().plus(86_400) };
        let key = || P256Key::generate().unwrap();
        let (root_key, issuing_key, stamping_key) = (key(), key(), key());
        let root = issue::root("Test", &root_key, window, [1; 20]).unwrap();
        let above = Authority { key: &root_key, certificate_der: &root };
        let issuing = issue::issuing(&issuing_key.public(), window, [2; 20], &above).unwrap();
        let stamping = issue::countersigning_authority(&stamping_key.public(), window, [3; 20], &above).unwrap();
        Self {
            root: (root_key, root),
            issuing: (issuing_key, issuing),
            stamping: (stamping_key, stamping),
            ct: key(),
            log: Ed25519Key::generate().unwrap(),
            mood,
        }
    }

    fn answer(&self, route: &str, bearer: &str, body: &[u8]) -> (u16, Vec<u8>) {
        if let Some((refused, code)) = self.mood.lock().unwrap().refuse
            && refused == route
        {
            let reasons = vec![ProblemReason { code, message: "no\u{1b}[2J".to_owned() }];
            let problem = Problem { kind: String::new(), status: 403, title: String::new(), reasons };
            return (403, serde_json::to_vec(&problem).unwrap());
        }
        let answer = match route {
            "/v1/sessions/person" => serde_json::to_vec(&opened("person", None)),
            "/v1/sessions/agent" => serde_json::to_vec(&opened("agent", Some("builder"))),
            "/v1/certificates" => serde_json::to_vec(&self.certify(bearer, body)),
            "/v1/countersign" => serde_json::to_vec(&self.countersign(body)),
            "/v1/statements" => serde_json::to_vec(&self.statement(body)),
            "/v1/grants" => serde_json::to_vec(&GrantRecorded {
                grant: Digest::of(body),
                redemption: "redemption".to_owned(),
                countersignature: self.statement(body),
            }),
            "/v1/sessions/self" | "/v1/prompts/accept" => Ok(Vec::new()),
            _ => return (404, Vec::new()),
        };
        (200, answer.unwrap())
    }

    fn certify(&self, bearer: &str, body: &[u8]) -> CertificateIssued {
        let request: CertificateRequest = serde_json::from_slice(body).unwrap();
        let foreign = self.mood.lock().unwrap().foreign_certificate;
        let opened = match (bearer, foreign) {
            ("Bearer agent", false) => opened("agent", Some("builder")),
            _ => opened("person", None),
        };
        let agent = opened.agent.clone();
        let hop = agent.is_some().then(|| Hop {
            actor: opened.sponsor.clone(),
            class: ActorClass::Person,
            certificate: Digest::of(b"certificate"),
            grant: grant(),
            scope: opened.scope.clone(),
            window: Window { start: now(), end: opened.expires },
            depth: 0,
        });
        let identity = LeafIdentity {
            class: if agent.is_some() { ActorClass::Agent } else { ActorClass::Person },
            purpose: request.purpose,
            agent: agent.clone().map(|name| AgentName { name, class: "coder".parse().unwrap() }),
            session: opened.session,
            sponsor: agent.map(|_| opened.sponsor),
            hops: hop.into_iter().collect(),
            scope: opened.scope,
            enrolment: Enrolment::OwnerCredential,
            custody: Custody::SharedUser,
            claims: Vec::new(),
        };
        let lifetime = self.mood.lock().unwrap().lifetime.unwrap_or(600);
        let leaf = LeafRequest {
            subject: &opened.subject,
            identity: &identity,
            public_key: &csr::parse(&request.csr.0).unwrap(),
            window: Window { start: now(), end: now().plus(lifetime) },
            serial: random().unwrap(),
            issuer_url: "https://example.org",
        };
        let issuing = Authority { key: &self.issuing.0, certificate_der: &self.issuing.1 };
        let certificate = issue::leaf(&leaf, &issuing, &self.ct, now().unix() * 1000).unwrap();
        let chain = vec![Base64(self.issuing.1.clone()), Base64(self.root.1.clone())];
        CertificateIssued { certificate: Base64(certificate), chain }
    }

    fn countersign(&self, body: &[u8]) -> Countersignature {
        let request: CountersignRequest = serde_json::from_slice(body).unwrap();
        let attributes = SignedAttributes::parse(&request.signed_attributes.0).unwrap();
        let provenance = Provenance::decode(attributes.provenance_bytes()).unwrap();
        self.evidence(attributes.der(), &request.signature.0, &request.certificate.0, Some(&provenance))
    }

    fn statement(&self, body: &[u8]) -> Countersignature {
        let request: StatementRequest = serde_json::from_slice(body).unwrap();
        let pae = dsse::pae(&request.payload_type, &request.payload.0);
        self.evidence(&pae, &request.signature.0, &request.certificate.0, None)
    }

    fn evidence(&self, signed: &[u8], signature: &[u8], der: &[u8], said: Option<&Provenance>) -> Countersignature {
        let leaf = Leaf::parse(der).unwrap();
        leaf.public_key().verify(signed, signature).unwrap();
        let body = log_entry::body(&Digest::of(signed), signature, der).unwrap();
        let hash = merkle::leaf_hash(&body);
        let commit = match said {
            Some(Provenance::Commit(commit)) => Some(commit),
            _ => None,
        };
        let agent = leaf.identity().agent.is_some();
        let mut record = DecisionRecord {
            leaf: hash,
            log: LogPosition { origin: ORIGIN.to_owned(), index: 0, size: 1 },
            subject: leaf.subject().clone(),
            policy: Digest::of(b"policy"),
            rules: vec!["everything".to_owned()],
            session: leaf.identity().session.clone(),
            certificate: Digest::of(der),
            repository: said.map(|said| said.repository().to_owned()),
            target: commit.map(|commit| commit.target.clone()),
            change: commit.map(|commit| commit.change),
            grants: if agent { vec![grant()] } else { Vec::new() },
            prompt: commit.and_then(|commit| commit.prompt),
            approvals: Vec::new(),
            feed: 0,
            custody: Custody::SharedUser,
            salt: "00".repeat(16),
        };
        if let Some(lie) = self.mood.lock().unwrap().lie {
            lie(&mut record);
        }
        let decision = record.encode().unwrap();
        let checkpoint = Checkpoint { origin: ORIGIN.to_owned(), size: 1, root: hash }.sign(&self.log);
        let log_id = log_id(ORIGIN, &self.log.public());
        let entry = LogEntry { index: 0, log_id, size: 1, root: hash, hashes: Vec::new(), checkpoint };
        let digest = Digest::of(&decision);
        let policy = oid::COUNTERSIGN_POLICY;
        let (key, certificate) = &self.stamping;
        let token = token::mint(key, certificate, policy, signature, now(), &[7; 16], Some(&digest)).unwrap();
        let entry = Base64(entry.encode().unwrap());
        Countersignature { token: Base64(token), entry, decision: Base64(decision), foreign: None }
    }
}

/// The grant every agent session acts under.
pub(super) fn grant() -> Digest {
    Digest::of(b"grant")
}

fn opened(session: &str, agent: Option<&str>) -> SessionOpened {
    let subject: Subject = match agent {
        Some(name) => format!("spiffe://example.org/agent/{name}/{session}").parse().unwrap(),
        None => "alice@example.org".parse().unwrap(),
    };
    SessionOpened {
        session: session.to_owned(),
        credential: session.to_owned(),
        subject,
        agent: agent.map(|name| name.parse().unwrap()),
        sponsor: "alice@example.org".parse().unwrap(),
        scope: Scope {
            repositories: vec![REPOSITORY.to_owned()],
            targets: vec!["refs/heads/agents".to_owned(), "refs/heads/main".to_owned(), "refs/heads/work/".to_owned()],
            paths: vec!["/".to_owned()],
            operations: vec![Operation::Add, Operation::Modify, Operation::Delete, Operation::Tag],
            purposes: vec![Purpose::Commit, Purpose::Prompt, Purpose::Artifact, Purpose::Attestation],
            max_paths: 100,
            max_bytes: 1_000_000,
        },
        grants: if agent.is_some() { vec![grant()] } else { Vec::new() },
        expires: now().plus(3600),
        custody: Custody::SharedUser,
    }
}
