//! A log that says what a test wants, and a witness with a state of its own.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use signer_core::checkpoint::{Checkpoint, KeyRole, VerifierKey};
use signer_core::crypto::Ed25519Key;
use signer_core::digest::Digest;
use signer_core::merkle::{Frontier, leaf_hash};
use signer_core::time::Timestamp;
use signer_core::witness::Submission;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use zeroize::Zeroizing;

use super::super::memory::{Memory, Refused};
use super::super::routes::{self, Desk};
use super::super::{Cosigner, WitnessFailure};
use crate::clock::Clock;
use crate::credential::Credential;
use crate::rim::connection;
use crate::state::StateDirectory;

pub(crate) fn now() -> Timestamp {
    Timestamp::from_unix(1_795_000_000).unwrap()
}

/// A log whose entries are numbers.
pub(crate) struct Log {
    key: Ed25519Key,
    pub(crate) named: VerifierKey,
}

impl Log {
    pub(crate) fn new(origin: &str) -> Self {
        let key = Ed25519Key::generate().unwrap();
        let named = VerifierKey::new(origin, KeyRole::Log, key.public()).unwrap();
        Self { key, named }
    }

    pub(crate) fn origin_hash(&self) -> String {
        Digest::of(self.named.name().as_bytes()).to_hex()
    }

    pub(crate) fn checkpoint(&self, size: u64) -> Checkpoint {
        let mut frontier = Frontier::new();
        for leaf in &leaves(size) {
            frontier.push(*leaf);
        }
        Checkpoint { origin: self.named.name().to_owned(), size, root: frontier.root() }
    }

    pub(crate) fn note(&self, size: u64) -> String {
        self.checkpoint(size).sign(&self.key)
    }

    pub(crate) fn sign(&self, size: u64, root: Digest) -> String {
        Checkpoint { root, ..self.checkpoint(size) }.sign(&self.key)
    }

    pub(crate) fn sign_text(&self, text: &str) -> String {
        let blob = [self.named.hint().as_slice(), &self.key.sign(text.as_bytes())].concat();
        format!("{text}\n— {} {}\n", self.named.name(), STANDARD.encode(blob))
    }

    /// The honest submission from one size to another.
    pub(crate) fn submission(&self, old: u64, size: u64) -> String {
        let old_size = usize::try_from(old).unwrap();
        let proof = signer_log::prove_consistency(&leaves(size), old_size).unwrap_or_default();
        Submission { old_size: old, proof, note: &self.note(size) }.to_body()
    }
}

fn leaves(size: u64) -> Vec<Digest> {
    (0..size).map(|index| leaf_hash(&index.to_be_bytes())).collect()
}

/// A witness.
pub(crate) struct Office {
    folder: TempDir,
    pub(super) credential: Credential,
    memory: Option<Arc<Memory>>,
    pub(super) runtime: Runtime,
}

impl Office {
    pub(crate) fn new(logs: &[&Log]) -> Self {
        Self::named("witness.example", &logs.iter().map(|log| log.named.clone()).collect::<Vec<_>>())
    }

    pub(crate) fn named(name: &str, logs: &[VerifierKey]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let text = crate::owner::generate().unwrap();
        let credential = Credential::new(Zeroizing::new(text.as_bytes().to_vec())).unwrap();
        let state = StateDirectory::create(&folder.path().join("state")).unwrap();
        Cosigner::generate(name).unwrap().write(&state, &credential).unwrap();
        let cosigner = Cosigner::open(&state, &credential).unwrap();
        let memory = Memory::open(state, cosigner, logs).unwrap();
        Self { folder, credential, memory: Some(Arc::new(memory)), runtime: Runtime::new().unwrap() }
    }

    pub(crate) fn key(&self) -> &VerifierKey {
        self.memory().key()
    }

    pub(super) fn memory(&self) -> &Memory {
        self.memory.as_ref().expect("the witness runs")
    }

    pub(super) fn path(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    pub(super) fn state(&self) -> StateDirectory {
        StateDirectory::open(Path::new(&self.path())).unwrap()
    }

    pub(super) fn submit(&self, body: &str) -> Result<String, Refused> {
        self.memory().add_checkpoint(body, &Clock::from(now))
    }

    pub(super) fn add(&self, log: &Log, old: u64, size: u64) -> Result<String, Refused> {
        self.submit(&log.submission(old, size))
    }

    pub(super) fn close(&mut self) {
        self.memory = None;
    }

    pub(super) fn restart(&mut self, logs: &[&Log]) {
        self.reopen(logs).unwrap();
    }

    pub(super) fn reopen(&mut self, logs: &[&Log]) -> Result<(), WitnessFailure> {
        self.close();
        self.memory = Some(Arc::new(self.second(logs)?));
        Ok(())
    }

    /// Another witness on the same state.
    pub(super) fn second(&self, logs: &[&Log]) -> Result<Memory, WitnessFailure> {
        let state = self.state();
        let cosigner = Cosigner::open(&state, &self.credential)?;
        Memory::open(state, cosigner, &logs.iter().map(|log| log.named.clone()).collect::<Vec<_>>())
    }

    /// The witness behind HTTP, for as long as it lives.
    pub(crate) fn serve(&self) -> SocketAddr {
        let listener = self.runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        let memory = Arc::clone(self.memory.as_ref().expect("the witness runs"));
        let router = routes::router(Desk { memory, clock: Clock::from(now) });
        self.runtime.spawn(connection::serve(listener, router, std::future::pending::<()>()));
        address
    }
}
