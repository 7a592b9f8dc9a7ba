//! `chancery policy check [DIR]`: parse and validate a policy set against the schema.

use signer_policy::PolicySet;

use crate::args::PolicyCheck;
use crate::command::anchor_update;
use crate::config::Config;
use crate::exit::Exit;
use crate::failure::Failure;

/// Prints the digest and files of a valid set.
pub(crate) fn check(config: &Config, arguments: &PolicyCheck) -> Result<Exit, Failure> {
    let set = match &arguments.directory {
        Some(directory) => {
            let mut files = Vec::new();
            anchor_update::collect(directory, "", &mut files)?;
            files.retain(|(name, _)| !is_beside(name));
            PolicySet::from_files(&files)?
        }
        None => PolicySet::baseline()?,
    };
    let names: Vec<&str> = set.files().iter().map(|(name, _)| name.as_str()).collect();
    let text = format!("policy {}\n{}", set.digest(), names.join("\n"));
    let document = serde_json::json!({ "schema": "urn:chancery:policy:v1", "policy": set.digest(), "files": names });
    config.output.answer(&document, &text);
    Ok(Exit::Accepted)
}

/// What lies beside a set where it is written and tested, as in this project's `policies/`, and is no part of it.
fn is_beside(name: &str) -> bool {
    name == "README.md" || name.starts_with("cases/")
}
