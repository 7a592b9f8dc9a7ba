//! `chancery-ci`: the authority. Exit codes: 0 accepted, 1 rejected, 2 usage, 3 undetermined.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::SystemTime;

use ci::args::{Cli, Command, Format, GpgVerify, Verify};
use ci::run::{self, Request};
use ci::{gpg, report, sigstore};
use clap::Parser;
use mimalloc::MiMalloc;
use signer_core::command_line::{Misread, wants_json};
use signer_core::reason::{Code, Reason};
use signer_core::time::Timestamp;
use signer_core::verdict::{Outcome, Verdict};
use signer_git::repository::RepositoryPath;

const USAGE: u8 = 2;

/// A commit is some hundred small allocations; the system's allocator takes a tenth of the time that judging it takes.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are answers; anything else is a usage error.
            if !error.use_stderr() {
                let _closed = error.print();
                return ExitCode::SUCCESS;
            }
            return misread(&Misread::parsed(&error.to_string()), wants_json(std::env::args_os()));
        }
    };
    let outcome = match &cli.command {
        Command::Verify(arguments) => verify(arguments),
        Command::GpgVerify(arguments) => gpg_verify(arguments),
    };
    outcome.unwrap_or_else(|error| {
        let said = report::escape(&format!("{error:#}"));
        say(&mut io::stderr(), &format!("error[{}]: {said}\nhelp: {}\n", Code::Internal, Code::Internal.help()));
        ExitCode::from(3)
    })
}

/// Says what is wrong with the command line.
fn misread(misread: &Misread, json: bool) -> ExitCode {
    let text: String = misread.text().lines().map(|line| report::escape(line) + "\n").collect();
    say(&mut io::stderr(), &text);
    if json {
        say(&mut io::stdout(), &format!("{}\n", misread.document()));
    }
    ExitCode::from(USAGE)
}

fn verify(arguments: &Verify) -> anyhow::Result<ExitCode> {
    let json = arguments.json || arguments.format == Format::Json;
    if arguments.sigstore {
        return elsewhere(arguments, json);
    }
    let (Some(selection), Some(anchor)) = (arguments.choice.selection(), arguments.anchor.clone()) else {
        let (what, code) = match arguments.anchor {
            None => ("no anchor was given", Code::AnchorMissing),
            Some(_) => ("a range is written BASE..HEAD", Code::Usage),
        };
        return Ok(misread(&Misread::because(Reason::new(code, what)), json));
    };
    let request = Request {
        repository: repository(arguments.repo.as_deref()),
        anchor,
        selection,
        feed: arguments.feed.clone(),
        fail_fast: arguments.fail_fast,
        now: now(),
    };
    shown(&run::verify(&request), json)
}

/// Judges what was signed without an engine, by the caller's word.
fn elsewhere(arguments: &Verify, json: bool) -> anyhow::Result<ExitCode> {
    let Some(selection) = arguments.choice.selection() else {
        return Ok(misread(&Misread::because(Reason::new(Code::Usage, "a range is written BASE..HEAD")), json));
    };
    let request = sigstore::Request {
        repository: repository(arguments.repo.as_deref()),
        word: arguments.word.clone(),
        selection,
        now: now(),
    };
    shown(&sigstore::verify(&request), json)
}

fn shown(verdict: &Verdict, json: bool) -> anyhow::Result<ExitCode> {
    let text = if json { serde_json::to_string_pretty(verdict)? } else { report::table(verdict) };
    say(&mut io::stdout().lock(), &format!("{text}\n"));
    Ok(exit(verdict.verdict))
}

/// The one named, or the one here; where there is none, the run says so.
fn repository(named: Option<&Path>) -> PathBuf {
    let here = Path::new(".");
    let found = || RepositoryPath::around(here).map_or_else(|_| here.to_owned(), |found| found.as_path().to_owned());
    named.map_or_else(found, Path::to_owned)
}

fn gpg_verify(arguments: &GpgVerify) -> anyhow::Result<ExitCode> {
    let answer = gpg::verify(arguments, io::stdin().lock(), now());
    say(&mut io::stderr(), &answer.text);
    match arguments.status_fd {
        1 => say(&mut io::stdout(), &answer.status),
        2 => say(&mut io::stderr(), &answer.status),
        other => {
            let mut file = std::fs::OpenOptions::new().write(true).open(format!("/dev/fd/{other}"))?;
            file.write_all(answer.status.as_bytes())?;
        }
    }
    Ok(exit(answer.outcome))
}

fn exit(outcome: Outcome) -> ExitCode {
    ExitCode::from(match outcome {
        Outcome::Accepted => 0,
        Outcome::Rejected => 1,
        Outcome::Undetermined => 3,
    })
}

// A reader that went away is not a failure of the run.
fn say(stream: &mut impl Write, text: &str) {
    let _closed = stream.write_all(text.as_bytes()).and_then(|()| stream.flush());
}

#[expect(clippy::disallowed_methods, reason = "the rim of a binary asks the clock and hands the time on")]
fn now() -> Timestamp {
    let elapsed = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_unix(elapsed.as_secs()).unwrap_or(Timestamp::EPOCH)
}
