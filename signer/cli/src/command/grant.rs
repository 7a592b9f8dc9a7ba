//! `chancery grant create`: a person signs what an agent's session may do, and until when.

use signer_core::crypto;
use signer_core::dsse;
use signer_core::grant::{Grant, Grantee};
use signer_core::identity::Purpose;
use signer_core::nonce::Nonce;
use signer_core::scope::{Operation, Scope};
use signer_core::time::Window;
use signer_wire::bytes::Bytes;
use signer_wire::message::CreateGrant;

use crate::args::{GrantCreate, PurposeArg};
use crate::clock;
use crate::config::Config;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::repository;

/// Signs and records a grant; its redemption code stays with the broker.
pub(crate) fn create(config: &Config, arguments: &GrantCreate) -> Result<Exit, Failure> {
    let grant = sign(config, arguments)?;
    let text =
        format!("grant {grant} for agent {}, redeemed by `chancery run --agent {}`", arguments.agent, arguments.agent);
    config.output.answer(&serde_json::json!({ "schema": "urn:chancery:grant:v1", "grant": grant }), &text);
    Ok(Exit::Accepted)
}

/// The leaf hash of a new grant.
pub(crate) fn sign(config: &Config, arguments: &GrantCreate) -> Result<String, Failure> {
    let here = repository::config(&repository::open(&arguments.repo)?)?;
    let (targets, operations) = where_and_what(arguments, here.target.as_str());
    let start = clock::now();
    let grant = Grant {
        grantee: Grantee { agent: arguments.agent.parse().map_err(Failure::identity)?, class: None },
        scope: Scope {
            repositories: vec![here.repository.to_string()],
            targets,
            paths: arguments.paths.clone(),
            operations,
            purposes: arguments.purposes.iter().map(|purpose| Purpose::from(*purpose)).collect(),
            max_paths: arguments.max_paths,
            max_bytes: arguments.max_bytes,
        },
        window: Window { start, end: start.plus(arguments.minutes.saturating_mul(60)) },
        depth: 0,
        task: None,
        salt: Nonce::from_bytes(crypto::random().map_err(Failure::crypto)?),
    };
    let payload = grant.into_statement()?.encode()?;
    let owner = config.owner_for_scripts()?;
    let request = CreateGrant { payload_type: dsse::PAYLOAD_TYPE.to_owned(), payload: Bytes(payload), owner };
    Ok(config.broker()?.create_grant(request).map_err(Failure::wire)?.grant)
}

/// The refs that are granted and what may be done there: to the repository's own target where none is named.
fn where_and_what(arguments: &GrantCreate, own: &str) -> (Vec<String>, Vec<Operation>) {
    let mut targets = match arguments.targets.as_slice() {
        [] => vec![own.to_owned()],
        named => named.iter().map(|target| full(target)).collect(),
    };
    let mut operations = vec![Operation::Add, Operation::Modify, Operation::Delete];
    if arguments.tags {
        targets.push("refs/tags/".to_owned());
        operations.push(Operation::Tag);
    }
    (targets, operations)
}

/// A branch by its short name means its ref; a prefix stays one.
fn full(target: &str) -> String {
    // Nothing named is not every branch: it stays nothing, and is refused.
    let is_short = !matches!(target, "" | "/") && !target.starts_with("refs/");
    if is_short { format!("refs/heads/{target}") } else { target.to_owned() }
}

impl From<PurposeArg> for Purpose {
    fn from(purpose: PurposeArg) -> Self {
        match purpose {
            PurposeArg::Commit => Self::Commit,
            PurposeArg::Prompt => Self::Prompt,
            PurposeArg::Artifact => Self::Artifact,
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::args::{Cli, Command};

    fn granted(words: &str) -> (Vec<String>, Vec<Operation>) {
        let line = format!("chancery grant create --agent builder {words}");
        let Command::Grant(crate::args::Grant::Create(arguments)) =
            Cli::try_parse_from(line.split_whitespace()).unwrap().command
        else {
            panic!("another command")
        };
        where_and_what(&arguments, "refs/heads/main")
    }

    #[test]
    fn tags_are_granted_where_they_are_asked_for_and_beside_the_branches() {
        assert!(!granted("").1.contains(&Operation::Tag));
        let (targets, operations) = granted("--tags");
        assert_eq!(targets, ["refs/heads/main", "refs/tags/"]);
        assert!(operations.contains(&Operation::Tag));
        assert_eq!(granted("--tags --target next").0, ["refs/heads/next", "refs/tags/"]);
    }
}
