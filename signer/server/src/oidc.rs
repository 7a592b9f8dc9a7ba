//! OpenID issuers whose word the engine takes (docs/formats.md F10): which they are, where their keys are, and whether a
//! token is theirs, for us, and alive.
//!
//! Nothing in a token leads anywhere: an issuer that is not in the file causes no request, and keys come from the configured
//! issuer's own origin alone. What a verified token says becomes an [`OpenIdentity`]; whether it gets a certificate is the
//! engine's decision.

mod claims;
mod config;
mod error;
mod fetch;
mod keys;
mod token;

use std::sync::Arc;

use signer_core::time::Timestamp;
use signer_engine::open_identity::OpenIdentity;
use zeroize::Zeroizing;

pub use config::{Challenge, Config, Identity, IssuerEntry, MAX_BYTES};
pub use error::OidcError;
pub use fetch::{Fetch, HttpFetch};

use keys::KeyCache;
use token::Token;

/// The configured issuers, each with the keys it was last seen to publish.
pub struct Issuers {
    issuers: Vec<Issuer>,
}

struct Issuer {
    entry: IssuerEntry,
    keys: KeyCache,
}

impl Issuers {
    /// The issuers of a checked configuration; documents are fetched when the first token needs them.
    pub fn new(config: Config, fetch: &Arc<dyn Fetch>) -> Self {
        let issuers = config
            .issuers
            .into_iter()
            .map(|entry| Issuer { keys: KeyCache::new(&entry, Arc::clone(fetch)), entry })
            .collect();
        Self { issuers }
    }

    /// The entries, for whoever asks which tokens are taken.
    pub fn entries(&self) -> impl Iterator<Item = &IssuerEntry> {
        self.issuers.iter().map(|issuer| &issuer.entry)
    }

    /// Whom a token vouches for. Fails unless a configured issuer signed it, for us, and it is alive at `now`.
    pub async fn verify(&self, text: &Zeroizing<String>, now: Timestamp) -> Result<OpenIdentity, OidcError> {
        let token = Token::parse(text)?;
        let issuer = self.issuers.iter().find(|issuer| issuer.entry.url == token.issuer());
        let issuer = issuer.ok_or_else(|| OidcError::Issuer { found: token.issuer().to_owned() })?;
        // Cheap and decisive before anything is fetched for it.
        token.check_claims(&issuer.entry, now)?;
        let key = issuer.keys.find(token.selector()?, now).await?;
        token.verify(&key, &issuer.entry)
    }
}

#[cfg(test)]
pub(crate) mod tests;
