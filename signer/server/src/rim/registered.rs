//! What there is to revoke (docs/formats.md F16): one agent, grant or session by its name, grants and sessions in pages.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::response::IntoResponse as _;
use axum::routing::post;
use axum::{Json, Router};
use serde::Serialize;
use serde::de::DeserializeOwned;
use signer_core::protocol::{Listing, NameAgent, NameGrant, NameSession};
use signer_core::time::Timestamp;
use signer_engine::engine::Engine;
use signer_engine::refusal::Refusal;
use signer_engine::registered::Reading;

use super::routes::{Reply, Shared};
use super::{Rim, body};

pub(super) fn routes() -> Router<Arc<Rim>> {
    Router::new()
        .route("/v1/agents/named", post(agent))
        .route("/v1/grants/list", post(grants))
        .route("/v1/grants/named", post(grant))
        .route("/v1/sessions/list", post(sessions))
        .route("/v1/sessions/named", post(session))
}

/// The owner, or any session, as for the list of agents.
async fn agent(State(rim): Shared, request: Request) -> Reply {
    let (head, sent) = request.into_parts();
    rim.owner_or_session(&head.headers).await?;
    let NameAgent { agent } = body::parse(&body::read(&head.headers, sent, body::SMALL).await?)?;
    Ok(Json(rim.ask(move |engine, _| engine.agent_named(&agent)).await?).into_response())
}

async fn grants(State(rim): Shared, request: Request) -> Reply {
    read(&rim, request, |engine, reading, listing: Listing, now| engine.grants_listed(reading, &listing, now)).await
}

async fn grant(State(rim): Shared, request: Request) -> Reply {
    read(&rim, request, |engine, reading, asked: NameGrant, now| engine.grant_named(reading, &asked.grant, now)).await
}

async fn sessions(State(rim): Shared, request: Request) -> Reply {
    read(&rim, request, |engine, reading, listing: Listing, now| engine.sessions_listed(reading, &listing, now)).await
}

async fn session(State(rim): Shared, request: Request) -> Reply {
    read(&rim, request, |engine, reading, asked: NameSession, now| engine.session_named(reading, &asked.session, now))
        .await
}

/// Nothing is changed. The owner, or a person about what that person answers for; nobody else's body is read.
async fn read<T: DeserializeOwned + Send + 'static, R: Serialize + Send + 'static>(
    rim: &Rim,
    request: Request,
    look_up: impl FnOnce(&Engine, &Reading, T, Timestamp) -> Result<R, Refusal> + Send + 'static,
) -> Reply {
    let (head, sent) = request.into_parts();
    let reading = rim.reading(&head.headers).await?;
    let asked: T = body::parse(&body::read(&head.headers, sent, body::SMALL).await?)?;
    Ok(Json(rim.ask(move |engine, now| look_up(engine, &reading, asked, now)).await?).into_response())
}

impl Rim {
    async fn reading(&self, headers: &HeaderMap) -> Result<Reading, Refusal> {
        match self.owner(headers) {
            Ok(()) => Ok(Reading::Everything),
            Err(_) => Reading::of(&self.session(headers).await?),
        }
    }
}
