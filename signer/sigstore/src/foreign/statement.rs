//! The in-toto statement of a stranger's envelope: which artifacts it is about.
//!
//! Every digest of a subject that can be compared must be the artifact's; stock clients take any one of them.

use serde_json::Value;
use sigstore_types::{ArtifactDigest, HashAlgorithm};

use super::error::ForeignError;
use super::json;
use super::json::JsonError;

pub(super) const PAYLOAD_TYPE: &str = "application/vnd.in-toto+json";
/// Statement v1, and v0.1 that attestation tools still write.
const TYPES: [&str; 2] = ["https://in-toto.io/Statement/v1", "https://in-toto.io/Statement/v0.1"];
const MAX_SUBJECTS: usize = 1024;
const MAX_DIGESTS: usize = 32;
const STRONG: [(&str, HashAlgorithm); 3] =
    [("sha256", HashAlgorithm::Sha2256), ("sha384", HashAlgorithm::Sha2384), ("sha512", HashAlgorithm::Sha2512)];

/// For each subject, the digests it gives under hashes that count.
pub(super) struct Subjects(Vec<Vec<(HashAlgorithm, String)>>);

impl Subjects {
    /// Reads a payload. Fails on other types, without subjects, and on digests in another form than lower-case hex.
    pub(super) fn read(payload_type: &str, payload: &[u8]) -> Result<Self, ForeignError> {
        if payload_type != PAYLOAD_TYPE {
            return Err(ForeignError::PayloadType { found: payload_type.to_owned() });
        }
        let statement = json::read(payload).map_err(|error| match error {
            JsonError::Duplicate { .. } => error.into(),
            JsonError::Syntax { source } => ForeignError::Statement { source },
        })?;
        let found = statement.get("_type").and_then(Value::as_str).unwrap_or_default();
        if !TYPES.contains(&found) {
            return Err(ForeignError::StatementType { found: found.to_owned() });
        }
        if statement.get("predicateType").and_then(Value::as_str).is_none_or(str::is_empty) {
            return Err(ForeignError::PredicateType);
        }
        let subjects = statement.get("subject").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        match subjects.len() {
            0 => Err(ForeignError::NoSubject),
            found if found > MAX_SUBJECTS => {
                Err(ForeignError::TooMany { member: "subject", limit: MAX_SUBJECTS, found })
            }
            _ => Ok(Self(subjects.iter().map(digests).collect::<Result<_, _>>()?)),
        }
    }

    /// The hashes an artifact must be put through to be compared with every subject.
    pub(super) fn hashes(&self) -> Vec<HashAlgorithm> {
        let named = |algorithm| self.0.iter().flatten().any(|(of, _)| *of == algorithm);
        STRONG.into_iter().map(|(_, algorithm)| algorithm).filter(|algorithm| named(*algorithm)).collect()
    }

    /// Fails unless a subject is the artifact with these digests, by every hash that subject names among them.
    pub(super) fn check(&self, artifact: &[ArtifactDigest]) -> Result<(), ForeignError> {
        let mut verdict = ForeignError::DigestWeak;
        for subject in &self.0 {
            let compared: Vec<bool> = subject.iter().filter_map(|digest| is_of(digest, artifact)).collect();
            match (compared.contains(&true), compared.contains(&false)) {
                (true, false) => return Ok(()),
                (true, true) => verdict = ForeignError::DigestConflict,
                (false, true) if matches!(verdict, ForeignError::DigestWeak) => verdict = ForeignError::SubjectMismatch,
                (false, _) => {}
            }
        }
        Err(verdict)
    }
}

/// Whether a digest is the artifact's; `None` where the artifact was not put through that hash.
fn is_of((algorithm, expected): &(HashAlgorithm, String), artifact: &[ArtifactDigest]) -> Option<bool> {
    let found = artifact.iter().find(|digest| digest.algorithm() == *algorithm)?;
    Some(hex::encode(found.as_bytes()) == *expected)
}

fn digests(subject: &Value) -> Result<Vec<(HashAlgorithm, String)>, ForeignError> {
    let digests = subject.get("digest").and_then(Value::as_object).ok_or(ForeignError::DigestFormat)?;
    if digests.len() > MAX_DIGESTS {
        return Err(ForeignError::TooMany { member: "digest", limit: MAX_DIGESTS, found: digests.len() });
    }
    let mut known = Vec::new();
    for (name, value) in digests {
        let value = value.as_str().ok_or(ForeignError::DigestFormat)?;
        let Some((_, algorithm)) = STRONG.into_iter().find(|(strong, _)| strong.eq_ignore_ascii_case(name)) else {
            continue;
        };
        let is_plain = value.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        if !STRONG.iter().any(|(strong, _)| strong == name) || !is_plain || value.len() != algorithm.digest_size() * 2 {
            return Err(ForeignError::DigestFormat);
        }
        known.push((algorithm, value.to_owned()));
    }
    Ok(known)
}
