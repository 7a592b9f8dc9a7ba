//! The real git, for what changes a work tree: an absolute program, never one that a repository or PATH names.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use signer_core::reason::Code;

use crate::failure::Failure;

/// Where git is looked for.
const PLACES: &[&str] = &["/usr/bin/git", "/usr/local/bin/git", "/opt/homebrew/bin/git", "/bin/git"];

/// A git command in `directory`.
pub fn command(directory: &Path) -> Result<Command, Failure> {
    let program = PLACES.iter().find(|place| Path::new(place).exists());
    let program = program.ok_or_else(|| Failure::new(Code::InternalIo, "git is not installed"))?;
    let mut command = Command::new(program);
    command.arg("-C").arg(directory).stdin(Stdio::null());
    for variable in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_NAMESPACE"] {
        command.env_remove(variable);
    }
    Ok(command)
}

/// Runs git and gives its stdout without the last newline.
pub fn ask<S: AsRef<OsStr>>(directory: &Path, arguments: &[S]) -> Result<String, Failure> {
    let mut command = command(directory)?;
    command.args(arguments);
    finish(&mut command)
}

/// Runs a prepared git command and gives its stdout without the last newline.
pub fn finish(command: &mut Command) -> Result<String, Failure> {
    let output = command.output().map_err(|error| Failure::new(Code::InternalIo, format_args!("git: {error}")))?;
    checked(&output).map(|text| text.trim_end_matches('\n').to_owned())
}

fn checked(output: &Output) -> Result<String, Failure> {
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    // The hook's own refusal is worth more than git's "failed to write commit object".
    let code = said.lines().find_map(|line| line.strip_prefix("error[")?.split_once("]: "));
    match code.and_then(|(code, message)| Some((Code::from_code(code)?, message))) {
        Some((code, message)) => Err(Failure::new(code, message)),
        None => Err(Failure::new(Code::InternalIo, format_args!("git: {}", said.trim()))),
    }
}
