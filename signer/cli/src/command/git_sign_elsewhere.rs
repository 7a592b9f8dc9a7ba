//! `chancery git-sign-elsewhere`: what `gitsign-hook` asks for where git signs without an engine (docs/formats.md F17).
//!
//! Only a commit or tag in git's strict form is signed, never one that belongs to a repository with an anchor, and never for
//! an agent's session, which would sign as the person whose token lies around.

use std::io::Read as _;

use serde_json::json;
use signer_core::reason::Code;
use signer_git::commit::Commit;
use signer_git::object_id::ObjectId;
use signer_git::repository::{Repository, RepositoryPath};
use signer_git::tag::Tag;
use signer_wire::Client;
use signer_wire::frame::MAX_PAYLOAD;

use crate::args::GitSignElsewhere;
use crate::args::elsewhere::Elsewhere;
use crate::config::Config;
use crate::elsewhere;
use crate::exit::Exit;
use crate::failure::Failure;

/// Signs the object on stdin, and answers with its armour once all of it has been verified.
pub(crate) fn sign(config: &Config, arguments: &GitSignElsewhere) -> Result<Exit, Failure> {
    refuse_agents(config)?;
    let object = read_object()?;
    let repository = RepositoryPath::around(&arguments.directory)?;
    let repository = Repository::danger_open_incomplete(repository.as_path())?;
    refuse_anchored(&repository, &tree(&repository, &object)?)?;
    let place = elsewhere::place(config, &Elsewhere::default())?.ok_or_else(|| {
        let path = config.home.path().join("config.toml");
        Failure::new(Code::ElsewhereConfig, format_args!("`{}` has no table `[elsewhere]`", path.display()))
    })?;
    let proven = place.sign_object(&object)?;
    let document = json!({
        "schema": "urn:chancery:git-signature:v1", "armor": proven.armor(),
        "elsewhere": elsewhere::described(proven.judgement()),
    });
    config.output.verbatim(&document, proven.armor().trim_end());
    Ok(Exit::Accepted)
}

/// By the environment, and by descent where a broker runs: without one there are no sessions.
fn refuse_agents(config: &Config) -> Result<(), Failure> {
    let broker = Client::attach(&config.home).map_err(Failure::wire)?;
    let caller = broker.map(|mut broker| broker.status().map_err(Failure::wire)).transpose()?;
    let session = caller.and_then(|status| status.caller);
    if config.session().is_none() && session.is_none() {
        return Ok(());
    }
    let session = session.unwrap_or_else(|| "unknown".to_owned());
    Err(Failure::new(Code::ElsewhereSession, format_args!("the caller belongs to the agent session `{session}`")))
}

fn read_object() -> Result<Vec<u8>, Failure> {
    let limit = u64::try_from(MAX_PAYLOAD).unwrap_or(u64::MAX);
    let mut object = Vec::new();
    let read = std::io::stdin().lock().take(limit.saturating_add(1)).read_to_end(&mut object);
    read.map_err(|error| Failure::new(Code::InternalIo, format_args!("stdin: {error}")))?;
    if object.len() > MAX_PAYLOAD {
        return Err(Failure::new(Code::LimitObjectSize, format_args!("the object has more than {MAX_PAYLOAD} bytes")));
    }
    Ok(object)
}

/// The tree of the commit, or of the one that the tag names. Fails where the object is neither, as git writes them.
fn tree(repository: &Repository, object: &[u8]) -> Result<ObjectId, Failure> {
    if object.starts_with(b"tree ") {
        return Ok(Commit::parse(object, repository.format())?.tree);
    }
    let tag = Tag::parse(object, repository.format())?;
    let commit = repository.peel_to_commit(&tag.object)?;
    Ok(repository.linkage(&commit)?.tree)
}

/// Neither the object's own tree nor the head's, which the object may have taken it from, holds an anchor.
fn refuse_anchored(repository: &Repository, tree: &ObjectId) -> Result<(), Failure> {
    for tree in repository.head_tree()?.iter().chain([tree]) {
        if repository.is_adopted(tree)? {
            return Err(Failure::new(Code::ElsewhereAnchored, "the repository holds `.chancery`: it has an anchor"));
        }
    }
    Ok(())
}
