//! The JSON of Sigstore's `trusted_root.json`, as much of it as this project writes; other members are refused.

use serde::{Deserialize, Serialize};

use crate::protocol::Base64;
use crate::time::{Timestamp, Window};

/// `TrustedRoot` of Sigstore's `protobuf-specs`.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Document {
    pub(super) media_type: MediaType,
    pub(super) tlogs: Vec<Log>,
    pub(super) certificate_authorities: Vec<Authority>,
    pub(super) ctlogs: Vec<Log>,
    pub(super) timestamp_authorities: Vec<Authority>,
}

/// The only media type that every stock client accepts.
#[derive(Serialize, Deserialize)]
pub(super) enum MediaType {
    #[serde(rename = "application/vnd.dev.sigstore.trustedroot+json;version=0.1")]
    Version01,
}

/// `TransparencyLogInstance`.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Log {
    pub(super) base_url: String,
    pub(super) hash_algorithm: HashAlgorithm,
    pub(super) public_key: PublicKey,
    #[serde(rename = "logId")]
    pub(super) id: LogId,
}

#[derive(Serialize, Deserialize)]
pub(super) enum HashAlgorithm {
    #[serde(rename = "SHA2_256")]
    Sha256,
}

/// `PublicKey`.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct PublicKey {
    pub(super) raw_bytes: Base64,
    pub(super) key_details: KeyDetails,
    pub(super) valid_for: ValidFor,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum KeyDetails {
    #[serde(rename = "PKIX_ECDSA_P256_SHA_256")]
    EcdsaP256,
    #[serde(rename = "PKIX_ED25519")]
    Ed25519,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct LogId {
    pub(super) key_id: Base64,
}

/// `CertificateAuthority`.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Authority {
    pub(super) subject: DistinguishedName,
    pub(super) uri: String,
    pub(super) cert_chain: Chain,
    pub(super) valid_for: ValidFor,
}

/// Names the first certificate of the chain, for people; it must say what that certificate says.
#[derive(Serialize, Deserialize, PartialEq, Eq, Default)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct DistinguishedName {
    pub(super) organization: String,
    pub(super) common_name: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Chain {
    pub(super) certificates: [Certificate; 2],
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Certificate {
    pub(super) raw_bytes: Base64,
}

/// When a key or authority is trusted; without an end, until a later trust root says otherwise.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ValidFor {
    /// The first second.
    pub start: Timestamp,
    /// The first second after.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<Timestamp>,
}

impl ValidFor {
    /// The span; an open end is the last second of year 9999.
    pub fn window(&self) -> Window {
        Window { start: self.start, end: self.end.unwrap_or_else(|| self.start.plus(u64::MAX)) }
    }
}
