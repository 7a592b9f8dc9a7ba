//! What every statement has, whatever its predicate: type, subjects, predicate type.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize, Serializer};

use super::{Document, MAX_BYTES, STATEMENT_TYPE, StatementError};
use crate::canonical;
use crate::digest::Digest;

/// Most subjects of one statement (attack BND-28).
pub const MAX_SUBJECTS: usize = 1024;
/// Most bytes of a subject's name.
const MAX_NAME: usize = 4096;

/// A subject: a name and its sha256.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Resource {
    /// The name.
    pub name: String,
    /// The one digest.
    pub sha256: Digest,
}

/// Subject as JSON has it: a digest set that must turn out to hold one sha256 and nothing else.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ResourceDocument {
    digest: BTreeMap<String, String>,
    name: String,
}

impl Serialize for Resource {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let digest = BTreeMap::from([("sha256".to_owned(), self.sha256.to_hex())]);
        ResourceDocument { digest, name: self.name.clone() }.serialize(serializer)
    }
}

impl TryFrom<ResourceDocument> for Resource {
    type Error = StatementError;

    fn try_from(document: ResourceDocument) -> Result<Self, StatementError> {
        let sole = match document.digest.len() {
            1 => document.digest.get("sha256").and_then(|hex| Digest::from_hex(hex).ok()),
            _ => None,
        };
        match sole {
            Some(sha256) => Ok(Self { name: document.name, sha256 }),
            None => Err(StatementError::DigestFormat { name: document.name }),
        }
    }
}

/// The part of a statement that does not depend on its predicate.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Header {
    predicate_type: String,
    subjects: Vec<Resource>,
}

impl Header {
    /// Reads the header of any canonical statement, its predicate unread.
    ///
    /// Fails where it is not a canonical Statement v1, or a subject does not have exactly one sha256.
    pub fn read(bytes: &[u8]) -> Result<Self, StatementError> {
        if bytes.len() > MAX_BYTES {
            return Err(StatementError::TooLarge { limit: MAX_BYTES, actual: bytes.len() });
        }
        let whole: serde_json::Value =
            serde_json::from_slice(bytes).map_err(|source| StatementError::Json { source })?;
        if canonical::to_vec(&whole).map_err(|source| StatementError::Malformed { source })? != bytes {
            return Err(StatementError::NotCanonical);
        }
        let document: Document<Vec<ResourceDocument>, String, serde_json::Value> =
            serde_json::from_value(whole).map_err(|source| StatementError::Json { source })?;
        if document.kind != STATEMENT_TYPE {
            return Err(StatementError::StatementType { found: document.kind });
        }
        if document.subject.len() > MAX_SUBJECTS {
            return Err(StatementError::SubjectCount { found: document.subject.len() });
        }
        let subjects = document.subject.into_iter().map(Resource::try_from).collect::<Result<Vec<_>, _>>()?;
        check_subjects(&subjects)?;
        Ok(Self { predicate_type: document.predicate_type, subjects })
    }

    /// The predicate type.
    pub fn predicate_type(&self) -> &str {
        &self.predicate_type
    }

    /// What the statement is about; never empty.
    pub fn subjects(&self) -> &[Resource] {
        &self.subjects
    }

    pub(super) fn into_subjects(self) -> Vec<Resource> {
        self.subjects
    }
}

pub(super) fn check_subjects(subjects: &[Resource]) -> Result<(), StatementError> {
    if subjects.is_empty() || subjects.len() > MAX_SUBJECTS {
        return Err(StatementError::SubjectCount { found: subjects.len() });
    }
    let unusable = |name: &str| name.is_empty() || name.len() > MAX_NAME || name.chars().any(char::is_control);
    if subjects.iter().any(|subject| unusable(&subject.name)) {
        return Err(StatementError::SubjectName);
    }
    Ok(())
}
