//! Git verifies: `chancery-ci`, the authority, does it in this program's place, with the same streams.

use std::os::unix::process::CommandExt;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;

use signer_wire::{Home, start};

use crate::failure::HookError;

/// Name of the verifier's program.
const VERIFIER: &str = "chancery-ci";

/// Becomes the verifier; comes back only with the reason it could not.
pub fn hand_over(status: Option<u32>, signature: &Path, home: Option<PathBuf>) -> HookError {
    let (home, program) = match Home::of_process(home).and_then(|home| Ok((home, start::beside(VERIFIER)?))) {
        Ok(found) => found,
        Err(error) => return error.into(),
    };
    let mut command = Command::new(&program);
    command.args(["gpg-verify", "--home"]).arg(home.path());
    command.arg("--status-fd").arg(status.unwrap_or(1).to_string()).arg(signature).arg("-");
    let source = command.exec();
    HookError::Verifier { program, source }
}
