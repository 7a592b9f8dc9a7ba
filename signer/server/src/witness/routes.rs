//! The wire of C2SP tlog-witness: `POST /add-checkpoint`, and `GET /<SHA-256 of an origin>/checkpoint` for monitors.

use std::sync::Arc;

use axum::extract::{Path, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Router, middleware};
use signer_core::reason::Code;
use signer_core::witness::MAX_SUBMISSION;
use signer_engine::refusal::Refusal;
use tokio::task;

use super::memory::Memory;
use crate::clock::Clock;
use crate::rim::problem::Refused;
use crate::rim::{body, gate};

/// What every route needs.
#[derive(Clone)]
pub(super) struct Desk {
    pub(super) memory: Arc<Memory>,
    pub(super) clock: Clock,
}

/// Every route, behind the gate.
pub(super) fn router(desk: Desk) -> Router {
    Router::new()
        .route("/add-checkpoint", post(add_checkpoint))
        .route("/{origin}/checkpoint", get(checkpoint))
        .fallback(unknown_route)
        .method_not_allowed_fallback(unknown_method)
        .layer(middleware::from_fn(gate::pass))
        .with_state(desk)
}

async fn add_checkpoint(State(desk): State<Desk>, request: Request) -> Response {
    let (head, sent) = request.into_parts();
    let bytes = match body::read(&head.headers, sent, MAX_SUBMISSION).await {
        Ok(bytes) => bytes,
        Err(refusal) => return Refused(refusal).into_response(),
    };
    let Ok(submission) = String::from_utf8(bytes.into()) else {
        return Refused(Refusal::new(Code::RequestMalformed, "the submission is not UTF-8")).into_response();
    };
    // Writing waits for the disk.
    let Desk { memory, clock } = desk;
    match task::spawn_blocking(move || memory.add_checkpoint(&submission, &clock)).await {
        Ok(Ok(line)) => ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], line).into_response(),
        Ok(Err(refused)) => refused.into_response(),
        Err(error) => {
            tracing::error!(%error, "a submission could not be worked on");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

async fn checkpoint(State(desk): State<Desk>, Path(origin): Path<String>) -> Response {
    match desk.memory.checkpoint(&origin) {
        Some(note) => ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], note).into_response(),
        None => Refused(Refusal::new(Code::LogEmpty, "nothing of such a log was cosigned")).into_response(),
    }
}

async fn unknown_route() -> Refused {
    Refused(Refusal::new(Code::RequestRoute, "there is no such route"))
}

async fn unknown_method() -> Refused {
    Refused(Refusal::new(Code::RequestMethod, "the route does not know this method"))
}
