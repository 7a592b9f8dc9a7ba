//! `chancery init | serve | witness`: chancery-server in this program's place.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::os::unix::process::CommandExt;
use std::path::Path;

use signer_core::reason::Code;

use crate::args::Passed;
use crate::config::Config;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::programs;
use crate::user_file::UserFile;

/// Becomes chancery-server; comes back only with the reason it could not.
pub(crate) fn hand_over(config: &Config, command: &str, passed: &Passed) -> Result<Exit, Failure> {
    let mut server = programs::command(programs::SERVER)?;
    let address = if command == "serve" { address(config.home.path())? } else { None };
    let arguments = arguments(command, &passed.arguments, config.home.path(), address, config.output.json);
    let error = server.arg(command).args(arguments).exec();
    Err(Failure::new(Code::InternalIo, format_args!("chancery-server does not start: {error}")))
}

/// Where everybody in this home looks for its engine; none where `config.toml` names none, or an address that is none.
fn address(home: &Path) -> Result<Option<SocketAddr>, Failure> {
    let url = UserFile::read(home)?.engine.unwrap_or_default();
    let authority =
        url.strip_prefix("http://").map(|rest| rest.trim_end_matches('/').replace("localhost", "127.0.0.1"));
    Ok(authority.and_then(|authority| authority.parse().ok()))
}

/// What chancery-server is told: the engine is this home's where no state is named, at the address where the home looks
/// for it, and a flag that stands before the command means the same as after it.
fn arguments(
    command: &str,
    passed: &[OsString],
    home: &Path,
    address: Option<SocketAddr>,
    json: bool,
) -> Vec<OsString> {
    let mut arguments = passed.to_vec();
    let says = |flag: &str| {
        let long = format!("{flag}=");
        passed.iter().any(|argument| argument == flag || argument.to_string_lossy().starts_with(&long))
    };
    if command != "witness" && !says("--state") && !says("--help") && !says("-h") {
        arguments.extend(["--state".into(), home.join("engine").into()]);
        if let Some(address) = address.filter(|_| !says("--listen")) {
            arguments.extend(["--listen".into(), address.to_string().into()]);
        }
    }
    if json && !says("--json") {
        arguments.push("--json".into());
    }
    arguments
}

#[cfg(test)]
mod tests;
