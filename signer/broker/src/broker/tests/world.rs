//! A broker, its engine, a repository, and processes to ask from.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use signer_wire::bytes::Bytes;
use signer_wire::home::Sources;
use signer_wire::message::{Answer, CreateGrant, Login, Request, SessionStarted, SignGit};
use signer_wire::{Home, Secret};

use super::fake_engine::{FakeEngine, REPOSITORY, now};
use crate::Broker;
use crate::process::ProcessTable;
use crate::process::tests::FakeTable;

/// A script of the person's.
pub(super) const SCRIPT: u32 = 100;
/// The launcher of the agent.
pub(super) const LAUNCHER: u32 = 200;
/// The agent.
pub(super) const AGENT: u32 = 300;

pub(super) struct World {
    pub folder: tempfile::TempDir,
    pub repository: PathBuf,
    pub engine: FakeEngine,
    pub broker: Broker,
    pub fake: FakeTable,
}

impl World {
    pub(super) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let engine = FakeEngine::start();
        let state = folder.path().join("state");
        fs::create_dir(&state).unwrap();
        fs::write(state.join("config.toml"), format!("engine = \"{}\"\n", engine.url)).unwrap();
        let home = Home::resolve(Sources { flag: Some(state), ..Sources::default() }).unwrap();
        let fake = FakeTable::new();
        fake.plain(1, 0, 1).plain(SCRIPT, 1, 10).plain(LAUNCHER, SCRIPT, 20).plain(AGENT, LAUNCHER, 30);
        let broker = Broker::watching(&home, now, ProcessTable::at(fake.path()));
        let repository = folder.path().join("repository");
        let world = Self { folder, repository, engine, broker, fake };
        world.git(world.folder.path(), &["init", "-q", "-b", "main", "repository"]);
        world.write(".chancery/config.toml", &format!("repository = \"{REPOSITORY}\"\ntarget = \"refs/heads/main\"\n"));
        world
    }

    /// Where somebody logged in.
    pub(super) fn with_person() -> Self {
        let world = Self::new();
        assert!(matches!(world.broker.answer(SCRIPT, login("owner")), Answer::LoggedIn(_)));
        world
    }

    /// Where an agent runs; gives its handle.
    pub(super) fn with_agent() -> (Self, Secret) {
        let world = Self::with_person();
        let started = world.start_agent(LAUNCHER).unwrap_or_else(|code| panic!("{code}"));
        (world, started.handle)
    }

    /// Grants; gives the grant's leaf hash.
    pub(super) fn grant(&self) -> String {
        let grant = CreateGrant {
            payload_type: "application/vnd.in-toto+json".to_owned(),
            payload: Bytes(super::statements::grant_statement()),
            owner: Some(Secret::new("owner".to_owned())),
        };
        match refused(self.broker.answer(SCRIPT, Request::CreateGrant(grant))) {
            Ok(Answer::GrantCreated(created)) => created.grant,
            Ok(_) => panic!("no grant"),
            Err(code) => panic!("{code}"),
        }
    }

    /// Grants and starts a session beneath this launcher.
    pub(super) fn start_agent(&self, launcher: u32) -> Result<SessionStarted, String> {
        self.grant();
        let start = super::lifecycle::start(None, Some(REPOSITORY), Some(launcher));
        match self.broker.answer(launcher, start) {
            Answer::SessionStarted(started) => Ok(started),
            other => Err(refused(other).err().unwrap_or_default()),
        }
    }

    /// Writes a file and stages it.
    pub(super) fn write(&self, path: &str, text: &str) {
        let file = self.repository.join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
        self.git(&self.repository, &["add", "-A"]);
    }

    /// Runs the real git; gives its first line.
    pub(super) fn git(&self, folder: &Path, arguments: &[&str]) -> String {
        let mut command = Command::new("/usr/bin/git");
        command.env_clear().env("HOME", self.folder.path()).env("GIT_CONFIG_NOSYSTEM", "1").args(arguments);
        for role in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{role}_NAME"), "Alice").env(format!("GIT_{role}_EMAIL"), "alice@example.org");
        }
        let output = command.current_dir(folder).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
    }

    /// The bytes git would hand over for a commit of the index.
    pub(super) fn commit_object(&self, message: &str) -> Vec<u8> {
        let tree = self.git(&self.repository, &["write-tree"]);
        let ident = "Alice <alice@example.org> 1795000000 +0000";
        format!("tree {tree}\nauthor {ident}\ncommitter {ident}\n\n{message}\n").into_bytes()
    }

    /// Asks for a signature over a commit or tag.
    pub(super) fn sign(&self, pid: u32, object: Vec<u8>, session: Option<&Secret>, owner: Option<&str>) -> Answer {
        let directory = self.repository.as_os_str().as_encoded_bytes().to_vec();
        self.broker.answer(
            pid,
            Request::SignGit(SignGit {
                payload: Bytes(object),
                directory: Bytes(directory),
                session: session.map(|handle| Secret::new(handle.expose().to_owned())),
                owner: owner.map(|owner| Secret::new(owner.to_owned())),
            }),
        )
    }
}

pub(super) fn login(owner: &str) -> Request {
    Request::Login(Login {
        person: "alice@example.org".to_owned(),
        owner: Secret::new(owner.to_owned()),
        terminal: true,
    })
}

/// The code of a refusal.
pub(super) fn refused(answer: Answer) -> Result<Answer, String> {
    match answer {
        Answer::Refused(refusal) => Err(refusal.code),
        answer => Ok(answer),
    }
}

/// The code of what must be a refusal.
pub(super) fn code(answer: Answer) -> String {
    refused(answer).err().unwrap_or_else(|| "accepted".to_owned())
}
