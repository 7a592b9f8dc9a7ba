//! An engine whose log grows on demand, its witnesses, and witnesses that lie.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use signer_core::checkpoint::{KeyRole, VerifierKey};
use signer_core::crypto::{P256Key, SignP256 as _};
use signer_core::csr;
use signer_core::digest::Digest;
use signer_core::identity::ActorClass;
use signer_core::log_entry::LogEntry;
use signer_core::protocol::{Base64, Countersignature, RegisterPerson};
use signer_core::reason::Code;
use signer_core::trust_root::LogKey;
use signer_core::witness_policy::WitnessPolicy;
use signer_engine::answer::Answer;
use signer_engine::engine::Engine;
use signer_engine::ledger::Ledger;
use signer_engine::open_entry::{OpenEntry, Submission};
use signer_engine::open_identity::{OpenIdentity, Possession, TokenUse};
use signer_engine::past_log::WrittenLog;
use signer_engine::prepared::Prepared;
use signer_engine::refusal::Refusal;
use signer_engine::store::memory::MemoryStore;
use signer_policy::PolicySet;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use crate::clock::Clock;
use crate::engine_file::Certificates;
use crate::founding::{self, Founding};
use crate::keyring::Keyring;
use crate::rim::connection;
use crate::state::StateDirectory;
use crate::witness::tests::office::{Office, now};
use crate::witnessing::{Asking, ClosedLog, Release, Witnessing, WitnessingError, embed_nothing};

/// Long enough for an honest witness on a busy machine.
const PATIENCE: Duration = Duration::from_secs(8);

/// An engine with a log, and a folder for what it keeps of its witnesses.
pub(super) struct World {
    pub(super) engine: Arc<Engine>,
    ledger: Mutex<Ledger>,
    log: LogKey,
    keys: Vec<u8>,
    founding: (signer_engine::deployment::Deployment, Certificates),
    folder: Arc<TempDir>,
    grown: AtomicU64,
    closed: Vec<WrittenLog>,
}

impl World {
    /// A log with that many entries.
    pub(super) fn new(size: u64) -> Self {
        let Founding { deployment, certificates, keyring, trust_root, .. } =
            founding::found("Test", None, now()).unwrap();
        let log = trust_root.logs()[0].clone();
        Self::over(keyring.encode().unwrap().to_vec(), (deployment, certificates), log, size)
    }

    /// The same log from an older copy, which then grew on its own.
    pub(super) fn again(&self, size: u64) -> Self {
        Self::over(self.keys.clone(), self.founding.clone(), self.log.clone(), size)
    }

    fn over(
        keys: Vec<u8>,
        founding: (signer_engine::deployment::Deployment, Certificates),
        log: LogKey,
        size: u64,
    ) -> Self {
        let store = MemoryStore::default();
        let opened = Keyring::decode(&keys).unwrap().into_keys(&founding.1);
        let policy = PolicySet::baseline().unwrap();
        let (engine, ledger) =
            Engine::open(opened, founding.0.clone(), policy, Arc::new(store.clone()), Box::new(store)).unwrap();
        let folder = Arc::new(tempfile::tempdir().unwrap());
        StateDirectory::create(&folder.path().join("state")).unwrap();
        let (engine, ledger) = (Arc::new(engine), Mutex::new(ledger));
        let world = Self { engine, ledger, log, keys, founding, folder, grown: AtomicU64::new(0), closed: Vec::new() };
        world.grow(size);
        world
    }

    /// Makes that many more entries: each registration is under an audit head of its own.
    pub(super) fn grow(&self, by: u64) {
        for _ in 0..by {
            let number = self.grown.fetch_add(1, Ordering::Relaxed);
            let person = RegisterPerson { person: format!("p{number}@example.org").parse().unwrap() };
            self.commit(self.engine.register_person(&person, now()));
        }
    }

    fn commit(&self, prepared: Prepared) -> Answer {
        let outcome = self.ledger.lock().unwrap().commit(vec![prepared], now()).pop().unwrap();
        outcome.map_or_else(|refusal| panic!("{}", refusal.code()), signer_engine::ledger::Recorded::into_inner)
    }

    /// Signs that often, each time under a checkpoint of its own; gives the sizes that the answers name.
    pub(super) fn sign(&self, times: usize) -> Vec<u64> {
        let key = P256Key::generate().unwrap();
        let number = self.grown.fetch_add(1, Ordering::Relaxed);
        let identity = OpenIdentity {
            subject: "ada@example.org".parse().unwrap(),
            class: ActorClass::Person,
            issuer: "https://id.example.org".to_owned(),
            token_subject: "1234".to_owned(),
            challenge: "ada@example.org".to_owned(),
            token: Digest::of(&number.to_be_bytes()),
            token_use: TokenUse::Once,
        };
        let possession = Possession::Request(csr::make(&key).unwrap());
        let Answer::Certificate(issued) = self.commit(self.engine.issue_open(&identity, &possession, now()).0) else {
            panic!("no certificate");
        };
        let sign = |number: usize| {
            let signed = number.to_be_bytes();
            let signature = key.sign_p256(&signed).unwrap();
            let certificate = issued.certificate.0.clone();
            let asked = OpenEntry { digest: Digest::of(&signed), signature, certificate };
            let Submission::New { prepared, .. } = self.engine.submit_entry(&asked, now()).unwrap() else {
                panic!("it is known");
            };
            let Answer::Countersigned(given) = self.commit(prepared) else { panic!("no entry") };
            LogEntry::decode(&given.entry.0).unwrap().size
        };
        (0..times).map(sign).collect()
    }

    /// The engine on the same state whose log has followed that of `before`, which is closed.
    pub(super) fn after(before: &Self) -> Self {
        let (log, _) = before.engine.written_logs();
        let closed = vec![WrittenLog { end: Some(before.size()), ..log }];
        Self { closed, folder: Arc::clone(&before.folder), ..Self::new(1) }
    }

    /// The checkpoint over that many entries, as the log alone has signed it.
    pub(super) fn note(&self, size: u64) -> String {
        self.engine.written_logs().0.reader.checkpoint(size).unwrap().unwrap().note
    }

    /// The server is started once without cosignatures in what it answers.
    pub(super) fn embed_nothing(&self) {
        embed_nothing(&self.folder.path().join("state")).unwrap();
    }

    pub(super) fn size(&self) -> u64 {
        self.ledger.lock().unwrap().size()
    }

    pub(super) fn origin(&self) -> &str {
        &self.log.origin
    }

    pub(super) fn log(&self) -> VerifierKey {
        VerifierKey::new(&self.log.origin, KeyRole::Log, self.log.key.clone()).unwrap()
    }

    /// The text of the newest checkpoint.
    pub(super) fn text(&self) -> String {
        let note = self.engine.checkpoint().unwrap().unwrap();
        note.split_once("\n\n").unwrap().0.to_owned() + "\n"
    }

    pub(super) fn office(&self, name: &str) -> Office {
        Office::named(name, &[self.log()])
    }

    pub(super) fn policy_text(
        &self,
        quorum: usize,
        offices: &[(&Office, SocketAddr)],
        others: &[(&VerifierKey, SocketAddr)],
    ) -> String {
        let witnesses = offices.iter().map(|(office, address)| (office.key(), address));
        let witnesses: Vec<_> = witnesses.chain(others.iter().map(|(key, address)| (*key, address))).collect();
        let mut text = format!("log {}\n", self.log());
        let mut names = String::new();
        for (place, (key, address)) in witnesses.iter().enumerate() {
            writeln!(text, "witness W{place} {key} http://{address}").unwrap();
            write!(names, " W{place}").unwrap();
        }
        match quorum {
            0 => text + "quorum none\n",
            k => text + &format!("group all-of-them {k}{names}\nquorum all-of-them\n"),
        }
    }

    pub(super) fn policy(
        &self,
        quorum: usize,
        offices: &[(&Office, SocketAddr)],
        others: &[(&VerifierKey, SocketAddr)],
    ) -> WitnessPolicy {
        WitnessPolicy::parse(&self.policy_text(quorum, offices, others)).unwrap()
    }

    pub(super) fn open(&self, policy: &WitnessPolicy) -> Result<(Witnessing, Vec<Asking>), WitnessingError> {
        self.open_with(policy, Release::Witnessed { patience: PATIENCE, embeds: false })
    }

    fn open_with(
        &self,
        policy: &WitnessPolicy,
        release: Release,
    ) -> Result<(Witnessing, Vec<Asking>), WitnessingError> {
        let logs = (self.engine.written_logs().0, self.closed.clone());
        Witnessing::open(policy, release, logs, &self.folder.path().join("state"), &Clock::from(now))
    }

    /// Begins to ask.
    pub(super) fn run(&self, policy: &WitnessPolicy) -> Running {
        self.run_with(policy, Release::Witnessed { patience: PATIENCE, embeds: false })
    }

    /// The same, and answers carry the cosignatures.
    pub(super) fn run_embedding(&self, policy: &WitnessPolicy) -> Running {
        self.run_with(policy, Release::Witnessed { patience: PATIENCE, embeds: true })
    }

    /// The same while witnesses are gone: nobody waits for them.
    pub(super) fn run_in_an_outage(&self, policy: &WitnessPolicy) -> Running {
        self.run_with(policy, Release::Witnessed { patience: Duration::ZERO, embeds: true })
    }

    fn run_with(&self, policy: &WitnessPolicy, release: Release) -> Running {
        let (witnessing, asking) = self.open_with(policy, release).unwrap();
        let runtime = Runtime::new().unwrap();
        for log in asking {
            runtime.spawn(log.run(Arc::clone(&self.engine)));
        }
        let log = self.engine.written_logs().0;
        Running { witnessing, runtime: Some(runtime), engine: Arc::clone(&self.engine), log }
    }
}

/// A server that asks its witnesses.
pub(super) struct Running {
    witnessing: Witnessing,
    runtime: Option<Runtime>,
    engine: Arc<Engine>,
    log: WrittenLog,
}

impl Running {
    /// Releases an answer whose entry was proven into the tree of that size.
    pub(super) fn released(&self, size: u64) -> Result<(), Refusal> {
        self.embedded(size).map(drop)
    }

    /// The same; gives the checkpoint that the released entry carries.
    pub(super) fn embedded(&self, size: u64) -> Result<String, Refusal> {
        self.embedded_under(self.log.reader.checkpoint(size).unwrap().unwrap().note, size)
    }

    /// The same for an entry that was recorded with this checkpoint.
    pub(super) fn embedded_under(&self, checkpoint: String, size: u64) -> Result<String, Refusal> {
        let entry = LogEntry {
            index: size - 1,
            log_id: [0; 32],
            size,
            root: Digest::of(b"root"),
            hashes: Vec::new(),
            checkpoint,
        };
        let entry = Base64(entry.encode().unwrap());
        let countersignature =
            Countersignature { token: Base64(Vec::new()), entry, decision: Base64(Vec::new()), foreign: None };
        match self.wait(Answer::Countersigned(countersignature))? {
            Answer::Countersigned(released) => Ok(LogEntry::decode(&released.entry.0).unwrap().checkpoint),
            _ => unreachable!(),
        }
    }

    pub(super) fn released_without_entry(&self) -> Result<(), Refusal> {
        self.wait(Answer::Ended { at: now() }).map(drop)
    }

    fn wait(&self, answer: Answer) -> Result<Answer, Refusal> {
        self.runtime.as_ref().unwrap().block_on(self.witnessing.release(answer))
    }

    pub(super) fn published(&self) -> Result<String, Refusal> {
        self.witnessing.publish(self.engine.checkpoint().unwrap().unwrap())
    }

    pub(super) fn closed(&self) -> Vec<ClosedLog> {
        self.witnessing.closed()
    }

    pub(super) fn published_closed(&self, origin: &str, last: &str) -> String {
        self.witnessing.publish_closed(origin, last.to_owned())
    }

    /// Why the witness at that place gave no cosignature, once it did not.
    pub(super) fn problem_of(&self, place: usize) -> Code {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(problem) = self.witnessing.standings()[place].problem {
                return problem;
            }
            assert!(Instant::now() < deadline, "the witness was not asked");
            std::thread::yield_now();
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// A witness that answers what a test wants.
pub(super) struct Liar {
    pub(super) address: SocketAddr,
    _runtime: Option<Runtime>,
}

impl Liar {
    pub(super) fn says(status: StatusCode, body: &str) -> Self {
        let body = body.to_owned();
        Self::answers(move || (status, body.clone()).into_response())
    }

    pub(super) fn answers(answer: impl Fn() -> Response + Clone + Send + Sync + 'static) -> Self {
        Self::over(Router::new().fallback(move || std::future::ready(answer())))
    }

    /// Takes requests and never answers.
    pub(super) fn slow() -> Self {
        Self::over(Router::new().fallback(std::future::pending::<Response>))
    }

    /// Nobody listens there.
    pub(super) fn gone() -> Self {
        let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        Self { address, _runtime: None }
    }

    fn over(router: Router) -> Self {
        let runtime = Runtime::new().unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        runtime.spawn(connection::serve(listener, router, std::future::pending::<()>()));
        Self { address, _runtime: Some(runtime) }
    }
}
