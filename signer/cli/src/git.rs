//! The real git, for what changes a work tree: an absolute program, never one that a repository or PATH names.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStringExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use signer_core::reason::Code;
use signer_wire::{Home, LastRefusal};

use crate::clock;
use crate::failure::Failure;

/// Where git is looked for.
const PLACES: &[&str] = &["/usr/bin/git", "/usr/local/bin/git", "/opt/homebrew/bin/git", "/bin/git"];

/// The setting under which no hook runs: those of this machine's own belong to its owner's repositories.
pub const NO_HOOKS: &str = "core.hooksPath=/dev/null";

/// Variables that point git at a repository, or at other objects and refs than a repository's own.
const PLACE: &[&str] = &[
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_DIR",
    "GIT_GRAFT_FILE",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_INTERNAL_SUPER_PREFIX",
    "GIT_NAMESPACE",
    "GIT_NO_REPLACE_OBJECTS",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_REPLACE_REF_BASE",
    "GIT_SHALLOW_FILE",
    "GIT_WORK_TREE",
];

/// What git says where its signing program failed.
const SILENT: &str = "gpg failed to sign the data";

/// A git command in `directory`.
pub fn command(directory: &Path) -> Result<Command, Failure> {
    let program = PLACES.iter().find(|place| Path::new(place).exists());
    let program = program.ok_or_else(|| Failure::new(Code::InternalIo, "git is not installed"))?;
    let mut command = Command::new(program);
    command.arg("-C").arg(directory).stdin(Stdio::null());
    without_place(&mut command);
    Ok(command)
}

/// Takes away what the caller's environment says of another repository, as `git rev-parse --local-env-vars` lists it.
/// Settings stay: they may be what lets git open this one.
pub fn without_place(command: &mut Command) {
    for variable in PLACE {
        command.env_remove(variable);
    }
}

/// Runs git and gives its stdout without the last newline.
pub fn ask<S: AsRef<OsStr>>(directory: &Path, arguments: &[S]) -> Result<String, Failure> {
    let mut command = command(directory)?;
    command.args(arguments);
    finish(&mut command)
}

/// Runs git and gives the path it names, whatever bytes that has.
pub fn ask_path(directory: &Path, arguments: &[&str]) -> Result<PathBuf, Failure> {
    let mut command = command(directory)?;
    let output = run(command.args(arguments))?;
    ended(&output)?;
    let path = output.stdout.strip_suffix(b"\n").unwrap_or(&output.stdout);
    Ok(PathBuf::from(OsString::from_vec(path.to_vec())))
}

/// Runs a prepared git command and gives its stdout without the last newline.
pub fn finish(command: &mut Command) -> Result<String, Failure> {
    let started = clock::now_ms();
    let output = run(command)?;
    answered(&output, || kept_since(started, command))
}

/// What a git that has ended printed, without the last newline.
pub fn ended(output: &Output) -> Result<String, Failure> {
    answered(output, || None)
}

fn run(command: &mut Command) -> Result<Output, Failure> {
    command.output().map_err(|error| Failure::new(Code::InternalIo, format_args!("git: {error}")))
}

fn answered(output: &Output, kept: impl FnOnce() -> Option<LastRefusal>) -> Result<String, Failure> {
    checked(output, kept).map(|text| text.trim_end_matches('\n').to_owned())
}

/// What the hook kept in the home that the command told it of, if it did so since.
fn kept_since(started: u64, command: &Command) -> Option<LastRefusal> {
    let (_, home) = command.get_envs().find(|(name, _)| *name == "CHANCERY_HOME")?;
    let home = Home::of_process(Some(PathBuf::from(home?))).ok()?;
    LastRefusal::of(&home).filter(|kept| kept.time >= started)
}

fn checked(output: &Output, kept: impl FnOnce() -> Option<LastRefusal>) -> Result<String, Failure> {
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    // The hook's own refusal is worth more than git's "failed to write commit object".
    let code = said.lines().find_map(|line| line.strip_prefix("error[")?.split_once("]: "));
    if let Some((code, message)) = code.and_then(|(code, message)| Some((Code::from_code(code)?, message))) {
        return Err(Failure::new(code, message));
    }
    // Git before 2.41 drops the hook's words.
    let kept = if said.contains(SILENT) { kept() } else { None };
    match kept.and_then(|kept| Some((Code::from_code(&kept.code)?, kept.message))) {
        Some((code, message)) => Err(Failure::new(code, message)),
        None => Err(Failure::new(Code::InternalIo, format_args!("git: {}", said.trim()))),
    }
}

#[cfg(test)]
mod tests;
