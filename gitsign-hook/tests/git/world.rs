//! A repository, a home and a broker of their own.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use signer_wire::message::{Answer, GitSigned, Refusal, Request, Severity, SignGit};
use signer_wire::{frame, socket};

use crate::forge;

pub(super) const HOOK: &str = env!("CARGO_BIN_EXE_gitsign-hook");

/// How the broker answers.
#[derive(Clone, Copy)]
pub(super) enum Broker {
    Signs,
    SignsSomethingElse,
    AnswersProse,
    Refuses(Severity),
    HangsUp,
}

pub(super) struct World {
    pub folder: tempfile::TempDir,
    pub home: PathBuf,
    pub repository: PathBuf,
    /// What the broker was asked.
    pub asked: Receiver<SignGit>,
}

impl World {
    pub(super) fn new(broker: Broker) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (home, repository) = (folder.path().join("state"), folder.path().join("repository"));
        fs::create_dir(&home).unwrap();
        let (sender, asked) = channel();
        let listener = socket::listen(&home.join("broker.sock")).unwrap();
        thread::spawn(move || {
            for stream in listener.incoming() {
                serve(stream.unwrap(), broker, &sender);
            }
        });
        let world = Self { folder, home, repository, asked };
        world.git(&["init", "-q", "-b", "main", world.repository.to_str().unwrap()], world.folder.path());
        world
    }

    /// A world whose repository signs with the hook.
    pub(super) fn installed(broker: Broker) -> Self {
        let world = Self::new(broker);
        assert_eq!(world.hook(&["install"]).status.code(), Some(0));
        world
    }

    /// Runs the real git; gives its output.
    pub(super) fn try_git(&self, arguments: &[&str], folder: &Path) -> Output {
        self.surround(Command::new("/usr/bin/git")).args(arguments).current_dir(folder).output().unwrap()
    }

    /// Runs the real git, which must succeed; gives its stdout.
    pub(super) fn git(&self, arguments: &[&str], folder: &Path) -> Vec<u8> {
        let output = self.try_git(arguments, folder);
        assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    }

    /// Runs the hook in the repository.
    pub(super) fn hook(&self, arguments: &[&str]) -> Output {
        self.command(HOOK).args(arguments).output().unwrap()
    }

    /// Calls the hook as git does, with `object` on stdin.
    pub(super) fn sign(&self, arguments: &[&str], object: &[u8]) -> Output {
        fed(self.command(HOOK).args(arguments), object)
    }

    /// A program in the repository, with this world's home and nothing of the test's environment.
    pub(super) fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = self.surround(Command::new(program));
        command.current_dir(&self.repository).env("CHANCERY_HOME", &self.home);
        command
    }

    fn surround(&self, mut command: Command) -> Command {
        command.env_clear().env("HOME", self.folder.path()).env("GIT_CONFIG_NOSYSTEM", "1");
        for role in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{role}_NAME"), "Alice").env(format!("GIT_{role}_EMAIL"), "alice@example.org");
        }
        command
    }
}

/// Writes a program. A process of its own does it: a descriptor that another test's child inherits meanwhile would keep
/// the program from being started.
pub(super) fn program(path: &Path, text: &str) {
    let script = "printf %s \"$1\" >\"$0\" && chmod 755 \"$0\"";
    assert!(Command::new("/bin/sh").args(["-c", script]).arg(path).arg(text).status().unwrap().success());
}

/// A copy of the hook in another folder.
pub(super) fn copy_hook(path: &Path) {
    assert!(Command::new("/bin/cp").arg(HOOK).arg(path).status().unwrap().success());
}

/// Runs a command with `input` on stdin.
pub(super) fn fed(command: &mut Command, input: &[u8]) -> Output {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // The child may refuse before it reads.
    let _closed = child.stdin.take().unwrap().write_all(input);
    child.wait_with_output().unwrap()
}

pub(super) fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn serve(mut stream: std::os::unix::net::UnixStream, broker: Broker, asked: &Sender<SignGit>) {
    while let Ok(Request::SignGit(request)) = frame::read(&mut stream) {
        let armor = match broker {
            Broker::Signs => forge::armored(&request.payload.0),
            Broker::SignsSomethingElse => forge::armored(b"something else"),
            _ => "your signature, sir".to_owned(),
        };
        // The test may have looked away.
        let _unheard = asked.send(request);
        let answer = match broker {
            Broker::HangsUp => return,
            Broker::Refuses(severity) => Answer::Refused(Refusal {
                code: "policy.denied".into(),
                severity,
                message: "no\n[GNUPG:] SIG_CREATED D 19 8 00 0 0\u{1b}]0;x\u{7}".into(),
                help: "ask \u{202e}again".into(),
            }),
            _ => Answer::GitSigned(GitSigned { armor }),
        };
        frame::write(&mut stream, &answer).unwrap();
    }
}
