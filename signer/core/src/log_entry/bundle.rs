//! The JSON form of a log entry: an element of `verificationMaterial.tlogEntries` in a Sigstore bundle v0.3. Proto3's
//! JSON mapping writes int64 as strings and bytes as base64.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use super::{KIND, LogEntry, LogError, MAX_BODY, VERSION};
use crate::checkpoint::{self, CheckpointError};
use crate::digest::Digest;
use crate::merkle;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Element {
    log_index: String,
    log_id: LogId,
    kind_version: KindVersion,
    inclusion_proof: Option<Proof>,
    canonicalized_body: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct LogId {
    key_id: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KindVersion {
    kind: String,
    version: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Proof {
    log_index: String,
    root_hash: String,
    tree_size: String,
    hashes: Vec<String>,
    checkpoint: Option<Envelope>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Envelope {
    envelope: String,
}

pub(super) fn write(entry: &LogEntry, body: &[u8]) -> Result<serde_json::Value, LogError> {
    if body.len() > MAX_BODY {
        return Err(LogError::TooLarge { limit: MAX_BODY, actual: body.len() });
    }
    let element = Element {
        log_index: entry.index.to_string(),
        log_id: LogId { key_id: STANDARD.encode(entry.log_id) },
        kind_version: KindVersion { kind: KIND.to_owned(), version: VERSION.to_owned() },
        inclusion_proof: Some(Proof {
            log_index: entry.index.to_string(),
            root_hash: STANDARD.encode(entry.root.as_bytes()),
            tree_size: entry.size.to_string(),
            hashes: entry.hashes.iter().map(|hash| STANDARD.encode(hash.as_bytes())).collect(),
            checkpoint: Some(Envelope { envelope: entry.checkpoint.clone() }),
        }),
        canonicalized_body: STANDARD.encode(body),
    };
    serde_json::to_value(element).map_err(|_| LogError::Malformed { field: "tlogEntries" })
}

pub(super) fn read(value: &serde_json::Value) -> Result<(LogEntry, Vec<u8>), LogError> {
    let element = Element::deserialize(value).map_err(|_| LogError::Malformed { field: "tlogEntries" })?;
    if element.kind_version.kind != KIND || element.kind_version.version != VERSION {
        return Err(LogError::Kind);
    }
    let proof = element.inclusion_proof.ok_or(LogError::ProofMissing)?;
    if proof.hashes.len() > merkle::MAX_PROOF {
        return Err(LogError::TooManyHashes);
    }
    let checkpoint = proof.checkpoint.ok_or(LogError::CheckpointMissing)?.envelope;
    if checkpoint.len() > checkpoint::MAX_BYTES {
        return Err(CheckpointError::TooLarge { actual: checkpoint.len(), limit: checkpoint::MAX_BYTES }.into());
    }
    let (index, proof_index) = (integer(&element.log_index)?, integer(&proof.log_index)?);
    if index != proof_index {
        return Err(LogError::IndexMismatch { entry: index, proof: proof_index });
    }
    let entry = LogEntry {
        index,
        log_id: *digest(&element.log_id.key_id, "logId")?.as_bytes(),
        size: integer(&proof.tree_size)?,
        root: digest(&proof.root_hash, "rootHash")?,
        hashes: proof.hashes.iter().map(|hash| digest(hash, "hashes")).collect::<Result<_, _>>()?,
        checkpoint,
    };
    let body = STANDARD.decode(&element.canonicalized_body);
    Ok((entry, body.map_err(|_| LogError::Malformed { field: "canonicalizedBody" })?))
}

/// An int64 that is not negative; the caller's comparison with the written form refuses other spellings.
fn integer(text: &str) -> Result<u64, LogError> {
    text.parse::<i64>().ok().and_then(|number| u64::try_from(number).ok()).ok_or(LogError::IntegerRange)
}

fn digest(text: &str, field: &'static str) -> Result<Digest, LogError> {
    let bytes = STANDARD.decode(text).map_err(|_| LogError::Malformed { field })?;
    Digest::try_from(bytes.as_slice()).map_err(|_| LogError::Malformed { field })
}
