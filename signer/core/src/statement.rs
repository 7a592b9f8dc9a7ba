//! in-toto Statement v1 with a closed predicate schema, in canonical JSON (docs/formats.md F4).
//!
//! Every subject has a name and exactly one digest, lower-case sha256. What a predicate demands beyond its schema it
//! checks itself, so that no unchecked statement exists as a value. Predicates of others (SLSA and the like) are read
//! as far as their [`Header`].

mod header;
mod kind;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::canonical::{self, CanonicalError};
use crate::digest::Digest;
use crate::reason::{Code, Coded};

pub use header::{Header, MAX_SUBJECTS, Resource};
pub use kind::{ANCHOR, ARTIFACT, ATTRIBUTION, GRANT, INSTRUCTIONS, PROMPT, REVIEW, REVOCATION, REWRITE, purpose_of};

/// The `_type` of every statement.
pub const STATEMENT_TYPE: &str = "https://in-toto.io/Statement/v1";

/// Most bytes of any statement: a manifest of the largest artifact fits.
pub const MAX_BYTES: usize = 24 * 1024 * 1024;

/// What a statement says about its subjects.
pub trait Predicate: Serialize + DeserializeOwned {
    /// Why a statement of this kind is refused.
    type Error: From<StatementError>;
    /// The predicate type.
    const TYPE: &'static str;
    /// Most bytes of the whole statement.
    const MAX_BYTES: usize;

    /// Checks what the schema cannot say.
    fn check(&self, subjects: &[Resource]) -> Result<(), Self::Error>;
}

/// A checked statement.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Statement<P> {
    subjects: Vec<Resource>,
    predicate: P,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document<S, T, P> {
    #[serde(rename = "_type")]
    kind: T,
    subject: S,
    #[serde(rename = "predicateType")]
    predicate_type: T,
    predicate: P,
}

impl<P: Predicate> Statement<P> {
    /// A statement about `subjects`. Fails where the predicate or a subject is not acceptable.
    pub fn new(subjects: Vec<Resource>, predicate: P) -> Result<Self, P::Error> {
        header::check_subjects(&subjects)?;
        predicate.check(&subjects)?;
        Ok(Self { subjects, predicate })
    }

    /// A statement that is about nothing but itself, such as a grant: its subject is its own predicate.
    pub fn about_itself(name: &str, predicate: P) -> Result<Self, P::Error> {
        let subject = Resource { name: name.to_owned(), sha256: predicate_digest(&predicate)? };
        Self::new(vec![subject], predicate)
    }

    /// The one byte form. Fails where it would exceed its kind's limit.
    pub fn encode(&self) -> Result<Vec<u8>, StatementError> {
        let document = Document {
            kind: STATEMENT_TYPE,
            subject: &self.subjects,
            predicate_type: P::TYPE,
            predicate: &self.predicate,
        };
        let bytes = canonical::to_vec(&document).map_err(|source| StatementError::Malformed { source })?;
        if bytes.len() > P::MAX_BYTES {
            return Err(StatementError::TooLarge { limit: P::MAX_BYTES, actual: bytes.len() });
        }
        Ok(bytes)
    }

    /// Reads the byte form and no other. Fails on another predicate type, schema or encoding.
    pub fn decode(bytes: &[u8]) -> Result<Self, P::Error> {
        if bytes.len() > P::MAX_BYTES {
            return Err(StatementError::TooLarge { limit: P::MAX_BYTES, actual: bytes.len() }.into());
        }
        let header = Header::read(bytes)?;
        if header.predicate_type() != P::TYPE {
            let found = header.predicate_type().to_owned();
            return Err(StatementError::PredicateType { wanted: P::TYPE, found }.into());
        }
        let document: Document<serde::de::IgnoredAny, serde::de::IgnoredAny, P> =
            serde_json::from_slice(bytes).map_err(|source| StatementError::Predicate { source })?;
        let statement = Self::new(header.into_subjects(), document.predicate)?;
        if statement.encode()? == bytes { Ok(statement) } else { Err(StatementError::NotCanonical.into()) }
    }

    /// What it is about; never empty.
    pub fn subjects(&self) -> &[Resource] {
        &self.subjects
    }

    /// What it says.
    pub const fn predicate(&self) -> &P {
        &self.predicate
    }
}

/// The only subject of a kind that has one. Fails where there are more.
pub fn sole_subject(subjects: &[Resource]) -> Result<&Resource, StatementError> {
    match subjects {
        [subject] => Ok(subject),
        _ => Err(StatementError::SubjectCount { found: subjects.len() }),
    }
}

/// Checks that a statement about itself has its own predicate as subject.
pub fn check_about_itself<P: Predicate>(predicate: &P, subjects: &[Resource]) -> Result<(), StatementError> {
    if sole_subject(subjects)?.sha256 == predicate_digest(predicate)? { Ok(()) } else { Err(StatementError::Subject) }
}

fn predicate_digest<P: Predicate>(predicate: &P) -> Result<Digest, StatementError> {
    let bytes = canonical::to_vec(predicate).map_err(|source| StatementError::Malformed { source })?;
    Ok(Digest::of(&bytes))
}

/// Why bytes are not a statement of the expected kind.
#[derive(Debug, thiserror::Error)]
pub enum StatementError {
    /// A digest that is not exactly one lower-case sha256.
    #[error("the digest of subject `{name}` is not exactly one lower-case sha256")]
    DigestFormat {
        /// Name of the subject.
        name: String,
    },
    /// Not JSON of a statement.
    #[error("the statement is not JSON of its schema")]
    Json {
        /// What the reader said.
        #[source]
        source: serde_json::Error,
    },
    /// A value JSON cannot write.
    #[error("the statement cannot be written")]
    Malformed {
        /// What the writer said.
        #[source]
        source: CanonicalError,
    },
    /// Another encoding of the same content.
    #[error("the statement is not in its canonical form (RFC 8785)")]
    NotCanonical,
    /// The predicate does not fit the schema of its type.
    #[error("the predicate does not fit its schema")]
    Predicate {
        /// What the reader said.
        #[source]
        source: serde_json::Error,
    },
    /// Another predicate type.
    #[error("the predicate type is `{found}`, not `{wanted}`")]
    PredicateType {
        /// Needed.
        wanted: &'static str,
        /// Found.
        found: String,
    },
    /// Not in-toto Statement v1.
    #[error("the statement's type is `{found}`, not `{STATEMENT_TYPE}`")]
    StatementType {
        /// Found.
        found: String,
    },
    /// The subject is not what the predicate is about.
    #[error("the statement's subject is not what its predicate is about")]
    Subject,
    /// No subject, or more than the kind has.
    #[error("the statement has {found} subjects")]
    SubjectCount {
        /// Subjects found.
        found: usize,
    },
    /// A subject without a usable name.
    #[error("a subject's name is empty, too long or holds control characters")]
    SubjectName,
    /// Too many bytes.
    #[error("the statement has {actual} bytes, at most {limit} are allowed")]
    TooLarge {
        /// The most bytes allowed.
        limit: usize,
        /// Bytes found.
        actual: usize,
    },
}

impl Coded for StatementError {
    fn code(&self) -> Code {
        match self {
            Self::DigestFormat { .. } => Code::IntotoDigestFormat,
            Self::Json { .. } | Self::Malformed { .. } | Self::NotCanonical | Self::SubjectName => {
                Code::IntotoMalformed
            }
            Self::Predicate { .. } => Code::IntotoPredicate,
            Self::PredicateType { .. } => Code::IntotoPredicateType,
            Self::StatementType { .. } => Code::IntotoStatementType,
            Self::Subject => Code::IntotoSubject,
            Self::SubjectCount { .. } => Code::IntotoNoSubject,
            Self::TooLarge { .. } => Code::LimitBundle,
        }
    }
}

#[cfg(test)]
mod tests;
