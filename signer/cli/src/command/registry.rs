//! `chancery agent register | list`, `chancery person register`: who may act at all. The owner decides.

use signer_core::protocol::{RegisterAgent, RegisterPerson};

use crate::args::{AgentRegister, PersonRegister};
use crate::config::Config;
use crate::exit::Exit;
use crate::failure::Failure;

/// Registers an agent.
pub(crate) fn agent(config: &Config, arguments: &AgentRegister) -> Result<Exit, Failure> {
    let request = RegisterAgent {
        name: arguments.name.parse().map_err(Failure::identity)?,
        class: arguments.class.parse().map_err(Failure::identity)?,
        sponsor: arguments.sponsor.parse().map_err(Failure::identity)?,
    };
    let record = config.engine()?.register_agent(&config.owner_credential()?, &request)?;
    let text = format!("agent {} of class {}, sponsor {}", record.name, record.class, record.sponsor);
    config.output.answer(&serde_json::json!({ "schema": "urn:chancery:agent:v1", "agent": record }), &text);
    Ok(Exit::Accepted)
}

/// Lists agents.
pub(crate) fn agents(config: &Config) -> Result<Exit, Failure> {
    let records = config.engine()?.agents(&config.owner_credential()?)?;
    let text: Vec<String> = records
        .iter()
        .map(|record| format!("{:<24} {:<16} {:<32} {}", record.name, record.class, record.sponsor, record.registered))
        .collect();
    config
        .output
        .answer(&serde_json::json!({ "schema": "urn:chancery:agents:v1", "agents": records }), &text.join("\n"));
    Ok(Exit::Accepted)
}

/// Registers a person.
pub(crate) fn person(config: &Config, arguments: &PersonRegister) -> Result<Exit, Failure> {
    let person = arguments.person.parse().map_err(Failure::identity)?;
    let request = RegisterPerson { person };
    config.engine()?.register_person(&config.owner_credential()?, &request)?;
    let text = format!("person {}", request.person);
    config.output.answer(&serde_json::json!({ "schema": "urn:chancery:person:v1", "person": request.person }), &text);
    Ok(Exit::Accepted)
}
