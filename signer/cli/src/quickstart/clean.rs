//! `chancery quickstart clean`: stops the engines and brokers of earlier runs and removes their folders.

use std::fs;
use std::path::{Path, PathBuf};

use rustix::process::{Pid, Signal, kill_process};
use signer_wire::{Client, Home};

use super::place;
use crate::config::Config;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::programs;

/// Removes every run of this home. A home that is itself a run's, as quick start tells people to export, stands for
/// all its siblings.
pub(super) fn clean(config: &Config) -> Result<Exit, Failure> {
    let folders = runs(config);
    for folder in &folders {
        stop(folder)?;
        fs::remove_dir_all(folder).map_err(|error| Failure::io(folder, &error))?;
    }
    let text = format!("{} removed", folders.len());
    config.output.answer(&serde_json::json!({ "schema": "urn:chancery:clean:v1", "removed": folders }), &text);
    Ok(Exit::Accepted)
}

fn runs(config: &Config) -> Vec<PathBuf> {
    let own = place::runs(config);
    let above = config.home.path().parent().filter(|parent| parent.ends_with("quickstart"));
    let runs = above.map_or(own, Path::to_path_buf);
    let entries = fs::read_dir(&runs).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).filter(|path| path.is_dir()).collect()
}

fn stop(folder: &Path) -> Result<(), Failure> {
    let home = Home::of_process(Some(folder.to_path_buf())).map_err(Failure::wire)?;
    if let Ok(Some(mut broker)) = Client::attach(&home) {
        // A broker that is gone already has nothing left to stop.
        let _gone = broker.stop();
    }
    let Ok(process) = fs::read_to_string(folder.join("engine.pid")) else { return Ok(()) };
    let Some(process) = process.trim().parse().ok().and_then(Pid::from_raw) else { return Ok(()) };
    // The number may have passed to another program since.
    let program = fs::read_link(format!("/proc/{}/exe", process.as_raw_nonzero()));
    let is_ours =
        program.is_ok_and(|path| path.to_string_lossy().trim_end_matches(" (deleted)").ends_with(programs::SERVER));
    if is_ours {
        let _gone = kill_process(process, Signal::TERM);
    }
    Ok(())
}
