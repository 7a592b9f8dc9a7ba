//! An issuer's keys: fetched when first needed, kept for ten minutes, fetched again for a key nobody knows at most once in
//! half a minute (IDP-30). Old keys are never used because new ones cannot be had.

use std::sync::Arc;

use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, JwkSet, KeyAlgorithm, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use signer_core::time::Timestamp;
use signer_outbound::Origin;
use tokio::sync::Mutex;
use tokio::task;

use super::OidcError;
use super::config::IssuerEntry;
use super::fetch::Fetch;

/// How long published keys are used, in seconds.
const MAX_AGE: u64 = 600;
/// Seconds between two requests to one issuer.
const MIN_INTERVAL: u64 = 30;
/// Most keys of a set.
const MAX_KEYS: usize = 64;

/// Which key a token was signed with, as its header says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Selector<'a> {
    pub(super) algorithm: Algorithm,
    pub(super) key_id: Option<&'a str>,
}

/// The keys of one issuer.
pub(super) struct KeyCache {
    place: Place,
    fetch: Arc<dyn Fetch>,
    /// One request at a time; whoever waits finds what it brought.
    state: Mutex<State>,
}

/// Where to ask.
#[derive(Clone)]
struct Place {
    issuer: String,
    jwks_uri: Option<String>,
}

#[derive(Default)]
struct State {
    keys: Vec<Key>,
    fetched: Option<Timestamp>,
    asked: Option<Timestamp>,
}

/// A published key with the one algorithm it is for.
#[derive(Clone)]
pub(super) struct Key {
    id: Option<String>,
    pub(super) algorithm: Algorithm,
    pub(super) public: DecodingKey,
}

/// What is read of a discovery document (OpenID Connect Discovery 4.2).
#[derive(Deserialize)]
struct Discovery {
    issuer: String,
    jwks_uri: String,
}

impl KeyCache {
    pub(super) fn new(entry: &IssuerEntry, fetch: Arc<dyn Fetch>) -> Self {
        let place = Place { issuer: entry.url.clone(), jwks_uri: entry.jwks_uri.clone() };
        Self { place, fetch, state: Mutex::default() }
    }

    /// The key a token names, from keys that are at most ten minutes old.
    pub(super) async fn find(&self, selector: Selector<'_>, now: Timestamp) -> Result<Key, OidcError> {
        let mut state = self.state.lock().await;
        let fresh = state.fetched.is_some_and(|fetched| now < fetched.plus(MAX_AGE));
        if fresh && let Some(key) = state.select(selector)? {
            return Ok(key);
        }
        let may_ask = state.asked.is_none_or(|asked| now >= asked.plus(MIN_INTERVAL));
        if !may_ask {
            return Err(if fresh { OidcError::Key } else { OidcError::Unreachable { source: None } });
        }
        state.asked = Some(now);
        let (place, fetch) = (self.place.clone(), Arc::clone(&self.fetch));
        let fetched = task::spawn_blocking(move || place.keys(fetch.as_ref())).await;
        let keys = fetched.map_err(|_| OidcError::Unreachable { source: None })??;
        *state = State { keys, fetched: Some(now), asked: Some(now) };
        state.select(selector)?.ok_or(OidcError::Key)
    }
}

impl State {
    /// The one key that fits; a token that names none must leave no choice.
    fn select(&self, selector: Selector<'_>) -> Result<Option<Key>, OidcError> {
        let fits = |key: &&Key| {
            key.algorithm == selector.algorithm && selector.key_id.is_none_or(|id| key.id.as_deref() == Some(id))
        };
        let mut fitting = self.keys.iter().filter(fits);
        match (fitting.next(), fitting.next()) {
            (None, _) => Ok(None),
            (Some(key), None) => Ok(Some(key.clone())),
            (Some(_), Some(_)) if selector.key_id.is_some() => {
                Err(OidcError::KeySet { why: "holds two keys of one name" })
            }
            (Some(_), Some(_)) => Err(OidcError::Key),
        }
    }
}

impl Place {
    fn keys(&self, fetch: &dyn Fetch) -> Result<Vec<Key>, OidcError> {
        let jwks_uri = match &self.jwks_uri {
            Some(configured) => configured.clone(),
            None => self.discover(fetch)?,
        };
        read_keys(&fetch.get(&jwks_uri)?)
    }

    /// Where the issuer says that its keys are: on its own origin, whatever it says.
    fn discover(&self, fetch: &dyn Fetch) -> Result<String, OidcError> {
        let wrong = |why| OidcError::Discovery { why };
        let base = self.issuer.strip_suffix('/').unwrap_or(&self.issuer);
        let document = fetch.get(&format!("{base}/.well-known/openid-configuration"))?;
        let document: Discovery = serde_json::from_slice(&document).map_err(|_| wrong("cannot be read"))?;
        if document.issuer != self.issuer {
            return Err(wrong("is another issuer's"));
        }
        match (Origin::of(&document.jwks_uri), Origin::of(&self.issuer)) {
            (Some(keys), Some(own)) if keys == own => Ok(document.jwks_uri),
            _ => Err(wrong("puts the keys on another origin; where that is right, configure `jwks_uri`")),
        }
    }
}

/// The signing keys of a set; keys of other kinds are passed over, since issuers publish some for other uses.
fn read_keys(bytes: &[u8]) -> Result<Vec<Key>, OidcError> {
    let set: JwkSet = serde_json::from_slice(bytes).map_err(|_| OidcError::KeySet { why: "cannot be read" })?;
    if set.keys.len() > MAX_KEYS {
        return Err(OidcError::KeySet { why: "holds too many keys" });
    }
    set.keys.iter().filter_map(|key| usable(key).transpose()).collect()
}

fn usable(jwk: &Jwk) -> Result<Option<Key>, OidcError> {
    let (algorithm, named) = match &jwk.algorithm {
        AlgorithmParameters::RSA(_) => (Algorithm::RS256, KeyAlgorithm::RS256),
        AlgorithmParameters::EllipticCurve(curve) if curve.curve == EllipticCurve::P256 => {
            (Algorithm::ES256, KeyAlgorithm::ES256)
        }
        AlgorithmParameters::OctetKeyPair(pair) if pair.curve == EllipticCurve::Ed25519 => {
            (Algorithm::EdDSA, KeyAlgorithm::EdDSA)
        }
        _ => return Ok(None),
    };
    let signs = jwk.common.public_key_use.as_ref().is_none_or(|usage| *usage == PublicKeyUse::Signature);
    if !signs || jwk.common.key_algorithm.as_ref().is_some_and(|found| *found != named) {
        return Ok(None);
    }
    let public = DecodingKey::from_jwk(jwk).map_err(|_| OidcError::KeySet { why: "holds a malformed key" })?;
    Ok(Some(Key { id: jwk.common.key_id.clone(), algorithm, public }))
}
