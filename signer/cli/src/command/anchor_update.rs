//! `chancery anchor update`: the next version, with the policy that lies in `.chancery/policy` of the work tree.

use std::path::Path;

use signer_core::anchor::{self, Anchor, AnchorTerms};
use signer_core::digest::Digest;
use signer_core::reason::Code;
use signer_git::repository::Repository;
use signer_policy::PolicySet;

use crate::args::AnchorUpdate;
use crate::command::anchor_create;
use crate::config::Config;
use crate::evidence;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::governed_commit::{Draft, FOLDER, POLICY};
use crate::keyholder;
use crate::output::shown;

/// Signs and commits the next version.
pub(crate) fn update(config: &Config, arguments: &AnchorUpdate) -> Result<Exit, Failure> {
    let draft = Draft::begin(&arguments.repo)?;
    let current = newest(&draft.repository()?)?;
    refuse_second(config, &current)?;
    let policy = policy(config, &draft)?;
    let terms = next(config, arguments, &current, &policy)?;
    let (id, version) = (terms.repository, terms.version);
    let person = terms.keyholders.first().map(|holder| holder.name.clone()).unwrap_or_default();
    let key = keyholder::open_or_make(config, &config.owner()?)?;
    let file = anchor::sign(terms, &[&key])?;
    // Refuses here what every verifier would refuse later.
    current.follow(Anchor::parse(&file)?)?;
    let path = anchor_path(version);
    draft.put(&path, &file)?;
    let message = format!("Bring anchor version {version}");
    let commit = draft.sign(config, &message, &person)?;
    let out = anchor_create::publish(config, &id, &file, arguments.out.as_deref(), || draft.bring(&commit, &message))?;
    draft.follow(&[POLICY, &path], &path)?;
    let text = format!("anchor version {version} {}\ncommit {commit}", out.display());
    let document = serde_json::json!({
        "schema": "urn:chancery:anchor:v1", "repository": id, "anchor": Digest::of(&file), "file": shown(&out),
        "commit": commit,
    });
    config.output.answer(&document, &text);
    Ok(Exit::Accepted)
}

/// No number is given twice: where this home knows a version that the commit checked out does not lead to, another branch
/// has it.
fn refuse_second(config: &Config, current: &Anchor) -> Result<(), Failure> {
    let path = config.home.path().join("anchors").join(format!("{}.json", current.terms().repository));
    if !path.exists() {
        return Ok(());
    }
    let known = evidence::read_anchor(&path)?;
    let (known_version, version) = (known.terms().version, current.terms().version);
    if known_version < version || (known_version == version && known.digest() == current.digest()) {
        return Ok(());
    }
    let message =
        format!("version {known_version} is in force here, and the commit checked out holds version {version}");
    let help = format!(
        "Merge the branch that brought it, or check it out; where that is lost for good, remove `{}` and update again.",
        path.display()
    );
    Err(Failure::new(Code::AnchorRollback, message).helped(help))
}

fn next(
    config: &Config,
    arguments: &AnchorUpdate,
    current: &Anchor,
    policy: &PolicySet,
) -> Result<AnchorTerms, Failure> {
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
    Ok(terms)
}

fn anchor_path(version: u32) -> String {
    format!("{FOLDER}/anchor/{version}.json")
}

/// The newest anchor of the commit checked out, reached version by version.
fn newest(repository: &Repository) -> Result<Anchor, Failure> {
    let missing = || Failure::new(Code::AnchorMissing, "the repository is not adopted: it holds no anchor");
    let tree = repository.head_tree()?.ok_or_else(missing)?;
    let mut current: Option<Anchor> = None;
    for version in 1..=u32::MAX {
        let Some(bytes) = repository.blob_at(&tree, anchor_path(version).as_bytes())? else { break };
        let next = Anchor::parse(&bytes)?;
        current = Some(match &current {
            Some(current) => current.follow(next)?,
            None => next.trust()?,
        });
    }
    current.ok_or_else(missing)
}

/// The policy of the work tree as git stores it. Where that is not as it lies there, the person hears of it.
fn policy(config: &Config, draft: &Draft) -> Result<PolicySet, Failure> {
    let mut lying = Vec::new();
    collect(&draft.top().join(POLICY), "", &mut lying)?;
    let stored = draft.take_policy()?;
    let converted: Vec<&str> = lying.iter().filter(|file| !stored.contains(file)).map(|(name, _)| &**name).collect();
    if !converted.is_empty() {
        config.output.remark(&format!(
            "signed as git stores them, which is not as they lie in {POLICY}: {}; `core.autocrlf` or an attribute converts \
             them, see `git ls-files --eol {POLICY}` and `git check-attr --all FILE`",
            converted.join(", ")
        ));
    }
    Ok(PolicySet::from_files(&stored)?)
}

/// The files below a folder, named from it. A policy is made of files: nothing is followed elsewhere.
pub(crate) fn collect(folder: &Path, prefix: &str, files: &mut Vec<(String, Vec<u8>)>) -> Result<(), Failure> {
    let failed = |error: std::io::Error| Failure::io(folder, &error);
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let (path, found) = (entry.path(), entry.file_type().map_err(failed)?);
        let refused = |why| Failure::new(Code::PolicyMalformed, format_args!("`{}` {why}", path.display()));
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
            return Err(refused("has a name that is not UTF-8"));
        };
        let name = format!("{prefix}{name}");
        if found.is_dir() {
            collect(&path, &format!("{name}/"), files)?;
        } else if found.is_file() {
            files.push((name, std::fs::read(&path).map_err(|error| Failure::io(&path, &error))?));
        } else {
            return Err(refused("is neither a file nor a folder: put a file in its place"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
