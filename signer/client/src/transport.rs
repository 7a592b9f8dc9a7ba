//! One warm connection to the engine: bounded in time and size, no redirects, no proxy of the environment.

use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use signer_core::feed;
use signer_core::protocol::{MAX_BODY, Problem};
use signer_core::reason::Reason;
use signer_wire::near::{self, Question, Reply};
use ureq::config::ConfigBuilder;
use ureq::http::{HeaderValue, Method, Request, Response, header};
use ureq::typestate::AgentScope;
use ureq::unversioned::resolver::DefaultResolver;
use ureq::unversioned::transport::{Connector as _, TcpConnector};
use ureq::{Agent, Body, Timeout};

use crate::credential::Credential;
use crate::error::ClientError;
use crate::near::Near;
use crate::whole::Whole;

const CONNECT: Duration = Duration::from_secs(3);
const CALL: Duration = Duration::from_secs(30);
const IDLE: Duration = Duration::from_secs(3600);
/// Most bytes of an answer: a feed of revocations is the largest.
const MAX_ANSWER: usize = feed::MAX_BYTES;
/// Most bytes of a problem document.
const MAX_PROBLEM: u64 = 64 * 1024;

/// Who asks, and whether a person is present.
#[derive(Clone, Copy, Default)]
pub(crate) struct Caller<'a> {
    /// Goes into `Authorization: Bearer`.
    pub bearer: Option<&'a Credential>,
    /// Goes into `Chancery-Owner`.
    pub owner: Option<&'a Credential>,
}

/// What is sent where.
#[derive(Clone, Copy)]
pub(crate) struct Call<'a> {
    /// The verb.
    pub method: &'static str,
    /// The path, as the engine's router knows it.
    pub route: &'static str,
    /// What follows `?`.
    pub query: &'a str,
    /// Whether a repeat has no second effect, so that a connection the engine closed meanwhile costs nothing.
    pub repeatable: bool,
    /// Who asks.
    pub caller: Caller<'a>,
}

pub(crate) struct Transport {
    agent: Agent,
    base: String,
    near: Near,
}

impl Transport {
    /// Fails where `url` is not plain HTTP on the loopback interface: credentials must not cross a network in the open.
    pub(crate) fn new(url: &str) -> Result<Self, ClientError> {
        Self::within(url, CALL)
    }

    /// The same with another limit to how long an answer may take.
    pub(crate) fn within(url: &str, limit: Duration) -> Result<Self, ClientError> {
        let patient = bounded().timeout_recv_response(Some(limit)).timeout_recv_body(Some(limit));
        let config = patient.max_idle_age(IDLE).build();
        // Nothing but a connection to this machine: no proxy and no TLS.
        let connector = ().chain(TcpConnector::default()).chain(Whole);
        Ok(Self {
            agent: Agent::with_parts(config, connector, DefaultResolver::default()),
            base: loopback(url)?,
            near: Near::default(),
        })
    }

    /// Which process of the engine answered last, where it is near.
    pub(crate) fn process(&self) -> Option<String> {
        self.near.door()
    }

    /// Where the engine is.
    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    /// Sends a JSON document, reads one.
    pub(crate) fn json<T: DeserializeOwned>(&self, call: Call<'_>, body: &impl Serialize) -> Result<T, ClientError> {
        let (status, answer) = self.bytes(call, &written(body)?)?;
        serde_json::from_slice(&answer).map_err(|_| ClientError::Answer { route: call.route, status })
    }

    /// Sends a JSON document; the answer says no more than that it was done.
    pub(crate) fn done(&self, call: Call<'_>, body: &impl Serialize) -> Result<(), ClientError> {
        self.bytes(call, &written(body)?).map(drop)
    }

    /// Sends bytes, gives status and body of a success.
    pub(crate) fn bytes(&self, call: Call<'_>, body: &[u8]) -> Result<(u16, Vec<u8>), ClientError> {
        if body.len() > MAX_BODY {
            return Err(ClientError::TooLarge { actual: body.len() });
        }
        if let Some(reply) = self.near(call, body) {
            return judged(call.route, reply);
        }
        let mut response = match self.send(call, body) {
            Err(ClientError::Unreachable { .. }) if call.repeatable => self.send(call, body)?,
            outcome => outcome?,
        };
        if let Some(said) = response.headers().get(near::HEADER).and_then(|said| said.to_str().ok()) {
            self.near.learn(said);
        }
        let status = response.status();
        if !status.is_success() {
            return Err(refusal(call.route, &mut response));
        }
        let limit = u64::try_from(MAX_ANSWER).unwrap_or(u64::MAX);
        let body = response.body_mut().with_config().limit(limit).read_to_vec().map_err(|e| self.unreachable(e))?;
        Ok((status.as_u16(), body))
    }

    /// Asks where the engine is near; nothing where it is not, or the question may not be repeated.
    fn near(&self, call: Call<'_>, body: &[u8]) -> Option<Reply> {
        let is_fit = call.repeatable && call.method == "POST" && body.len() <= near::MAX_BODY && self.near.is_known();
        let body = if is_fit { std::str::from_utf8(body).ok()? } else { return None };
        self.near.ask(&Question {
            route: call.route.to_owned(),
            bearer: call.caller.bearer.map(Credential::secret),
            owner: call.caller.owner.map(Credential::secret),
            body: body.to_owned(),
        })
    }

    fn send(&self, call: Call<'_>, body: &[u8]) -> Result<Response<Body>, ClientError> {
        let mut request = Request::builder()
            .method(Method::from_bytes(call.method.as_bytes()).unwrap_or_default())
            .uri([self.base.as_str(), call.route, call.query].concat());
        if let Some(headers) = request.headers_mut() {
            if let Some(bearer) = call.caller.bearer {
                headers.insert(header::AUTHORIZATION, bearer.bearer()?);
            }
            if let Some(owner) = call.caller.owner {
                headers.insert("chancery-owner", owner.plain()?);
            }
            if !body.is_empty() {
                headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
            }
        }
        let sent = if call.method == "POST" {
            request.body(body).map_err(ureq::Error::from).and_then(|request| self.agent.run(request))
        } else {
            request.body(()).map_err(ureq::Error::from).and_then(|request| self.agent.run(request))
        };
        sent.map_err(|source| self.unreachable(source))
    }

    fn unreachable(&self, source: ureq::Error) -> ClientError {
        let url = self.base.clone();
        match source {
            ureq::Error::Timeout(Timeout::RecvResponse | Timeout::RecvBody) => ClientError::Silent { url },
            source => ClientError::Unreachable { url, source: Box::new(source) },
        }
    }
}

/// Bounded in time, no redirects, no proxy of the environment.
pub(crate) fn bounded() -> ConfigBuilder<AgentScope> {
    Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .proxy(None)
        .no_delay(true)
        .timeout_connect(Some(CONNECT))
        // Phase by phase: under one limit for all of them the library starts a thread per call to look up the name.
        .timeout_send_request(Some(CALL))
        .timeout_send_body(Some(CALL))
        .timeout_recv_response(Some(CALL))
        .timeout_recv_body(Some(CALL))
}

fn written(body: &impl Serialize) -> Result<Vec<u8>, ClientError> {
    serde_json::to_vec(body).map_err(|source| ClientError::Unwritable { source })
}

fn judged(route: &'static str, reply: Reply) -> Result<(u16, Vec<u8>), ClientError> {
    match reply.status {
        200..=299 => Ok((reply.status, reply.body.into_bytes())),
        status => Err(refused(route, status, reply.body.as_bytes())),
    }
}

/// The engine's reasons, from a bounded answer.
pub(crate) fn refusal(route: &'static str, response: &mut Response<Body>) -> ClientError {
    let status = response.status().as_u16();
    let body = response.body_mut().with_config().limit(MAX_PROBLEM).read_to_vec().unwrap_or_default();
    refused(route, status, &body)
}

/// The engine's reasons; a body that gives none is no refusal anybody could act on.
fn refused(route: &'static str, status: u16, body: &[u8]) -> ClientError {
    match serde_json::from_slice::<Problem>(body) {
        Ok(problem) if !problem.reasons.is_empty() => {
            ClientError::Refused { status, reasons: problem.reasons.iter().map(Reason::from).collect() }
        }
        _ => ClientError::Answer { route, status },
    }
}

/// `http://127.0.0.1:PORT`, `http://[::1]:PORT` or `http://localhost:PORT`, without a path.
pub(crate) fn loopback(url: &str) -> Result<String, ClientError> {
    let wrong = || ClientError::Address { url: url.to_owned() };
    let base = url.strip_suffix('/').unwrap_or(url);
    let authority = base.strip_prefix("http://").ok_or_else(wrong)?;
    let (host, port) = authority.rsplit_once(':').ok_or_else(wrong)?;
    let number = port.bytes().all(|digit| digit.is_ascii_digit()) && port.parse::<u16>().is_ok_and(|port| port != 0);
    if !number || !matches!(host, "127.0.0.1" | "[::1]" | "localhost") {
        return Err(wrong());
    }
    Ok(base.to_owned())
}
