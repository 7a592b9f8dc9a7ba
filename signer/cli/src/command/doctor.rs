//! `chancery doctor`: what is wrong with this machine, and the command that mends it.

use std::time::Duration;

use serde::Serialize;
use signer_client::Engine;
use signer_core::protocol::Status;
use signer_core::reason::Code;
use signer_core::time::Timestamp;
use signer_core::trust_root::TrustRoot;
use signer_wire::LastRefusal;

use crate::command::trust_keys;
use crate::config::Config;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::one_line;
use crate::{clock, git, programs};

/// How long a refusal is worth telling, in milliseconds.
const RECENT: u64 = 60 * 60 * 1000;
/// How long the engine may take for an answer.
const PATIENCE: Duration = Duration::from_secs(2);

#[derive(Serialize)]
struct Check {
    what: &'static str,
    ok: bool,
    found: String,
    help: Option<String>,
}

/// Checks programs, home, broker, engine and git.
pub(crate) fn doctor(config: &Config) -> Exit {
    let start = format!("{} Where it runs and does not answer, end its process first.", config.home.start_help());
    let (engine, keys) = engine(config);
    let checks = [
        check("programs", beside(), "Build and install the five programs into one folder."),
        check(
            "home",
            config.home.ensure().map(|()| config.home.path().display().to_string()).map_err(Failure::wire),
            "Pass --home DIR.",
        ),
        check("git", git::ask(std::path::Path::new("/"), &["--version"]), "Install git."),
        check("broker", broker(config), "Look into broker.log in the home."),
        check("engine", engine, &start),
        check("keys", keys, Code::TrustEndsSoon.help()),
        check("login", login(config), "Log in: `chancery login PERSON`."),
    ];
    let wrong = checks.iter().any(|check| !check.ok);
    let mut lines: Vec<String> = checks.iter().map(line).collect();
    let refusal = LastRefusal::of(&config.home).filter(|refusal| is_recent(refusal, clock::now_ms()));
    lines.extend(refusal.as_ref().map(told));
    let document = serde_json::json!({ "schema": "urn:chancery:doctor:v1", "checks": checks, "last_refusal": refusal });
    config.output.answer(&document, &lines.join("\n"));
    if wrong { Exit::Rejected } else { Exit::Accepted }
}

/// A time that has not come yet says nothing.
fn is_recent(refusal: &LastRefusal, now: u64) -> bool {
    now.checked_sub(refusal.time).is_some_and(|age| age < RECENT)
}

fn told(refusal: &LastRefusal) -> String {
    let time = Timestamp::from_unix(refusal.time / 1000).unwrap_or(Timestamp::EPOCH);
    let LastRefusal { code, message, help, .. } = refusal;
    let [code, message, help] = [code, message, help].map(|text| one_line(text));
    format!("--   last refusal, at {time}: error[{code}]: {message}\n     help: {help}")
}

fn check(what: &'static str, found: Result<String, Failure>, help: &str) -> Check {
    match found {
        Ok(found) => Check { what, ok: true, found, help: None },
        Err(failure) => {
            let reason = failure.reasons.first();
            let is_away = reason.is_some_and(|reason| reason.code == Code::EngineUnreachable);
            let help = match (what, reason) {
                // Keys cannot be looked at where there is no engine, and a rotation mends nothing then.
                ("keys", _) if is_away => "See `engine`.",
                ("engine", Some(reason)) if !is_away => &reason.help,
                _ => help,
            };
            let help = Some(help.to_owned());
            Check { what, ok: false, found: reason.map(ToString::to_string).unwrap_or_default(), help }
        }
    }
}

fn line(check: &Check) -> String {
    let mark = if check.ok { "ok" } else { "no" };
    let help = check.help.as_ref().map(|help| format!("\n     help: {help}")).unwrap_or_default();
    format!("{mark}   {}: {}{help}", check.what, one_line(&check.found))
}

fn beside() -> Result<String, Failure> {
    for name in [programs::SERVER, programs::VERIFIER, programs::HOOK, "chancery-broker"] {
        programs::path(name)?;
    }
    Ok("all beside this one".to_owned())
}

fn broker(config: &Config) -> Result<String, Failure> {
    let pong = config.broker()?.ping().map_err(Failure::wire)?;
    Ok(format!("version {}, process {}", pong.version, pong.pid))
}

/// Where the engine is, and how long its keys still count. One that did not answer is not asked again.
fn engine(config: &Config) -> (Result<String, Failure>, Result<String, Failure>) {
    let answered = config.engine_within(PATIENCE).and_then(|engine| Ok((engine.status()?, engine)));
    match answered {
        Ok((status, engine)) => (standing(&status, engine.url()), keys(&engine)),
        Err(failure) => {
            let unseen = Failure::new(Code::EngineUnreachable, "they cannot be looked at without the engine");
            (Err(failure), Err(unseen))
        }
    }
}

/// Whether an engine that answers records anything.
fn standing(status: &Status, url: &str) -> Result<String, Failure> {
    match (status.stopped, status.frozen) {
        (Some(code), _) => Err(Failure::new(code, "it runs and records nothing any more")),
        (None, Some(since)) => Err(Failure::new(Code::LogFrozen, format_args!("its log takes nothing since {since}"))),
        (None, None) => Ok(format!("{} at {url}", status.origin)),
    }
}

fn keys(engine: &Engine) -> Result<String, Failure> {
    trust_keys::check(&TrustRoot::from_json(&engine.trust()?)?)
}

fn login(config: &Config) -> Result<String, Failure> {
    let person = config.broker()?.status().map_err(Failure::wire)?.person;
    let person = person.ok_or_else(|| Failure::new(Code::AgentPresence, "nobody is logged in"))?;
    Ok(person.person)
}

#[cfg(test)]
mod tests;
