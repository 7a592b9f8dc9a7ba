//! The checkpoints that a repository's signatures carry: what the log once showed to somebody else.

use std::collections::BTreeMap;
use std::path::Path;

use signer_core::armor;
use signer_core::checkpoint::{Checkpoint, VerifierKey};
use signer_core::cms::CommitSignature;
use signer_core::log_entry::LogEntry;
use signer_git::commit;
use signer_git::repository::Repository;

use crate::failure::Failure;
use crate::repository;

/// A checkpoint from a signature, and the commit it came with.
pub struct Embedded {
    /// What the log said then.
    pub checkpoint: Checkpoint,
    /// The signed note.
    pub note: String,
    /// The commit's id.
    pub commit: String,
}

/// Every tree of `log` that signatures of commits under any ref carry, one for each size and root. What is not signed by
/// the log is nobody's word and left out: `chancery-ci verify` judges it.
pub fn embedded(directory: &Path, log: &VerifierKey) -> Result<Vec<Embedded>, Failure> {
    let repository = repository::open(directory)?;
    let mut found = BTreeMap::new();
    let mut walked = Vec::new();
    for head in repository.refs("refs/")?.into_values() {
        let Ok(head) = repository.peel_to_commit(&head) else { continue };
        for id in repository.walk(&head, &walked)? {
            if let Some((checkpoint, note)) = carried(&repository, &id, log) {
                let key = (checkpoint.size, checkpoint.root);
                found.entry(key).or_insert_with(|| Embedded { checkpoint, note, commit: id.to_string() });
            }
        }
        walked.push(head);
    }
    Ok(found.into_values().collect())
}

fn carried(
    repository: &Repository,
    id: &signer_git::object_id::ObjectId,
    log: &VerifierKey,
) -> Option<(Checkpoint, String)> {
    let raw = repository.read(id).ok()?;
    let signed = commit::split_signature(&raw.bytes, repository.format()).ok()?;
    let signature = CommitSignature::parse(&armor::decode(&signed.armor).ok()?).ok()?;
    let entry = LogEntry::decode(signature.entry()).ok()?;
    // Whoever cosigned it: what counts is that the log signed it.
    let checkpoint = Checkpoint::verify_published(&entry.checkpoint, log.name(), log.key()).ok()?;
    Some((checkpoint, entry.checkpoint))
}
