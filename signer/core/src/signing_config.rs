//! Where a deployment's services are, as stock Sigstore clients read it: `signing_config` v0.2, and together with the trust
//! root the client trust config v0.1 (docs/formats.md F7).
//!
//! Neither is evidence: they say whom to ask, the trust root says whom to believe.

use serde::Serialize;
use serde_json::Value;

use crate::canonical::{self, CanonicalError};
use crate::reason::{Code, Coded};
use crate::time::{Timestamp, Window};
use crate::trust_root::{TrustRoot, ValidFor};

/// A deployment's services, all under one address.
#[derive(Debug, Clone, Copy)]
pub struct Services<'a> {
    /// Scheme, host and port, without a slash at the end.
    pub base: &'a str,
    /// OpenID issuers whose tokens are taken.
    pub issuers: &'a [&'a str],
    /// Who runs them.
    pub operator: &'a str,
    /// Since when they can be used.
    pub start: Timestamp,
    /// Logs that were closed, by the address where each is still read. Nothing is written to them.
    pub closed_logs: &'a [(String, Window)],
}

/// `SigningConfig` of Sigstore's `protobuf-specs`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    media_type: &'static str,
    ca_urls: Vec<Service<'a>>,
    oidc_urls: Vec<Service<'a>>,
    rekor_tlog_urls: Vec<Service<'a>>,
    rekor_tlog_config: ServiceConfiguration,
    tsa_urls: Vec<Service<'a>>,
    tsa_config: ServiceConfiguration,
}

/// `Service`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Service<'a> {
    url: String,
    major_api_version: u32,
    valid_for: ValidFor,
    operator: &'a str,
}

/// `ServiceConfiguration`; not every client knows another selector.
#[derive(Serialize)]
struct ServiceConfiguration {
    selector: &'static str,
}

/// `ClientTrustConfig`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ClientTrustConfig {
    media_type: &'static str,
    trusted_root: Value,
    signing_config: Value,
}

/// The document `signing_config` v0.2: canonical JSON.
pub fn signing_config(services: &Services<'_>) -> Result<Vec<u8>, SigningConfigError> {
    let service = |url: String, major_api_version| Service {
        url,
        major_api_version,
        valid_for: ValidFor { start: services.start, end: None },
        operator: services.operator,
    };
    let closed = services.closed_logs.iter().map(|(url, window)| Service {
        valid_for: ValidFor { start: window.start, end: Some(window.end) },
        ..service(url.clone(), 2)
    });
    // The one to write to comes first: not every client looks at the windows.
    let rekor_tlog_urls = std::iter::once(service(services.base.to_owned(), 2)).chain(closed).collect();
    let any = || ServiceConfiguration { selector: "ANY" };
    let base = services.base;
    let document = Document {
        media_type: "application/vnd.dev.sigstore.signingconfig.v0.2+json",
        // 1 is the version clients ask for, although they speak to /api/v2.
        ca_urls: vec![service(base.to_owned(), 1)],
        oidc_urls: services.issuers.iter().map(|issuer| service((*issuer).to_owned(), 1)).collect(),
        rekor_tlog_urls,
        rekor_tlog_config: any(),
        // The whole address, where the others are prefixes.
        tsa_urls: vec![service(format!("{base}/api/v1/timestamp"), 1)],
        tsa_config: any(),
    };
    Ok(canonical::to_vec(&document)?)
}

/// The client trust config: the trust root and a signing config, in one document.
pub fn client_trust_config(trust_root: &TrustRoot, signing_config: &[u8]) -> Result<Vec<u8>, SigningConfigError> {
    let document = ClientTrustConfig {
        media_type: "application/vnd.dev.sigstore.clienttrustconfig.v0.1+json",
        trusted_root: serde_json::from_slice(&trust_root.to_json()).map_err(SigningConfigError::Part)?,
        signing_config: serde_json::from_slice(signing_config).map_err(SigningConfigError::Part)?,
    };
    Ok(canonical::to_vec(&document)?)
}

/// Why a document cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum SigningConfigError {
    /// It cannot be written.
    #[error(transparent)]
    Canonical(#[from] CanonicalError),
    /// A part is no JSON.
    #[error("a part of the client trust config is no JSON")]
    Part(#[source] serde_json::Error),
}

impl Coded for SigningConfigError {
    fn code(&self) -> Code {
        Code::Internal
    }
}

#[cfg(test)]
mod tests;
