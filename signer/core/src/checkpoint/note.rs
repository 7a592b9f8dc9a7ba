//! C2SP signed notes: text, a blank line, signature lines `— <name> <base64(key hash ‖ signature)>`.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::CheckpointError;

/// How much a reader takes.
#[derive(Clone, Copy)]
pub(super) struct Limits {
    /// Most bytes of the whole note.
    pub(super) bytes: usize,
    /// Most signature lines.
    pub(super) signatures: usize,
}

/// A note split into what is signed and who claims to have signed it.
pub(super) struct SignedNote<'a> {
    /// The signed text, with its last line end.
    pub(super) text: &'a str,
    /// The signature lines, at least one, in their order.
    pub(super) lines: Vec<SignatureLine>,
}

/// One signature line. `Display` writes it with its line end.
pub(super) struct SignatureLine {
    pub(super) name: String,
    pub(super) key_hash: [u8; 4],
    pub(super) signature: Vec<u8>,
}

impl<'a> SignedNote<'a> {
    /// Splits a note. Limits hold before any line is read.
    pub(super) fn parse(note: &'a str, limits: Limits) -> Result<Self, CheckpointError> {
        if note.split('\n').filter(|line| line.starts_with('—')).nth(limits.signatures).is_some() {
            return Err(CheckpointError::TooManySignatures { limit: limits.signatures });
        }
        if note.len() > limits.bytes {
            return Err(CheckpointError::TooLarge { actual: note.len(), limit: limits.bytes });
        }
        if note.chars().any(|c| c.is_control() && c != '\n') {
            return Err(CheckpointError::ControlCharacter);
        }
        // The last blank line separates: C2SP signed-note allows blank lines in the text.
        let (body, block) = note.rsplit_once("\n\n").ok_or(CheckpointError::Separator)?;
        let text = note.get(..=body.len()).ok_or(CheckpointError::Separator)?;
        let block = block.strip_suffix('\n').ok_or(CheckpointError::Separator)?;
        let lines = block
            .split('\n')
            .zip(1..)
            .map(|(line, number)| SignatureLine::parse(line).ok_or(CheckpointError::SignatureLine { line: number }))
            .collect::<Result<_, _>>()?;
        Ok(Self { text, lines })
    }
}

impl SignatureLine {
    fn parse(line: &str) -> Option<Self> {
        let (name, blob) = line.strip_prefix("— ")?.split_once(' ')?;
        if name.is_empty() || name.contains(|c: char| c.is_whitespace() || c == '+') {
            return None;
        }
        let blob = STANDARD.decode(blob).ok()?;
        let (key_hash, signature) = blob.split_first_chunk::<4>()?;
        if signature.is_empty() {
            return None;
        }
        Some(Self { name: name.to_owned(), key_hash: *key_hash, signature: signature.to_vec() })
    }
}

impl fmt::Display for SignatureLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let blob = STANDARD.encode([self.key_hash.as_slice(), &self.signature].concat());
        writeln!(f, "— {} {blob}", self.name)
    }
}
