//! The time authority's wire (docs/formats.md F12): RFC 3161 over HTTP, in DER and in the JSON of Sigstore's authority.
//!
//! Anybody on this machine may ask: a token says when, never that anything was allowed. Refusals are the RFC's own answers,
//! with our code in a header.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use signer_core::reason::{Code, Coded as _};
use signer_core::time_stamp::{self, Query, Rejection};

use super::problem::Refused;
use super::{Rim, body, pem_chain};

type Shared = State<Arc<Rim>>;

/// What a request in DER is.
const QUERY: &str = "application/timestamp-query";
/// What an answer is.
const REPLY: &str = "application/timestamp-reply";
/// Where the stable code of a rejection stands.
const CODE: &str = "chancery-code";

/// `POST /api/v1/timestamp`.
pub(super) async fn stamp(State(rim): Shared, request: Request) -> Response {
    let (head, sent) = request.into_parts();
    let granted = match read(&head.headers, sent).await {
        Ok(query) => grant(&rim, query).await,
        Err(rejection) => Err(rejection),
    };
    match granted {
        Ok(reply) => ([(header::CONTENT_TYPE, REPLY)], reply).into_response(),
        Err(rejection) => rejected(rejection),
    }
}

/// `GET /api/v1/timestamp/certchain`: the authority's certificate, then the root.
pub(super) async fn chain(State(rim): Shared) -> Result<Response, Refused> {
    Ok(pem_chain::answer(StatusCode::OK, &rim.engine.time_chain())?)
}

async fn read(headers: &HeaderMap, sent: axum::body::Body) -> Result<Query, Rejection> {
    let bytes = body::read(headers, sent, body::SMALL).await.map_err(|_| Rejection::DataFormat)?;
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    match kind.split(';').next().unwrap_or_default().trim() {
        QUERY => Query::from_der(&bytes),
        "application/json" => Query::from_json(&bytes),
        _ => Err(Rejection::DataFormat),
    }
}

/// The time is taken where the token is made, from a clock that is believed at that moment.
async fn grant(rim: &Rim, query: Query) -> Result<Vec<u8>, Rejection> {
    let clock = rim.clock.clone();
    let stamped = rim.ask(move |engine, _| engine.stamp(&query, clock.now()?)).await;
    stamped.map_err(|refusal| if refusal.code() == Code::TimeClockJump { Rejection::Time } else { Rejection::System })
}

/// The status is for whoever reads no DER.
fn rejected(rejection: Rejection) -> Response {
    let status = match rejection {
        Rejection::Time => StatusCode::SERVICE_UNAVAILABLE,
        Rejection::System => StatusCode::INTERNAL_SERVER_ERROR,
        _ => StatusCode::BAD_REQUEST,
    };
    let code = rejection.code();
    let headers = [
        (header::CONTENT_TYPE.as_str(), HeaderValue::from_static(REPLY)),
        (CODE, HeaderValue::from_static(code.as_str())),
    ];
    let mut response = (status, headers, time_stamp::reject(rejection)).into_response();
    response.extensions_mut().insert(code);
    response
}
