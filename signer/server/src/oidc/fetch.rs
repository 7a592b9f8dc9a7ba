//! Fetching what an issuer publishes, within bounds and with nothing sent along that could be worth anything to whoever
//! answers.

use std::time::Duration;

use signer_outbound::{Outbound, OutboundError, Roots};

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

/// HTTPS, or HTTP on this machine.
pub struct HttpFetch(Outbound);

impl HttpFetch {
    /// A fetcher without any connection yet; `roots` vouch for the issuers' names.
    pub fn new(roots: Roots) -> Self {
        Self::within(roots, LIMIT)
    }

    /// The same with another limit on time.
    pub(super) fn within(roots: Roots, limit: Duration) -> Self {
        Self(Outbound::new(roots, limit))
    }
}

impl Fetch for HttpFetch {
    fn get(&self, url: &str) -> Result<Vec<u8>, OidcError> {
        self.0.document(url, "application/json", MAX_BYTES).map_err(|error| match error {
            OutboundError::Redirect => OidcError::Redirect,
            OutboundError::TooLarge { limit } => OidcError::TooLargeDocument { limit },
            source @ (OutboundError::Distrusted { .. } | OutboundError::Handshake { .. } | OutboundError::NoRoots) => {
                OidcError::Unprotected { source: Box::new(source) }
            }
            other => OidcError::Unreachable { source: Some(Box::new(other)) },
        })
    }
}
