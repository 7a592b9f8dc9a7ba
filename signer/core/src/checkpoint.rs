//! Checkpoints of the log: C2SP `tlog-checkpoint` inside a C2SP signed note, signed with Ed25519.
//!
//! An embedded checkpoint has the log's signature line, then cosignatures of the witnesses that its reader knows, in the
//! reader's order, and nothing else (docs/formats.md F3). In a published checkpoint ([`Published`]) lines of strangers are
//! ignored.

mod cosignature;
mod error;
mod note;
mod published;
mod signed_text;
#[cfg(test)]
mod tests;
mod verifier_key;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::crypto::{Ed25519Key, Ed25519Public};
use crate::digest::Digest;
use note::{Limits, SignatureLine, SignedNote};

pub use cosignature::{Cosignature, cosign};
pub use error::CheckpointError;
pub use published::{MAX_PUBLISHED, Published, claimed_origin};
pub(crate) use signed_text::{SignedText, sign as sign_text};
pub use verifier_key::{KeyRole, VerifierKey};

/// Most bytes of a checkpoint with its signatures.
pub const MAX_BYTES: usize = 8 * 1024;
/// Most signature lines; C2SP signed-note asks readers for at least 16.
pub const MAX_SIGNATURES: usize = 16;
/// What a checkpoint of ours may hold.
const LIMITS: Limits = Limits { bytes: MAX_BYTES, signatures: MAX_SIGNATURES };
/// Most bytes of an origin, the length of a host name.
const MAX_ORIGIN: usize = 253;
/// C2SP signed-note: the signature type of Ed25519, part of the key id.
const ED25519_TYPE: u8 = 0x01;

/// What a log says of itself: so many entries, this root.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Checkpoint {
    /// The log's name: a host name without port or path.
    pub origin: String,
    /// Number of entries.
    pub size: u64,
    /// Root of the tree.
    pub root: Digest,
}

impl Checkpoint {
    /// The text that is signed: origin, size and root, one a line.
    pub fn note_text(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, STANDARD.encode(self.root.as_bytes()))
    }

    /// The signed note with the log's line alone.
    pub fn sign(&self, key: &Ed25519Key) -> String {
        sign_text(&self.note_text(), &self.origin, key)
    }

    /// Reads an embedded checkpoint: the one signature line is the log's and verifies.
    ///
    /// Fails on any byte that signing again would not produce, apart from the signature's value.
    pub fn verify(text: &str, origin: &str, key: &Ed25519Public) -> Result<Self, CheckpointError> {
        Self::verify_cosigned(text, origin, key, &[]).map(|(checkpoint, _)| checkpoint)
    }

    /// Reads an embedded checkpoint that witnesses may have cosigned: the log's line, then one line at most of each of
    /// `witnesses`, in their order.
    ///
    /// Fails on any other line, and where one does not verify.
    pub fn verify_cosigned(
        text: &str,
        origin: &str,
        key: &Ed25519Public,
        witnesses: &[VerifierKey],
    ) -> Result<(Self, Vec<Cosignature>), CheckpointError> {
        let (note, checkpoint) = read(text, origin)?;
        let [line, others @ ..] = note.lines.as_slice() else { return Err(CheckpointError::Unsigned) };
        check_line(&note, line, origin, key)?;
        let mut known = witnesses.iter().enumerate();
        let mut found = Vec::with_capacity(others.len());
        for (read, line) in others.iter().enumerate() {
            let Some((place, witness)) = known.find(|(_, witness)| published::is_by(line, witness)) else {
                return Err(CheckpointError::UnknownSignature { lines: others.len().saturating_sub(read) });
            };
            found.push(cosignature::verify(note.text, line, place, witness)?);
        }
        Ok((checkpoint, found))
    }

    /// Reads a checkpoint as a log publishes it: lines of unknown keys are ignored, in any order.
    ///
    /// Fails where the log's line is missing, or any line under the log's key does not verify.
    pub fn verify_published(text: &str, origin: &str, key: &Ed25519Public) -> Result<Self, CheckpointError> {
        let (note, checkpoint) = read(text, origin)?;
        let key_hash = key_hash(&log_id(origin, key));
        let mut own = note.lines.iter().filter(|line| line.name == origin && line.key_hash == key_hash).peekable();
        if own.peek().is_none() {
            return Err(CheckpointError::UnknownKey);
        }
        // C2SP signed-note: one bad signature of a known key spoils the whole note.
        own.try_for_each(|line| check_line(&note, line, origin, key))?;
        Ok(checkpoint)
    }
}

/// The C2SP key id of an Ed25519 log: SHA-256(origin ‖ 0x0A ‖ 0x01 ‖ key). Sigstore calls it the log id.
pub fn log_id(origin: &str, key: &Ed25519Public) -> [u8; 32] {
    key_id(origin, ED25519_TYPE, key)
}

/// The C2SP key id of an Ed25519 key under a name, for one type of signature.
fn key_id(name: &str, kind: u8, key: &Ed25519Public) -> [u8; 32] {
    *Digest::of_parts(&[name.as_bytes(), &[b'\n', kind], key.as_bytes()]).as_bytes()
}

/// The hint in a signature line: the first four bytes of the key id.
pub fn key_hash(log_id: &[u8; 32]) -> [u8; 4] {
    let [a, b, c, d, ..] = *log_id;
    [a, b, c, d]
}

/// Checks that a log's name is a host name: lower case, no port, no path, at most 253 bytes.
pub fn check_origin(origin: &str) -> Result<(), CheckpointError> {
    let label_is_sound =
        |label: &str| !label.is_empty() && label.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'));
    if origin.len() <= MAX_ORIGIN && origin.split('.').all(label_is_sound) {
        Ok(())
    } else {
        Err(CheckpointError::Origin { length: origin.len() })
    }
}

/// Splits the note and reads its text; nothing is authenticated yet.
fn read<'a>(text: &'a str, origin: &str) -> Result<(SignedNote<'a>, Checkpoint), CheckpointError> {
    let note = SignedNote::parse(text, LIMITS)?;
    let checkpoint = parse_text(note.text)?;
    if checkpoint.origin != origin {
        return Err(CheckpointError::OriginMismatch { expected: origin.to_owned(), actual: checkpoint.origin });
    }
    Ok((note, checkpoint))
}

/// Reads origin, size and root: three lines, each in its only spelling; no extension lines.
fn parse_text(text: &str) -> Result<Checkpoint, CheckpointError> {
    let mut lines = text.split_terminator('\n');
    let (Some(origin), Some(size), Some(root), None) = (lines.next(), lines.next(), lines.next(), lines.next()) else {
        return Err(CheckpointError::Lines);
    };
    check_origin(origin)?;
    let size = size.parse::<i64>().ok().and_then(|size| u64::try_from(size).ok()).ok_or(CheckpointError::Size)?;
    let root = STANDARD.decode(root).ok().and_then(|bytes| Digest::try_from(bytes.as_slice()).ok());
    let checkpoint = Checkpoint { origin: origin.to_owned(), size, root: root.ok_or(CheckpointError::Root)? };
    // A sign or leading zeros make another text of the same number.
    if checkpoint.note_text() == text { Ok(checkpoint) } else { Err(CheckpointError::Size) }
}

fn check_line(
    note: &SignedNote<'_>,
    line: &SignatureLine,
    origin: &str,
    key: &Ed25519Public,
) -> Result<(), CheckpointError> {
    if line.name != origin {
        return Err(CheckpointError::OriginMismatch { expected: origin.to_owned(), actual: line.name.clone() });
    }
    if line.key_hash != key_hash(&log_id(origin, key)) {
        return Err(CheckpointError::UnknownKey);
    }
    key.verify(note.text.as_bytes(), &line.signature).map_err(|_| CheckpointError::Signature)
}
