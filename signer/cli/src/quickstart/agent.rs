//! The scripted agent: runs under `chancery run`, changes a file with real git, and signs what it built.

use std::path::{Path, PathBuf};

use super::place::Place;
use super::{AGENT, quietly};
use crate::config::{self, Config};
use crate::failure::Failure;
use crate::git;

/// What the agent does, without the hooks that this machine runs in every repository. It knows nothing of keys: git and `chancery` find the session by environment.
const SCRIPT: &str = r#"set -eu
chancery=$1 repository=$2 artifact=$3
cd "$repository"
printf 'Asked for by a signed prompt, written by the agent that signed this commit.\n' > CHANCERY-QUICKSTART.md
git add --force CHANCERY-QUICKSTART.md
git -c core.hooksPath=/dev/null commit --quiet -m 'Add the note that the prompt asked for'
mkdir -p "$artifact"
git rev-parse HEAD > "$artifact/built-from"
printf '#!/bin/sh\necho built by an agent\n' > "$artifact/run"
chmod +x "$artifact/run"
"$chancery" artifact sign "$artifact" --quiet
"#;

/// Lets the agent work; gives the directory it built and signed.
pub(super) fn work(config: &Config, place: &Place, repository: &Path, prompt: &Path) -> Result<PathBuf, Failure> {
    let script = place.work().join("agent.sh");
    std::fs::write(&script, SCRIPT).map_err(|error| Failure::io(&script, &error))?;
    let artifact = place.work().join("artifact");
    let chancery = config::program()?;
    let mut run = std::process::Command::new(&chancery);
    run.args(["run", "--quiet", "--agent", AGENT, "--claim", "runtime=quickstart-script", "--prompt"]);
    run.arg(prompt).arg("--home").arg(config.home.path()).args(["--", "/bin/sh"]);
    run.arg(&script).arg(&chancery).arg(repository).arg(&artifact).current_dir(repository);
    git::without_place(&mut run);
    quietly(&mut run)?;
    Ok(artifact)
}
