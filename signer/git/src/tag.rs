//! Annotated tags: four headers, the message, and the signature as the end of the body (docs/formats.md F3).

use signer_core::git_name::RefName;

use crate::commit::check_armor;
use crate::header::{self, Block};
use crate::ident::Ident;
use crate::object::{MAX_OBJECT, ObjectError, ObjectKind, Signed};
use crate::object_id::{ObjectFormat, ObjectId};

/// How git recognises the first line of a signature (`gpg-interface.c`, `get_format_by_sig`).
const BEGINNINGS: [&[u8]; 4] = [
    b"-----BEGIN SIGNED MESSAGE-----",
    b"-----BEGIN PGP SIGNATURE-----",
    b"-----BEGIN PGP MESSAGE-----",
    b"-----BEGIN SSH SIGNATURE-----",
];

/// A tag that git would have written byte for byte.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Tag {
    /// What is tagged.
    pub object: ObjectId,
    /// The kind the tag says it has; `Repository::tagged` checks that.
    pub kind: ObjectKind,
    /// The name, without `refs/tags/`.
    pub name: String,
    /// Who tagged: a claim.
    pub tagger: Ident,
    /// The body: the message, and the signature if there is one.
    pub message: Vec<u8>,
}

impl Tag {
    /// Reads a tag, signed or not. Fails on anything git would not write.
    pub fn parse(bytes: &[u8], format: ObjectFormat) -> Result<Self, ObjectError> {
        let block = Block::split(bytes)?;
        let mut headers = block.cursor();
        let object = ObjectId::from_hex(headers.take("object")?.as_bytes(), format)?;
        let kind = headers.take("type")?.parse()?;
        let name = headers.take("tag")?.to_owned();
        let tagger = Ident::parse(headers.take("tagger")?, "tagger")?;
        match headers.extra()?.first() {
            // A tag's own signature ends its body; the header is the other hash's, which nobody here checks.
            Some(extra) if header::is_signature(extra.key) => return Err(ObjectError::SignatureHash),
            Some(_) => return Err(ObjectError::HeaderOrder { header: "tagger" }),
            None => {}
        }
        if block.body.contains(&0) {
            return Err(ObjectError::NulInMessage);
        }
        format!("refs/tags/{name}").parse::<RefName>().map_err(|_| ObjectError::TagName)?;
        Ok(Self { object, kind, name, tagger, message: block.body.to_vec() })
    }

    /// Fails unless `reference` is `refs/tags/` and the name of this tag, so that no tag passes for another.
    pub fn check_name(&self, reference: &str) -> Result<(), ObjectError> {
        if reference.strip_prefix("refs/tags/") == Some(&self.name) {
            Ok(())
        } else {
            Err(ObjectError::TagNameMismatch)
        }
    }
}

/// Takes a signed tag apart. Fails where the body holds more than one beginning of a signature: git takes the last,
/// others the first.
pub fn split_signature(bytes: &[u8], format: ObjectFormat) -> Result<Signed, ObjectError> {
    let block = Block::split(bytes)?;
    // Git drops signature headers from a tag's payload, so they would be unsigned.
    if block.signature(format)?.is_some() {
        return Err(ObjectError::SignatureDuplicate);
    }
    let body = bytes.len() - block.body.len();
    let mut at = body;
    let mut found = None;
    for line in bytes.get(body..).unwrap_or_default().split_inclusive(|byte| *byte == b'\n') {
        if BEGINNINGS.iter().any(|beginning| line.starts_with(beginning)) && found.replace(at).is_some() {
            return Err(ObjectError::SignatureBlocks);
        }
        at += line.len();
    }
    let start = found.ok_or(ObjectError::TagUnsigned)?;
    let (payload, armor) = bytes.split_at_checked(start).ok_or(ObjectError::TagUnsigned)?;
    check_armor(armor)?;
    Ok(Signed { payload: payload.to_vec(), armor: armor.to_vec() })
}

/// The object git makes of a payload and the signing program's answer: the one after the other. Fails where
/// [`split_signature`] would not find this signature again.
pub fn join(payload: &[u8], armor: &[u8], format: ObjectFormat) -> Result<Vec<u8>, ObjectError> {
    if armor.is_empty() {
        return Err(ObjectError::SignatureEmpty);
    }
    if payload.len().saturating_add(armor.len()) > MAX_OBJECT {
        return Err(ObjectError::TooLarge { actual: payload.len().saturating_add(armor.len()) });
    }
    let object = [payload, armor].concat();
    let again = split_signature(&object, format)?;
    if again.payload == payload { Ok(object) } else { Err(ObjectError::SignatureArmor) }
}

#[cfg(test)]
mod tests;
