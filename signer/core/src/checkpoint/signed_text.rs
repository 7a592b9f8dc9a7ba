//! A signed note of the log's key whose text is no checkpoint, under a name of its own: the name is part of the key id, so
//! that neither stands for the other.

use crate::crypto::{Ed25519Key, Ed25519Public};

use super::note::{SignatureLine, SignedNote};
use super::{CheckpointError, LIMITS, check_line, key_hash, log_id};

/// A text that verified.
pub(crate) struct SignedText<'a>(SignedNote<'a>);

impl<'a> SignedText<'a> {
    /// Reads a note with one signature line, which is that of `key` under `name`.
    pub(crate) fn verify(note: &'a str, name: &str, key: &Ed25519Public) -> Result<Self, CheckpointError> {
        let note = SignedNote::parse(note, LIMITS)?;
        let [line] = note.lines.as_slice() else {
            return Err(CheckpointError::UnknownSignature { lines: note.lines.len().saturating_sub(1) });
        };
        check_line(&note, line, name, key)?;
        Ok(Self(note))
    }

    /// The text that was signed, with its last line end.
    pub(crate) const fn text(&self) -> &'a str {
        self.0.text
    }
}

/// The note of a text that ends with a line end.
pub(crate) fn sign(text: &str, name: &str, key: &Ed25519Key) -> String {
    let line = SignatureLine {
        name: name.to_owned(),
        key_hash: key_hash(&log_id(name, &key.public())),
        signature: key.sign(text.as_bytes()),
    };
    format!("{text}\n{line}")
}
