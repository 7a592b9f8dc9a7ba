//! The log's read wire: C2SP tlog-tiles, under `/` and, for Rekor v2's readers, under `/api/v2/`.
//!
//! A private log answers whom it knows: the owner and open sessions. Paths are read as they came, never decoded.

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use signer_core::checkpoint::claimed_origin;
use signer_core::reason::Code;
use signer_engine::past_log::Shelf;
use signer_engine::refusal::Refusal;
use signer_engine::tiles::read as read_tile;
use signer_log::tile::Tile;
use std::sync::Arc;

use super::Rim;
use super::routes::{Reply, Shared};

/// Who may read checkpoint and tiles.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LogReaders {
    /// Everybody who reaches the server.
    Everybody,
    /// The owner and open sessions.
    Known,
}

/// What Rekor v2 puts before the paths of the specification.
const REKOR: &str = "/api/v2";

/// Checkpoint, tiles and entry bundles.
pub(super) fn routes() -> Router<Arc<Rim>> {
    Router::new()
        .route("/checkpoint", get(checkpoint))
        .route("/tile/{*tile}", get(tile))
        .route("/api/v2/checkpoint", get(checkpoint))
        .route("/api/v2/tile/{*tile}", get(tile))
        .route("/log/{origin}/checkpoint", get(checkpoint_of))
        .route("/log/{origin}/tile/{*tile}", get(tile_of))
}

/// The newest checkpoint, as a response.
pub(super) async fn newest_checkpoint(rim: &Rim) -> Result<Response, Refusal> {
    let note = rim.ask(|engine, _| engine.checkpoint()).await?;
    let note = note.ok_or_else(|| Refusal::new(Code::LogEmpty, "nothing was logged yet"))?;
    Ok(([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], note).into_response())
}

async fn checkpoint(State(rim): Shared, request: Request) -> Reply {
    rim.log_reader(request.headers()).await?;
    let note = rim.published_checkpoint().await?;
    Ok(([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], note).into_response())
}

async fn tile(State(rim): Shared, request: Request) -> Reply {
    rim.log_reader(request.headers()).await?;
    let tile = asked_for(request.uri().path())?;
    let bytes = rim.ask(move |engine, _| engine.tile(&tile)).await?;
    Ok(shown(&rim, &tile, bytes))
}

/// The checkpoint of any log of this engine: of one that another has followed the last, of the one in force the newest.
async fn checkpoint_of(State(rim): Shared, request: Request) -> Reply {
    rim.log_reader(request.headers()).await?;
    let note = match shelf(&rim, request.uri().path())?.0 {
        Shelf::Current => rim.published_checkpoint().await?,
        Shelf::Past(last, _) => match claimed_origin(&last.note) {
            Some(origin) => rim.closed_checkpoint(origin, last.note.clone()),
            None => last.note,
        },
    };
    Ok(([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], note).into_response())
}

async fn tile_of(State(rim): Shared, request: Request) -> Reply {
    rim.log_reader(request.headers()).await?;
    let (shelf, path) = shelf(&rim, request.uri().path())?;
    let tile = path.parse::<Tile>().map_err(Refusal::from)?;
    let bytes = rim
        .ask(move |engine, _| match shelf {
            Shelf::Current => engine.tile(&tile),
            Shelf::Past(_, reader) => read_tile(&*reader, &tile),
        })
        .await?;
    Ok(shown(&rim, &tile, bytes))
}

fn shown(rim: &Rim, tile: &Tile, bytes: Vec<u8>) -> Response {
    let mut response = ([(header::CONTENT_TYPE, "application/octet-stream")], bytes).into_response();
    if tile.is_full() {
        response.headers_mut().insert(header::CACHE_CONTROL, rim.log_readers.for_ever());
    }
    response
}

/// The log that a path names, and what is asked of it.
fn shelf<'a>(rim: &Rim, path: &'a str) -> Result<(Shelf, &'a str), Refusal> {
    let named = path.strip_prefix("/log/").and_then(|rest| rest.split_once('/'));
    let found = named.and_then(|(origin, rest)| Some((rim.engine.shelf(origin)?, rest)));
    found.ok_or_else(|| Refusal::new(Code::LogOriginMismatch, "this engine never wrote a log of that name"))
}

fn asked_for(path: &str) -> Result<Tile, Refusal> {
    let path = path.strip_prefix(REKOR).unwrap_or(path);
    Ok(path.strip_prefix('/').unwrap_or(path).parse::<Tile>()?)
}

impl LogReaders {
    /// A full tile never changes. Caches that others share keep it only where everybody may read it.
    const fn for_ever(self) -> HeaderValue {
        match self {
            Self::Everybody => HeaderValue::from_static("public, max-age=31536000, immutable"),
            Self::Known => HeaderValue::from_static("private, max-age=31536000, immutable"),
        }
    }
}

impl Rim {
    /// Fails where the log is not for whoever asks.
    pub(super) async fn log_reader(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        match self.log_readers {
            LogReaders::Everybody => Ok(()),
            LogReaders::Known => self.owner_or_session(headers).await,
        }
    }
}
