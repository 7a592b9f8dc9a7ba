//! From the command line to one exit code: 0 done, 1 rejected, 2 usage, 3 undetermined.

use std::io;
use std::process::ExitCode;

use clap::Parser;
use signer_core::command_line::Misread;

use crate::args::{Arguments, Command, Witness};
use crate::failure::Failure;
use crate::output::Output;
use crate::{backup, entropy, fsck, init, rotation, serve, witness};

/// The whole program.
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        // Help and version are answers; anything else is a usage error.
        Err(error) if error.use_stderr() => return Output::misread(&Misread::parsed(&error.to_string())),
        Err(error) => {
            let _closed = error.print();
            return ExitCode::SUCCESS;
        }
    };
    let output = Output { json: arguments.command.json() };
    let outcome = entropy::check().map_err(Failure::from).and_then(|()| perform(&arguments.command, output));
    match outcome.and_then(|printed| printed.map_err(|source| Failure::unprinted(&source))) {
        Ok(code) => code,
        Err(failure) => {
            output.failure(&failure);
            ExitCode::from(failure.exit())
        }
    }
}

fn perform(command: &Command, output: Output) -> Result<io::Result<ExitCode>, Failure> {
    match command {
        Command::Backup(arguments) => backup::back_up(arguments).map(|made| done(output.answer(&made, &made.text()))),
        Command::Fsck(arguments) => fsck::run(arguments, output),
        Command::Init(arguments) => init::run(arguments).map(|founded| done(output.answer(&*founded, &founded.text()))),
        Command::Restore(arguments) => backup::restore(arguments).map(|made| done(output.answer(&made, &made.text()))),
        Command::Rotate(arguments) => rotation::run(arguments).map(|made| done(output.answer(&made, &made.text()))),
        Command::Serve(arguments) => serve::run(arguments, output).map(|()| done(Ok(()))),
        Command::Witness(Witness::Init(arguments)) => {
            witness::init(arguments).map(|made| done(output.answer(&*made, &made.text())))
        }
        Command::Witness(Witness::Serve(arguments)) => witness::serve(arguments, output).map(|()| done(Ok(()))),
    }
}

/// What was asked is done, and its answer printed.
fn done(printed: io::Result<()>) -> io::Result<ExitCode> {
    printed.map(|()| ExitCode::SUCCESS)
}
