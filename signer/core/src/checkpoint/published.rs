//! Checkpoints as any log publishes them: lines of known witnesses count, lines of strangers are ignored, extension lines
//! are signed and mean nothing (C2SP tlog-checkpoint, signed-note).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::cosignature::{self, Cosignature};
use super::note::{Limits, SignatureLine, SignedNote};
use super::{Checkpoint, CheckpointError, KeyRole, VerifierKey};
use crate::digest::Digest;

/// Most bytes of a published checkpoint: room for the signatures of other algorithms that logs carry beside Ed25519.
pub const MAX_PUBLISHED: usize = 64 * 1024;
const LIMITS: Limits = Limits { bytes: MAX_PUBLISHED, signatures: 64 };

/// A published checkpoint that its log signed, with the cosignatures of the witnesses its reader knows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Published {
    checkpoint: Checkpoint,
    text: String,
    own: String,
    // INVARIANT: one for each witness at most, in the order of the reader's witnesses.
    cosignatures: Vec<Cosignature>,
}

impl Published {
    /// Reads a published checkpoint of `log`.
    ///
    /// Fails where its text is malformed or another log's, where no line is the log's, and where any line under a key
    /// that the reader knows does not verify: C2SP signed-note lets one such line spoil the whole note.
    pub fn verify(note: &str, log: &VerifierKey, witnesses: &[VerifierKey]) -> Result<Self, CheckpointError> {
        let note = SignedNote::parse(note, LIMITS)?;
        let checkpoint = parse_text(note.text)?;
        if log.role() != KeyRole::Log || checkpoint.origin != log.name() {
            let expected = log.name().to_owned();
            return Err(CheckpointError::OriginMismatch { expected, actual: checkpoint.origin });
        }
        let mut own = None;
        for line in note.lines.iter().filter(|line| is_by(line, log)) {
            log.key().verify(note.text.as_bytes(), &line.signature).map_err(|_| CheckpointError::Signature)?;
            own.get_or_insert(line.to_string());
        }
        let own = own.ok_or(CheckpointError::UnknownKey)?;
        let cosignatures = cosignatures(note.text, &note.lines, witnesses)?;
        Ok(Self { checkpoint, text: note.text.to_owned(), own, cosignatures })
    }

    /// What the log says of itself.
    pub const fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// The signed text, extension lines included: what a witness cosigns.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The cosignatures, one a witness, in the order of the reader's witnesses.
    pub fn cosignatures(&self) -> &[Cosignature] {
        &self.cosignatures
    }

    /// Takes the signature lines of a witness's answer. Lines of strangers are ignored, a second cosignature of one
    /// witness too. Fails on malformed lines, and where a line under a known key does not verify.
    pub fn admit(&mut self, lines: &str, witnesses: &[VerifierKey]) -> Result<(), CheckpointError> {
        let whole = format!("{}\n{lines}", self.text);
        let note = SignedNote::parse(&whole, LIMITS)?;
        if note.text != self.text {
            return Err(CheckpointError::Separator);
        }
        for cosignature in cosignatures(note.text, &note.lines, witnesses)? {
            if let Err(place) = self.cosignatures.binary_search_by_key(&cosignature.witness, |held| held.witness) {
                self.cosignatures.insert(place, cosignature);
            }
        }
        Ok(())
    }

    /// The note with the log's line alone: the form that is embedded, where the text has no extension lines.
    pub fn log_note(&self) -> String {
        format!("{}\n{}", self.text, self.own)
    }

    /// The note: the log's line, then the known witnesses' in the reader's order, and no stranger's.
    pub fn note(&self) -> String {
        let lines: String = self.cosignatures.iter().map(|cosignature| cosignature.line.as_str()).collect();
        format!("{}\n{}{lines}", self.text, self.own)
    }
}

impl Cosignature {
    /// The signature line, with its line end.
    pub fn line(&self) -> &str {
        &self.line
    }
}

/// The origin that a note claims, unauthenticated: to look up whose key it is to be read with.
pub fn claimed_origin(note: &str) -> Option<&str> {
    note.split_once('\n').map(|(origin, _)| origin).filter(|origin| !origin.is_empty())
}

fn cosignatures(
    text: &str,
    lines: &[SignatureLine],
    witnesses: &[VerifierKey],
) -> Result<Vec<Cosignature>, CheckpointError> {
    let mut found: Vec<Cosignature> = Vec::new();
    for (place, witness) in witnesses.iter().enumerate() {
        let mut own = lines.iter().filter(|line| witness.role() == KeyRole::Witness && is_by(line, witness));
        let Some(first) = own.next() else { continue };
        found.push(cosignature::verify(text, first, place, witness)?);
        own.try_for_each(|line| cosignature::verify(text, line, place, witness).map(drop))?;
    }
    Ok(found)
}

/// Whether a line claims to be under this key.
pub(super) fn is_by(line: &SignatureLine, key: &VerifierKey) -> bool {
    line.name == key.name() && line.key_hash == key.hint()
}

/// Reads origin, size and root, each in its only spelling, and passes over extension lines.
fn parse_text(text: &str) -> Result<Checkpoint, CheckpointError> {
    let mut lines = text.split_terminator('\n');
    let (Some(origin), Some(size), Some(root)) = (lines.next(), lines.next(), lines.next()) else {
        return Err(CheckpointError::Lines);
    };
    if origin.is_empty() || lines.any(str::is_empty) {
        return Err(CheckpointError::Lines);
    }
    let number = size.parse::<i64>().ok().and_then(|size| u64::try_from(size).ok()).ok_or(CheckpointError::Size)?;
    let bytes = STANDARD.decode(root).ok().and_then(|bytes| Digest::try_from(bytes.as_slice()).ok());
    let checkpoint = Checkpoint { origin: origin.to_owned(), size: number, root: bytes.ok_or(CheckpointError::Root)? };
    // A sign or leading zeros make another text of the same number.
    if text.starts_with(&checkpoint.note_text()) { Ok(checkpoint) } else { Err(CheckpointError::Size) }
}
