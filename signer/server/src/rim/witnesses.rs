//! `GET /v1/log/witnesses`: how the log's witnesses do, for its operator.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::IntoResponse;
use axum::routing::get;
use axum::{Json, Router};
use serde_json::json;
use signer_core::reason::Code;
use signer_engine::answer::Answer;
use signer_engine::refusal::Refusal;

use super::Rim;
use super::routes::{Reply, Shared};

/// The one route.
pub(super) fn routes() -> Router<Arc<Rim>> {
    Router::new().route("/v1/log/witnesses", get(witnesses))
}

async fn witnesses(State(rim): Shared, request: Request) -> Reply {
    rim.owner_or_session(request.headers()).await?;
    let (size, standings, closed) = rim
        .witnessing
        .as_ref()
        .map_or((None, Vec::new(), Vec::new()), |held| (held.witnessed_size(), held.standings(), held.closed()));
    Ok(Json(json!({ "witnessed": size, "witnesses": standings, "closed": closed })).into_response())
}

impl Rim {
    /// Lets a recorded answer leave: at once, or when its entry was witnessed where the operator wants that.
    pub(super) async fn release(&self, answer: Answer) -> Result<Answer, Refusal> {
        match &self.witnessing {
            Some(witnessing) => witnessing.release(answer).await,
            None => Ok(answer),
        }
    }

    /// The checkpoint that the log publishes.
    pub(super) async fn published_checkpoint(&self) -> Result<String, Refusal> {
        let newest = self.ask(|engine, _| engine.checkpoint()).await?;
        let newest = newest.ok_or_else(|| Refusal::new(Code::LogEmpty, "nothing was logged yet"))?;
        match &self.witnessing {
            Some(witnessing) => witnessing.publish(newest),
            None => Ok(newest),
        }
    }

    /// The last checkpoint of a log that was closed.
    pub(super) fn closed_checkpoint(&self, origin: &str, last: String) -> String {
        match &self.witnessing {
            Some(witnessing) => witnessing.publish_closed(origin, last),
            None => last,
        }
    }
}
