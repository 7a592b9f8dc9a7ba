//! Log entries that travel with signatures made without an engine: `hashedrekord` of a Rekor v2, and of a Rekor v1, whose
//! promise names the time and which counts entries over several trees.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::{KIND, LogEntry, LogError, MAX_BYTES, VERSION, protobuf};
use crate::digest::Digest;
use crate::{canonical, pem};

/// The version of `hashedrekord` that a Rekor v1 writes.
pub(super) const VERSION_1: &str = "0.0.1";

/// A log entry without its body.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ForeignEntry {
    /// What every entry has.
    pub entry: LogEntry,
    /// Position in the tree that the proof is of; not the entry's own where a Rekor v1 began a new tree.
    pub proof_index: u64,
    /// A Rekor v1's promise; a Rekor v2 gives none.
    pub promise: Option<Promise>,
}

/// What a Rekor v1 signs when it takes an entry in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Promise {
    /// When, in seconds since 1970.
    pub integrated_at: u64,
    /// `SignedEntryTimestamp`.
    pub signature: Vec<u8>,
}

impl ForeignEntry {
    /// The protobuf form. Fails over its limits.
    pub fn encode(&self) -> Result<Vec<u8>, LogError> {
        self.entry.check_limits()?;
        Ok(protobuf::encode_promised(&self.entry, self.proof_index, self.promise.as_ref()))
    }

    /// Reads the protobuf form and no other encoding of it.
    pub fn decode(bytes: &[u8]) -> Result<Self, LogError> {
        if bytes.len() > MAX_BYTES {
            return Err(LogError::TooLarge { limit: MAX_BYTES, actual: bytes.len() });
        }
        let entry = protobuf::decode_promised(bytes)?;
        if entry.encode()? == bytes { Ok(entry) } else { Err(LogError::NotCanonical) }
    }

    /// The element of `tlogEntries` in a Sigstore bundle, with the body that logs `signature` over what hashes to `digest`.
    pub fn to_bundle_json(&self, digest: &Digest, signature: &[u8], certificate_der: &[u8]) -> Result<Value, LogError> {
        let Self { entry, proof_index, promise } = self;
        let body = match promise {
            None => super::body(digest, signature, certificate_der)?,
            Some(_) => body(digest, signature, certificate_der)?,
        };
        let version = promise.as_ref().map_or(VERSION, |_| VERSION_1);
        let proof = json!({
            "logIndex": proof_index.to_string(), "rootHash": STANDARD.encode(entry.root.as_bytes()),
            "treeSize": entry.size.to_string(), "checkpoint": { "envelope": entry.checkpoint },
            "hashes": entry.hashes.iter().map(|hash| STANDARD.encode(hash.as_bytes())).collect::<Vec<_>>(),
        });
        let mut element = json!({
            "logIndex": entry.index.to_string(), "logId": { "keyId": STANDARD.encode(entry.log_id) },
            "kindVersion": { "kind": KIND, "version": version },
            "inclusionProof": proof, "canonicalizedBody": STANDARD.encode(body),
        });
        if let (Some(promise), Some(members)) = (promise, element.as_object_mut()) {
            let signature = STANDARD.encode(&promise.signature);
            members.insert("integratedTime".to_owned(), promise.integrated_at.to_string().into());
            members.insert("inclusionPromise".to_owned(), json!({ "signedEntryTimestamp": signature }));
        }
        Ok(element)
    }
}

/// The body of a Rekor v1: the certificate as PEM inside base64.
fn body(digest: &Digest, signature: &[u8], certificate_der: &[u8]) -> Result<Vec<u8>, LogError> {
    let certificate = pem::certificate(certificate_der).map_err(|_| LogError::BodyKey)?;
    let hash = json!({ "algorithm": "sha256", "value": digest.to_hex() });
    let signature = json!({
        "content": STANDARD.encode(signature), "publicKey": { "content": STANDARD.encode(certificate) },
    });
    let spec = json!({ "data": { "hash": hash }, "signature": signature });
    let body = json!({ "apiVersion": VERSION_1, "kind": KIND, "spec": spec });
    canonical::to_vec(&body).map_err(|_| LogError::BodyMalformed)
}

#[cfg(test)]
mod tests;
