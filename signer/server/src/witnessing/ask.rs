//! Asking one witness: bounded in time and size, no redirection, no proxy of the environment.

use std::time::Duration;

use signer_core::checkpoint::MAX_PUBLISHED;
use signer_core::digest::Digest;
use signer_core::witness::Submission;
use signer_engine::refusal::Refusal;
use signer_engine::store::StoreReader;
use signer_engine::tiles;
use signer_log::tile::{self, Tile};
use signer_log::tiled::{HashTiles, TiledTree};
use ureq::http::StatusCode;
use ureq::{Agent, Body, http};

use super::error::{AskError, WitnessingError};

/// How long one witness may take to answer one request.
const LIMIT: Duration = Duration::from_secs(5);
/// Most submissions of one checkpoint: the size the witness was believed to be at, and the size it named.
const TRIES: usize = 2;

/// One witness's address.
pub(super) struct Door {
    agent: Agent,
    url: String,
}

/// What is to be cosigned.
#[derive(Clone, Debug)]
pub(super) struct Target {
    pub(super) size: u64,
    pub(super) note: String,
}

/// What a witness answered.
pub(super) enum Reply {
    /// It has cosigned a larger tree: the checkpoint it shows.
    Ahead { note: String },
    /// Signature lines, unverified.
    Lines { lines: String },
}

impl Door {
    /// Fails unless the address is plain HTTP on this machine.
    pub(super) fn new(name: &str, url: Option<&str>) -> Result<Self, WitnessingError> {
        let refused = || WitnessingError::Url { name: name.to_owned() };
        let url = url.map(|url| url.strip_suffix('/').unwrap_or(url)).ok_or_else(refused)?;
        let parsed: http::Uri = url.parse().map_err(|_| refused())?;
        let is_loopback = matches!(parsed.host(), Some("127.0.0.1" | "[::1]" | "localhost"));
        let names_a_port = parsed.port_u16().is_some_and(|port| port != 0);
        if parsed.scheme_str() != Some("http") || !is_loopback || !names_a_port || parsed.query().is_some() {
            return Err(refused());
        }
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .no_delay(true)
            .timeout_global(Some(LIMIT))
            .user_agent("chancery")
            .build();
        Ok(Self { agent: config.into(), url: url.to_owned() })
    }

    /// Asks for a cosignature, from `size` on, which the witness may correct once.
    pub(super) fn ask(
        &self,
        log: &dyn StoreReader,
        origin: &str,
        size: u64,
        target: &Target,
    ) -> Result<Reply, AskError> {
        let mut size = size.min(target.size);
        for _ in 0..TRIES {
            let proof = prove(log, size, target.size)?;
            let body = Submission { old_size: size, proof, note: &target.note }.to_body();
            let mut response = self.post(&body)?;
            match response.status() {
                StatusCode::OK => return Ok(Reply::Lines { lines: text(&mut response)? }),
                StatusCode::CONFLICT => size = named_size(&text(&mut response)?)?,
                status => return Err(AskError::Refused { status: status.as_u16() }),
            }
            if size > target.size {
                return self.newest(origin, size);
            }
        }
        Err(AskError::Refused { status: StatusCode::CONFLICT.as_u16() })
    }

    /// The checkpoint that the witness has cosigned last.
    fn newest(&self, origin: &str, size: u64) -> Result<Reply, AskError> {
        let url = format!("{}/{}/checkpoint", self.url, Digest::of(origin.as_bytes()).to_hex());
        let mut response = self.agent.get(url).call().map_err(unreachable)?;
        if response.status() != StatusCode::OK {
            return Err(AskError::Unshown { size });
        }
        Ok(Reply::Ahead { note: text(&mut response)? })
    }

    fn post(&self, body: &str) -> Result<http::Response<Body>, AskError> {
        self.agent.post(format!("{}/add-checkpoint", self.url)).send(body).map_err(unreachable)
    }
}

fn text(response: &mut http::Response<Body>) -> Result<String, AskError> {
    let status = response.status().as_u16();
    let limit = u64::try_from(MAX_PUBLISHED).unwrap_or(u64::MAX);
    let bytes = response.body_mut().with_config().limit(limit).read_to_vec().map_err(|error| match error {
        ureq::Error::BodyExceedsLimit(_) => AskError::Answer { status },
        other => unreachable(other),
    })?;
    String::from_utf8(bytes).map_err(|_| AskError::Answer { status })
}

/// A decimal number and a line end.
fn named_size(body: &str) -> Result<u64, AskError> {
    let number = body.strip_suffix('\n').and_then(|text| text.parse::<i64>().ok());
    number.and_then(|size| u64::try_from(size).ok()).ok_or(AskError::Answer { status: 409 })
}

fn unreachable(source: ureq::Error) -> AskError {
    AskError::Unreachable { source: Box::new(source) }
}

fn prove(log: &dyn StoreReader, old_size: u64, size: u64) -> Result<Vec<Digest>, AskError> {
    let proof = TiledTree::new(&StoredTiles(log), size).prove_consistency(old_size);
    proof.map(Option::unwrap_or_default).map_err(|refusal| AskError::Proof { size: old_size, code: refusal.code() })
}

/// The tiles of one of the engine's logs.
struct StoredTiles<'a>(&'a dyn StoreReader);

impl HashTiles for StoredTiles<'_> {
    type Error = Refusal;

    fn hashes(&self, tile: &Tile) -> Result<Vec<Digest>, Refusal> {
        Ok(tile::decode_hashes(&tiles::read(self.0, tile)?, tile)?)
    }
}
