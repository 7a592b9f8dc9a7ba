//! The model of all trees: ct-merkle, somebody else's RFC 6962, which keeps every node and is asked for any of them.

use ct_merkle::mem_backed_tree::MemoryBackedTree;
use sha2_11::Sha256;
use signer_core::digest::Digest;

use super::body;

/// The tree over the first bodies of all tests.
pub(crate) struct Model(MemoryBackedTree<Sha256, Vec<u8>>);

impl Model {
    pub(crate) fn of(count: usize) -> Self {
        let mut tree = MemoryBackedTree::new();
        for number in 0..count {
            tree.push(body(number));
        }
        Self(tree)
    }

    pub(crate) fn root(&self) -> Digest {
        Digest::try_from(self.0.root().as_bytes().as_slice()).unwrap()
    }

    /// RFC 6962 §2.1.1.
    pub(crate) fn path(&self, index: usize) -> Vec<Digest> {
        digests(self.0.prove_inclusion(index).as_bytes())
    }

    /// RFC 6962 §2.1.2, from a tree of `old` entries, at least one.
    pub(crate) fn growth(&self, old: usize) -> Vec<Digest> {
        let added = usize::try_from(self.0.len()).unwrap() - old;
        if added == 0 { Vec::new() } else { digests(self.0.prove_consistency(added).as_bytes()) }
    }
}

fn digests(bytes: &[u8]) -> Vec<Digest> {
    bytes.chunks(32).map(|hash| Digest::try_from(hash).unwrap()).collect()
}
