//! The routes of `signer_core::protocol`: extract, authenticate, ask the engine, record, answer.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use axum::{Json, Router, middleware};
use serde::de::DeserializeOwned;
use serde_json::json;
use signer_core::protocol::{
    AcceptPrompt, CertificateRequest, CountersignRequest, FreezeLog, LogFrozen, MAX_BODY, OpenPersonSession,
    RedeemGrant, RegisterAgent, RegisterPerson, StatementRequest,
};
use signer_core::reason::{Code, Coded as _};
use signer_core::time::Timestamp;
use signer_engine::answer::Answer;
use signer_engine::engine::Engine;
use signer_engine::prepared::Prepared;
use signer_engine::refusal::Refusal;
use signer_engine::session::Session;

use super::problem::Refused;
use super::{Rim, auth, body, fulcio, gate, published, rekor, tiles, timestamp};

pub(super) type Shared = State<Arc<Rim>>;
pub(super) type Reply = Result<Response, Refused>;

/// Every route, behind the gate.
pub fn router(rim: Arc<Rim>) -> Router {
    Router::new()
        .route("/v1/status", get(status))
        .route("/v1/trust", get(trust))
        .route("/v1/trust/client_trust_config", get(published::client_trust_config))
        .route("/v1/trust/signing_config", get(published::signing_config))
        .route("/v1/persons", get(persons).post(register_person))
        .route("/v1/agents", get(agents).post(register_agent))
        .route("/v1/sessions/person", post(open_person_session))
        .route("/v1/sessions/agent", post(redeem_grant))
        .route("/v1/sessions/self", delete(end_session))
        .route("/v1/certificates", post(certificate))
        .route("/v1/countersign", post(countersign))
        .route("/v1/statements", post(statement))
        .route("/v1/grants", post(grant))
        .route("/v1/prompts/accept", post(accept_prompt))
        .route("/v1/log/checkpoint", get(checkpoint))
        .route("/v1/log/entries", get(entries))
        .route("/v1/log/freeze", post(freeze_log))
        .merge(super::revocations::routes())
        .merge(super::registered::routes())
        .merge(tiles::routes())
        .merge(super::witnesses::routes())
        .merge(rekor::routes())
        .route("/api/v1/rootCert", get(fulcio::root_certificate))
        .route("/api/v1/signingCert", post(fulcio::legacy_signing_certificate))
        .route("/api/v1/timestamp", post(timestamp::stamp))
        .route("/api/v1/timestamp/certchain", get(timestamp::chain))
        .route("/api/v2/configuration", get(fulcio::configuration))
        .route("/api/v2/signingCert", post(fulcio::signing_certificate))
        .route("/api/v2/trustBundle", get(fulcio::trust_bundle))
        .fallback(unknown_route)
        .method_not_allowed_fallback(unknown_method)
        .layer(middleware::from_fn(gate::pass))
        .with_state(rim)
}

/// What was recorded, in the protocol's own types.
pub(super) fn answered(answer: Answer) -> Response {
    match answer {
        Answer::Accepted { prompt } => Json(AcceptPrompt { prompt }).into_response(),
        Answer::Agent(record) => Json(record).into_response(),
        Answer::Certificate(issued) => document(issued.to_json()),
        Answer::Countersigned(countersignature) => document(countersignature.to_json()),
        Answer::Ended { at } => Json(json!({ "ended": at })).into_response(),
        Answer::EntryKnown { index } => Json(json!({ "index": index })).into_response(),
        Answer::Frozen { at } => Json(LogFrozen { frozen: at }).into_response(),
        Answer::Grant(recorded) => Json(recorded).into_response(),
        Answer::Person { registered } => Json(json!({ "registered": registered })).into_response(),
        Answer::Session(opened) => Json(opened).into_response(),
    }
}

fn document(json: Vec<u8>) -> Response {
    ([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], json).into_response()
}

async fn status(State(rim): Shared) -> Reply {
    let mut status = rim.ask(|engine, _| engine.status(env!("CARGO_PKG_VERSION"))).await?;
    if let Err(fault) = rim.clock.now() {
        status.stopped.get_or_insert(fault.code());
    }
    Ok(Json(status).into_response())
}

async fn trust(State(rim): Shared) -> Reply {
    Ok(([(header::CONTENT_TYPE, "application/json")], rim.trust_root.clone()).into_response())
}

async fn register_person(State(rim): Shared, request: Request) -> Reply {
    by_owner(&rim, request, |engine, asked: RegisterPerson, now| engine.register_person(&asked, now)).await
}

async fn register_agent(State(rim): Shared, request: Request) -> Reply {
    by_owner(&rim, request, |engine, asked: RegisterAgent, now| engine.register_agent(&asked, now)).await
}

async fn open_person_session(State(rim): Shared, request: Request) -> Reply {
    by_owner(&rim, request, |engine, asked: OpenPersonSession, now| engine.open_person_session(&asked, now)).await
}

/// Who there is, is for the owner alone.
async fn persons(State(rim): Shared, request: Request) -> Reply {
    rim.owner(request.headers())?;
    let persons = rim.ask(|engine, _| engine.persons()).await?;
    Ok(Json(persons).into_response())
}

/// The owner, or any session.
async fn agents(State(rim): Shared, request: Request) -> Reply {
    rim.owner_or_session(request.headers()).await?;
    let agents = rim.ask(|engine, _| engine.agents()).await?;
    Ok(Json(agents).into_response())
}

/// The redemption code authenticates.
async fn redeem_grant(State(rim): Shared, request: Request) -> Reply {
    let (head, sent) = request.into_parts();
    let bytes = body::read(&head.headers, sent, body::SMALL).await?;
    let prepare = move |engine: &Engine, now| Ok(engine.redeem_grant(&body::parse::<RedeemGrant>(&bytes)?, now));
    Ok(rim.record(Box::new(prepare)).await?)
}

async fn end_session(State(rim): Shared, request: Request) -> Reply {
    let session = rim.session(request.headers()).await?;
    Ok(rim.record(Box::new(move |engine, now| Ok(engine.end_session(&session, now)))).await?)
}

async fn certificate(State(rim): Shared, request: Request) -> Reply {
    let (head, sent) = request.into_parts();
    let session = rim.session(&head.headers).await?;
    let asked = body::taken(CertificateRequest::from_json(&body::read(&head.headers, sent, body::SMALL).await?))?;
    let presence = auth::presence(asked.presence, rim.owner_shown(&head.headers))?;
    let prepare = move |engine: &Engine, now| Ok(engine.issue_certificate(&session, &asked, presence, now));
    Ok(rim.record_sized(body::SMALL, Box::new(prepare)).await?)
}

async fn countersign(State(rim): Shared, request: Request) -> Reply {
    let parse = |bytes: &[u8]| body::taken(CountersignRequest::from_json(bytes));
    in_session(&rim, request, MAX_BODY, parse, |engine, session, asked, now| engine.countersign(session, &asked, now))
        .await
}

async fn statement(State(rim): Shared, request: Request) -> Reply {
    in_session(&rim, request, MAX_BODY, body::parse, |engine, session, asked: StatementRequest, now| {
        engine.statement(session, &asked, now)
    })
    .await
}

async fn grant(State(rim): Shared, request: Request) -> Reply {
    in_session(&rim, request, body::GRANT, body::parse, |engine, session, asked: StatementRequest, now| {
        engine.grant(session, &asked, now)
    })
    .await
}

async fn accept_prompt(State(rim): Shared, request: Request) -> Reply {
    in_session(&rim, request, body::SMALL, body::parse, |engine, session, asked: AcceptPrompt, now| {
        engine.accept_prompt(session, &asked.prompt, now)
    })
    .await
}

async fn checkpoint(State(rim): Shared) -> Reply {
    Ok(tiles::newest_checkpoint(&rim).await?)
}

async fn freeze_log(State(rim): Shared, request: Request) -> Reply {
    by_owner(&rim, request, |engine, FreezeLog {}, now| engine.freeze_log(now)).await
}

/// Whoever may read the tiles, which hold the same.
async fn entries(State(rim): Shared, request: Request) -> Reply {
    rim.log_reader(request.headers()).await?;
    let (start, count) = body::page(request.uri().query())?;
    let page = rim.ask(move |engine, _| engine.entries(start, count)).await?;
    Ok(Json(page).into_response())
}

async fn unknown_route() -> Refused {
    Refused(Refusal::new(Code::RequestRoute, "there is no such route"))
}

async fn unknown_method() -> Refused {
    Refused(Refusal::new(Code::RequestMethod, "the route does not know this method"))
}

/// A request of the owner: nobody else's body is read.
fn by_owner<T: DeserializeOwned + 'static>(
    rim: &Rim,
    request: Request,
    prepare: impl FnOnce(&Engine, T, Timestamp) -> Prepared + Send + 'static,
) -> impl Future<Output = Reply> {
    let prepare = |engine: &Engine, bytes: &[u8], now| Ok(prepare(engine, body::parse(bytes)?, now));
    prepared_by_owner(rim, request, Box::new(prepare))
}

type OwnersQuestion = Box<dyn FnOnce(&Engine, &[u8], Timestamp) -> Result<Prepared, Refusal> + Send>;

async fn prepared_by_owner(rim: &Rim, request: Request, prepare: OwnersQuestion) -> Reply {
    let (head, sent) = request.into_parts();
    rim.owner(&head.headers)?;
    let bytes = body::read(&head.headers, sent, body::SMALL).await?;
    Ok(rim.record_sized(bytes.len(), Box::new(move |engine, now| prepare(engine, &bytes, now))).await?)
}

/// A request of a session: nobody else's body is read.
pub(super) fn in_session<T: 'static>(
    rim: &Rim,
    request: Request,
    limit: usize,
    parse: fn(&[u8]) -> Result<T, Refusal>,
    prepare: impl FnOnce(&Engine, &Session, T, Timestamp) -> Prepared + Send + 'static,
) -> impl Future<Output = Reply> {
    let prepare =
        move |engine: &Engine, session: &Session, bytes: &[u8], now| Ok(prepare(engine, session, parse(bytes)?, now));
    prepared_in_session(rim, request, limit, Box::new(prepare))
}

type SessionsQuestion = Box<dyn FnOnce(&Engine, &Session, &[u8], Timestamp) -> Result<Prepared, Refusal> + Send>;

async fn prepared_in_session(rim: &Rim, request: Request, limit: usize, prepare: SessionsQuestion) -> Reply {
    let (head, sent) = request.into_parts();
    let session = rim.session(&head.headers).await?;
    let bytes = body::read(&head.headers, sent, limit).await?;
    let size = bytes.len();
    let prepare = move |engine: &Engine, now| prepare(engine, &session, &bytes, now);
    Ok(rim.record_sized(size, Box::new(prepare)).await?)
}
