//! A repository of a test's own, made by the real `git` with a fixed environment and no configuration of this machine.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use signer_git::{ObjectFormat, Repository};
use tempfile::TempDir;

/// A work tree on branch `main`.
pub struct Checkout {
    home: TempDir,
    format: ObjectFormat,
}

impl Checkout {
    /// An empty repository.
    pub fn new(format: ObjectFormat) -> Self {
        let checkout = Self { home: TempDir::new().unwrap(), format };
        fs::create_dir(checkout.path()).unwrap();
        checkout.git(&["init", "-q", "-b", "main", "--object-format", format.as_str()]);
        checkout
    }

    /// The work tree.
    pub fn path(&self) -> PathBuf {
        self.home.path().join("work")
    }

    /// A place outside the work tree that goes when the checkout goes.
    pub fn beside(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    /// How its objects are named.
    pub const fn format(&self) -> ObjectFormat {
        self.format
    }

    /// The repository as the product reads it.
    pub fn open(&self) -> Repository {
        Repository::open(&self.path()).unwrap()
    }

    /// Writes a file and the folders above it.
    pub fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// Removes a file or folder.
    pub fn remove(&self, path: &str) {
        let path = self.path().join(path);
        if path.is_dir() { fs::remove_dir_all(path).unwrap() } else { fs::remove_file(path).unwrap() }
    }

    /// Stages everything and returns the tree.
    pub fn tree(&self) -> String {
        self.git(&["add", "-A", "-f"]);
        self.git(&["write-tree"]).trim().to_owned()
    }

    /// The id of a revision.
    pub fn id(&self, revision: &str) -> String {
        self.git(&["rev-parse", "--verify", "-q", revision]).trim().to_owned()
    }

    /// The id of `HEAD`, if there is one yet.
    pub fn head(&self) -> Option<String> {
        let output = self.command(&self.path()).args(["rev-parse", "--verify", "-q", "HEAD"]).output().unwrap();
        output.status.success().then(|| String::from_utf8(output.stdout).unwrap().trim().to_owned())
    }

    /// The bytes of an object.
    pub fn raw(&self, kind: &str, id: &str) -> Vec<u8> {
        self.git_bytes(&["cat-file", kind, id], b"")
    }

    /// Stores any bytes as an object, the way an attacker does.
    pub fn store(&self, kind: &str, bytes: &[u8]) -> String {
        let id = self.git_bytes(&["hash-object", "-w", "-t", kind, "--literally", "--stdin"], bytes);
        String::from_utf8(id).unwrap().trim().to_owned()
    }

    /// Points a ref at an object.
    pub fn point(&self, reference: &str, id: &str) {
        self.git(&["update-ref", reference, id]);
    }

    /// Stores a commit, makes it the head of the branch that is checked out, and checks it out.
    pub fn advance(&self, commit: &[u8]) -> String {
        let id = self.store("commit", commit);
        self.point("HEAD", &id);
        id
    }

    /// Checks a revision out under a branch name.
    pub fn switch(&self, branch: &str, revision: &str) {
        self.git(&["checkout", "-q", "-f", "-B", branch, revision]);
        self.git(&["clean", "-q", "-f", "-d", "-x"]);
    }

    /// The bytes of a commit that nobody has signed.
    pub fn payload(&self, tree: &str, parents: &[String], mail: &str, message: &str) -> Vec<u8> {
        let parents = parents.iter().fold(String::new(), |lines, parent| lines + "parent " + parent + "\n");
        let name = mail.split('@').next().unwrap();
        let line = format!("{name} <{mail}> 1795000000 +0000");
        format!("tree {tree}\n{parents}author {line}\ncommitter {line}\n\n{message}\n").into_bytes()
    }

    /// Runs git; fails the test where git fails.
    pub fn git(&self, arguments: &[&str]) -> String {
        String::from_utf8(self.git_bytes(arguments, b"")).unwrap()
    }

    fn git_bytes(&self, arguments: &[&str], input: &[u8]) -> Vec<u8> {
        let mut command = self.command(&self.path());
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(input).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    }

    /// git in `directory`, with nothing of this machine.
    pub fn command(&self, directory: &Path) -> Command {
        let mut command = Command::new("git");
        command.env_clear().env("PATH", std::env::var_os("PATH").unwrap()).env("HOME", self.home.path());
        command.env("GIT_CONFIG_NOSYSTEM", "1").env("LC_ALL", "C").current_dir(directory);
        for role in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{role}_NAME"), "ada").env(format!("GIT_{role}_EMAIL"), "ada@example.org");
            command.env(format!("GIT_{role}_DATE"), "1795000000 +0000");
        }
        command.args(["-c", "protocol.file.allow=always", "-c", "gc.auto=0", "-c", "core.autocrlf=false"]);
        command
    }
}
