//! Git's signing program (`gpg.x509.program`): hands the object to the broker, checks what comes back, prints it.
//!
//! It holds no key and decides nothing; authority lives in the engine and in the verifier. Exit codes: 0 done,
//! 1 refused, 2 usage, 3 undetermined.

pub mod arguments;
pub mod check;
mod clock;
mod elsewhere;
pub mod failure;
pub mod git_config;
pub mod inspect;
pub mod install;
pub mod install_record;
pub mod sign;
pub mod status_channel;
pub mod uninstall;
pub mod verify;
pub mod way;

use std::io::{self, Write as _};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use arguments::Command;
use failure::{Exit, HookError};
use install::Setting;
use signer_wire::Home;
use signer_wire::escape::visible;
use signer_wire::last_refusal::TOLD_BY_CALLER;
use way::Way;

/// Reads the arguments, does what they say, prints why it failed.
pub fn main() -> ExitCode {
    // A panic must never end as a success, whatever the caller makes of signal-like codes.
    let outcome = catch_unwind(AssertUnwindSafe(|| perform(std::env::args_os().skip(1))));
    let exit = match outcome {
        Ok(Ok(exit)) => exit,
        Ok(Err(error)) => {
            error.print(&mut io::stderr().lock());
            error.exit()
        }
        Err(_) => Exit::Undetermined,
    };
    exit.into()
}

fn perform(arguments: impl Iterator<Item = std::ffi::OsString>) -> Result<Exit, HookError> {
    match arguments::parse(arguments)? {
        Command::Sign { status, home } => {
            let signed = sign::sign(Way::of_process(), status, home.clone());
            signed.inspect_err(|error| tell_beside_git(error, home)).map(|()| Exit::Done)
        }
        Command::Verify { status, signature, home } => {
            Err(verify::hand_over(Way::of_process(), status, &signature, home))
        }
        Command::Install(place) => {
            let installed = install::install(&place)?;
            said(place.json, &installed)?;
            Ok(if installed.reasons.is_empty() { Exit::Done } else { Exit::Refused })
        }
        Command::Uninstall(place) => said(place.json, &uninstall::uninstall(&place)?),
        Command::Status(place) => {
            let found = inspect::inspect(&place)?;
            said(place.json, &found)?;
            Ok(if found.installed { Exit::Done } else { Exit::Refused })
        }
        Command::Help => printed(arguments::USAGE),
        Command::Version => printed(concat!("gitsign-hook ", env!("CARGO_PKG_VERSION"), "\n")),
    }
}

/// Git before 2.41 swallows what its signing program says: it is told on the terminal and kept in the home as well.
fn tell_beside_git(error: &HookError, home: Option<PathBuf>) {
    if std::env::var_os(TOLD_BY_CALLER).is_none() {
        error.print_to_terminal();
    }
    if let Ok(home) = Home::of_process(home) {
        let _untold = error.refusal(clock::now_ms()).keep(&home);
    }
}

/// An answer that has a form for people and one for machines.
trait Answer: serde::Serialize {
    /// For people: foreign text escaped.
    fn lines(&self) -> Vec<String>;
}

fn said(json: bool, answer: &impl Answer) -> Result<Exit, HookError> {
    if !json {
        return printed(&(answer.lines().join("\n") + "\n"));
    }
    let mut text = serde_json::to_string_pretty(answer).map_err(|source| HookError::Unwritable { source })?;
    text.push('\n');
    printed(&text)
}

fn printed(text: &str) -> Result<Exit, HookError> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(|source| HookError::Output { source })?;
    Ok(Exit::Done)
}

/// A path, as it is shown to people.
fn path(path: &Path) -> String {
    visible(&path.to_string_lossy(), usize::MAX)
}

/// `key = value`, as it is shown to people.
fn shown(setting: &Setting) -> String {
    format!("{} = {}", setting.key, visible(&setting.value, 512))
}
