//! Rekor's wires: a signature is logged, and comes back with the evidence of that.
//!
//! An entry is written into the bundle in the form of `TransparencyLogEntry`, whichever interface gave it. That it is
//! about this signature, in a log of the trust root, is judged with the bundle.

mod v1;
mod v2;

use std::collections::BTreeSet;
use std::fmt;

use serde::de::{self, Unexpected, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use signer_core::digest::Digest;
use signer_core::log_entry::{self, ForeignEntry, LogEntry};
use signer_core::protocol::Base64;
use signer_outbound::Outbound;

use crate::error::ElsewhereError;
use crate::service::Service;

/// What is logged.
pub(crate) struct Logged<'a> {
    /// SHA-256 of the signed bytes: the content, or an envelope's pre-authentication encoding.
    pub(crate) digest: Digest,
    pub(crate) signature: &'a [u8],
    /// DER.
    pub(crate) certificate: &'a [u8],
    /// The statement, where one was signed.
    pub(crate) payload: Option<&'a [u8]>,
}

/// `TransparencyLogEntry` of Sigstore's `protobuf-specs`.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Entry {
    #[serde(default)]
    log_index: Number,
    log_id: LogId,
    kind_version: KindVersion,
    #[serde(default, skip_serializing_if = "Number::is_zero")]
    integrated_time: Number,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    inclusion_promise: Option<Promise>,
    inclusion_proof: Proof,
    canonicalized_body: Base64,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct LogId {
    key_id: Base64,
}

#[derive(Serialize, Deserialize)]
struct KindVersion {
    kind: String,
    version: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Promise {
    signed_entry_timestamp: Base64,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Proof {
    #[serde(default)]
    log_index: Number,
    root_hash: Base64,
    tree_size: Number,
    #[serde(default)]
    hashes: Vec<Base64>,
    checkpoint: Checkpoint,
}

#[derive(Serialize, Deserialize)]
struct Checkpoint {
    envelope: String,
}

/// A 64-bit number as protobuf's JSON has it: a text, and whoever reads takes a bare number too.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
struct Number(u64);

/// Logs a signature.
pub(crate) fn log(service: &Service, outbound: &Outbound, logged: &Logged<'_>) -> Result<Entry, ElsewhereError> {
    match service.version {
        1 => v1::log(service, outbound, logged),
        _ => v2::log(service, outbound, logged),
    }
}

/// Two operators' logs are two logs; one that stands behind both names counts once.
pub(crate) fn check_distinct(entries: &[Entry]) -> Result<(), ElsewhereError> {
    let names: BTreeSet<&[u8]> = entries.iter().map(|entry| entry.log_id.key_id.0.as_slice()).collect();
    if names.len() == entries.len() { Ok(()) } else { Err(ElsewhereError::SameLog) }
}

impl Entry {
    /// As a commit's signature carries it: the body is made again by whoever judges it.
    pub(crate) fn into_carried(self) -> Option<ForeignEntry> {
        let Self { log_id, kind_version, inclusion_promise, inclusion_proof: proof, .. } = self;
        let promise = match (kind_version.version.as_str(), inclusion_promise) {
            ("0.0.2", None) => None,
            ("0.0.1", Some(Promise { signed_entry_timestamp: Base64(signature) })) => {
                Some(log_entry::Promise { integrated_at: self.integrated_time.0, signature })
            }
            _ => return None,
        };
        if kind_version.kind != "hashedrekord" {
            return None;
        }
        let digest = |Base64(bytes): Base64| Digest::try_from(bytes.as_slice()).ok();
        let entry = LogEntry {
            index: self.log_index.0,
            log_id: *digest(log_id.key_id)?.as_bytes(),
            size: proof.tree_size.0,
            root: digest(proof.root_hash)?,
            hashes: proof.hashes.into_iter().map(digest).collect::<Option<_>>()?,
            checkpoint: proof.checkpoint.envelope,
        };
        Some(ForeignEntry { entry, proof_index: proof.log_index.0, promise })
    }
}

impl Number {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands fields over by reference")]
    const fn is_zero(&self) -> bool {
        self.0 == 0
    }
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NumberVisitor)
    }
}

struct NumberVisitor;

impl Visitor<'_> for NumberVisitor {
    type Value = Number;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a whole number, as text or bare")
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Number, E> {
        Ok(Number(value))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Number, E> {
        text.parse().map(Number).map_err(|_| E::invalid_value(Unexpected::Str(text), &self))
    }
}
