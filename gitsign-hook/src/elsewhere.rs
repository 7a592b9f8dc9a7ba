//! Git signs through a Sigstore that somebody else runs: `chancery`, which knows TLS, does it, and answers with a document.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde::Deserialize;
use signer_wire::message::Refusal;
use signer_wire::{Home, WireError, start};

use crate::failure::HookError;

/// Name of the program that signs.
const SIGNER: &str = "chancery";

/// What the program answers.
#[derive(Deserialize)]
#[serde(untagged)]
enum Answer {
    Signed { armor: String },
    Refused { reasons: Vec<Refusal> },
}

/// The armoured signature of an object. Nothing that the program says reaches git but what its document holds.
pub(crate) fn sign(home: &Home, directory: &Path, object: &[u8]) -> Result<String, HookError> {
    let program = start::beside(SIGNER)?;
    let output = ask(&program, home, directory, object).map_err(|source| HookError::Program { program, source })?;
    match serde_json::from_slice(&output.stdout) {
        Ok(Answer::Signed { armor }) if output.status.success() => Ok(armor),
        Ok(Answer::Refused { reasons }) => {
            let worst = reasons.into_iter().next().ok_or(HookError::Silent)?;
            Err(WireError::Refused { refusal: worst }.into())
        }
        _ => Err(HookError::Silent),
    }
}

fn ask(program: &Path, home: &Home, directory: &Path, object: &[u8]) -> std::io::Result<Output> {
    let mut command = Command::new(program);
    command.args(["git-sign-elsewhere", "--json", "--home"]).arg(home.path()).arg("--directory").arg(directory);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        // It may refuse before it has read all of it, and then says why.
        let _unread = stdin.write_all(object);
    }
    child.wait_with_output()
}
