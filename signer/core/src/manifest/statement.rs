//! The statement about an artifact.
//!
//! A file's statement is about its content, so that every Sigstore client can check it; a directory's is about its
//! canonical manifest. Either way the manifest is the predicate.

use serde::{Deserialize, Serialize};

use super::{Difference, Manifest, ManifestError, RelPath, compare};
use crate::digest::Digest;
use crate::statement::{self, Predicate, Resource, Statement};

/// A file or directory as found on a disk.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Artifact {
    /// Its own name, without the directory it lies in.
    pub name: RelPath,
    /// What it is.
    pub terms: ArtifactTerms,
}

/// The predicate of an artifact.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ArtifactTerms {
    /// A file or a directory.
    pub kind: ArtifactKind,
    /// Its files; of a single file, that one under its own name.
    pub manifest: Manifest,
}

/// What an artifact is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ArtifactKind {
    /// One file.
    File,
    /// A directory with everything below it.
    Directory,
}

impl ArtifactTerms {
    /// The digest that the statement's subject has.
    pub fn digest(&self) -> Result<Digest, ManifestError> {
        match (self.kind, self.manifest.entries()) {
            (ArtifactKind::File, [file]) => Ok(file.sha256),
            (ArtifactKind::File, _) => Err(ManifestError::NotOneFile),
            (ArtifactKind::Directory, _) => {
                self.manifest.digest().map_err(|source| ManifestError::Unwritable { source })
            }
        }
    }

    /// How `found` differs from these signed terms. A file keeps its name, so that one signed file cannot stand for
    /// another; a directory may be unpacked under any.
    pub fn differences(&self, found: &Artifact) -> Vec<Difference> {
        if self.kind == found.terms.kind {
            compare(&self.manifest, &found.terms.manifest)
        } else {
            vec![Difference::Kind]
        }
    }
}

impl Artifact {
    /// The statement that is signed.
    pub fn into_statement(self) -> Result<Statement<ArtifactTerms>, ManifestError> {
        let subject = Resource { name: self.name.to_string(), sha256: self.terms.digest()? };
        Statement::new(vec![subject], self.terms)
    }
}

impl Predicate for ArtifactTerms {
    type Error = ManifestError;
    const TYPE: &'static str = statement::ARTIFACT;
    const MAX_BYTES: usize = statement::MAX_BYTES;

    fn check(&self, subjects: &[Resource]) -> Result<(), ManifestError> {
        let subject = statement::sole_subject(subjects)?;
        let name: RelPath =
            subject.name.parse().map_err(|source| ManifestError::Name { name: subject.name.clone(), source })?;
        if subject.sha256 != self.digest()? {
            return Err(ManifestError::OtherSubject);
        }
        let is_alone = self.manifest.entries().iter().all(|entry| entry.path == name);
        if self.kind == ArtifactKind::File && !is_alone { Err(ManifestError::OtherSubject) } else { Ok(()) }
    }
}
