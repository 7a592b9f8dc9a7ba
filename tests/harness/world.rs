//! One world: engine, people, agents, repository, clock.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use ci::run::{self, Request, Selection};
use signer_core::anchor::RepositoryId;
use signer_core::change::ChangeList;
use signer_core::crypto::{self, P256Key};
use signer_core::grant::{Grant, Grantee};
use signer_core::identity::{Custody, Purpose};
use signer_core::nonce::Nonce;
use signer_core::protocol::{OpenPersonSession, RedeemGrant, RegisterAgent, RegisterPerson, SessionOpened};
use signer_core::reason::Code;
use signer_core::scope::{Operation, Scope};
use signer_core::time::{Timestamp, Window};
use signer_core::verdict::Verdict;
use signer_core::verify::{SignedCommit, Verified, Verifier, VerifyError};
use signer_engine::answer::Answer;
use signer_engine::engine::Engine;
use signer_engine::ledger::Ledger;
use signer_engine::prepared::Prepared;
use signer_engine::store::memory::MemoryStore;
use signer_git::ObjectFormat;
use signer_policy::PolicySet;

use crate::actor::Actor;
use crate::checkout::Checkout;
use crate::office::{self, Office};

/// The person of every world.
pub const PERSON: &str = "ada@example.org";

/// Read once: most of a test's time would go into it.
static BASELINE: LazyLock<PolicySet> = LazyLock::new(|| PolicySet::baseline().unwrap());

/// A world of its own.
pub struct World {
    /// The engine's authorities.
    pub office: Office,
    /// The repository.
    pub checkout: Checkout,
    /// Signs anchors.
    pub keyholder: P256Key,
    /// The id the anchor gives to the repository.
    pub repository: RepositoryId,
    pub(crate) engine: Engine,
    pub(crate) ledger: RefCell<Ledger>,
    now: Cell<Timestamp>,
    pub(crate) sessions: RefCell<HashMap<String, SessionOpened>>,
}

impl World {
    /// A world whose repository had one commit before it was adopted.
    pub fn new() -> Self {
        Self::in_format(ObjectFormat::Sha1)
    }

    /// The same in another object format.
    pub fn in_format(format: ObjectFormat) -> Self {
        let world = Self::unadopted(format);
        world.checkout.write("README.md", "Older than the anchor.\n");
        let payload = world.checkout.payload(&world.checkout.tree(), &[], "old@example.org", "Start");
        world.checkout.advance(&payload);
        world.adopts();
        world
    }

    /// A world whose repository was empty when it was adopted.
    pub fn from_nothing() -> Self {
        let world = Self::unadopted(ObjectFormat::Sha1);
        world.adopts();
        world
    }

    /// A world whose repository is empty and not adopted yet.
    pub fn unadopted(format: ObjectFormat) -> Self {
        let now = Timestamp::from_unix(1_795_000_000).unwrap();
        let office = Office::new(now);
        let store = MemoryStore::default();
        let (reader, writer) = (Arc::new(store.clone()), Box::new(store));
        let opened = Engine::open(office.keys(), office::deployment(), BASELINE.clone(), reader, writer);
        let (engine, ledger) = opened.unwrap();
        let world = Self {
            office,
            checkout: Checkout::new(format),
            keyholder: P256Key::generate().unwrap(),
            repository: RepositoryId::from_random(crypto::random().unwrap()),
            engine,
            ledger: RefCell::new(ledger),
            now: Cell::new(now),
            sessions: RefCell::default(),
        };
        let person = RegisterPerson { person: PERSON.parse().unwrap() };
        assert!(world.ask(world.engine.register_person(&person, now)).is_ok());
        world
    }

    /// The engine itself, for requests that no honest client makes.
    pub const fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Number of log entries.
    pub fn logged(&self) -> u64 {
        self.ledger.borrow().size()
    }

    /// The time.
    pub fn now(&self) -> Timestamp {
        self.now.get()
    }

    /// Lets time pass.
    pub fn passes(&self, seconds: u64) {
        self.now.set(self.now().plus(seconds));
    }

    /// The baseline policy.
    pub fn policy(&self) -> &'static PolicySet {
        &BASELINE
    }

    /// Ada, in a session on a broker.
    pub fn person(&self) -> Actor<'_> {
        let opened = self.remembered(PERSON, || {
            let request = OpenPersonSession { person: PERSON.parse().unwrap(), custody: Custody::Broker };
            session(self.ask(self.engine.open_person_session(&request, self.now())))
        });
        Actor::new(self, opened)
    }

    /// An agent of Ada's within [`World::scope`].
    pub fn agent(&self, name: &str) -> Actor<'_> {
        let opened = self.remembered(name, || self.delegates(name, self.scope()));
        Actor::new(self, opened)
    }

    /// An agent of Ada's within a scope of the test's own.
    pub fn agent_within(&self, name: &str, scope: Scope) -> Actor<'_> {
        let opened = self.delegates(name, scope);
        self.sessions.borrow_mut().insert(name.to_owned(), opened.clone());
        Actor::new(self, opened)
    }

    /// What agents may do unless a test says otherwise.
    pub fn scope(&self) -> Scope {
        Scope {
            repositories: vec![self.repository.to_string()],
            targets: vec!["refs/heads/".to_owned()],
            paths: vec!["src/".to_owned()],
            operations: vec![Operation::Add, Operation::Modify, Operation::Delete],
            purposes: vec![Purpose::Commit, Purpose::Prompt, Purpose::Artifact],
            max_paths: 5,
            max_bytes: 1000,
        }
    }

    /// The verdict over everything since the adoption.
    pub fn verify(&self) -> Verdict {
        self.judge(&self.anchor_file(1), Selection::All)
    }

    /// The verdict over one commit.
    pub fn verify_commit(&self, id: &str) -> Verdict {
        self.judge(&self.anchor_file(1), Selection::Commit(id.to_owned()))
    }

    /// The verdict over one tag.
    pub fn verify_tag(&self, name: &str) -> Verdict {
        self.judge(&self.anchor_file(1), Selection::Tag(name.to_owned()))
    }

    /// The verdict over any selection, from any anchor.
    pub fn judge(&self, anchor: &str, selection: Selection) -> Verdict {
        let (repository, anchor) = (self.checkout.path(), anchor.to_owned());
        run::verify(&Request { repository, anchor, selection, feed: None, fail_fast: false, now: self.now() })
    }

    /// A verifier under this engine's trust root.
    pub fn verifier(&self) -> Verifier {
        Verifier::new(self.office.trust(self.now()), self.now())
    }

    /// What the core says of a commit object: V1 to V14, the change list recomputed from git.
    pub fn check(&self, object: &[u8]) -> Result<Verified<SignedCommit>, VerifyError> {
        self.check_with(&self.verifier(), object)
    }

    /// The same under a verifier of the test's own.
    pub fn check_with(&self, verifier: &Verifier, object: &[u8]) -> Result<Verified<SignedCommit>, VerifyError> {
        let signed = signer_git::commit::split_signature(object, self.checkout.format()).unwrap();
        let changes = self.changes(&signed.payload);
        verifier.commit(&signed.payload, &signed.armor, &self.repository.to_string(), &changes)
    }

    /// What a commit changes.
    pub fn changes(&self, payload: &[u8]) -> ChangeList {
        let commit = signer_git::Commit::parse(payload, self.checkout.format()).unwrap();
        signer_git::change_list(&self.checkout.open(), &commit).unwrap()
    }

    /// The bytes of a commit of the work tree on top of `HEAD`, which nobody has signed.
    pub fn payload(&self) -> Vec<u8> {
        let parents: Vec<String> = self.checkout.head().into_iter().collect();
        self.checkout.payload(&self.checkout.tree(), &parents, PERSON, "Change something")
    }

    /// Has the engine commit one request.
    pub fn ask(&self, prepared: Prepared) -> Result<Answer, Code> {
        self.ask_at(prepared, self.now())
    }

    /// The same at a time of the engine's clock that is not the world's.
    pub fn ask_at(&self, prepared: Prepared, now: Timestamp) -> Result<Answer, Code> {
        let mut outcomes = self.ledger.borrow_mut().commit(vec![prepared], now);
        match outcomes.remove(0) {
            Ok(recorded) => Ok(recorded.into_inner()),
            Err(refusal) => Err(refusal.code()),
        }
    }

    fn remembered(&self, name: &str, open: impl FnOnce() -> SessionOpened) -> SessionOpened {
        if let Some(opened) = self.sessions.borrow().get(name) {
            return opened.clone();
        }
        let opened = open();
        self.sessions.borrow_mut().insert(name.to_owned(), opened.clone());
        opened
    }

    /// Registers an agent, grants it a scope and redeems the grant.
    fn delegates(&self, name: &str, scope: Scope) -> SessionOpened {
        let register = RegisterAgent {
            name: name.parse().unwrap(),
            class: "coder".parse().unwrap(),
            sponsor: PERSON.parse().unwrap(),
        };
        assert!(self.ask(self.engine.register_agent(&register, self.now())).is_ok());
        let grant = Grant {
            grantee: Grantee { agent: register.name, class: None },
            scope,
            window: Window { start: self.now(), end: self.now().plus(3600) },
            depth: 0,
            task: None,
            salt: Nonce::from_bytes(crypto::random().unwrap()),
        };
        let person = self.person();
        let request = person.states(Purpose::Attestation, &grant.into_statement().unwrap().encode().unwrap());
        let Ok(Answer::Grant(recorded)) = self.ask(self.engine.grant(&person.session(), &request, self.now())) else {
            panic!("no grant");
        };
        let redemption = RedeemGrant {
            grant: recorded.grant,
            redemption: recorded.redemption,
            custody: Custody::Broker,
            claims: Vec::new(),
        };
        session(self.ask(self.engine.redeem_grant(&redemption, self.now())))
    }
}

impl Default for World {
    fn default() -> Self {
        Self::new()
    }
}

fn session(answer: Result<Answer, Code>) -> SessionOpened {
    match answer {
        Ok(Answer::Session(opened)) => opened,
        other => panic!("no session: {:?}", other.err()),
    }
}
