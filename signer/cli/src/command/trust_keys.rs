//! `chancery trust show`, and for how long the engine's keys still count wherever that is told: what ends soon is named with
//! the command that replaces it.

use serde_json::{Value, json};
use signer_core::reason::Code;
use signer_core::time::Timestamp;
use signer_core::trust_root::{Standing, TrustRoot};

use crate::clock;
use crate::config::Config;
use crate::exit::Exit;
use crate::failure::Failure;

/// How long before its end a key is worth a word.
const SOON: u64 = 30 * 86_400;

/// Every key of the engine's trust root.
pub(crate) fn show(config: &Config) -> Result<Exit, Failure> {
    let standings = TrustRoot::from_json(&config.engine()?.trust()?)?.standings()?;
    let now = clock::now();
    let lines: Vec<_> = standings.iter().map(|key| line(key, now)).collect();
    let keys: Vec<_> = standings.iter().map(|key| document(key, now)).collect();
    config.output.answer(&json!({ "schema": "urn:chancery:trust-keys:v1", "keys": keys }), &lines.join("\n"));
    Ok(Exit::Accepted)
}

/// The keys in force that end: those with a certificate.
pub(crate) fn ending(trust: &TrustRoot) -> Result<Vec<Standing>, Failure> {
    let no_end = Timestamp::EPOCH.plus(u64::MAX);
    Ok(trust.standings()?.into_iter().filter(|key| key.is_in_force && key.window.end < no_end).collect())
}

/// Fails where a key in force ends soon, with the command that replaces it.
pub(crate) fn check(trust: &TrustRoot) -> Result<String, Failure> {
    first_to_end(&ending(trust)?, clock::now())
}

fn first_to_end(keys: &[Standing], now: Timestamp) -> Result<String, Failure> {
    match keys.iter().min_by_key(|key| key.window.end) {
        Some(key) if ends_soon(key, now) => Err(Failure::new(Code::TrustEndsSoon, line(key, now))),
        Some(key) => Ok(format!("the first to end is {}", line(key, now))),
        None => Ok("none ends".to_owned()),
    }
}

/// One key as a document.
pub(crate) fn document(key: &Standing, now: Timestamp) -> Value {
    json!({
        "role": key.role.to_string(), "name": key.name, "from": key.window.start, "until": key.window.end,
        "in_force": key.is_in_force, "ends_soon": ends_soon(key, now),
    })
}

/// One key on one line.
pub(crate) fn line(key: &Standing, now: Timestamp) -> String {
    let Standing { role, name, window, is_in_force, .. } = key;
    let until = if window.end < Timestamp::EPOCH.plus(u64::MAX) {
        format!("until {}", window.end)
    } else {
        "until it is rotated".to_owned()
    };
    let command = if ends_soon(key, now) {
        format!("; replace it: stop the engine, then `chancery trust rotate {}`", role.rotation())
    } else {
        String::new()
    };
    let state = if *is_in_force { "" } else { " (rotated)" };
    format!("{role} {name}, {until}{state}{command}")
}

fn ends_soon(key: &Standing, now: Timestamp) -> bool {
    key.is_in_force && key.window.end <= now.plus(SOON)
}

#[cfg(test)]
mod tests;
