//! Refusals as stock Sigstore clients expect them: the JSON of `google.rpc.Status`, which grpc-gateway writes.
//!
//! `code` is gRPC's, and coarse; the stable code stands in `details`, as the reason of a `google.rpc.ErrorInfo`.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use signer_core::reason::Code;
use signer_engine::refusal::Refusal;

use super::problem;

/// A refusal on its way to a stock client.
pub(super) struct Declined(pub(super) Refusal);

impl From<Refusal> for Declined {
    fn from(refusal: Refusal) -> Self {
        Self(refusal)
    }
}

#[derive(Serialize)]
struct StatusMessage<'a> {
    code: u8,
    message: &'a str,
    details: Vec<ErrorInfo<'a>>,
}

#[derive(Serialize)]
struct ErrorInfo<'a> {
    #[serde(rename = "@type")]
    kind: &'static str,
    reason: &'a str,
    domain: &'static str,
}

impl IntoResponse for Declined {
    fn into_response(self) -> Response {
        let code = self.0.code();
        let status = status(code);
        let reasons: Vec<_> = self.0.reasons().collect();
        let details = reasons
            .iter()
            .map(|reason| ErrorInfo {
                kind: "type.googleapis.com/google.rpc.ErrorInfo",
                reason: reason.code.as_str(),
                domain: "chancery",
            })
            .collect();
        let message = reasons.first().map(|reason| reason.message.as_str()).unwrap_or_default();
        let mut response = (status, Json(StatusMessage { code: grpc_code(status), message, details })).into_response();
        if status == StatusCode::TOO_MANY_REQUESTS {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response.extensions_mut().insert(code);
        response
    }
}

/// HTTP's status, where Rekor's differs from ours.
fn status(code: Code) -> StatusCode {
    match code {
        Code::LogEntryAlgorithm | Code::LogEntryMalformed | Code::LogEntrySignature | Code::LogKind => {
            StatusCode::BAD_REQUEST
        }
        Code::LogEntryVerifier | Code::X509Expired | Code::X509Purpose => StatusCode::FORBIDDEN,
        Code::LogFrozen => StatusCode::METHOD_NOT_ALLOWED,
        _ => problem::status(code),
    }
}

/// The code of `google.rpc.Code` that a status stands for.
fn grpc_code(status: StatusCode) -> u8 {
    match status {
        StatusCode::UNAUTHORIZED => 16,
        StatusCode::FORBIDDEN => 7,
        StatusCode::NOT_FOUND => 5,
        StatusCode::METHOD_NOT_ALLOWED => 12,
        StatusCode::CONFLICT => 6,
        StatusCode::TOO_MANY_REQUESTS => 8,
        StatusCode::SERVICE_UNAVAILABLE => 14,
        _ if status.is_server_error() => 13,
        _ => 3,
    }
}
