//! The trust root: whose certificates, logs and tokens count, and when. Sigstore's `trusted_root.json`, so that stock
//! clients read the same file (docs/formats.md F7).
//!
//! A trust root is never fetched. It comes with the anchor, and everything in it is checked once, when it is read.

mod document;
mod error;
mod read;
mod standing;
mod succession;

use der::Decode;
use document::{Authority, Certificate, Chain, DistinguishedName, Document};
use document::{HashAlgorithm, KeyDetails, Log, LogId, MediaType, PublicKey};

use crate::canonical;
use crate::certificate::parsed::Parsed;
use crate::certificate::{CertificateError, Certified, Leaf};
use crate::checkpoint;
use crate::crypto::{Ed25519Public, P256Public};
use crate::digest::Digest;
use crate::log_entry::LogKeyParts;
use crate::oid;
use crate::protocol::Base64;
use crate::sct::{self, Promise, SctError};
use crate::time::{Timestamp, Window};

pub use crate::token::TimeAuthority;
pub use document::ValidFor;
pub use error::TrustRootError;
pub use standing::{Role, Standing};

/// Most bytes of the document.
pub const MAX_BYTES: usize = 256 * 1024;
/// Most entries in one of its lists.
pub const MAX_ENTRIES: usize = 64;

/// Whose certificates, logs and tokens count. Every chain in it has been verified.
#[derive(Debug, Clone)]
pub struct TrustRoot {
    json: Vec<u8>,
    authorities: Vec<IssuingAuthority>,
    logs: Vec<LogKey>,
    ct_logs: Vec<CtLogKey>,
    time_authorities: Vec<TimeAuthority>,
}

/// What a trust root is made of.
#[derive(Debug, Clone, Default)]
pub struct Parts {
    /// Chains that issue leaves.
    pub certificate_authorities: Vec<AuthorityPart>,
    /// Logs of signatures and statements.
    pub logs: Vec<LogPart>,
    /// Logs of certificates.
    pub ct_logs: Vec<CtLogPart>,
    /// Chains that stamp time, countersigning authorities among them.
    pub time_authorities: Vec<AuthorityPart>,
}

/// A chain of two: an authority and its root.
#[derive(Debug, Clone)]
pub struct AuthorityPart {
    /// Where it is reached; a name only.
    pub uri: String,
    /// The authority's certificate, DER.
    pub certificate: Vec<u8>,
    /// The root's certificate, DER.
    pub root: Vec<u8>,
    /// When it is trusted.
    pub valid_for: ValidFor,
}

/// A log of signatures and statements.
#[derive(Debug, Clone)]
pub struct LogPart {
    /// Its origin, a host name.
    pub origin: String,
    /// The key it signs checkpoints with.
    pub key: Ed25519Public,
    /// When it is trusted.
    pub valid_for: ValidFor,
}

/// A log of certificates.
#[derive(Debug, Clone)]
pub struct CtLogPart {
    /// Where it is reached; a name only.
    pub base_url: String,
    /// The key it promises with.
    pub key: P256Public,
    /// When it is trusted.
    pub valid_for: ValidFor,
}

/// A log whose checkpoints count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogKey {
    /// Its origin, the first line of its checkpoints.
    pub origin: String,
    /// The key it signs them with.
    pub key: Ed25519Public,
    /// When it is trusted.
    pub window: Window,
}

impl LogKey {
    /// Name and key, as a log entry is verified against.
    pub fn parts(&self) -> LogKeyParts<'_> {
        LogKeyParts { origin: &self.origin, key: &self.key }
    }
}

#[derive(Debug, Clone)]
struct IssuingAuthority {
    issuing: Parsed,
    root: Parsed,
    trusted: Window,
}

#[derive(Debug, Clone)]
struct CtLogKey {
    id: Digest,
    key: P256Public,
    window: Window,
}

impl TrustRoot {
    /// Puts a trust root together. Fails where a chain does not hold or one key has two roles.
    pub fn new(parts: Parts) -> Result<Self, TrustRootError> {
        read::trust_root(&document(parts)?)
    }

    /// Reads a document of at most 256 KiB in canonical JSON. Fails as [`TrustRoot::new`] does, and on unknown members.
    pub fn from_json(bytes: &[u8]) -> Result<Self, TrustRootError> {
        read::trust_root(&canonical::from_slice(bytes, MAX_BYTES)?)
    }

    /// The document: canonical JSON, the same bytes for the same trust.
    pub fn to_json(&self) -> Vec<u8> {
        self.json.clone()
    }

    /// Establishes who issued a leaf: issuer, signature, chain and promise of logging. What depends on a time is left
    /// to [`Certified::valid_at`].
    pub fn certify(&self, leaf: Leaf) -> Result<Certified, CertificateError> {
        let mut issuer = None;
        for authority in &self.authorities {
            // The key identifier decides between authorities of one name, the signature whether it told the truth.
            if leaf.parsed().names_issuer(&authority.issuing)? {
                issuer = Some(authority);
                break;
            }
        }
        let IssuingAuthority { issuing, root, trusted } = issuer.ok_or(CertificateError::Untrusted)?;
        leaf.parsed().check_issued_by(issuing)?;
        self.check_promise(&leaf, issuing)?;
        Ok(Certified::new(leaf, issuing.clone(), root.clone(), *trusted))
    }

    /// The authorities whose tokens count.
    pub fn time_authorities(&self) -> &[TimeAuthority] {
        &self.time_authorities
    }

    /// Whether this key is one of its authorities' or certificate logs'.
    pub fn holds(&self, key: &P256Public) -> bool {
        let issuing = self.authorities.iter().flat_map(|authority| [authority.issuing.key(), authority.root.key()]);
        let stamping = self.time_authorities.iter().map(|authority| &authority.public_key);
        issuing.chain(stamping).chain(self.ct_logs.iter().map(|log| &log.key)).any(|known| known == key)
    }

    /// The log of that origin.
    pub fn log(&self, origin: &str) -> Option<&LogKey> {
        self.logs.iter().find(|log| log.origin == origin)
    }

    /// Every log.
    pub fn logs(&self) -> &[LogKey] {
        &self.logs
    }

    fn check_promise(&self, leaf: &Leaf, issuing: &Parsed) -> Result<(), CertificateError> {
        let promise = Promise::from_extension(leaf.parsed().extension(oid::SCT_LIST)?)?;
        let unknown = SctError::UnknownLog { log_id: promise.log_id };
        let log = self.ct_logs.iter().find(|log| log.id == promise.log_id).ok_or_else(|| unknown.clone())?;
        promise.verify(&log.key, issuing.key(), &leaf.parsed().promised()?)?;
        let time = Timestamp::from_unix(promise.timestamp / 1000).map_err(|_| SctError::Late)?;
        if !log.window.contains(time) {
            return Err(unknown.into());
        }
        if time < leaf.window().end { Ok(()) } else { Err(SctError::Late.into()) }
    }
}

fn document(parts: Parts) -> Result<Document, TrustRootError> {
    Ok(Document {
        media_type: MediaType::Version01,
        tlogs: parts.logs.iter().map(log_entry).collect::<Result<_, _>>()?,
        certificate_authorities: parts.certificate_authorities.into_iter().map(authority_entry).collect(),
        ctlogs: parts.ct_logs.into_iter().map(ct_log_entry).collect::<Result<_, _>>()?,
        timestamp_authorities: parts.time_authorities.into_iter().map(authority_entry).collect(),
    })
}

fn log_entry(part: &LogPart) -> Result<Log, TrustRootError> {
    let url = format!("https://{}", part.origin);
    let key = part.key.to_spki_der().map_err(|source| TrustRootError::Key { url: url.clone(), source })?;
    let id = checkpoint::log_id(&part.origin, &part.key);
    Ok(log(url, key, KeyDetails::Ed25519, id.to_vec(), part.valid_for))
}

fn ct_log_entry(part: CtLogPart) -> Result<Log, TrustRootError> {
    let url = part.base_url;
    let key = part.key.to_spki_der().map_err(|source| TrustRootError::Key { url: url.clone(), source })?;
    let id = sct::log_id(&part.key)?;
    Ok(log(url, key, KeyDetails::EcdsaP256, id.as_bytes().to_vec(), part.valid_for))
}

const fn log(base_url: String, key: Vec<u8>, key_details: KeyDetails, id: Vec<u8>, valid_for: ValidFor) -> Log {
    Log {
        base_url,
        hash_algorithm: HashAlgorithm::Sha256,
        public_key: PublicKey { raw_bytes: Base64(key), key_details, valid_for },
        id: LogId { key_id: Base64(id) },
    }
}

fn authority_entry(part: AuthorityPart) -> Authority {
    Authority {
        // What cannot be read has no name, and is refused when the chain is verified.
        subject: x509_cert::Certificate::from_der(&part.certificate)
            .map(|certificate| DistinguishedName::of(&certificate.tbs_certificate.subject))
            .unwrap_or_default(),
        uri: part.uri,
        cert_chain: Chain {
            certificates: [
                Certificate { raw_bytes: Base64(part.certificate) },
                Certificate { raw_bytes: Base64(part.root) },
            ],
        },
        valid_for: part.valid_for,
    }
}

#[cfg(test)]
mod tests;
