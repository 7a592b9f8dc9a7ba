//! One random bit altered in a copy of each kind of evidence, and what the verifiers say.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::Serialize;
use serde_json::Value;
use signer_core::crypto;
use signer_core::reason::Code;

use super::answer;
use super::place::Place;
use crate::config::{self, Config};
use crate::evidence::Beside;
use crate::failure::Failure;
use crate::{git, programs, repository};

/// A refusal of an altered copy.
#[derive(Serialize)]
pub(super) struct Refused {
    pub(super) what: &'static str,
    pub(super) code: String,
}

/// Alters a commit, the prompt and the artifact, each in a copy, and collects the refusals. An altered copy that is
/// accepted is an error of ours.
pub(super) fn refusals(
    config: &Config,
    place: &Place,
    repository: &Path,
    anchor: &Path,
    [prompt, artifact]: [&Path; 2],
) -> Result<Vec<Refused>, Failure> {
    let folder = place.work().join("altered");
    std::fs::create_dir(&folder).map_err(|error| Failure::io(&folder, &error))?;
    let commit = commit(&folder, repository, anchor)?;
    let prompt_copy = copy(prompt, &folder)?;
    flip_file(&prompt_copy)?;
    let artifact_copy = copy(artifact, &folder)?;
    flip_file(&artifact_copy.join("run"))?;
    let anchor = anchor.as_os_str();
    let judged = |noun: &str, path: &Path| {
        let mut chancery = Command::new(config::program()?);
        chancery.args([noun, "verify", "--json", "--home"]).arg(config.home.path()).arg("--anchor").arg(anchor);
        answer(chancery.arg(path).current_dir(repository))
    };
    Ok(vec![
        refused("commit", &commit)?,
        refused("prompt", &judged("prompt", &prompt_copy)?)?,
        refused("artifact", &judged("artifact", &artifact_copy)?)?,
    ])
}

fn refused(what: &'static str, verdict: &Value) -> Result<Refused, Failure> {
    let code = verdict.pointer("/subjects/0/reasons/0/code").and_then(Value::as_str).map(str::to_owned);
    match (verdict.get("verdict").and_then(Value::as_str), code) {
        (Some("rejected" | "undetermined"), Some(code)) => Ok(Refused { what, code }),
        _ => Err(Failure::new(Code::Internal, format_args!("an altered {what} was not refused"))),
    }
}

/// Writes an altered copy of the newest commit into a clone and judges it there.
fn commit(folder: &Path, source: &Path, anchor: &Path) -> Result<Value, Failure> {
    let clone = folder.join("repository.git");
    let mut command = git::command(folder)?;
    command.args(["-c", git::NO_HOOKS, "clone", "--quiet", "--bare", "--"]).arg(source).arg(&clone);
    git::finish(&mut command)?;
    let repository = repository::open(source)?;
    let mut bytes = repository.read(&repository.resolve_commit("HEAD")?)?.bytes;
    flip(&mut bytes)?;
    let mut command = git::command(&clone)?;
    command.args(["hash-object", "-t", "commit", "-w", "--literally", "--stdin"]).stdin(Stdio::piped());
    let mut child = command.stdout(Stdio::piped()).spawn().map_err(|error| Failure::new(Code::InternalIo, error))?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(&bytes).map_err(|error| Failure::new(Code::InternalIo, error))?;
    }
    let output = child.wait_with_output().map_err(|error| Failure::new(Code::InternalIo, error))?;
    let id = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    let mut verifier = programs::command(programs::VERIFIER)?;
    verifier.args(["verify", "--json", "--commit", &id, "--repo"]).arg(&clone).arg("--anchor").arg(anchor);
    answer(&mut verifier)
}

/// Copies a file or directory with its bundle and decision.
fn copy(path: &Path, folder: &Path) -> Result<PathBuf, Failure> {
    let beside = Beside::of(path, None)?;
    for source in [path, &beside.bundle, &beside.decision] {
        let status = Command::new("/bin/cp").arg("-R").arg(source).arg(folder).status();
        if !status.is_ok_and(|status| status.success()) {
            return Err(Failure::new(Code::InternalIo, format_args!("`{}` cannot be copied", source.display())));
        }
    }
    Ok(folder.join(path.file_name().unwrap_or_default()))
}

fn flip_file(path: &Path) -> Result<(), Failure> {
    let mut bytes = std::fs::read(path).map_err(|error| Failure::io(path, &error))?;
    flip(&mut bytes)?;
    std::fs::write(path, bytes).map_err(|error| Failure::io(path, &error))
}

fn flip(bytes: &mut [u8]) -> Result<(), Failure> {
    let [random @ .., bit] = crypto::random::<9>().map_err(Failure::crypto)?;
    let place = u64::from_be_bytes(random).checked_rem(u64::try_from(bytes.len()).unwrap_or(1)).unwrap_or(0);
    if let Some(byte) = usize::try_from(place).ok().and_then(|place| bytes.get_mut(place)) {
        *byte ^= 1 << (bit & 7);
    }
    Ok(())
}
