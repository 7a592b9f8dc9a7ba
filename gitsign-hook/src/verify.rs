//! Git verifies: `chancery-ci`, the authority, does it in this program's place, with the same streams.

use std::os::unix::process::CommandExt;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;

use signer_wire::{Home, start};

use crate::failure::HookError;
use crate::git_config::{ConfigError, Git};
use crate::way::Way;

/// Name of the verifier's program.
const VERIFIER: &str = "chancery-ci";
/// Keys of git's configuration, and the options of the verifier that take their values.
const SETTINGS: [(&str, &str); 3] = [
    ("chancery.trustedRoot", "--trusted-root"),
    ("chancery.certificateIdentity", "--identity"),
    ("chancery.certificateOidcIssuer", "--issuer"),
];

/// Becomes the verifier; comes back only with the reason it could not.
pub fn hand_over(way: Way, status: Option<u32>, signature: &Path, home: Option<PathBuf>) -> HookError {
    let prepared = Home::of_process(home).and_then(|home| Ok((home, start::beside(VERIFIER)?)));
    let (home, program) = match prepared {
        Ok(found) => found,
        Err(error) => return error.into(),
    };
    let mut command = Command::new(&program);
    command.args(["gpg-verify", "--home"]).arg(home.path());
    command.arg("--status-fd").arg(status.unwrap_or(1).to_string());
    if way == Way::Elsewhere {
        match whose_word_counts() {
            Ok(arguments) => command.args(arguments),
            Err(error) => return error.into(),
        };
    }
    let source = command.arg(signature).arg("-").exec();
    HookError::Program { program, source }
}

/// What git's configuration says of signatures that no engine decided about, as the verifier's arguments.
fn whose_word_counts() -> Result<Vec<String>, ConfigError> {
    let git = Git::find()?;
    let mut arguments = vec!["--sigstore".to_owned()];
    for (key, option) in SETTINGS {
        arguments.extend(git.all(key)?.into_iter().map(|value| format!("{option}={value}")));
    }
    Ok(arguments)
}
