//! `chancery run --agent NAME -- COMMAND…`: an agent with its own identity, git configured by environment alone.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use rustix::io::Errno;
use rustix::process::WaitOptions;
use signer_core::digest::Digest;
use signer_wire::message::{EndSession, SessionStarted, StartSession};
use signer_wire::{Client, LastRefusal};

use crate::args::Run;
use crate::command::prompt_verify;
use crate::config::{self, Config};
use crate::evidence;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::{clock, output, programs, repository};

/// Starts the session, runs the command beneath it, ends the session. The exit code is the command's own.
pub(crate) fn run(config: &Config, arguments: &Run) -> Result<Exit, Failure> {
    let claims = arguments.claims.iter().map(|claim| claim_of(claim)).collect::<Result<Vec<_>, _>>()?;
    let prompt = arguments.prompt.as_ref().map(|file| prompt_verify::acceptable(config, file)).transpose()?;
    let (program, _) = command_of(arguments)?;
    if !config::is_command(program) {
        return Err(Failure::usage(format_args!("`{}` is no command here", program.display())));
    }
    // A grant is redeemed by what follows: nothing that can be known before may fail after it.
    let began = clock::now_ms();
    let mut broker = config.broker()?;
    let start = StartSession {
        agent: arguments.agent.clone(),
        grant: None,
        repository: repository::adopted_around(),
        pid: Some(std::process::id()),
        claims,
    };
    let started = broker.start_session(start).map_err(Failure::wire)?;
    config.output.remark(&format!("session {} of agent {}", started.session.session, started.session.agent));
    let status = perform(config, arguments, &started, prompt);
    let ended = end(&mut broker, started);
    let code = status?;
    ended?;
    if code != 0 {
        tell_why(config, began);
    }
    exit_with(code)
}

/// Git before 2.41 drops what its signing program says, and an agent has no terminal where it is told as well.
fn tell_why(config: &Config, began: u64) {
    if let Some(refusal) = LastRefusal::of(&config.home).filter(|refusal| refusal.time >= began) {
        let LastRefusal { code, message, help, .. } = refusal;
        let [code, message, help] = [code, message, help].map(|text| output::one_line(&text));
        config.output.once(&format!("error[{code}]: {message}\nhelp: {help}"));
    }
}

fn command_of(arguments: &Run) -> Result<(&OsString, &[OsString]), Failure> {
    arguments.command.split_first().ok_or_else(|| Failure::usage("no command was given"))
}

fn perform(config: &Config, arguments: &Run, started: &SessionStarted, prompt: Option<Digest>) -> Result<i32, Failure> {
    if let Some(prompt) = prompt {
        prompt_verify::burn(config, prompt, Some(evidence::handed_on(&started.handle)))?;
    }
    let (program, rest) = command_of(arguments)?;
    let mut command = Command::new(program);
    command.args(rest);
    environment(&mut command, config.home.path(), started)?;
    // What loses its parent becomes this process's child, and no process of an agent leaves its session by that.
    rustix::process::set_child_subreaper(Some(rustix::process::getpid()))
        .map_err(|error| Failure::io(Path::new(program), &error.into()))?;
    let child = command.spawn().map_err(|error| Failure::io(Path::new(program), &error))?;
    ended(child.id()).map_err(|error| Failure::io(Path::new(program), &error))
}

/// Waits for the command, and takes notice of everything that ends before it: nobody else does. As a shell has it: its code, or
/// 128 and more for a signal.
fn ended(command: u32) -> io::Result<i32> {
    loop {
        let (process, status) = match rustix::process::wait(WaitOptions::empty()) {
            Ok(Some(ended)) => ended,
            Ok(None) | Err(Errno::INTR) => continue,
            Err(error) => return Err(error.into()),
        };
        if u32::try_from(process.as_raw_nonzero().get()) == Ok(command) {
            let signal = status.terminating_signal().map(|signal| signal.saturating_add(128));
            return Ok(status.exit_status().or(signal).unwrap_or(128));
        }
    }
}

/// What makes git sign as the session: environment alone, so that no file changes and nothing outlives the command.
fn environment(command: &mut Command, home: &Path, started: &SessionStarted) -> Result<(), Failure> {
    let hook: PathBuf = programs::path(programs::HOOK)?;
    let session = &started.session;
    let mail = format!("{}@{}.agent.invalid", session.agent, session.session);
    let git = [
        ("gpg.format", "x509".to_owned()),
        ("gpg.x509.program", hook.display().to_string()),
        ("commit.gpgsign", "true".to_owned()),
        ("tag.gpgsign", "true".to_owned()),
        ("user.signingkey", session.session.clone()),
        ("user.name", session.agent.clone()),
        ("user.email", mail),
    ];
    // After what the caller's environment says: git takes the last word.
    let before = config::git_settings();
    command.env("GIT_CONFIG_COUNT", before.saturating_add(git.len()).to_string());
    for (at, (name, value)) in (before..).zip(&git) {
        command.env(format!("GIT_CONFIG_KEY_{at}"), name).env(format!("GIT_CONFIG_VALUE_{at}"), value);
    }
    command.env("CHANCERY_HOME", home).env("CHANCERY_SESSION", started.handle.expose());
    command.env_remove("CHANCERY_OWNER_FILE");
    Ok(())
}

fn end(broker: &mut Client, started: SessionStarted) -> Result<(), Failure> {
    let unclosed =
        "The command has ended; its session could not be closed, and ends with its grant. See `chancery doctor`.";
    let ended = broker.end_session(EndSession { session: started.handle });
    ended.map_err(|error| Failure::wire(error).helped(unclosed))
}

fn claim_of(text: &str) -> Result<(String, String), Failure> {
    let (name, value) =
        text.split_once('=').ok_or_else(|| Failure::usage(format_args!("`{text}` is not NAME=VALUE")))?;
    Ok((name.to_owned(), value.to_owned()))
}

#[expect(clippy::exit, reason = "the command's own exit code is the answer, and it is none of ours")]
fn exit_with(code: i32) -> Result<Exit, Failure> {
    if code == 0 { Ok(Exit::Accepted) } else { std::process::exit(code) }
}
