//! Armour of signatures in git objects: `SIGNED MESSAGE` in the one form that `encode` writes (RFC 7468 strict, 64
//! columns, LF). Any other text, however other readers would take it, is refused: what stands around or inside the armour
//! unsigned is read by people (attacks GIT-11, GIT-13 to GIT-15, GIT-19).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::cms;
use crate::reason::{Code, Coded};

const BEGIN: &str = "-----BEGIN SIGNED MESSAGE-----\n";
const END: &str = "-----END SIGNED MESSAGE-----\n";
/// How every block of any kind starts.
const ANY_BEGIN: &str = "-----BEGIN ";
/// Base64 characters a line.
const COLUMNS: usize = 64;
/// Most bytes of armour: four characters for three bytes, a line end for 64 characters, two boundaries.
const MAX_TEXT: usize = cms::MAX_BYTES / 3 * 4 + 4 + cms::MAX_BYTES / 48 + 1 + BEGIN.len() + END.len();

/// Writes the armour of a DER structure.
pub fn encode(der: &[u8]) -> String {
    let body = STANDARD.encode(der);
    let mut text = String::with_capacity(body.len() + body.len() / COLUMNS + 1 + BEGIN.len() + END.len());
    text.push_str(BEGIN);
    let mut rest = body.as_str();
    while let Some((line, tail)) = rest.split_at_checked(COLUMNS).filter(|(_, tail)| !tail.is_empty()) {
        text.push_str(line);
        text.push('\n');
        rest = tail;
    }
    text.push_str(rest);
    text.push('\n');
    text.push_str(END);
    text
}

/// Reads armour: fails for every text that [`encode`] would not write.
pub fn decode(text: &[u8]) -> Result<Vec<u8>, ArmorError> {
    if text.len() > MAX_TEXT {
        return Err(ArmorError::TooLarge { limit: MAX_TEXT, actual: text.len() });
    }
    match content(text) {
        Some(der) if !der.is_empty() && encode(&der).as_bytes() == text => Ok(der),
        _ => Err(fault(text)),
    }
}

/// What stands between the boundaries; whether a text is canonical is the caller's comparison.
fn content(text: &[u8]) -> Option<Vec<u8>> {
    let body = text.strip_prefix(BEGIN.as_bytes())?.strip_suffix(END.as_bytes())?;
    let mut characters = Vec::with_capacity(body.len());
    for line in body.chunks(COLUMNS + 1) {
        characters.extend_from_slice(line.strip_suffix(b"\n")?);
    }
    STANDARD.decode(characters).ok()
}

/// The first rule that a text breaks which is not canonical.
fn fault(text: &[u8]) -> ArmorError {
    if text.trim_ascii().is_empty() {
        return ArmorError::Empty;
    }
    let Ok(text) = str::from_utf8(text) else { return ArmorError::NotCanonical };
    match text.lines().filter(|line| line.starts_with(ANY_BEGIN)).count() {
        0 => return ArmorError::UnsupportedFormat,
        1 => {}
        blocks => return ArmorError::MultipleBlocks { blocks },
    }
    if !text.lines().any(|line| line == BEGIN.trim_end()) {
        return ArmorError::UnsupportedFormat;
    }
    match text.strip_prefix(BEGIN).and_then(|rest| rest.strip_suffix(END)) {
        Some(body) if body.trim().is_empty() => ArmorError::Empty,
        _ => ArmorError::NotCanonical,
    }
}

/// Why a text is not the armour of a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ArmorError {
    /// No text, or no base64 between the boundaries.
    #[error("the signature is empty")]
    Empty,
    /// Several blocks.
    #[error("the signature holds {blocks} armoured blocks")]
    MultipleBlocks {
        /// How many.
        blocks: usize,
    },
    /// Text around, headers, other line lengths or ends, or base64 with a second form.
    #[error("the armour is not in its canonical form")]
    NotCanonical,
    /// Larger than any signature of ours.
    #[error("the armour has {actual} bytes, the format allows {limit}")]
    TooLarge {
        /// The most bytes allowed.
        limit: usize,
        /// The bytes found.
        actual: usize,
    },
    /// PGP, SSH, another label, or no armour at all.
    #[error("the signature is not a block labelled `SIGNED MESSAGE`")]
    UnsupportedFormat,
}

impl Coded for ArmorError {
    fn code(&self) -> Code {
        match self {
            Self::Empty => Code::GitSigEmpty,
            Self::MultipleBlocks { .. } => Code::GitSigMultipleBlocks,
            Self::NotCanonical => Code::GitSigArmorNoncanonical,
            Self::TooLarge { .. } => Code::LimitSignatureSize,
            Self::UnsupportedFormat => Code::GitSigUnsupportedFormat,
        }
    }
}

#[cfg(test)]
mod tests;
