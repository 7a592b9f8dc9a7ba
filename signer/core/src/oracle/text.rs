//! Foreign forms that start with text: DSSE, checkpoints and notes, cosignatures.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::Form;

/// The form of `bytes`, where they are one.
pub(super) fn form(bytes: &[u8]) -> Option<Form> {
    if bytes.starts_with(b"DSSEv1 ") {
        return Some(Form::DssePae);
    }
    if bytes.starts_with(b"cosignature/v1\n") {
        return Some(Form::Cosignature);
    }
    if is_checkpoint(bytes) || is_signed_note(bytes) { Some(Form::Checkpoint) } else { None }
}

/// C2SP tlog-checkpoint: origin, decimal size, base64 of a root hash, then anything.
fn is_checkpoint(bytes: &[u8]) -> bool {
    let mut lines = bytes.splitn(4, |byte| *byte == b'\n');
    let (Some(origin), Some(size), Some(root)) = (lines.next(), lines.next(), lines.next()) else { return false };
    let is_decimal = !size.is_empty() && size.len() <= 20 && size.iter().all(u8::is_ascii_digit);
    !origin.is_empty() && is_decimal && root.len() == 44 && STANDARD.decode(root).is_ok_and(|hash| hash.len() == 32)
}

/// C2SP signed-note: after the last blank line, signature lines alone.
fn is_signed_note(bytes: &[u8]) -> bool {
    let Some(start) = bytes.windows(2).rposition(|pair| pair == b"\n\n") else { return false };
    let signatures = bytes.get(start.saturating_add(2)..).unwrap_or_default();
    let Some(lines) = signatures.strip_suffix(b"\n") else { return false };
    lines.split(|byte| *byte == b'\n').all(is_signature_line)
}

/// An em dash, a name, base64 of a key id of four bytes and a signature.
fn is_signature_line(line: &[u8]) -> bool {
    let Some(rest) = str::from_utf8(line).ok().and_then(|line| line.strip_prefix("\u{2014} ")) else { return false };
    rest.split_once(' ').is_some_and(|(name, signature)| {
        !name.is_empty() && STANDARD.decode(signature).is_ok_and(|bytes| bytes.len() > 4)
    })
}
