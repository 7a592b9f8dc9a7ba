//! `engine.json`: the fixed names and certificates of an engine. Nothing in it is secret; the sealed keys open beside
//! these very bytes only.

use serde::{Deserialize, Serialize};
use signer_core::canonical::{self, CanonicalError};
use signer_core::protocol::Base64;
use signer_engine::deployment::Deployment;

/// Most bytes of the file.
pub(crate) const MAX_BYTES: usize = 64 * 1024;

/// The document.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EngineFile {
    schema: Schema,
    trust_domain: String,
    origin: String,
    issuer_url: String,
    /// The authorities' certificates.
    pub(crate) certificates: Certificates,
}

#[derive(Serialize, Deserialize)]
enum Schema {
    #[serde(rename = "urn:chancery:engine:v1")]
    Version1,
}

/// The authorities' certificates, DER.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Certificates {
    pub(crate) root: Base64,
    pub(crate) issuing: Base64,
    pub(crate) countersigning: Base64,
    pub(crate) time: Base64,
}

impl EngineFile {
    pub(crate) fn new(deployment: &Deployment, certificates: Certificates) -> Self {
        Self {
            schema: Schema::Version1,
            trust_domain: deployment.trust_domain.clone(),
            origin: deployment.origin.clone(),
            issuer_url: deployment.issuer_url.clone(),
            certificates,
        }
    }

    pub(crate) fn encode(&self) -> Result<Vec<u8>, CanonicalError> {
        canonical::to_vec(self)
    }

    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, CanonicalError> {
        canonical::from_slice(bytes, MAX_BYTES)
    }

    /// The engine's names.
    pub(crate) fn deployment(&self) -> Deployment {
        Deployment {
            trust_domain: self.trust_domain.clone(),
            origin: self.origin.clone(),
            issuer_url: self.issuer_url.clone(),
        }
    }
}
