//! `chancery login | logout | whoami`: whose name this machine's broker may sign in.

use serde::Serialize;
use signer_wire::message::{Login, PersonStatus, SessionStatus};

use crate::args;
use crate::config::Config;
use crate::exit::Exit;
use crate::failure::Failure;

#[derive(Serialize)]
struct Whoami<'a> {
    schema: &'static str,
    engine: Option<String>,
    person: Option<&'a PersonStatus>,
    /// Id of the agent session this process belongs to.
    caller: Option<&'a str>,
    sessions: &'a [SessionStatus],
}

/// Opens a person's session: the engine checks the owner credential, the broker holds the session. The first login decides
/// which engine a home signs with.
pub(crate) fn login(config: &Config, arguments: &args::Login) -> Result<Exit, Failure> {
    let owner = config.owner()?;
    let login = Login { person: arguments.person.clone(), owner, terminal: true };
    let before = config.settle_engine()?;
    let opened = config.broker().and_then(|mut broker| broker.login(login).map_err(Failure::wire));
    if let (Err(_), Some(before)) = (&opened, before) {
        // An engine that let nobody in is not this home's.
        before.restore()?;
    }
    let person = opened?;
    let text = format!("logged in as {} until {}", person.person, person.expires);
    config.output.answer(&serde_json::json!({ "schema": "urn:chancery:login:v1", "person": person }), &text);
    Ok(Exit::Accepted)
}

/// Closes the person's session.
pub(crate) fn logout(config: &Config) -> Result<Exit, Failure> {
    config.broker()?.logout().map_err(Failure::wire)?;
    config.output.answer(&serde_json::json!({ "schema": "urn:chancery:logout:v1" }), "logged out");
    Ok(Exit::Accepted)
}

/// Whom the broker takes this process for.
pub(crate) fn whoami(config: &Config) -> Result<Exit, Failure> {
    let status = config.broker()?.status().map_err(Failure::wire)?;
    let document = Whoami {
        schema: "urn:chancery:whoami:v1",
        engine: status.engine.clone(),
        person: status.person.as_ref(),
        caller: status.caller.as_deref(),
        sessions: &status.sessions,
    };
    let caller = status.sessions.iter().find(|session| Some(&session.session) == status.caller.as_ref());
    let text = match (caller, &status.person) {
        (Some(session), _) => format!("agent {} for {}", session.agent, session.sponsor),
        (None, Some(person)) => format!("{} until {}", person.person, person.expires),
        (None, None) => "nobody is logged in; `chancery login PERSON` opens a session".to_owned(),
    };
    config.output.answer(&document, &text);
    Ok(Exit::Accepted)
}
