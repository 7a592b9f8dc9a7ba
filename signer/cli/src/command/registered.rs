//! `chancery agent show`, `grant list|show`, `session list|show`: what there is to revoke, and the selector that does it.

use serde::Serialize;
use serde_json::json;
use signer_client::ClientError;
use signer_core::protocol::{
    GrantRecord, Listing, MAX_LISTED, NameAgent, NameGrant, NameSession, Page, SessionRecord, StruckBy,
};
use signer_core::revocation::Action;

use crate::args::session::{Listed, SessionShow};
use crate::args::{AgentShow, GrantShow};
use crate::config::Config;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::one_line;

/// One agent, and its open sessions.
pub(crate) fn agent(config: &Config, arguments: &AgentShow) -> Result<Exit, Failure> {
    let (engine, owner) = (config.engine()?, config.owner_credential()?);
    let asked = NameAgent { agent: arguments.name.parse().map_err(Failure::identity)? };
    let shown = engine.agent(&owner, &asked)?;
    let open = Listing { agent: Some(asked.agent), live: true, count: MAX_LISTED, ..Listing::default() };
    let page = engine.sessions(&owner, &open)?;
    let agent = &shown.agent;
    let state = state(true, shown.struck.as_ref());
    let mut lines = vec![format!("{} of class {}, sponsor {}, {state}", shown.selector, agent.class, agent.sponsor)];
    lines.extend(page.rows.iter().map(session_line));
    if page.next.is_some() {
        lines.push(format!("more: chancery session list --live --agent {}", agent.name));
    }
    let document =
        json!({ "schema": "urn:chancery:agent-show:v1", "agent": shown, "sessions": page.rows, "next": page.next });
    config.output.answer(&document, &lines.join("\n"));
    Ok(Exit::Accepted)
}

/// Grants, newest first.
pub(crate) fn grants(config: &Config, arguments: &Listed) -> Result<Exit, Failure> {
    let (engine, owner) = (config.engine()?, config.owner_credential()?);
    let page = gather(arguments, |listing| engine.grants(&owner, listing))?;
    let document = json!({ "schema": "urn:chancery:grants:v1", "grants": page.rows, "next": page.next });
    told(config, &document, &page, grant_line);
    Ok(Exit::Accepted)
}

/// One grant.
pub(crate) fn grant(config: &Config, arguments: &GrantShow) -> Result<Exit, Failure> {
    let malformed = |_| Failure::usage(format_args!("`{}` is not sha256:DIGEST", arguments.grant));
    let asked = NameGrant { grant: arguments.grant.parse().map_err(malformed)? };
    let shown = config.engine()?.grant_named(&config.owner_credential()?, &asked)?;
    let scope = pretty(&shown.scope);
    let text = format!("{}\ngranted by {}\nscope {scope}", grant_line(&shown.grant), shown.grant.actor);
    config.output.answer(&json!({ "schema": "urn:chancery:grant-show:v1", "grant": shown }), &text);
    Ok(Exit::Accepted)
}

/// Sessions, newest first.
pub(crate) fn sessions(config: &Config, arguments: &Listed) -> Result<Exit, Failure> {
    let (engine, owner) = (config.engine()?, config.owner_credential()?);
    let page = gather(arguments, |listing| engine.sessions(&owner, listing))?;
    let document = json!({ "schema": "urn:chancery:sessions:v1", "sessions": page.rows, "next": page.next });
    told(config, &document, &page, session_line);
    Ok(Exit::Accepted)
}

/// One session.
pub(crate) fn session(config: &Config, arguments: &SessionShow) -> Result<Exit, Failure> {
    let asked = NameSession { session: arguments.session.clone() };
    let shown = config.engine()?.session_named(&config.owner_credential()?, &asked)?;
    let mut lines = vec![session_line(&shown.session)];
    lines.extend(shown.session.grants.iter().map(|grant| format!("under grant:{grant}")));
    lines.extend(shown.claims.iter().map(|(name, value)| format!("says {}={}", one_line(name), one_line(value))));
    lines.push(format!("scope {}", pretty(&shown.scope)));
    config.output.answer(&json!({ "schema": "urn:chancery:session-show:v1", "session": shown }), &lines.join("\n"));
    Ok(Exit::Accepted)
}

/// As many as were asked for, page by page.
fn gather<T>(arguments: &Listed, ask: impl Fn(&Listing) -> Result<Page<T>, ClientError>) -> Result<Page<T>, Failure> {
    let mut listing = Listing {
        agent: arguments.agent.as_ref().map(|name| name.parse()).transpose().map_err(Failure::identity)?,
        sponsor: arguments.sponsor.as_ref().map(|person| person.parse()).transpose().map_err(Failure::identity)?,
        live: arguments.live,
        before: arguments.before,
        count: 0,
    };
    let mut rows = Vec::new();
    loop {
        let left = arguments.limit.saturating_sub(u64::try_from(rows.len()).unwrap_or(u64::MAX));
        if left == 0 {
            return Ok(Page { rows, next: listing.before });
        }
        listing.count = left.min(MAX_LISTED);
        let page = ask(&listing)?;
        rows.extend(page.rows);
        listing.before = page.next;
        if page.next.is_none() {
            return Ok(Page { rows, next: None });
        }
    }
}

fn told<T>(config: &Config, document: &impl Serialize, page: &Page<T>, line: impl Fn(&T) -> String) {
    config.output.answer(document, &page.rows.iter().map(line).collect::<Vec<_>>().join("\n"));
    if let Some(next) = page.next {
        config.output.remark(&format!("more: the same with --before {next}"));
    }
}

fn session_line(row: &SessionRecord) -> String {
    let who = row.agent.as_ref().map_or_else(|| row.subject.to_string(), |agent| format!("agent {agent}"));
    let state = state(row.live, row.struck.as_ref());
    format!(
        "{:<42} {who:<24} for {:<28} until {} {state}",
        row.selector.to_string(),
        row.sponsor.to_string(),
        row.expires
    )
}

fn grant_line(row: &GrantRecord) -> String {
    let redeemed =
        row.redeemed.as_ref().map_or_else(|| "unredeemed".to_owned(), |session| format!("session:{session}"));
    let state = state(row.live, row.struck.as_ref());
    format!(
        "{} agent {:<16} for {:<28} until {} {state} {redeemed}",
        row.selector,
        row.agent,
        row.sponsor.to_string(),
        row.end
    )
}

fn state(live: bool, struck: Option<&StruckBy>) -> String {
    match struck {
        Some(StruckBy { selector, action: Action::Hold, .. }) => format!("held by {selector}"),
        Some(StruckBy { selector, .. }) => format!("revoked by {selector}"),
        None if live => "live".to_owned(),
        None => "ended".to_owned(),
    }
}

fn pretty(value: &impl Serialize) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}
