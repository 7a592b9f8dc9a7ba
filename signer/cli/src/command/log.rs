//! `chancery log status | fsck`: the transparency log, seen from outside and from its store.

use signer_core::reason::Code;

use crate::config::Config;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::programs;

/// Origin, size and newest checkpoint, as the engine says.
pub(crate) fn status(config: &Config) -> Result<Exit, Failure> {
    let status = config.engine()?.status()?;
    let size = status.checkpoint.as_deref().and_then(|note| note.lines().nth(1)).unwrap_or("0");
    let text = format!("{} with {size} entries", status.origin);
    let document = serde_json::json!({ "schema": "urn:chancery:log:v1", "status": status });
    config.output.answer(&document, &text);
    Ok(Exit::Accepted)
}

/// Recomputes the root from every entry of the store in this home.
pub(crate) fn fsck(config: &Config) -> Result<Exit, Failure> {
    let mut server = programs::command(programs::SERVER)?;
    server.arg("fsck").arg("--state").arg(config.home.path().join("engine"));
    if config.output.json {
        server.arg("--json");
    }
    let status = server.status().map_err(|error| Failure::new(Code::InternalIo, error))?;
    match status.code() {
        Some(0) => Ok(Exit::Accepted),
        Some(1) => Ok(Exit::Rejected),
        Some(2) => Ok(Exit::Usage),
        _ => Ok(Exit::Undetermined),
    }
}
