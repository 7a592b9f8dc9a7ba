//! DSSE: the bytes a statement's key signs, and the envelope that several keys sign (docs/formats.md F4, F7).
//!
//! Implements the DSSE protocol 1.0.2. A single signature travels in a Sigstore bundle (`bundle.rs`); the envelope here
//! is the file form of anchors. It carries no `keyid`: a hint nobody authenticates must not steer which key is tried.

use serde::{Deserialize, Serialize};

use crate::canonical::{self, CanonicalError};
use crate::protocol::Base64;

/// The payload type of every statement of ours.
pub const PAYLOAD_TYPE: &str = "application/vnd.in-toto+json";

/// Most signatures of one envelope.
pub const MAX_SIGNATURES: usize = 32;

/// The pre-authentication encoding: what is signed and logged. Lengths count bytes, not characters.
pub fn pae(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    let head = format!("DSSEv1 {} {payload_type} {} ", payload_type.len(), payload.len());
    [head.as_bytes(), payload].concat()
}

/// A payload under one or more signatures, in canonical JSON.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Envelope {
    /// The signed bytes.
    pub payload: Base64,
    /// What they are.
    pub payload_type: String,
    /// Signatures over the encoding, strictly ascending by their bytes.
    pub signatures: Vec<EnvelopeSignature>,
}

/// One signature of an envelope.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnvelopeSignature {
    /// The signature value.
    pub sig: Base64,
}

impl Envelope {
    /// An envelope of ours without a signature yet.
    pub fn unsigned(payload: Vec<u8>) -> Self {
        Self { payload: Base64(payload), payload_type: PAYLOAD_TYPE.to_owned(), signatures: Vec::new() }
    }

    /// The bytes its signatures are over.
    pub fn pae(&self) -> Vec<u8> {
        pae(&self.payload_type, &self.payload.0)
    }

    /// Adds a signature at its place. A signature that is there already changes nothing.
    pub fn add(&mut self, signature: Vec<u8>) {
        let place = self.signatures.binary_search_by(|known| known.sig.0.as_slice().cmp(&signature));
        if let Err(index) = place {
            self.signatures.insert(index, EnvelopeSignature { sig: Base64(signature) });
        }
    }

    /// The one byte form. Fails never for a value of this type, but the writer says it may.
    pub fn encode(&self) -> Result<Vec<u8>, DsseError> {
        canonical::to_vec(self).map_err(|source| DsseError::Malformed { source })
    }

    /// Reads the byte form of at most `limit` bytes and no other.
    ///
    /// Fails where the type is not ours, or the signatures are none, too many, repeated or out of order.
    pub fn decode(bytes: &[u8], limit: usize) -> Result<Self, DsseError> {
        let envelope: Self = canonical::from_slice(bytes, limit).map_err(|source| DsseError::Malformed { source })?;
        if envelope.payload_type != PAYLOAD_TYPE {
            return Err(DsseError::PayloadType { found: envelope.payload_type });
        }
        let count = envelope.signatures.len();
        if count == 0 || count > MAX_SIGNATURES {
            return Err(DsseError::SignatureCount { found: count });
        }
        let mut pairs = envelope.signatures.iter().zip(envelope.signatures.iter().skip(1));
        if pairs.any(|(left, right)| left.sig.0 >= right.sig.0) {
            return Err(DsseError::SignatureOrder);
        }
        Ok(envelope)
    }
}

/// Why bytes are not an envelope of ours.
#[derive(Debug, thiserror::Error)]
pub enum DsseError {
    /// Not canonical JSON of the schema.
    #[error("the envelope is not canonical JSON of its schema")]
    Malformed {
        /// What the reader said.
        #[source]
        source: CanonicalError,
    },
    /// Another payload type.
    #[error("the payload type is `{found}`, not `{PAYLOAD_TYPE}`")]
    PayloadType {
        /// Type found.
        found: String,
    },
    /// No signature, or too many.
    #[error("the envelope carries {found} signatures, 1 to {MAX_SIGNATURES} are allowed")]
    SignatureCount {
        /// Signatures found.
        found: usize,
    },
    /// Signatures repeated or out of order.
    #[error("the envelope's signatures are repeated or not in ascending order")]
    SignatureOrder,
}

#[cfg(test)]
mod tests;
