//! What the engine gave back is about what was sent: its decision, its log entry, its certificate.
//!
//! Whether the evidence is true is for verifiers, who have the trust root; this keeps evidence of another change out of
//! a signature that would then fail everywhere.

use signer_core::cms::Evidence;
use signer_core::decision::DecisionRecord;
use signer_core::digest::Digest;
use signer_core::log_entry::LogEntry;
use signer_core::protocol::Countersignature;
use signer_core::provenance::Provenance;

use crate::error::BrokerError;
use crate::identity::{CertifiedKey, Identity};

/// What was countersigned, as far as the decision repeats it.
pub(crate) struct Claims<'a> {
    /// The session that asked.
    pub identity: &'a Identity,
    /// The key that signed.
    pub signer: &'a CertifiedKey,
    /// What the object says of itself; none for statements.
    pub provenance: Option<&'a Provenance>,
}

/// Checks an answer; gives the evidence and the checkpoint inside.
pub(crate) fn check(answer: Countersignature, claims: &Claims<'_>) -> Result<(Evidence, u64, String), BrokerError> {
    let record = DecisionRecord::decode(&answer.decision.0)?;
    let entry = LogEntry::decode(&answer.entry.0)?;
    let (target, change, prompt) = match claims.provenance {
        Some(Provenance::Commit(commit)) => (Some(&commit.target), Some(&commit.change), commit.prompt.as_ref()),
        Some(Provenance::Tag(_)) | None => (None, None, None),
    };
    let identity = claims.identity;
    let differs = [
        ("certificate", record.certificate != Digest::of(claims.signer.leaf.der())),
        ("session", record.session != identity.session),
        ("subject", record.subject != identity.subject),
        ("grants", record.grants != identity.grants),
        ("custody", record.custody != identity.custody),
        ("position", record.log.index != entry.index || record.log.size != entry.size),
        ("log", entry.checkpoint.lines().next() != Some(record.log.origin.as_str())),
        ("repository", claims.provenance.is_some_and(|said| record.repository.as_deref() != Some(said.repository()))),
        ("target", claims.provenance.is_some() && record.target.as_ref() != target),
        ("change", claims.provenance.is_some() && record.change.as_ref() != change),
        ("prompt", claims.provenance.is_some() && record.prompt.as_ref() != prompt),
    ];
    if let Some((what, _)) = differs.into_iter().find(|(_, differs)| *differs) {
        return Err(BrokerError::EvidenceMismatch { what });
    }
    let evidence = Evidence {
        token: answer.token.0,
        entry: answer.entry.0,
        decision: answer.decision.0,
        foreign: answer.foreign.map(|token| token.0),
    };
    Ok((evidence, entry.size, entry.checkpoint))
}
