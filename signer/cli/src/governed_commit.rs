//! A commit of `.chancery` that comes to be whole or not at all. It is built in an index of its own, and what is
//! digested is what git stores there: neither line endings nor filters come between. Until it is signed and brought,
//! no ref, index or work tree of the repository changes, so that a refused command is simply repeated.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use signer_core::reason::Code;
use signer_git::object_id::ObjectId;
use signer_git::repository::Repository;
use signer_wire::last_refusal::TOLD_BY_CALLER;

use crate::config::Config;
use crate::failure::Failure;
use crate::{git, programs, repository};

/// Where the governed files lie in a work tree.
pub const FOLDER: &str = ".chancery";

/// Where the policy lies among them.
pub const POLICY: &str = ".chancery/policy";

/// What git keeps while something is under way that a commit on the side would break into, and what it is.
const UNFINISHED: &[(&str, &str)] = &[
    ("MERGE_HEAD", "merge"),
    ("CHERRY_PICK_HEAD", "cherry-pick"),
    ("REVERT_HEAD", "revert"),
    ("rebase-merge", "rebase"),
    ("rebase-apply", "rebase"),
];

/// A commit that is being built.
pub struct Draft {
    top: PathBuf,
    /// The commit checked out, if there is one yet.
    head: Option<String>,
    /// The index it is built in.
    index: PathBuf,
}

impl Draft {
    /// Begins from the commit that is checked out in the work tree around `directory`.
    pub fn begin(directory: &Path) -> Result<Self, Failure> {
        let top = git::ask_path(directory, &["rev-parse", "--show-toplevel"])
            .map_err(|_| Failure::usage("a repository is adopted in its work tree, and this one has none"))?;
        let git_folder = git::ask_path(&top, &["rev-parse", "--absolute-git-dir"])?;
        refuse_unfinished(&git_folder)?;
        let head = git::ask(&top, &["rev-parse", "--verify", "--quiet", "HEAD^{commit}"]).ok();
        let index = git_folder.join(format!("chancery-{}.index", std::process::id()));
        let draft = Self { top, head, index };
        draft.staging(&["read-tree", draft.head.as_deref().unwrap_or("--empty")])?;
        Ok(draft)
    }

    /// The top of the work tree.
    pub fn top(&self) -> &Path {
        &self.top
    }

    /// A file of exactly these bytes, whatever settings and attributes say of its path.
    pub fn put(&self, path: &str, bytes: &[u8]) -> Result<(), Failure> {
        let mut command = git::command(&self.top)?;
        command.args(["hash-object", "-w", "--no-filters", "--stdin"]);
        let blob = fed(&mut command, bytes)?;
        self.staging(&["update-index", "--add", "--cacheinfo", &format!("100644,{blob},{path}")]).map(drop)
    }

    /// The policy of the work tree, as git stores it. What that converts is told by the caller, so that `core.safecrlf`
    /// has nothing left to guard.
    pub fn take_policy(&self) -> Result<Vec<(String, Vec<u8>)>, Failure> {
        self.staging(&["-c", "core.safecrlf=false", "add", "--force", "--all", "--", POLICY])?;
        let tree: ObjectId = self.tree()?.parse().map_err(|_| Failure::new(Code::Internal, "git names no tree"))?;
        // Opened now: what git stored a moment ago is not in what was opened before.
        Ok(self.repository()?.files_below(&tree, POLICY.as_bytes())?)
    }

    /// The repository as it is now.
    pub fn repository(&self) -> Result<Repository, Failure> {
        repository::open(&self.top)
    }

    /// The commit, signed by the person through our own hook. Nothing points to it yet.
    pub fn sign(&self, config: &Config, message: &str, person: &str) -> Result<String, Failure> {
        let tree = self.tree()?;
        let mut program = std::ffi::OsString::from("gpg.x509.program=");
        program.push(programs::path(programs::HOOK)?);
        let mut command = git::command(&self.top)?;
        command.args(["-c", "gpg.format=x509", "-c"]).arg(program);
        command.args(["commit-tree", "-S", "-m", message, &tree]);
        if let Some(parent) = &self.head {
            command.args(["-p", parent]);
        }
        for role in ["AUTHOR", "COMMITTER"] {
            let name = person.split('@').next().unwrap_or(person);
            command.env(format!("GIT_{role}_NAME"), name).env(format!("GIT_{role}_EMAIL"), person);
        }
        command.env(TOLD_BY_CALLER, "1");
        config.with_owner(&mut command, git::finish)
    }

    /// Moves the branch to the commit, unless somebody else moved it meanwhile.
    pub fn bring(&self, commit: &str, message: &str) -> Result<(), Failure> {
        let note = format!("commit: {message}");
        let before = self.head.as_deref().unwrap_or_default();
        self.hookless(&["update-ref", "-m", &note, "HEAD", commit, before]).map(drop)
    }

    /// Lets the repository's own index and, for `written`, its work tree follow the commit that was brought.
    pub fn follow(&self, indexed: &[&str], written: &str) -> Result<(), Failure> {
        self.hookless(&[&["reset", "--quiet", "HEAD", "--"], indexed].concat())
            .and_then(|_| self.hookless(&["checkout", "--quiet", "HEAD", "--", written]))
            .map(drop)
            .map_err(|failure| {
                let said = failure.reasons.first().map(|reason| reason.message.clone()).unwrap_or_default();
                let message = "the commit is made, and the work tree is behind it: \
                               `git checkout HEAD -- .chancery` brings it along";
                Failure::new(Code::InternalIo, format_args!("{message}; {said}"))
            })
    }

    fn tree(&self) -> Result<String, Failure> {
        self.staging(&["write-tree"])
    }

    fn staging(&self, arguments: &[&str]) -> Result<String, Failure> {
        git::finish(git::command(&self.top)?.args(arguments).env("GIT_INDEX_FILE", &self.index))
    }

    fn hookless(&self, arguments: &[&str]) -> Result<String, Failure> {
        git::finish(git::command(&self.top)?.args(["-c", git::NO_HOOKS]).args(arguments))
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        let _gone = std::fs::remove_file(&self.index);
    }
}

/// The commit would have one parent where the person is about to make another of what the index holds.
fn refuse_unfinished(git_folder: &Path) -> Result<(), Failure> {
    match UNFINISHED.iter().find(|(name, _)| git_folder.join(name).exists()) {
        Some((_, what)) => Err(Failure::usage(format_args!(
            "a {what} is under way in this work tree: finish it (`git {what} --continue`) or give it up \
             (`git {what} --abort`), then repeat this command"
        ))),
        None => Ok(()),
    }
}

fn fed(command: &mut Command, bytes: &[u8]) -> Result<String, Failure> {
    let failed = |error| Failure::new(Code::InternalIo, format_args!("git: {error}"));
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().map_err(failed)?;
    // Closed before git is waited for. One that ended early says why itself.
    let _refused = child.stdin.take().map(|mut stdin| stdin.write_all(bytes));
    git::ended(&child.wait_with_output().map_err(failed)?)
}
