//! Reading a log as C2SP tlog-tiles serves it: checkpoint, tiles, entry bundles. Bounded in time and size, no redirects, no
//! proxy of the environment. Nothing is believed here: whoever reads verifies.

use ureq::Agent;
use ureq::http::{Request, header};

use crate::credential::Credential;
use crate::error::ClientError;
use crate::transport::{bounded, loopback, refusal};

/// A log at one address.
pub struct LogReader {
    agent: Agent,
    base: String,
    credential: Option<Credential>,
}

impl LogReader {
    /// The log whose paths stand under `url`.
    ///
    /// Fails where `url` is not HTTP, and where a credential would cross a network in the open. What a log publishes is
    /// signed, so that reading it without a credential may.
    pub fn new(url: &str, credential: Option<Credential>) -> Result<Self, ClientError> {
        let base = plain(url)?;
        if credential.is_some() {
            loopback(authority(&base))?;
        }
        Ok(Self { agent: bounded().build().into(), base, credential })
    }

    /// Where the log is.
    pub fn url(&self) -> &str {
        &self.base
    }

    /// The bytes under a path, at most `limit`; none where the log has nothing there.
    pub fn get(&self, path: &str, limit: u64) -> Result<Option<Vec<u8>>, ClientError> {
        let mut request = Request::builder().uri(format!("{}/{path}", self.base));
        if let (Some(headers), Some(credential)) = (request.headers_mut(), &self.credential) {
            headers.insert(header::AUTHORIZATION, credential.bearer()?);
        }
        let sent = request.body(()).map_err(ureq::Error::from).and_then(|request| self.agent.run(request));
        let mut response = sent.map_err(|source| self.unreachable(source))?;
        match response.status().as_u16() {
            200 => {}
            404 => return Ok(None),
            _ => return Err(refusal("the log's tiles", &mut response)),
        }
        // The library refuses a body that reaches its limit, and a full tile has exactly as many bytes as it may.
        let read = response.body_mut().with_config().limit(limit.saturating_add(1)).read_to_vec();
        read.map(Some).map_err(|source| self.unreachable(source))
    }

    fn unreachable(&self, source: ureq::Error) -> ClientError {
        ClientError::Unreachable { url: self.base.clone(), source: Box::new(source) }
    }
}

/// The address without the prefix that the log's paths stand under.
fn authority(base: &str) -> &str {
    let host = base.find("://").map_or(0, |at| at.saturating_add(3));
    let end = base.get(host..).and_then(|rest| rest.find('/')).map_or(base.len(), |at| at.saturating_add(host));
    base.get(..end).unwrap_or(base)
}

/// `http://HOST[:PORT][/PREFIX]`.
fn plain(url: &str) -> Result<String, ClientError> {
    let wrong = || ClientError::Address { url: url.to_owned() };
    let base = url.strip_suffix('/').unwrap_or(url);
    let parsed: ureq::http::Uri = base.parse().map_err(|_| wrong())?;
    if parsed.scheme_str() == Some("http") && parsed.host().is_some() && parsed.query().is_none() {
        Ok(base.to_owned())
    } else {
        Err(wrong())
    }
}

#[cfg(test)]
mod tests;
