//! `chancery completions SHELL`, `chancery man`: from the same definitions as the command line itself.

use std::io;

use clap::CommandFactory;

use crate::args::{Cli, Completions};
use crate::exit::Exit;
use crate::failure::Failure;

/// Prints a shell's completions.
pub(crate) fn completions(arguments: &Completions) -> Exit {
    clap_complete::generate(arguments.shell, &mut Cli::command(), "chancery", &mut io::stdout());
    Exit::Accepted
}

/// Prints the man page.
pub(crate) fn man() -> Result<Exit, Failure> {
    let page = clap_mangen::Man::new(Cli::command());
    page.render(&mut io::stdout()).map_err(|error| Failure::io(std::path::Path::new("stdout"), &error))?;
    Ok(Exit::Accepted)
}
