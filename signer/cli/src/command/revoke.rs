//! `chancery revoke`: a person says what no longer counts; what that touches, what was said before, and the feed of it all.

use std::fs;

use serde_json::json;
use signer_client::Credential;
use signer_core::crypto;
use signer_core::digest::Digest;
use signer_core::dsse;
use signer_core::nonce::Nonce;
use signer_core::protocol::{Touched, TouchedSession};
use signer_core::reason::Code;
use signer_core::revocation::{Action, Cause, Revocation, Selector, SelectorKind};
use signer_wire::bytes::Bytes;
use signer_wire::message::{EndSession, SignStatement, StatementPurpose};

use crate::args::AgentRetire;
use crate::args::revoke::{CauseArg, Feed, Named, Revoke, RevokeAction};
use crate::args::session::SessionEnd;
use crate::config::Config;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::shown;
use crate::terminal;

/// What the command line asks.
pub(crate) fn perform(config: &Config, arguments: &Revoke) -> Result<Exit, Failure> {
    match &arguments.action {
        None => revoke(config, Action::Revoke, &arguments.named),
        Some(RevokeAction::Hold(named)) => revoke(config, Action::Hold, named),
        Some(RevokeAction::Release(named)) => revoke(config, Action::Release, named),
        Some(RevokeAction::List) => list(config),
        Some(RevokeAction::Feed(arguments)) => feed(config, arguments),
    }
}

/// Revokes an agent that is no longer used.
pub(crate) fn retire(config: &Config, arguments: &AgentRetire) -> Result<Exit, Failure> {
    let selectors = vec![format!("agent:{}", arguments.name)];
    let named = Named { selectors, cause: CauseArg::Ceased, dry_run: false, yes: arguments.yes };
    revoke(config, Action::Revoke, &named)
}

/// Ends a session before its time: its holder gives it up, or a person revokes it, which every feed says.
pub(crate) fn end_session(config: &Config, arguments: &SessionEnd) -> Result<Exit, Failure> {
    if let Some(session) = &arguments.session {
        let selectors = vec![format!("session:{session}")];
        let named = Named { selectors, cause: CauseArg::Ceased, dry_run: false, yes: arguments.yes };
        return revoke(config, Action::Revoke, &named);
    }
    let own = config.session().ok_or_else(|| Failure::usage("no session is named, and none runs here"))?;
    config.broker()?.end_session(EndSession { session: own }).map_err(Failure::wire)?;
    config.output.answer(&json!({ "schema": "urn:chancery:session-end:v1" }), "the session has ended");
    Ok(Exit::Accepted)
}

/// Revokes, holds or releases everything that is named, one after the other.
fn revoke(config: &Config, action: Action, named: &Named) -> Result<Exit, Failure> {
    let selectors = named.selectors.iter().map(|text| Ok(text.parse()?)).collect::<Result<Vec<Selector>, Failure>>()?;
    if selectors.is_empty() {
        return Err(Failure::usage("nothing is named; a selector is KIND:ID, as in agent:builder"));
    }
    if named.dry_run {
        return dry_run(config, action, &selectors);
    }
    if !named.yes {
        let list: Vec<String> = selectors.iter().map(Selector::to_string).collect();
        let answer = terminal::ask_line(&format!("{action} {} (yes/no): ", list.join(" ")))?;
        if answer != "yes" {
            return Err(Failure::new(Code::AgentPresence, "nothing was changed"));
        }
    }
    let mut done = Vec::new();
    for selector in selectors {
        let leaf = record(config, action, named.cause.into(), &selector)?;
        config.output.remark(&format!("{selector}: {leaf}"));
        done.push(json!({ "selector": selector, "leaf": leaf }));
    }
    let text = format!("{action}: {} recorded", done.len());
    config.output.answer(&json!({ "schema": "urn:chancery:revoke:v1", "action": action, "recorded": done }), &text);
    Ok(Exit::Accepted)
}

/// Signs one revocation as the person who is logged in; the leaf hash of its entry.
fn record(config: &Config, action: Action, cause: Cause, selector: &Selector) -> Result<Digest, Failure> {
    let salt = Nonce::from_bytes(crypto::random().map_err(Failure::crypto)?);
    let revocation = Revocation { action, cause, salt, selector: selector.clone() };
    let request = SignStatement {
        purpose: StatementPurpose::Attestation,
        payload_type: dsse::PAYLOAD_TYPE.to_owned(),
        payload: Bytes(revocation.into_statement()?.encode()?),
        summary: format!("{action} {selector}"),
        session: config.session(),
        owner: config.owner_for_scripts()?,
    };
    let signed = config.broker()?.sign_statement(request).map_err(Failure::wire);
    let signed = signed.map_err(|failure| unknown(selector.kind(), failure))?;
    let decision = signer_core::decision::DecisionRecord::decode(&signed.decision.0);
    Ok(decision.map_err(|error| Failure::new(Code::Internal, error))?.leaf)
}

/// What is named and is not there: where to look it up, as whoever revokes wants to register and start nothing.
fn unknown(kind: SelectorKind, failure: Failure) -> Failure {
    match (kind, failure.reasons.first().map(|reason| reason.code)) {
        (SelectorKind::Agent, Some(Code::AgentUnknown)) => {
            failure.helped("`chancery agent list` names the agents there are.")
        }
        (SelectorKind::Sponsor, Some(Code::IssuePersonUnknown)) => {
            failure.helped("`chancery agent list` names the sponsor of each agent.")
        }
        (SelectorKind::Session, Some(Code::AgentSessionUnknown)) => {
            failure.helped("`chancery session list` names the sessions there are.")
        }
        _ => failure,
    }
}

fn dry_run(config: &Config, action: Action, selectors: &[Selector]) -> Result<Exit, Failure> {
    let (engine, owner) = (config.engine()?, config.owner_credential()?);
    let touched = selectors
        .iter()
        .map(|selector| engine.touched(&owner, selector).map_err(|error| unknown(selector.kind(), error.into())));
    let touched = touched.collect::<Result<Vec<_>, Failure>>()?;
    let text: Vec<String> = touched.iter().map(|touched| described(action, touched)).collect();
    config
        .output
        .answer(&json!({ "schema": "urn:chancery:revoke:v1", "action": action, "touched": touched }), &text.join("\n"));
    Ok(Exit::Accepted)
}

fn described(action: Action, touched: &Touched) -> String {
    let now = touched.standing.map_or_else(String::new, |standing| format!(", which stands at {standing}"));
    let count = touched.sessions.len();
    let mut lines = vec![format!("{action} {}{now}: {count} open sessions", touched.selector)];
    for session in &touched.sessions {
        let TouchedSession { session, subject, sponsor, expires } = session;
        lines.push(format!("  {session} {subject} for {sponsor}, until {expires}"));
    }
    lines.join("\n")
}

/// Everything recorded, in the order of the numbers.
fn list(config: &Config) -> Result<Exit, Failure> {
    let recorded = config.engine()?.revocations(&config.owner_credential()?)?;
    let text: Vec<String> = recorded
        .iter()
        .map(|row| format!("{:>6} {:<8} {:<16} {}", row.number, row.action, row.cause, row.selector))
        .collect();
    let document = json!({ "schema": "urn:chancery:revocations:v1", "revocations": recorded });
    config.output.answer(&document, &text.join("\n"));
    Ok(Exit::Accepted)
}

/// The engine's feed, to a file or to stdout.
fn feed(config: &Config, arguments: &Feed) -> Result<Exit, Failure> {
    let owner = config.owner_for_scripts()?.map(|owner| Credential::new(owner.expose().to_owned())).transpose()?;
    let feed = config.engine()?.feed(owner.as_ref())?;
    match &arguments.output {
        Some(path) => {
            fs::write(path, &feed).map_err(|error| Failure::io(path, &error))?;
            let document = json!({ "schema": "urn:chancery:revoke:v1", "feed": shown(path) });
            config.output.answer(&document, &path.display().to_string());
        }
        None => config.output.page(&feed),
    }
    Ok(Exit::Accepted)
}
