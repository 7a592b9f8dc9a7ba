//! Refusals as RFC 9457 problem documents: every reason, and nothing beyond reasons.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use signer_core::protocol::{Problem, ProblemReason};
use signer_core::reason::{Code, Severity};
use signer_engine::refusal::Refusal;

/// A refusal on its way out.
pub struct Refused(pub Refusal);

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self(refusal)
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let code = self.0.code();
        let status = status(code);
        let problem = Problem {
            kind: format!("urn:chancery:problem:{code}"),
            status: status.as_u16(),
            title: code.meaning().to_owned(),
            reasons: self.0.reasons().map(ProblemReason::from).collect(),
        };
        let body = serde_json::to_vec(&problem).unwrap_or_default();
        let mut response = (status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        let passes = matches!(code, Code::LogWitnessQuorum | Code::TimeForeignMissing);
        if status == StatusCode::TOO_MANY_REQUESTS || passes {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response.extensions_mut().insert(code);
        response
    }
}

/// The status of a code. Callers decide by the code; the status is for machines in between.
pub fn status(code: Code) -> StatusCode {
    match code {
        Code::LogTile | Code::RequestMalformed | Code::IssueProof | Code::LimitToken => StatusCode::BAD_REQUEST,
        Code::IssueUnauthorized | Code::AgentSessionUnknown => StatusCode::UNAUTHORIZED,
        Code::RequestRoute | Code::LogEmpty | Code::LogTileAbsent | Code::OidcDisabled => StatusCode::NOT_FOUND,
        Code::RequestMethod => StatusCode::METHOD_NOT_ALLOWED,
        Code::IssueExists
        | Code::IssueGrantRedeemed
        | Code::LogEntryExists
        | Code::LogFrozen
        | Code::LogStateRegression
        | Code::PromptNonceUsed => StatusCode::CONFLICT,
        Code::RequestTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Code::RequestHost => StatusCode::MISDIRECTED_REQUEST,
        Code::EngineBusy => StatusCode::TOO_MANY_REQUESTS,
        _ if code.severity() == Severity::Undetermined => StatusCode::SERVICE_UNAVAILABLE,
        _ => by_family(code),
    }
}

/// Not allowed, or not of the form that could be.
fn by_family(code: Code) -> StatusCode {
    match code.as_str().split_once('.') {
        Some(("oidc", _)) => StatusCode::UNAUTHORIZED,
        Some(("agent" | "issue" | "policy" | "scope" | "sign", _)) => StatusCode::FORBIDDEN,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    }
}
