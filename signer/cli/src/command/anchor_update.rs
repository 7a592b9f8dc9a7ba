//! `chancery anchor update`: the next version, with the policy that lies in `.chancery/policy` of the work tree.

use std::path::{Path, PathBuf};

use signer_core::anchor::{self, Anchor};
use signer_core::digest::Digest;
use signer_core::reason::Code;
use signer_policy::PolicySet;

use crate::args::AnchorUpdate;
use crate::command::anchor_create::{self, FOLDER};
use crate::config::Config;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::{git, keyholder};

/// Signs and commits the next version.
pub(crate) fn update(config: &Config, arguments: &AnchorUpdate) -> Result<Exit, Failure> {
    let top = PathBuf::from(git::ask(&arguments.repo, &["rev-parse", "--show-toplevel"])?);
    let current = newest(&top)?;
    let policy = PolicySet::from_files(&files_below(&top.join(FOLDER).join("policy"))?)?;
    let mut terms = current.terms().clone();
    terms.version = terms.version.saturating_add(1);
    terms.previous = Some(current.digest());
    terms.policy = policy.digest();
    terms.trust_root = String::from_utf8(config.engine()?.trust()?)
        .map_err(|_| Failure::new(Code::TrustMalformed, "the engine's trust root is not text"))?;
    match arguments.witness_policy.as_deref() {
        Some(none) if none == Path::new("none") => terms.witnesses = None,
        Some(file) => terms.witnesses = Some(anchor_create::witnesses(file)?),
        None => {}
    }
    match arguments.time_authority.as_deref() {
        Some(none) if none == Path::new("none") => terms.time_authorities = None,
        Some(file) => terms.time_authorities = Some(anchor_create::time_authorities(file)?),
        None => {}
    }
    let (id, version) = (terms.repository, terms.version);
    let person = terms.keyholders.first().map(|holder| holder.name.clone()).unwrap_or_default();
    let key = keyholder::open_or_make(config, &config.owner()?)?;
    let file = anchor::sign(terms, &[&key])?;
    // Refuses here what every verifier would refuse later.
    current.follow(Anchor::parse(&file)?)?;
    anchor_create::write(&top.join(FOLDER).join(format!("anchor/{version}.json")), &file)?;
    let message = format!("Bring anchor version {version}");
    let commit = anchor_create::commit(config, &top, &message, &person)?;
    let out = anchor_create::publish(config, &id, &file, arguments.out.as_deref())?;
    let text = format!("anchor version {version} {}\ncommit {commit}", out.display());
    let document = serde_json::json!({
        "schema": "urn:chancery:anchor:v1", "repository": id, "anchor": Digest::of(&file), "file": out, "commit": commit,
    });
    config.output.answer(&document, &text);
    Ok(Exit::Accepted)
}

/// The newest anchor of the work tree, reached version by version.
fn newest(top: &Path) -> Result<Anchor, Failure> {
    let missing = || Failure::new(Code::AnchorMissing, "the repository is not adopted: it holds no anchor");
    let mut current: Option<Anchor> = None;
    for version in 1..=u32::MAX {
        let Ok(bytes) = std::fs::read(top.join(FOLDER).join(format!("anchor/{version}.json"))) else { break };
        let next = Anchor::parse(&bytes)?;
        current = Some(match &current {
            Some(current) => current.follow(next)?,
            None => next.trust()?,
        });
    }
    current.ok_or_else(missing)
}

fn files_below(folder: &Path) -> Result<Vec<(String, Vec<u8>)>, Failure> {
    let mut files = Vec::new();
    collect(folder, "", &mut files)?;
    Ok(files)
}

/// The files below a folder, named from it.
pub(crate) fn collect(folder: &Path, prefix: &str, files: &mut Vec<(String, Vec<u8>)>) -> Result<(), Failure> {
    let entries = std::fs::read_dir(folder).map_err(|error| Failure::io(folder, &error))?;
    for entry in entries {
        let path = entry.map_err(|error| Failure::io(folder, &error))?.path();
        let name = format!("{prefix}{}", path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default());
        if path.is_dir() {
            collect(&path, &format!("{name}/"), files)?;
        } else {
            files.push((name, std::fs::read(&path).map_err(|error| Failure::io(&path, &error))?));
        }
    }
    Ok(())
}
