//! The witness's side of C2SP tlog-witness: what `add-checkpoint` asks, and whether a witness that saw an earlier tree
//! may cosign the one it is shown. Keeping what was seen, durably and before answering, is the server's part.

mod error;
mod submission;
#[cfg(test)]
mod tests;

use crate::checkpoint::{Checkpoint, Published, VerifierKey};
use crate::digest::Digest;
use crate::merkle;

pub use error::WitnessError;
pub use submission::{MAX_PROOF, MAX_SUBMISSION, Submission};

/// The newest tree of a log that a witness has cosigned.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Seen {
    /// Number of entries.
    pub size: u64,
    /// Root of the tree.
    pub root: Digest,
}

impl Seen {
    /// Before the first cosignature: the empty tree, which every tree begins with.
    pub fn nothing() -> Self {
        Self { size: 0, root: merkle::empty_root() }
    }
}

impl From<&Checkpoint> for Seen {
    fn from(checkpoint: &Checkpoint) -> Self {
        Self { size: checkpoint.size, root: checkpoint.root }
    }
}

/// Judges a submission about `log` by what the witness has seen of it. What comes back may be cosigned once it is kept.
///
/// Fails in the order of C2SP tlog-witness: the log's signature, the order of the sizes, the size the witness is at, the
/// consistency of both trees. Looking and keeping must be one step for each log.
pub fn judge(submission: &Submission<'_>, log: &VerifierKey, seen: Seen) -> Result<Published, WitnessError> {
    let shown = Published::verify(submission.note, log, &[])?;
    let Checkpoint { size, root, .. } = shown.checkpoint();
    if submission.old_size > *size {
        return Err(WitnessError::Shrinks { old_size: submission.old_size, size: *size });
    }
    if submission.old_size != seen.size {
        return Err(WitnessError::OtherSize { asked: submission.old_size, seen: seen.size });
    }
    merkle::verify_consistency(seen.size, &seen.root, *size, root, &submission.proof)?;
    Ok(shown)
}
