//! Repositories for tests, made by the real `git` with fixed names and dates and no configuration of this machine.

pub(crate) mod history;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::{ObjectFormat, ObjectId, Repository};

pub(crate) struct World {
    home: TempDir,
    pub(crate) format: ObjectFormat,
}

impl World {
    pub(crate) fn new(format: ObjectFormat) -> Self {
        let world = Self { home: TempDir::new().unwrap(), format };
        fs::create_dir(world.path()).unwrap();
        world.git(&["init", "-q", "-b", "main", "--object-format", format.as_str()]);
        world
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.home.path().join("work")
    }

    pub(crate) fn beside(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    pub(crate) fn open(&self) -> Repository {
        Repository::open(&self.path()).unwrap()
    }

    pub(crate) fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// Commits everything in the work tree.
    pub(crate) fn commit(&self, message: &str) -> ObjectId {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "--allow-empty", "-m", message]);
        self.id("HEAD")
    }

    pub(crate) fn id(&self, revision: &str) -> ObjectId {
        self.git(&["rev-parse", "--verify", revision]).trim().parse().unwrap()
    }

    pub(crate) fn raw(&self, kind: &str, id: &ObjectId) -> Vec<u8> {
        self.git_bytes(&["cat-file", kind, &id.to_string()], b"")
    }

    /// Stores any bytes as an object, the way an attacker does.
    pub(crate) fn forge(&self, kind: &str, bytes: &[u8]) -> ObjectId {
        let args = ["hash-object", "-w", "-t", kind, "--literally", "--stdin"];
        String::from_utf8(self.git_bytes(&args, bytes)).unwrap().trim().parse().unwrap()
    }

    /// Where git keeps an object that is not packed.
    pub(crate) fn loose_file(&self, id: &ObjectId) -> PathBuf {
        let hex = id.to_string();
        let (directory, name) = hex.split_at(2);
        self.path().join(".git/objects").join(directory).join(name)
    }

    /// A commit object of this tree and these parents, with no file in the work tree.
    pub(crate) fn commit_tree(&self, tree: &str, parents: &[ObjectId], message: &str) -> ObjectId {
        let parents: Vec<_> = parents.iter().flat_map(|parent| ["-p".to_owned(), parent.to_string()]).collect();
        let mut args = vec!["commit-tree", tree, "-m", message];
        args.extend(parents.iter().map(String::as_str));
        self.git(&args).trim().parse().unwrap()
    }

    pub(crate) fn git(&self, args: &[&str]) -> String {
        String::from_utf8(self.git_bytes(args, b"")).unwrap()
    }

    pub(crate) fn git_bytes(&self, args: &[&str], input: &[u8]) -> Vec<u8> {
        let mut child =
            self.command(&self.path()).args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(input).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "git {args:?}");
        output.stdout
    }

    pub(crate) fn command(&self, directory: &Path) -> Command {
        let mut command = Command::new("git");
        command.env_clear().env("PATH", std::env::var_os("PATH").unwrap()).env("HOME", self.home.path());
        command.env("GIT_CONFIG_NOSYSTEM", "1").env("LC_ALL", "C").current_dir(directory);
        for (role, name) in [("AUTHOR", "Ada Lovelace"), ("COMMITTER", "Charles Babbage")] {
            command.env(format!("GIT_{role}_NAME"), name).env(format!("GIT_{role}_EMAIL"), "ab@example.com");
            command.env(format!("GIT_{role}_DATE"), "1795000000 +0130");
        }
        command.args(["-c", "protocol.file.allow=always", "-c", "gc.auto=0"]);
        command
    }

    /// Makes git sign with a program that prints `armor` and keeps what it was given; returns where.
    pub(crate) fn sign_with(&self, armor: &str) -> PathBuf {
        let (program, printed, given) = (self.beside("gpg"), self.beside("armor"), self.beside("given"));
        fs::write(&printed, armor).unwrap();
        let script = format!(
            "#!/bin/sh\ncat > '{}'\ncat '{}'\necho >&2\necho '[GNUPG:] SIG_CREATED D' >&2\n",
            given.display(),
            printed.display()
        );
        fs::write(&program, script).unwrap();
        let mut mode = fs::metadata(&program).unwrap().permissions();
        std::os::unix::fs::PermissionsExt::set_mode(&mut mode, 0o755);
        fs::set_permissions(&program, mode).unwrap();
        self.git(&["config", "gpg.format", "x509"]);
        self.git(&["config", "gpg.x509.program", program.to_str().unwrap()]);
        self.git(&["config", "user.signingkey", "key"]);
        given
    }
}

pub(crate) const ARMOR: &str = "-----BEGIN SIGNED MESSAGE-----\nAAAA\nBBBB\n-----END SIGNED MESSAGE-----\n";
pub(crate) const FORMATS: [ObjectFormat; 2] = [ObjectFormat::Sha1, ObjectFormat::Sha256];
