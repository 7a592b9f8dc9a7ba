//! Rekor v1: `POST /api/v1/log/entries`, `hashedrekord` 0.0.1 for content and `dsse` 0.0.1 for statements. It answers with a
//! promise that names the time, and a proof.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};
use signer_core::protocol::Base64;
use signer_core::{dsse, pem};
use signer_outbound::Outbound;

use super::{Checkpoint, Entry, KindVersion, LogId, Logged, Number, Promise, Proof};
use crate::error::ElsewhereError;
use crate::service::{JSON, Question, Service};

const VERSION: &str = "0.0.1";

/// `LogEntry`: one element of the answer, under the entry's own name.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    body: Base64,
    integrated_time: Number,
    #[serde(rename = "logID")]
    log_id: Hex,
    log_index: Number,
    verification: Verification,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Verification {
    signed_entry_timestamp: Base64,
    inclusion_proof: AnswerProof,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AnswerProof {
    checkpoint: String,
    hashes: Vec<Hex>,
    log_index: Number,
    root_hash: Hex,
    tree_size: Number,
}

/// Bytes in hexadecimal.
#[derive(Deserialize)]
#[serde(transparent)]
struct Hex(String);

pub(super) fn log(service: &Service, outbound: &Outbound, logged: &Logged<'_>) -> Result<Entry, ElsewhereError> {
    let (kind, spec) = proposal(logged)?;
    let body = json!({ "apiVersion": VERSION, "kind": kind, "spec": spec });
    let body = serde_json::to_vec(&body).map_err(|source| ElsewhereError::Unwritable { source })?;
    let question = Question { path: "/api/v1/log/entries", bearer: None, media: [JSON, JSON], body: &body };
    let answers: BTreeMap<String, Answer> = service.read(&service.ask(outbound, &question)?)?;
    let mut answers = answers.into_values();
    match (answers.next(), answers.next()) {
        (Some(answer), None) => answer.into_entry(service, kind),
        _ => Err(service.answer("does not hold one entry")),
    }
}

fn proposal(logged: &Logged<'_>) -> Result<(&'static str, Value), ElsewhereError> {
    let certificate = Base64(pem::certificate(logged.certificate)?.into_bytes());
    let signature = Base64(logged.signature.to_vec());
    let Some(payload) = logged.payload else {
        let hash = json!({ "algorithm": "sha256", "value": logged.digest.to_hex() });
        let signature = json!({ "content": signature, "publicKey": { "content": certificate } });
        return Ok(("hashedrekord", json!({ "data": { "hash": hash }, "signature": signature })));
    };
    let envelope = json!({
        "payloadType": dsse::PAYLOAD_TYPE, "payload": Base64(payload.to_vec()), "signatures": [{ "sig": signature }],
    });
    let proposed = json!({ "envelope": envelope.to_string(), "verifiers": [certificate] });
    Ok(("dsse", json!({ "proposedContent": proposed })))
}

impl Answer {
    fn into_entry(self, service: &Service, kind: &str) -> Result<Entry, ElsewhereError> {
        let bytes = |Hex(text): Hex| {
            let decoded = hex::decode(text).map(Base64);
            decoded.map_err(|_| service.answer("holds a hash that is not hexadecimal"))
        };
        let proof = self.verification.inclusion_proof;
        Ok(Entry {
            log_index: self.log_index,
            log_id: LogId { key_id: bytes(self.log_id)? },
            kind_version: KindVersion { kind: kind.to_owned(), version: VERSION.to_owned() },
            integrated_time: self.integrated_time,
            inclusion_promise: Some(Promise { signed_entry_timestamp: self.verification.signed_entry_timestamp }),
            inclusion_proof: Proof {
                log_index: proof.log_index,
                root_hash: bytes(proof.root_hash)?,
                tree_size: proof.tree_size,
                hashes: proof.hashes.into_iter().map(bytes).collect::<Result<_, _>>()?,
                checkpoint: Checkpoint { envelope: proof.checkpoint },
            },
            canonicalized_body: self.body,
        })
    }
}
