//! Sigstore bundle v0.3 around one DSSE statement: what lies beside prompts and artifacts (docs/formats.md F4).
//!
//! One certificate, one signature, one time-stamp and perhaps a foreign authority's, one log entry, no field beyond those, one encoding. Reading rebuilds
//! the entry's body from what was signed and compares it. Nothing is verified here: `verify` does that.

mod document;
mod error;

use std::path::{Path, PathBuf};

use crate::digest::Digest;
use crate::dsse;
use crate::log_entry::{self, LogEntry};
use crate::protocol::Countersignature;
use crate::{canonical, certificate, foreign_time, statement, token};

pub use error::BundleError;

use document::{Document, Peek};

/// The media type of the only version read and written.
pub const MEDIA_TYPE: &str = "application/vnd.dev.sigstore.bundle.v0.3+json";
/// What is added to a name for its bundle.
pub const SUFFIX: &str = ".sigstore.json";
/// What is added to a name for the decision beside its bundle.
pub const DECISION_SUFFIX: &str = ".decision.json";
/// Most bytes of a bundle: the largest statement in base64, and room for the rest.
pub const MAX_BYTES: usize = statement::MAX_BYTES / 3 * 4 + 256 * 1024;
/// Most bytes of a signature: ECDSA P-256 in DER needs 72.
const MAX_SIGNATURE: usize = 72;
/// Most bytes of a payload type.
const MAX_PAYLOAD_TYPE: usize = 256;

/// The parts of a bundle, as they travel. Untrusted until verified.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Bundle {
    /// The leaf, DER.
    pub certificate: Vec<u8>,
    /// DSSE payload type.
    pub payload_type: String,
    /// DSSE payload: the statement.
    pub payload: Vec<u8>,
    /// The signature over the pre-authentication encoding.
    pub signature: Vec<u8>,
    /// RFC 3161 `TimeStampToken`, DER.
    pub token: Vec<u8>,
    /// The same of a foreign authority, in its embedded form.
    pub foreign: Option<Vec<u8>>,
    /// The log entry.
    pub entry: LogEntry,
}

impl Bundle {
    /// The bundle of a statement that the engine countersigned. Fails where the countersignature's entry is malformed.
    pub fn assemble(
        payload: Vec<u8>,
        signature: Vec<u8>,
        certificate: Vec<u8>,
        countersignature: &Countersignature,
    ) -> Result<Self, BundleError> {
        Ok(Self {
            certificate,
            payload_type: dsse::PAYLOAD_TYPE.to_owned(),
            payload,
            signature,
            token: countersignature.token.0.clone(),
            foreign: countersignature.foreign.as_ref().map(|token| token.0.clone()),
            entry: LogEntry::decode(&countersignature.entry.0)?,
        })
    }

    /// The digest that was signed and logged.
    pub fn signed_digest(&self) -> Digest {
        Digest::of(&dsse::pae(&self.payload_type, &self.payload))
    }

    /// The one byte form. Fails where a part exceeds its limit.
    pub fn to_json(&self) -> Result<Vec<u8>, BundleError> {
        self.check_limits()?;
        let body = log_entry::body(&self.signed_digest(), &self.signature, &self.certificate)?;
        let entry = self.entry.to_bundle_json(&body)?;
        canonical::to_vec(&Document::new(self, entry)).map_err(|source| BundleError::Unwritable { source })
    }

    /// Reads the byte form and no other.
    ///
    /// Fails on other versions, unknown members, other counts than one, parts over their limits, and an entry whose
    /// body is not about this statement, signature and certificate.
    pub fn from_json(bytes: &[u8]) -> Result<Self, BundleError> {
        if bytes.len() > MAX_BYTES {
            return Err(BundleError::TooLarge { part: "bundle", limit: MAX_BYTES, actual: bytes.len() });
        }
        let json = |source| BundleError::Json { source };
        let Peek { media_type } = serde_json::from_slice(bytes).map_err(json)?;
        if media_type != MEDIA_TYPE {
            return Err(BundleError::Version { found: media_type });
        }
        let document: Document = serde_json::from_slice(bytes).map_err(json)?;
        if canonical::to_vec(&document).map_err(|source| BundleError::Unwritable { source })? != bytes {
            return document.check_counts().and(Err(BundleError::NotCanonical));
        }
        let (bundle, body) = document.into_bundle()?;
        bundle.check_limits()?;
        log_entry::check_body(&body, &bundle.signed_digest(), &bundle.signature, &bundle.certificate)?;
        Ok(bundle)
    }

    fn check_limits(&self) -> Result<(), BundleError> {
        let parts = [
            ("certificate", certificate::MAX_BYTES, self.certificate.len()),
            ("payload", statement::MAX_BYTES, self.payload.len()),
            ("payload type", MAX_PAYLOAD_TYPE, self.payload_type.len()),
            ("signature", MAX_SIGNATURE, self.signature.len()),
            ("token", token::MAX_BYTES, self.token.len()),
            ("foreign token", foreign_time::MAX_BYTES, self.foreign.as_ref().map_or(0, Vec::len)),
        ];
        match parts.into_iter().find(|(_, limit, actual)| actual > limit) {
            Some((part, limit, actual)) => Err(BundleError::TooLarge { part, limit, actual }),
            None => Ok(()),
        }
    }
}

/// Where the bundle and the decision of `path` lie: beside it, also for a directory. None for a path without a name.
pub fn beside(path: &Path) -> Option<(PathBuf, PathBuf)> {
    let name = path.file_name()?;
    let with = |suffix: &str| {
        let mut file = name.to_owned();
        file.push(suffix);
        path.with_file_name(file)
    };
    Some((with(SUFFIX), with(DECISION_SUFFIX)))
}

#[cfg(test)]
mod tests;
