//! From the command line to one exit code: 0 done, 1 rejected, 2 usage, 3 undetermined.

use std::process::ExitCode;

use clap::Parser;

use crate::args::{Arguments, Command, Witness};
use crate::failure::Failure;
use crate::output::Output;
use crate::{fsck, init, serve, witness};

/// The whole program.
pub fn main() -> ExitCode {
    // Prints help and mistakes itself: 0 and 2.
    let arguments = Arguments::parse();
    let output = Output { json: arguments.command.json() };
    let outcome = match &arguments.command {
        Command::Fsck(arguments) => fsck::run(arguments).map(|report| output.answer(&report, &report.text())),
        Command::Init(arguments) => init::run(arguments).map(|founded| output.answer(&*founded, &founded.text())),
        Command::Serve(arguments) => serve::run(arguments, output).map(Ok),
        Command::Witness(Witness::Init(arguments)) => {
            witness::init(arguments).map(|made| output.answer(&*made, &made.text()))
        }
        Command::Witness(Witness::Serve(arguments)) => witness::serve(arguments, output).map(Ok),
    };
    match outcome.and_then(|printed| printed.map_err(|source| Failure::unprinted(&source))) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            output.failure(&failure);
            ExitCode::from(failure.exit())
        }
    }
}
