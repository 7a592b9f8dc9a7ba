//! What a signature is about: the facts of a commit, tag, prompt, artifact, attestation or open entry that rules may read.

use serde::{Deserialize, Deserializer};
use signer_core::change::{ChangeList, Entry};
use signer_core::digest::Digest;
use signer_core::provenance::CommitProvenance;
use signer_core::scope::{Operation, Scope};

/// Where anchors lie in the tree (docs/formats.md F7).
const ANCHORS: &[u8] = b".chancery/anchor/";

/// What was signed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Matter {
    /// A commit.
    Change(ChangeFacts),
    /// A tag.
    Tag {
        /// The repository id.
        repository: String,
        /// The tag's name.
        name: String,
    },
    /// A prompt.
    Prompt {
        /// The repository id the prompt is bound to.
        repository: String,
        /// Whether repository and target lie in the signer's scope.
        scope: ScopeFacts,
    },
    /// An artifact.
    Artifact {
        /// The artifact's name.
        name: String,
    },
    /// Any other statement.
    Attestation {
        /// The statement's predicate type.
        predicate_type: String,
    },
    /// A digest that an open certificate signed, for the log alone.
    OpenEntry {
        /// The digest.
        digest: Digest,
    },
}

/// Whether the signer's scope names a repository and a target.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScopeFacts {
    /// The repository lies inside.
    pub repository: bool,
    /// The target lies inside.
    pub target: bool,
}

impl ScopeFacts {
    /// Asks `scope`.
    pub fn of(scope: &Scope, repository: &str, target: &str) -> Self {
        Self { repository: scope.allows_repository(repository), target: scope.allows_target(target) }
    }
}

/// The shape of a commit.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChangeKind {
    /// One parent.
    Commit,
    /// Several parents.
    Merge,
    /// No parent.
    Root,
}

/// What a commit changes and under what it was made.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChangeFacts {
    /// The repository id.
    pub repository: String,
    /// Full name of the ref the change is meant for.
    pub target: String,
    /// The commit's shape; `None` where only the change list is known, as in the engine.
    pub kind: Option<ChangeKind>,
    /// Every path and what happens to it.
    #[serde(deserialize_with = "paths_as_text")]
    pub paths: Vec<(Vec<u8>, Operation)>,
    /// Bytes of new content.
    pub bytes: u64,
    /// Whether repository and target lie in the signer's scope.
    pub scope: ScopeFacts,
    /// Whether the provenance names a grant.
    pub grant: bool,
    /// Whether the provenance names a prompt.
    pub prompt: bool,
    /// Whether the change brings a new anchor; that the anchor follows from the one before is the verifier's to check.
    pub anchor_update: bool,
}

impl ChangeFacts {
    /// The facts of a change whose list hashes to what `provenance` says; its shape is unknown.
    pub fn new(provenance: &CommitProvenance, changes: &ChangeList, scope: &Scope) -> Self {
        let brings_anchor = |entry: &Entry| entry.operation() == Operation::Add && entry.path.starts_with(ANCHORS);
        Self {
            repository: provenance.repository.clone(),
            target: provenance.target.clone(),
            kind: None,
            paths: changes.entries().iter().map(|entry| (entry.path.clone(), entry.operation())).collect(),
            bytes: changes.bytes(),
            scope: ScopeFacts::of(scope, &provenance.repository, &provenance.target),
            grant: provenance.grant.is_some(),
            prompt: provenance.prompt.is_some(),
            anchor_update: changes.entries().iter().any(brings_anchor),
        }
    }

    /// The same change with its shape.
    #[must_use]
    pub fn of_kind(self, kind: ChangeKind) -> Self {
        Self { kind: Some(kind), ..self }
    }
}

/// How many paths are added, modified and deleted.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) added: u32,
    pub(crate) modified: u32,
    pub(crate) deleted: u32,
}

impl Tally {
    /// Counts operations on paths.
    pub(crate) fn of(operations: impl IntoIterator<Item = Operation>) -> Self {
        let mut tally = Self::default();
        for operation in operations {
            match operation {
                Operation::Add => tally.added = tally.added.saturating_add(1),
                Operation::Modify => tally.modified = tally.modified.saturating_add(1),
                Operation::Delete => tally.deleted = tally.deleted.saturating_add(1),
                // A change list holds no tags.
                Operation::Tag => {}
            }
        }
        tally
    }
}

fn paths_as_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<(Vec<u8>, Operation)>, D::Error> {
    let paths = Vec::<(String, Operation)>::deserialize(deserializer)?;
    Ok(paths.into_iter().map(|(path, operation)| (path.into_bytes(), operation)).collect())
}

#[cfg(test)]
mod tests;
