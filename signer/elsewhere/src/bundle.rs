//! The Sigstore bundle v0.3 that the services' answers make together.

use serde_json::{Value, json};
use signer_core::digest::Digest;
use signer_core::dsse;
use signer_core::protocol::Base64;

use crate::error::ElsewhereError;
use crate::sign::{Content, Evidence};

/// What stands in a bundle.
pub(crate) struct Parts<'a> {
    pub(crate) content: &'a Content<'a>,
    pub(crate) evidence: Evidence,
}

impl Parts<'_> {
    /// The document, unverified.
    pub(crate) fn write(self) -> Result<Vec<u8>, ElsewhereError> {
        let Evidence { certificate, signature, stamps, entries } = self.evidence;
        let (name, content) = match self.content {
            Content::Bytes { digest } => ("messageSignature", message(digest, signature)),
            Content::Statement { payload } => ("dsseEnvelope", envelope(payload, signature)),
        };
        let mut material = json!({ "certificate": { "rawBytes": Base64(certificate) }, "tlogEntries": entries });
        let mut stamps = stamps.into_iter().map(|stamp| json!({ "signedTimestamp": Base64(stamp.reply) })).peekable();
        if stamps.peek().is_some() {
            let stamps: Vec<Value> = stamps.collect();
            insert(&mut material, "timestampVerificationData", json!({ "rfc3161Timestamps": stamps }));
        }
        let mut bundle = json!({ "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json" });
        insert(&mut bundle, "verificationMaterial", material);
        insert(&mut bundle, name, content);
        serde_json::to_vec(&bundle).map_err(|source| ElsewhereError::Unwritable { source })
    }
}

fn message(digest: &Digest, signature: Vec<u8>) -> Value {
    let digest = json!({ "algorithm": "SHA2_256", "digest": Base64(digest.as_bytes().to_vec()) });
    json!({ "messageDigest": digest, "signature": Base64(signature) })
}

fn envelope(payload: &[u8], signature: Vec<u8>) -> Value {
    let payload = Base64(payload.to_vec());
    json!({ "payload": payload, "payloadType": dsse::PAYLOAD_TYPE, "signatures": [{ "sig": Base64(signature) }] })
}

fn insert(object: &mut Value, name: &str, value: Value) {
    if let Some(members) = object.as_object_mut() {
        members.insert(name.to_owned(), value);
    }
}
