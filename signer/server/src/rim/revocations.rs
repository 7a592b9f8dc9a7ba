//! Revocations (docs/formats.md F16): making one, telling what it would touch, listing them, and the feed.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header;
use axum::response::IntoResponse as _;
use axum::routing::{get, post};
use axum::{Json, Router};
use signer_core::protocol::{NameRevoked, RevocationRecorded, StatementRequest};
use signer_engine::engine::Engine;

use super::routes::{Reply, Shared, in_session};
use super::{Rim, body};

pub(super) fn routes() -> Router<Arc<Rim>> {
    Router::new()
        .route("/v1/revocations", get(list).post(revoke))
        .route("/v1/revocations/touched", post(touched))
        .route("/v1/feed", get(feed))
}

async fn revoke(State(rim): Shared, request: Request) -> Reply {
    in_session(&rim, request, body::SMALL, body::parse, |engine, session, asked: StatementRequest, now| {
        engine.revoke(session, &asked, now)
    })
    .await
}

/// The owner, or any session.
async fn list(State(rim): Shared, request: Request) -> Reply {
    rim.owner_or_session(request.headers()).await?;
    let rows = rim.ask(|engine, _| engine.revocations()).await?;
    let recorded = rows.into_iter().zip(1..).map(|(row, number)| RevocationRecorded {
        number,
        leaf: row.leaf,
        action: row.action,
        cause: row.cause,
        selector: row.selector,
    });
    Ok(Json(recorded.collect::<Vec<_>>()).into_response())
}

/// Nothing is changed. The owner, or any session.
async fn touched(State(rim): Shared, request: Request) -> Reply {
    let (head, sent) = request.into_parts();
    rim.owner_or_session(&head.headers).await?;
    let bytes = body::read(&head.headers, sent, body::SMALL).await?;
    let NameRevoked { selector } = body::parse(&bytes)?;
    let touched = rim.ask(move |engine, now| engine.touched(&selector, now)).await?;
    Ok(Json(touched).into_response())
}

/// Whoever may read the log, which holds the same.
async fn feed(State(rim): Shared, request: Request) -> Reply {
    rim.log_reader(request.headers()).await?;
    let file = rim.ask(Engine::feed_file).await?;
    Ok(([(header::CONTENT_TYPE, "application/json")], file).into_response())
}
