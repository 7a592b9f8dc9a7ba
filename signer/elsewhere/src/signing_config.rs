//! Which services are asked: Sigstore's `signing_config` v0.2, alone or in a client trust config.
//!
//! As its specification and stock clients have it: a service counts within its window and with an interface we speak; of
//! one operator the highest interface counts, the newest of several; then the selector says how many operators.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use signer_core::time::Timestamp;
use signer_core::trust_root;
use sigstore_trust_root::{ServiceConfiguration, ServiceEndpoint, ServiceSelector};

use crate::error::ElsewhereError;
use crate::service::{Kind, Service};

/// Most bytes of either file.
pub const MAX_CONFIG_BYTES: usize = 2 * trust_root::MAX_BYTES;
const CLIENT_TRUST_CONFIG: &str = "application/vnd.dev.sigstore.clienttrustconfig.v0.1+json";
/// Most services of one kind that one signature goes to.
const MOST: usize = 8;
const AUTHORITY_VERSIONS: [u32; 1] = [1];
const CLOCK_VERSIONS: [u32; 1] = [1];
const LOG_VERSIONS: [u32; 2] = [1, 2];

/// The services of a deployment, and how many of them sign.
pub struct SigningConfig(sigstore_trust_root::SigningConfig);

/// `ClientTrustConfig`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ClientTrustConfig {
    media_type: String,
    trusted_root: Value,
    signing_config: Value,
}

/// The services that one signature goes to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Services {
    /// Who certifies the key.
    pub authority: Service,
    /// Who stamps the signature; may be empty where a log says when.
    pub clocks: Vec<Service>,
    /// Who logs it; never empty.
    pub logs: Vec<Service>,
}

impl SigningConfig {
    /// Public Sigstore's, as this version of the client carries it.
    pub fn public() -> Result<Self, ElsewhereError> {
        Self::from_json(sigstore_trust_root::SIGSTORE_PRODUCTION_SIGNING_CONFIG.as_bytes())
    }

    /// Reads a signing config.
    pub fn from_json(bytes: &[u8]) -> Result<Self, ElsewhereError> {
        let parsed = sigstore_trust_root::SigningConfig::from_json(text(bytes)?);
        parsed.map(Self).map_err(|error| ElsewhereError::Config { why: format!("cannot be read: {error}") })
    }

    /// Reads a client trust config: where to sign, and the trust root it comes with.
    pub fn with_trust_root(bytes: &[u8]) -> Result<(Self, Vec<u8>), ElsewhereError> {
        let both: ClientTrustConfig = serde_json::from_str(text(bytes)?)
            .map_err(|_| ElsewhereError::Config { why: "is no client trust config".to_owned() })?;
        if both.media_type != CLIENT_TRUST_CONFIG {
            let why = format!("has the media type `{}`", both.media_type);
            return Err(ElsewhereError::Config { why });
        }
        let config = Self::from_json(both.signing_config.to_string().as_bytes())?;
        Ok((config, both.trusted_root.to_string().into_bytes()))
    }

    /// The services for a signature at `now`.
    pub fn choose(&self, now: Timestamp) -> Result<Services, ElsewhereError> {
        let Self(config) = self;
        let one = ServiceConfiguration::default();
        let authorities = eligible(&config.ca_urls, &AUTHORITY_VERSIONS, now)?;
        let logs = eligible(&config.rekor_tlog_urls, &LOG_VERSIONS, now)?;
        let authority = select(Kind::Authority, authorities, &one)?.into_iter().next();
        let logs = select(Kind::Log, logs, &config.rekor_tlog_config)?;
        let clocks = if config.tsa_urls.is_empty() {
            Vec::new()
        } else {
            let clocks = eligible(&config.tsa_urls, &CLOCK_VERSIONS, now)?;
            select(Kind::Clock, clocks, &config.tsa_config)?
        };
        // Only a Rekor v1 log signs when it took an entry in.
        if clocks.is_empty() && logs.iter().any(|log| log.version != 1) {
            return Err(ElsewhereError::Time);
        }
        let authority = authority.ok_or_else(|| missing(Kind::Authority, 0, 1))?;
        Ok(Services { authority, clocks, logs })
    }
}

fn text(bytes: &[u8]) -> Result<&str, ElsewhereError> {
    let wrong = |why: &str| ElsewhereError::Config { why: why.to_owned() };
    if bytes.len() > MAX_CONFIG_BYTES {
        return Err(wrong("is too large"));
    }
    std::str::from_utf8(bytes).map_err(|_| wrong("is not UTF-8 text"))
}

/// The best service of each operator, best first.
fn eligible<'a>(
    all: &'a [ServiceEndpoint],
    versions: &[u32],
    now: Timestamp,
) -> Result<Vec<&'a ServiceEndpoint>, ElsewhereError> {
    let now = now.to_string().parse().map_err(|_| ElsewhereError::Config { why: "has windows nobody knows".into() })?;
    let mut by_operator: BTreeMap<&str, &ServiceEndpoint> = BTreeMap::new();
    for service in all {
        if service.valid_for.contains(now) && versions.contains(&service.major_api_version) {
            let best = by_operator.entry(service.operator.as_deref().unwrap_or_default()).or_insert(service);
            if rank(service) > rank(best) {
                *best = service;
            }
        }
    }
    let mut best: Vec<_> = by_operator.into_values().collect();
    best.sort_by_key(|service| Reverse(rank(service)));
    Ok(best)
}

fn rank(service: &ServiceEndpoint) -> impl Ord + use<> {
    (service.major_api_version, service.valid_for.start)
}

fn select(
    kind: Kind,
    eligible: Vec<&ServiceEndpoint>,
    configuration: &ServiceConfiguration,
) -> Result<Vec<Service>, ElsewhereError> {
    let found = eligible.len();
    let count = match (configuration.selector, configuration.count) {
        (ServiceSelector::All, _) => found.max(1),
        (ServiceSelector::Any, _) => 1,
        (ServiceSelector::Exact, Some(count)) if count > 0 => usize::try_from(count).unwrap_or(usize::MAX),
        _ => return Err(ElsewhereError::Config { why: "does not say how many services to use".to_owned() }),
    };
    if found < count {
        return Err(missing(kind, found, count));
    }
    if count > MOST {
        return Err(ElsewhereError::Config {
            why: format!("asks for {count} services of a kind, at most {MOST} are used"),
        });
    }
    let service = |endpoint: &ServiceEndpoint| Service {
        kind,
        url: endpoint.url.trim_end_matches('/').to_owned(),
        version: endpoint.major_api_version,
    };
    Ok(eligible.into_iter().take(count).map(service).collect())
}

fn missing(kind: Kind, found: usize, needed: usize) -> ElsewhereError {
    let what = match kind {
        Kind::Authority => "certificate authorities",
        Kind::Clock => "time-stamp authorities",
        Kind::Log => "logs",
    };
    ElsewhereError::NoService { what, found, needed }
}
