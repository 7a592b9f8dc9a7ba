//! What a run tells: the verdict as a table, the refusals, how to go on, how to remove it. As JSON one document.

use std::fmt::Write as _;

use serde_json::{Value, json};
use signer_core::reason::Code;

use super::{AGENT, Outcome};
use crate::config::Config;
use crate::evidence::Beside;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::shown;

/// Prints the document, or the story. Fails where the verifier did not accept what the run made.
pub(super) fn report(config: &Config, outcome: &Outcome) -> Result<Exit, Failure> {
    let document = document(config, outcome)?;
    config.output.answer(&document, &story(config, outcome));
    if outcome.verdict.get("verdict").and_then(Value::as_str) == Some("accepted") {
        return Ok(Exit::Accepted);
    }
    Err(Failure::new(Code::Internal, "the verifier refused what this run made; the verdict says why"))
}

fn document(config: &Config, outcome: &Outcome) -> Result<Value, Failure> {
    let prompt = Beside::of(&outcome.prompt, None)?.bundle;
    let artifact = Beside::of(&outcome.artifact, None)?.bundle;
    Ok(json!({
        "schema": "urn:chancery:quickstart:v1",
        "home": shown(config.home.path()), "engine": outcome.engine, "repository": shown(&outcome.repository),
        "base": outcome.base, "head": outcome.head, "anchor": shown(&outcome.anchor),
        "trust_root": shown(&config.home.path().join("engine/trusted_root.json")),
        "person": outcome.person, "agent": AGENT,
        "prompt": { "file": shown(&outcome.prompt), "bundle": shown(&prompt) },
        "artifact": { "path": shown(&outcome.artifact), "bundle": shown(&artifact) },
        "verdict": outcome.verdict, "refusals": outcome.refusals,
    }))
}

fn story(config: &Config, outcome: &Outcome) -> String {
    let mut text = String::from("verdict       commit        signed at             log  signer\n");
    let subjects = outcome.verdict.get("subjects").and_then(Value::as_array);
    for subject in subjects.into_iter().flatten() {
        let field = |pointer: &str| subject.pointer(pointer).and_then(Value::as_str).unwrap_or("-").to_owned();
        let index = subject.pointer("/log/index").and_then(Value::as_u64).unwrap_or_default();
        let id: String = field("/id").chars().take(12).collect();
        let _infallible = writeln!(
            text,
            "{:<13} {id:<13} {:<20} {index:>4}  {} {}",
            field("/verdict"),
            field("/signed_at"),
            field("/signer/class"),
            field("/signer/identity")
        );
    }
    text.push_str("\naltered by one bit     refused as\n");
    for refused in &outcome.refusals {
        let _infallible = writeln!(text, "{:<22} {}", refused.what, refused.code);
    }
    let home = config.home.path().display();
    let repository = outcome.repository.display();
    let anchor = outcome.anchor.display();
    let _infallible = write!(
        text,
        "\nGo on:\n  export CHANCERY_HOME={home}\n  cd {repository} && git log --show-signature\n  \
         chancery-ci verify --all --anchor {anchor}\n  chancery whoami\nRemove it:\n  chancery quickstart clean"
    );
    text
}
