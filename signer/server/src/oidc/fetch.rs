//! Fetching what an issuer publishes: bounded in size and time, no redirection, no proxy of the environment, nothing sent
//! along that could be worth anything to whoever answers.

use std::time::Duration;

use ureq::Agent;

use super::OidcError;

/// Most bytes of a discovery document or key set.
pub(super) const MAX_BYTES: u64 = 256 * 1024;
/// How long one document may take, name look-up included.
const LIMIT: Duration = Duration::from_secs(5);

/// Something that gets a document.
pub trait Fetch: Send + Sync {
    /// The body of a successful answer.
    fn get(&self, url: &str) -> Result<Vec<u8>, OidcError>;
}

/// HTTP as the module says.
pub struct HttpFetch {
    agent: Agent,
}

impl HttpFetch {
    /// A fetcher without any connection yet.
    pub fn new() -> Self {
        Self::within(LIMIT)
    }

    /// The same with another limit on time.
    pub(super) fn within(limit: Duration) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .timeout_global(Some(limit))
            .max_idle_connections(0)
            .user_agent("chancery")
            .accept("application/json")
            .build();
        Self { agent: config.into() }
    }
}

impl Default for HttpFetch {
    fn default() -> Self {
        Self::new()
    }
}

impl Fetch for HttpFetch {
    fn get(&self, url: &str) -> Result<Vec<u8>, OidcError> {
        let unreachable = |source| OidcError::Unreachable { source: Some(Box::new(source)) };
        let mut response = self.agent.get(url).call().map_err(unreachable)?;
        let status = response.status();
        if status.is_redirection() {
            return Err(OidcError::Redirect);
        }
        if status != ureq::http::StatusCode::OK {
            return Err(unreachable(ureq::Error::StatusCode(status.as_u16())));
        }
        response.body_mut().with_config().limit(MAX_BYTES).read_to_vec().map_err(|error| match error {
            ureq::Error::BodyExceedsLimit(_) => OidcError::TooLargeDocument { limit: MAX_BYTES },
            other => unreachable(other),
        })
    }
}
