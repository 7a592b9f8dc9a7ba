//! Proofs about any tree of the log, made from all its leaf hashes (RFC 6962 §2.1.1, §2.1.2). For monitors and audits;
//! proofs of new entries come with their batch.

use signer_core::digest::Digest;
use signer_core::merkle::{Frontier, node_hash};

/// The inclusion proof of the entry at `index`; none where there is no such entry.
pub fn prove_inclusion(leaves: &[Digest], index: usize) -> Option<Vec<Digest>> {
    if index >= leaves.len() {
        return None;
    }
    let mut proof = Vec::new();
    let (mut rest, mut at) = (leaves, index);
    while let Some((left, right)) = halves(rest) {
        if at < left.len() {
            proof.push(root(right));
            rest = left;
        } else {
            proof.push(root(left));
            at -= left.len();
            rest = right;
        }
    }
    proof.reverse();
    Some(proof)
}

/// The proof that the tree of the first `old_size` leaves is the beginning of this one; none where it is larger.
pub fn prove_consistency(leaves: &[Digest], old_size: usize) -> Option<Vec<Digest>> {
    if old_size > leaves.len() {
        return None;
    }
    if old_size == 0 || old_size == leaves.len() {
        return Some(Vec::new());
    }
    let mut proof = Vec::new();
    let (mut rest, mut old) = (leaves, old_size);
    // Whether `rest` still begins where the old tree does: its root is then known to whoever checks.
    let mut is_old_root = true;
    while old < rest.len()
        && let Some((left, right)) = halves(rest)
    {
        if old <= left.len() {
            proof.push(root(right));
            rest = left;
        } else {
            proof.push(root(left));
            old -= left.len();
            rest = right;
            is_old_root = false;
        }
    }
    if !is_old_root {
        proof.push(root(rest));
    }
    proof.reverse();
    Some(proof)
}

/// Splits at the largest power of two below the length; none for fewer than two leaves.
fn halves(leaves: &[Digest]) -> Option<(&[Digest], &[Digest])> {
    let last = leaves.len().checked_sub(1).filter(|last| *last > 0)?;
    leaves.split_at_checked(1 << last.ilog2())
}

fn root(leaves: &[Digest]) -> Digest {
    match halves(leaves) {
        Some((left, right)) => node_hash(&root(left), &root(right)),
        None => leaves.first().copied().unwrap_or_else(|| Frontier::new().root()),
    }
}
