//! `chancery trust export`: the engine's `trusted_root.json`, for us and for stock Sigstore clients.

use crate::args::TrustExport;
use crate::config::Config;
use crate::exit::Exit;
use crate::failure::Failure;

/// Writes the trust root to a file, or prints it.
pub(crate) fn export(config: &Config, arguments: &TrustExport) -> Result<Exit, Failure> {
    let trust = config.engine()?.trust()?;
    if let Some(out) = &arguments.out {
        std::fs::write(out, &trust).map_err(|error| Failure::io(out, &error))?;
        let document = serde_json::json!({ "schema": "urn:chancery:trust:v1", "trust_root": out });
        config.output.answer(&document, &format!("trust root {}", out.display()));
        return Ok(Exit::Accepted);
    }
    let document: serde_json::Value = serde_json::from_slice(&trust)
        .map_err(|error| Failure::new(signer_core::reason::Code::TrustMalformed, error))?;
    config.output.answer(&document, &String::from_utf8_lossy(&trust));
    Ok(Exit::Accepted)
}
