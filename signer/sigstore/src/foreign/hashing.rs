//! A reader that hashes what it hands on, so that content is read once.

use std::io::Read;

use sigstore_types::{ArtifactDigest, HashAlgorithm};
use sigstore_verify::crypto::ArtifactHasher;

use super::error::ForeignError;

/// Hashes under SHA-256 and the algorithms asked for.
pub(super) struct Hashing<'a> {
    content: &'a mut dyn Read,
    hashers: Vec<ArtifactHasher>,
}

impl<'a> Hashing<'a> {
    pub(super) fn new(content: &'a mut dyn Read, more: &[HashAlgorithm]) -> Result<Self, ForeignError> {
        let mut algorithms = vec![HashAlgorithm::Sha2256];
        algorithms.extend(more.iter().filter(|algorithm| **algorithm != HashAlgorithm::Sha2256));
        let hashers = algorithms.into_iter().map(ArtifactHasher::new).collect::<Result<_, _>>();
        let hashers = hashers.map_err(|_| ForeignError::StepMissing { step: "artifact" })?;
        Ok(Self { content, hashers })
    }

    /// Reads what is left, and gives the digests.
    pub(super) fn finish(mut self) -> Result<Vec<ArtifactDigest>, ForeignError> {
        std::io::copy(&mut self, &mut std::io::sink()).map_err(|source| ForeignError::Artifact { source })?;
        Ok(self.hashers.into_iter().map(ArtifactHasher::finalize).collect())
    }
}

impl Read for Hashing<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.content.read(buffer)?;
        let read = buffer.get(..count).unwrap_or_default();
        self.hashers.iter_mut().for_each(|hasher| hasher.update(read));
        Ok(count)
    }
}
