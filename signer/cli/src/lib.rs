//! `chancery`: one file per command, each: arguments → one library call → one printed answer.

pub mod args;
pub mod clock;
mod command;
pub mod config;
pub mod elsewhere;
pub mod evidence;
pub mod exit;
pub mod failure;
pub mod git;
pub mod governed_commit;
pub mod keyholder;
pub mod named_file;
pub mod output;
pub mod programs;
mod quickstart;
pub mod repository;
pub mod terminal;
pub mod tlog;
pub mod user_file;

use std::process::ExitCode;

use clap::Parser;

use args::log::Log;
use args::session::Session;
use args::{Agent, Anchor, Artifact, Cli, Command, Grant, Person, Policy, Prompt, Trust};
use config::Config;
use exit::Exit;
use failure::Failure;
use output::Output;
use signer_core::command_line::{Misread, wants_json};

/// Reads the command line, does what it says, and gives the exit code.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are answers; anything else is a usage error.
            if error.use_stderr() {
                output::misread(&Misread::parsed(&error.to_string()), wants_json(std::env::args_os()));
                return Exit::Usage.into();
            }
            output::remember(error.print());
            return ended(Output { json: false, quiet: false, colour: false }, Exit::Accepted);
        }
    };
    let config = match Config::new(&cli.global) {
        Ok(config) => config,
        Err(failure) => {
            Output { json: cli.global.json, quiet: false, colour: false }.failure(&failure);
            return failure.exit.into();
        }
    };
    match perform(&cli, &config) {
        Ok(exit) => ended(config.output, exit),
        Err(mut failure) => {
            failure.place(&config.home);
            config.output.failure(&failure);
            failure.exit.into()
        }
    }
}

/// How a command ends that did what was asked: as a failure where its answer was lost.
fn ended(output: Output, exit: Exit) -> ExitCode {
    match output::delivered() {
        Ok(()) => exit.into(),
        Err(failure) => {
            output.failure(&failure);
            failure.exit.into()
        }
    }
}

fn perform(cli: &Cli, config: &Config) -> Result<Exit, Failure> {
    match &cli.command {
        Command::Quickstart(arguments) => quickstart::perform(config, arguments),
        Command::Init(passed) => command::engine::hand_over(config, "init", passed),
        Command::Serve(passed) => command::engine::hand_over(config, "serve", passed),
        Command::Login(arguments) => command::login::login(config, arguments),
        Command::Logout => command::login::logout(config),
        Command::Whoami => command::login::whoami(config),
        Command::Agent(Agent::Register(arguments)) => command::registry::agent(config, arguments),
        Command::Agent(Agent::List) => command::registry::agents(config),
        Command::Agent(Agent::Show(arguments)) => command::registered::agent(config, arguments),
        Command::Person(Person::Register(arguments)) => command::registry::person(config, arguments),
        Command::Grant(Grant::Create(arguments)) => command::grant::create(config, arguments),
        Command::Grant(Grant::List(arguments)) => command::registered::grants(config, arguments),
        Command::Grant(Grant::Show(arguments)) => command::registered::grant(config, arguments),
        Command::Session(Session::List(arguments)) => command::registered::sessions(config, arguments),
        Command::Session(Session::Show(arguments)) => command::registered::session(config, arguments),
        Command::Session(Session::End(arguments)) => command::revoke::end_session(config, arguments),
        Command::Agent(Agent::Retire(arguments)) => command::revoke::retire(config, arguments),
        Command::Revoke(arguments) => command::revoke::perform(config, arguments),
        Command::Run(arguments) => command::run::run(config, arguments),
        Command::Prompt(Prompt::Sign(arguments)) => command::prompt_sign::sign(config, arguments),
        Command::Prompt(Prompt::Verify(arguments)) => command::prompt_verify::verify(config, arguments),
        Command::Prompt(Prompt::Accept(arguments)) => command::prompt_verify::accept(config, arguments),
        Command::Artifact(Artifact::Sign(arguments)) => command::artifact_sign::sign(config, arguments),
        Command::Artifact(Artifact::Verify(arguments)) if arguments.sigstore => {
            command::artifact_verify_sigstore::verify(config, arguments)
        }
        Command::Artifact(Artifact::Verify(arguments)) => command::artifact_verify::verify(config, arguments),
        Command::Anchor(Anchor::Create(arguments)) => command::anchor_create::create(config, arguments),
        Command::Anchor(Anchor::Update(arguments)) => command::anchor_update::update(config, arguments),
        Command::Anchor(Anchor::Show(arguments)) => command::anchor_show::show(config, arguments),
        Command::Policy(Policy::Check(arguments)) => command::policy::check(config, arguments),
        Command::Trust(Trust::Show) => command::trust_keys::show(config),
        Command::Trust(Trust::Export(arguments)) => command::trust::export(config, arguments),
        Command::Trust(Trust::Rotate(arguments)) => command::trust_rotate::rotate(config, arguments),
        Command::Log(Log::Status) => command::log::status(config),
        Command::Log(Log::Verify(arguments)) => command::log_verify::verify(config, arguments),
        Command::Log(Log::Monitor(arguments)) => command::log_monitor::monitor(config, arguments),
        Command::Log(Log::Fsck(arguments)) => command::log::fsck(config, arguments),
        Command::Log(Log::Export(arguments)) => command::log_export::export(config, arguments),
        Command::Log(Log::Mirror(arguments)) => command::log_mirror::mirror(config, arguments),
        Command::Log(Log::Freeze(arguments)) => command::log::freeze(config, arguments),
        Command::Witness(passed) => command::engine::hand_over(config, "witness", passed),
        Command::GitSignElsewhere(arguments) => command::git_sign_elsewhere::sign(config, arguments),
        Command::Doctor => Ok(command::doctor::doctor(config)),
        Command::Completions(arguments) => Ok(command::manual::completions(config, arguments)),
        Command::Man => command::manual::man(config),
    }
}
