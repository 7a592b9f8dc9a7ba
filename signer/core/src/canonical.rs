//! RFC 8785 canonical JSON with a closed schema: one document has one byte form, and any other form is refused.

mod order;

use serde::Serialize;
use serde::de::DeserializeOwned;

/// The one byte form of `value`. Fails only for values JSON cannot write.
pub fn to_vec<T: Serialize>(value: &T) -> Result<Vec<u8>, CanonicalError> {
    let unwritable = |source| CanonicalError::Unwritable { source };
    let written = serde_json::to_vec(value).map_err(unwritable)?;
    // The library for all of RFC 8785 takes ten times as long.
    order::sorted(written).map_or_else(|| serde_json_canonicalizer::to_vec(value).map_err(unwritable), Ok)
}

/// Reads a document of at most `limit` bytes that must be in its canonical form.
///
/// Fails where the document is too large, is not of this schema, or would be written differently.
pub fn from_slice<T: Serialize + DeserializeOwned>(bytes: &[u8], limit: usize) -> Result<T, CanonicalError> {
    if bytes.len() > limit {
        return Err(CanonicalError::TooLarge { limit, actual: bytes.len() });
    }
    let value = serde_json::from_slice(bytes).map_err(|source| CanonicalError::Schema { source })?;
    if to_vec(&value)? == bytes { Ok(value) } else { Err(CanonicalError::NotCanonical) }
}

/// Why bytes are not a canonical document.
#[derive(Debug, thiserror::Error)]
pub enum CanonicalError {
    /// Not the RFC 8785 form of its own content.
    #[error("the document is not in its canonical form (RFC 8785)")]
    NotCanonical,
    /// Not a document of the expected schema.
    #[error("the document does not fit its schema")]
    Schema {
        /// What the reader said.
        #[source]
        source: serde_json::Error,
    },
    /// Larger than the format allows.
    #[error("the document has {actual} bytes, the format allows {limit}")]
    TooLarge {
        /// The most bytes allowed.
        limit: usize,
        /// The bytes found.
        actual: usize,
    },
    /// The value cannot be written as JSON.
    #[error("the value cannot be written as JSON")]
    Unwritable {
        /// What the writer said.
        #[source]
        source: serde_json::Error,
    },
}

#[cfg(test)]
mod tests;
