//! Rekor v2: `POST /api/v2/log/entries`, `hashedrekord` 0.0.2 alone; a statement is logged by the digest of what was signed.

use serde_json::json;
use signer_core::protocol::Base64;
use signer_outbound::Outbound;

use super::{Entry, Logged};
use crate::error::ElsewhereError;
use crate::service::{JSON, Question, Service};

pub(super) fn log(service: &Service, outbound: &Outbound, logged: &Logged<'_>) -> Result<Entry, ElsewhereError> {
    let body = json!({ "hashedRekordRequestV002": {
        "digest": Base64(logged.digest.as_bytes().to_vec()),
        "signature": {
            "content": Base64(logged.signature.to_vec()),
            "verifier": {
                "x509Certificate": { "rawBytes": Base64(logged.certificate.to_vec()) },
                "keyDetails": "PKIX_ECDSA_P256_SHA_256",
            },
        },
    } });
    let body = serde_json::to_vec(&body).map_err(|source| ElsewhereError::Unwritable { source })?;
    let question = Question { path: "/api/v2/log/entries", bearer: None, media: [JSON, JSON], body: &body };
    service.read(&service.ask(outbound, &question)?)
}
