//! Refusals with the status codes that C2SP tlog-witness gives them.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use signer_core::checkpoint::CheckpointError;
use signer_core::reason::{Code, Coded};
use signer_core::witness::WitnessError;
use signer_engine::refusal::Refusal;

use super::memory::Refused;
use crate::rim::problem;

/// The body's type where the answer is the size the witness is at.
const SIZE: HeaderValue = HeaderValue::from_static("text/x.tlog.size");

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let submission = match self {
            Self::Submission(submission) => submission,
            Self::Failed(failure) => {
                tracing::error!(error = %failure.reason(), "a checkpoint could not be cosigned");
                return refused(Refusal::new(failure.code(), "the witness failed; its log says why"), None);
            }
        };
        if let WitnessError::OtherSize { seen, .. } = submission {
            let mut response = (StatusCode::CONFLICT, format!("{seen}\n")).into_response();
            response.headers_mut().insert(header::CONTENT_TYPE, SIZE);
            response.extensions_mut().insert(Code::LogWitnessSize);
            return response;
        }
        let status = status(&submission);
        refused(Refusal::from(submission), Some(status))
    }
}

fn refused(refusal: Refusal, status: Option<StatusCode>) -> Response {
    let mut response = problem::Refused(refusal).into_response();
    if let Some(status) = status {
        *response.status_mut() = status;
    }
    response
}

const fn status(error: &WitnessError) -> StatusCode {
    match error {
        WitnessError::UnknownLog => StatusCode::NOT_FOUND,
        WitnessError::Checkpoint(CheckpointError::Signature | CheckpointError::UnknownKey) => StatusCode::FORBIDDEN,
        WitnessError::OtherSize { .. } => StatusCode::CONFLICT,
        WitnessError::Inconsistent(_) => StatusCode::UNPROCESSABLE_ENTITY,
        WitnessError::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
        WitnessError::Checkpoint(_)
        | WitnessError::Hash { .. }
        | WitnessError::OldSize
        | WitnessError::Separator
        | WitnessError::Shrinks { .. }
        | WitnessError::TooManyHashes => StatusCode::BAD_REQUEST,
    }
}
