//! `chancery completions SHELL`, `chancery man`: from the same definitions as the command line itself.

use clap::CommandFactory;

use crate::args::{Cli, Completions};
use crate::config::Config;
use crate::exit::Exit;
use crate::failure::Failure;

/// Prints a shell's completions.
pub(crate) fn completions(config: &Config, arguments: &Completions) -> Exit {
    let mut page = Vec::new();
    clap_complete::generate(arguments.shell, &mut Cli::command(), "chancery", &mut page);
    config.output.page(&page);
    Exit::Accepted
}

/// Prints the man page.
pub(crate) fn man(config: &Config) -> Result<Exit, Failure> {
    let mut page = Vec::new();
    let written = clap_mangen::Man::new(Cli::command()).render(&mut page);
    written.map_err(|error| Failure::io(std::path::Path::new("stdout"), &error))?;
    config.output.page(&page);
    Ok(Exit::Accepted)
}
