//! Our own programs, found beside this one and nowhere else.

use std::path::PathBuf;
use std::process::Command;

use signer_core::reason::Code;

use crate::config::program_folder;
use crate::failure::Failure;

/// The engine.
pub const SERVER: &str = "chancery-server";
/// The verifier.
pub const VERIFIER: &str = "chancery-ci";
/// git's signing program.
pub const HOOK: &str = "gitsign-hook";

/// The path of one of our programs.
pub fn path(name: &str) -> Result<PathBuf, Failure> {
    let path = program_folder()?.join(name);
    if path.is_file() {
        return Ok(path);
    }
    Err(Failure::new(
        Code::InternalIo,
        format_args!("`{name}` does not lie beside this program, at {}", path.display()),
    ))
}

/// One of our programs as a command.
pub fn command(name: &str) -> Result<Command, Failure> {
    path(name).map(Command::new)
}
