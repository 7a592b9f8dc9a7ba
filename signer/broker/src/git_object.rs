//! What git asks to sign: a commit or tag, strictly parsed, with what the repository says about it.

use std::sync::Arc;

use signer_core::change::ChangeList;
use signer_core::digest::Digest;
use signer_core::nonce::Nonce;
use signer_core::provenance::{CommitProvenance, Counts, Provenance, TagProvenance};
use signer_core::scope::Scope;
use signer_git::{Commit, ObjectId, ObjectKind, Repository, Tag, change_list};
use signer_wire::escape::visible;

use crate::error::BrokerError;
use crate::governed_memory::{Governed, GovernedMemory};

/// Most characters of foreign text in a question.
const MAX_SHOWN: usize = 200;

/// A commit or tag that is to be signed.
pub(crate) struct GitObject {
    /// Digest of the object's bytes.
    pub digest: Digest,
    /// What the tree says of its repository.
    pub governed: Arc<Governed>,
    /// The rest.
    pub kind: GitObjectKind,
}

/// What differs between commits and tags.
pub(crate) enum GitObjectKind {
    /// A commit and what it changes.
    Commit {
        /// The commit.
        commit: Commit,
        /// What it changes.
        changes: ChangeList,
        /// The list's byte form.
        encoded: Vec<u8>,
    },
    /// A tag.
    Tag(Tag),
}

/// What a session adds to the provenance.
pub(crate) struct Under<'a> {
    /// What the session may sign; a person's is not narrowed.
    pub scope: Option<&'a Scope>,
    /// The grant it acts under.
    pub grant: Option<Digest>,
    /// The newest prompt it accepted.
    pub prompt: Option<Digest>,
}

impl GitObject {
    /// Parses the bytes and reads what they refer to. Fails on what git would not write, on objects the repository does
    /// not hold, and where the tree names no repository.
    pub(crate) fn read(payload: &[u8], repository: &Repository, known: &GovernedMemory) -> Result<Self, BrokerError> {
        let digest = Digest::of(payload);
        if payload.starts_with(b"object ") {
            let tag = Tag::parse(payload, repository.format())?;
            let governed = known.of(repository, &tagged_tree(repository, &tag)?)?;
            return Ok(Self { digest, governed, kind: GitObjectKind::Tag(tag) });
        }
        let commit = Commit::parse(payload, repository.format())?;
        if commit.has_signature {
            return Err(BrokerError::ObjectSigned);
        }
        let governed = known.of(repository, &commit.tree)?;
        let changes = change_list(repository, &commit)?;
        let encoded = changes.encode();
        Ok(Self { digest, governed, kind: GitObjectKind::Commit { commit, changes, encoded } })
    }

    /// What the object will say of itself.
    pub(crate) fn provenance(&self, under: &Under<'_>, salt: Nonce) -> Result<Provenance, BrokerError> {
        let repository = self.governed.config.repository.to_string();
        Ok(match &self.kind {
            GitObjectKind::Commit { changes, encoded, .. } => Provenance::Commit(CommitProvenance {
                repository,
                target: target(self.governed.config.target.as_str(), under.scope)?,
                change: Digest::of(encoded),
                counts: Counts::of(changes),
                grant: under.grant,
                prompt: under.prompt,
                instructions: None,
                tools: None,
                attribution: None,
                derived: Vec::new(),
                salt: salt.to_string(),
            }),
            GitObjectKind::Tag(tag) => Provenance::Tag(TagProvenance {
                repository,
                name: tag.name.clone(),
                object: tag.object.to_string(),
                object_type: tag.kind.to_string(),
                grant: under.grant,
                salt: salt.to_string(),
            }),
        })
    }

    /// The byte form of what a commit changes.
    pub(crate) fn change_list(&self) -> Option<&[u8]> {
        match &self.kind {
            GitObjectKind::Commit { encoded, .. } => Some(encoded),
            GitObjectKind::Tag(_) => None,
        }
    }

    /// What a person is asked to sign, foreign text made visible.
    pub(crate) fn shown(&self) -> String {
        let foreign = |bytes: &[u8]| visible(&String::from_utf8_lossy(bytes), MAX_SHOWN);
        let first = |message: &[u8]| foreign(message.split(|byte| *byte == b'\n').next().unwrap_or_default());
        let place =
            format!("{} of repository {}", self.governed.config.target.as_str(), self.governed.config.repository);
        match &self.kind {
            GitObjectKind::Commit { commit, changes, .. } => {
                let paths = changes.entries().len();
                let some: Vec<String> = changes.entries().iter().take(4).map(|entry| foreign(&entry.path)).collect();
                let more = if paths > some.len() { ", …" } else { "" };
                let message = first(&commit.message);
                format!("a commit for {place}\n  message: {message}\n  {paths} paths: {}{more}", some.join(", "))
            }
            GitObjectKind::Tag(tag) => {
                let (name, message) = (foreign(tag.name.as_bytes()), first(&tag.message));
                format!("tag {name} of {} {} for {place}\n  message: {message}", tag.kind, tag.object)
            }
        }
    }
}

/// The target in the tree and no other: a commit for another one would be judged by nobody who guards this one.
fn target(configured: &str, scope: Option<&Scope>) -> Result<String, BrokerError> {
    if scope.is_some_and(|scope| !scope.allows_target(configured)) {
        return Err(BrokerError::TargetOutsideScope { target: configured.to_owned() });
    }
    Ok(configured.to_owned())
}

fn tagged_tree(repository: &Repository, tag: &Tag) -> Result<ObjectId, BrokerError> {
    repository.tagged(tag)?;
    match tag.kind {
        ObjectKind::Commit => Ok(repository.linkage(&tag.object)?.tree),
        kind @ (ObjectKind::Tree | ObjectKind::Blob | ObjectKind::Tag) => Err(BrokerError::Tagged { kind }),
    }
}

#[cfg(test)]
mod tests;
