//! What a command needs to know of the repository it stands in.

use std::path::Path;

use signer_core::git_name::{CommitId, RefName};
use signer_core::reason::Code;
use signer_core::repository_config::{self, RepositoryConfig};
use signer_git::repository::{Repository, RepositoryPath};

use crate::failure::Failure;

/// Opens the repository that `directory` lies in.
pub fn open(directory: &Path) -> Result<Repository, Failure> {
    let directory = std::fs::canonicalize(directory).map_err(|error| Failure::io(directory, &error))?;
    Ok(RepositoryPath::discover(&directory)?.open()?)
}

/// Repository id and target, from the configuration in the head's tree.
pub fn config(repository: &Repository) -> Result<RepositoryConfig, Failure> {
    let missing = || Failure::new(Code::AnchorMissing, "the repository is not adopted: its head holds no .chancery");
    let head = repository.resolve_commit("HEAD").map_err(|_| missing())?;
    let tree = repository.linkage(&head)?.tree;
    let bytes = repository.blob_at(&tree, repository_config::PATH.as_bytes())?.ok_or_else(missing)?;
    Ok(RepositoryConfig::parse(&bytes)?)
}

/// Id of the repository that the current folder lies in; none outside one that is adopted.
pub fn adopted_around() -> Option<String> {
    let path = RepositoryPath::discover(&std::env::current_dir().ok()?).ok()?;
    // What a session is bound to is asked, and nothing is judged: a shallow clone says it as well.
    let here = Repository::danger_open_incomplete(path.as_path()).ok()?;
    Some(config(&here).ok()?.repository.to_string())
}

/// The commit checked out.
pub fn head(repository: &Repository) -> Result<Option<CommitId>, Failure> {
    match repository.resolve_commit("HEAD") {
        Ok(id) => Ok(id.to_string().parse().ok()),
        Err(_) => Ok(None),
    }
}

/// A full ref name, from what a person typed.
pub fn ref_name(text: &str) -> Result<RefName, Failure> {
    let full = if text.starts_with("refs/") { text.to_owned() } else { format!("refs/heads/{text}") };
    full.parse().map_err(|error| Failure::usage(format_args!("`{text}`: {error}")))
}

/// The policy files in the head's tree, named from `.chancery/policy`.
pub fn policy_files(repository: &Repository) -> Result<Vec<(String, Vec<u8>)>, Failure> {
    let head = repository.resolve_commit("HEAD")?;
    let tree = repository.linkage(&head)?.tree;
    Ok(repository.files_below(&tree, b".chancery/policy")?)
}
