//! One question to one service, within bounds.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use ureq::Agent;
use ureq::config::ConfigBuilder;
use ureq::http::{HeaderValue, Method, Request, header};
use ureq::tls::{RootCerts, TlsConfig, TlsProvider};
use ureq::typestate::AgentScope;

use crate::error::OutboundError;
use crate::origin::Origin;
use crate::roots::Roots;

/// Asks services, one connection per question.
pub struct Outbound {
    limit: Duration,
    roots: Roots,
    plain: Agent,
    protected: OnceLock<Agent>,
}

/// What is asked.
#[derive(Clone, Copy)]
pub struct Call<'a> {
    /// Whom.
    pub url: &'a str,
    /// The media type of the answer.
    pub accept: &'static str,
    /// Goes into `Authorization: Bearer`; a secret.
    pub bearer: Option<&'a str>,
    /// Media type and bytes of what is sent along; a question without them is a `GET`, one with them a `POST`.
    pub body: Option<(&'static str, &'a [u8])>,
    /// Most bytes of an answer.
    pub most: u64,
}

/// What a service answered, believed in nothing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answer {
    /// HTTP status; never a redirection.
    pub status: u16,
    /// At most as many bytes as were asked for.
    pub body: Vec<u8>,
}

impl Outbound {
    /// Whoever asks gets an answer or a refusal within `limit`, name look-up and handshake included.
    pub fn new(roots: Roots, limit: Duration) -> Self {
        let plain = bounded(limit).build().into();
        Self { limit, roots, plain, protected: OnceLock::new() }
    }

    /// Asks. Any status but a redirection is an answer.
    pub fn ask(&self, call: &Call<'_>) -> Result<Answer, OutboundError> {
        let origin = Origin::of(call.url).ok_or_else(|| OutboundError::Address { url: call.url.to_owned() })?;
        let agent = if origin.is_protected() { self.protected()? } else { &self.plain };
        let failed = |error| OutboundError::of(error, call.most);
        let mut request = Request::builder().uri(call.url).header(header::ACCEPT, call.accept);
        if let (Some(headers), Some(bearer)) = (request.headers_mut(), call.bearer) {
            headers.insert(header::AUTHORIZATION, secret(bearer).map_err(|error| failed(error.into()))?);
        }
        let sent = if let Some((media, body)) = call.body {
            let request = request.method(Method::POST).header(header::CONTENT_TYPE, media);
            request.body(body).map_err(ureq::Error::from).and_then(|request| agent.run(request))
        } else {
            request.body(()).map_err(ureq::Error::from).and_then(|request| agent.run(request))
        };
        let mut response = sent.map_err(failed)?;
        if response.status().is_redirection() {
            return Err(OutboundError::Redirect);
        }
        // The library refuses a body that reaches its limit.
        let read = response.body_mut().with_config().limit(call.most.saturating_add(1)).read_to_vec();
        Ok(Answer { status: response.status().as_u16(), body: read.map_err(failed)? })
    }

    /// The body of a `GET` that is answered with 200.
    pub fn document(&self, url: &str, accept: &'static str, most: u64) -> Result<Vec<u8>, OutboundError> {
        match self.ask(&Call { url, accept, bearer: None, body: None, most })? {
            Answer { status: 200, body } => Ok(body),
            Answer { status, .. } => Err(OutboundError::Status { status }),
        }
    }

    /// The agent that speaks TLS, made when it is first needed: reading the system's authorities takes some milliseconds.
    fn protected(&self) -> Result<&Agent, OutboundError> {
        if let Some(agent) = self.protected.get() {
            return Ok(agent);
        }
        let tls = TlsConfig::builder()
            .provider(TlsProvider::Rustls)
            .root_certs(RootCerts::Specific(Arc::new(self.roots.load()?)))
            .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
            .build();
        Ok(self.protected.get_or_init(|| bounded(self.limit).tls_config(tls).https_only(true).build().into()))
    }
}

fn bounded(limit: Duration) -> ConfigBuilder<AgentScope> {
    Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .proxy(None)
        .timeout_global(Some(limit))
        .max_idle_connections(0)
        .user_agent("chancery")
}

fn secret(bearer: &str) -> Result<HeaderValue, ureq::http::Error> {
    let mut value = HeaderValue::from_str(&format!("Bearer {bearer}"))?;
    value.set_sensitive(true);
    Ok(value)
}
