//! `chancery init | serve`: chancery-server in this program's place.

use std::os::unix::process::CommandExt;

use signer_core::reason::Code;

use crate::args::Passed;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::programs;

/// Becomes chancery-server; comes back only with the reason it could not.
pub(crate) fn hand_over(command: &str, passed: &Passed) -> Result<Exit, Failure> {
    let mut server = programs::command(programs::SERVER)?;
    let error = server.arg(command).args(&passed.arguments).exec();
    Err(Failure::new(Code::InternalIo, format_args!("chancery-server does not start: {error}")))
}
