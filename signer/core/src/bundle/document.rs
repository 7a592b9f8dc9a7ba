//! The JSON members of a bundle, in the names of Sigstore's protobuf specification.

use serde::{Deserialize, Serialize};

use super::{Bundle, BundleError, MEDIA_TYPE};
use crate::log_entry::LogEntry;
use crate::protocol::Base64;
use crate::token;

/// The version, before anything else is looked at.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Peek {
    pub(super) media_type: String,
}

/// A list that protobuf's JSON may leave out or write as null reads as `None`, so that its count can be judged.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Document {
    dsse_envelope: Envelope,
    media_type: String,
    verification_material: Material,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Envelope {
    payload: Base64,
    payload_type: String,
    signatures: Option<Vec<Signature>>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Signature {
    sig: Base64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Material {
    certificate: Certificate,
    timestamp_verification_data: Option<Timestamps>,
    tlog_entries: Option<Vec<serde_json::Value>>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Certificate {
    raw_bytes: Base64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Timestamps {
    rfc3161_timestamps: Option<Vec<Timestamp>>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Timestamp {
    signed_timestamp: Base64,
}

impl Document {
    pub(super) fn new(bundle: &Bundle, entry: serde_json::Value) -> Self {
        let tokens = std::iter::once(&bundle.token).chain(&bundle.foreign);
        let stamps = tokens.map(|token| Timestamp { signed_timestamp: Base64(token::response(token)) }).collect();
        Self {
            dsse_envelope: Envelope {
                payload: Base64(bundle.payload.clone()),
                payload_type: bundle.payload_type.clone(),
                signatures: Some(vec![Signature { sig: Base64(bundle.signature.clone()) }]),
            },
            media_type: MEDIA_TYPE.to_owned(),
            verification_material: Material {
                certificate: Certificate { raw_bytes: Base64(bundle.certificate.clone()) },
                timestamp_verification_data: Some(Timestamps { rfc3161_timestamps: Some(stamps) }),
                tlog_entries: Some(vec![entry]),
            },
        }
    }

    /// Fails unless there is exactly one signature, one time-stamp or two, and one log entry.
    pub(super) fn check_counts(&self) -> Result<(), BundleError> {
        let material = &self.verification_material;
        let stamps = material.timestamp_verification_data.as_ref().and_then(|data| data.rfc3161_timestamps.as_ref());
        let signatures = self.dsse_envelope.signatures.as_ref().map_or(0, Vec::len);
        let (stamps, entries) = (stamps.map_or(0, Vec::len), material.tlog_entries.as_ref().map_or(0, Vec::len));
        match (signatures, stamps, entries) {
            (1, 1 | 2, 1) => Ok(()),
            (1, 1 | 2, 0) => Err(BundleError::EntryMissing),
            (1, 1 | 2, found) => Err(BundleError::EntryCount { found }),
            (1, 0, _) => Err(BundleError::StampMissing),
            (1, found, _) => Err(BundleError::StampCount { found }),
            (found, _, _) => Err(BundleError::SignatureCount { found }),
        }
    }

    /// The parts, and the body the entry came with.
    pub(super) fn into_bundle(self) -> Result<(Bundle, Vec<u8>), BundleError> {
        self.check_counts()?;
        let material = self.verification_material;
        let signature = first(self.dsse_envelope.signatures).ok_or(BundleError::SignatureCount { found: 0 })?;
        let stamps = material.timestamp_verification_data.and_then(|data| data.rfc3161_timestamps);
        let mut stamps =
            stamps.into_iter().flatten().map(|stamp| Ok(token::granted(&stamp.signed_timestamp.0)?.to_vec()));
        let token = stamps.next().unwrap_or(Err(BundleError::StampMissing))?;
        let foreign = stamps.next().transpose()?;
        // Attack TIME-13: one token under two names is one.
        if foreign.as_ref() == Some(&token) {
            return Err(BundleError::StampTwice);
        }
        let element = first(material.tlog_entries).ok_or(BundleError::EntryMissing)?;
        let (entry, body) = LogEntry::from_bundle_json(&element)?;
        let bundle = Bundle {
            certificate: material.certificate.raw_bytes.0,
            payload_type: self.dsse_envelope.payload_type,
            payload: self.dsse_envelope.payload.0,
            signature: signature.sig.0,
            token,
            foreign,
            entry,
        };
        Ok((bundle, body))
    }
}

fn first<T>(list: Option<Vec<T>>) -> Option<T> {
    list?.into_iter().next()
}
