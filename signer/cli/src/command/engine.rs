//! `chancery init | serve | witness`: chancery-server in this program's place.

use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::path::Path;

use signer_core::reason::Code;

use crate::args::Passed;
use crate::config::Config;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::programs;

/// Becomes chancery-server; comes back only with the reason it could not.
pub(crate) fn hand_over(config: &Config, command: &str, passed: &Passed) -> Result<Exit, Failure> {
    let mut server = programs::command(programs::SERVER)?;
    let arguments = arguments(command, &passed.arguments, config.home.path(), config.output.json);
    let error = server.arg(command).args(arguments).exec();
    Err(Failure::new(Code::InternalIo, format_args!("chancery-server does not start: {error}")))
}

/// What chancery-server is told: the engine is this home's where no state is named, and a flag that stands before the
/// command means the same as after it.
fn arguments(command: &str, passed: &[OsString], home: &Path, json: bool) -> Vec<OsString> {
    let mut arguments = passed.to_vec();
    let says = |flag: &str| {
        let long = format!("{flag}=");
        passed.iter().any(|argument| argument == flag || argument.to_string_lossy().starts_with(&long))
    };
    if command != "witness" && !says("--state") && !says("--help") && !says("-h") {
        arguments.extend(["--state".into(), home.join("engine").into()]);
    }
    if json && !says("--json") {
        arguments.push("--json".into());
    }
    arguments
}

#[cfg(test)]
mod tests;
