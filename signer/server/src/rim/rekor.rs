//! Rekor v2's write wire, for stock Sigstore clients: `POST /api/v2/log/entries` with a `hashedRekordRequestV002`.
//!
//! 201 with the `TransparencyLogEntry`; an entry that the log has is 409 with its index in `X-Log-Index`. Certificate and
//! signature speak for the client: there is no other credential. Nothing of another kind is taken, and no URL is followed.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Value, json};
use signer_core::digest::Digest;
use signer_core::log_entry::LogEntry;
use signer_core::protocol::Base64;
use signer_core::reason::Code;
use signer_engine::answer::Answer;
use signer_engine::open_entry::{OpenEntry, Submission};
use signer_engine::refusal::Refusal;

use super::status_message::Declined;
use super::{Rim, body, routes::Shared};

/// Where Rekor names the index of an entry it has.
const LOG_INDEX: HeaderName = HeaderName::from_static("x-log-index");
/// Sigstore's name of the one algorithm.
const P256: &str = "PKIX_ECDSA_P256_SHA_256";

/// The write wire.
pub(super) fn routes() -> Router<Arc<Rim>> {
    Router::new().route("/api/v2/log/entries", post(create_entry))
}

async fn create_entry(State(rim): Shared, request: Request) -> Response {
    match created(&rim, request).await {
        Ok(Created::Entry(entry)) => (StatusCode::CREATED, Json(entry)).into_response(),
        Ok(Created::Duplicate { index }) => {
            // Rekor v2's own words.
            let message = format!("an equivalent entry already exists in the transparency log with index {index}");
            let declined = Declined(Refusal::new(Code::LogEntryExists, message));
            ([(LOG_INDEX, index.to_string())], declined).into_response()
        }
        Err(refusal) => Declined(refusal).into_response(),
    }
}

enum Created {
    Duplicate { index: u64 },
    Entry(Value),
}

async fn created(rim: &Rim, request: Request) -> Result<Created, Refusal> {
    let (head, sent) = request.into_parts();
    let bytes = body::read(&head.headers, sent, body::SMALL).await?;
    let entry = parse(&bytes)?;
    let (answer, body) = match rim.ask(move |engine, now| engine.submit_entry(&entry, now)).await? {
        Submission::Known(answer) => (answer, Vec::new()),
        Submission::New { prepared, body } => (rim.writer.record(prepared).await?.into_inner(), body),
    };
    match rim.release(answer).await? {
        Answer::EntryKnown { index } => Ok(Created::Duplicate { index }),
        answer => Ok(Created::Entry(transparency_log_entry(&answer, &body)?)),
    }
}

/// The entry in proto3's JSON as Rekor's gateway writes it, unpopulated fields included.
fn transparency_log_entry(answer: &Answer, body: &[u8]) -> Result<Value, Refusal> {
    let Answer::Countersigned(countersignature) = answer else {
        return Err(Refusal::new(Code::Internal, "another answer stands where an entry must"));
    };
    let mut entry = LogEntry::decode(&countersignature.entry.0)?.to_bundle_json(body)?;
    if let Some(fields) = entry.as_object_mut() {
        fields.insert("integratedTime".to_owned(), json!("0"));
        fields.insert("inclusionPromise".to_owned(), Value::Null);
    }
    Ok(entry)
}

fn parse(bytes: &[u8]) -> Result<OpenEntry, Refusal> {
    let asked: CreateEntryRequest = serde_json::from_slice(bytes).map_err(malformed)?;
    let record = match asked {
        CreateEntryRequest { record: Some(record), dsse: None } => record,
        CreateEntryRequest { record: None, dsse: Some(_) } => {
            let message = "Rekor v2 logs DSSE as a hashedrekord over the encoding that was signed";
            return Err(Refusal::new(Code::LogKind, message));
        }
        CreateEntryRequest { .. } => return Err(malformed("exactly one `hashedRekordRequestV002` is needed")),
    };
    let HashedRekordRequest { digest, signature: Signature { content, verifier } } = record;
    if verifier.key_details != P256 {
        let message = format!("the key is `{}`, not `{P256}`", verifier.key_details);
        return Err(Refusal::new(Code::LogEntryAlgorithm, message));
    }
    let certificate = match verifier {
        Verifier { certificate: Some(certificate), public_key: None, .. } => certificate.raw_bytes.0,
        Verifier { certificate: None, public_key: Some(_), .. } => {
            return Err(Refusal::new(Code::LogEntryVerifier, "a public key is nobody's certificate"));
        }
        Verifier { .. } => return Err(malformed("the verifier must be exactly one certificate")),
    };
    let digest = Digest::try_from(digest.0.as_slice())
        .map_err(|_| Refusal::new(Code::LogEntryAlgorithm, "the digest is not the 32 bytes of SHA-256"))?;
    Ok(OpenEntry { digest, signature: content.0, certificate })
}

fn malformed(message: impl std::fmt::Display) -> Refusal {
    Refusal::new(Code::LogEntryMalformed, message)
}

/// `CreateEntryRequest` of rekor-tiles' `rekor_service.proto`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CreateEntryRequest {
    #[serde(rename = "hashedRekordRequestV002")]
    record: Option<HashedRekordRequest>,
    #[serde(rename = "dsseRequestV002")]
    dsse: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HashedRekordRequest {
    digest: Base64,
    signature: Signature,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Signature {
    content: Base64,
    verifier: Verifier,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Verifier {
    #[serde(rename = "x509Certificate")]
    certificate: Option<RawBytes>,
    public_key: Option<RawBytes>,
    key_details: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct RawBytes {
    raw_bytes: Base64,
}
