//! What a foreign authority signs beside the `TSTInfo`: attributes of any kind, of which three are looked at.

use super::ForeignTokenError;
use super::algorithm::Hash;
use crate::crypto;
use crate::oid;
use crate::tlv::{self, CONTEXT_0, Element, OBJECT_IDENTIFIER, OCTET_STRING, Reader, SEQUENCE, SET};

/// Most attributes; authorities write four to six.
const MAX_ATTRIBUTES: usize = 16;

/// The certificate that the authority says it signs with. Every name given must be right.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct SignerName {
    /// RFC 2634 5.4: SHA-1.
    first: Option<Vec<u8>>,
    /// RFC 5035: any digest.
    second: Option<(Hash, Vec<u8>)>,
}

impl SignerName {
    /// Whether it names this certificate.
    pub(super) fn names(&self, certificate: &[u8]) -> bool {
        let first = self.first.as_ref().is_none_or(|digest| crypto::sha1_of_certificate(certificate) == *digest);
        let second = self.second.as_ref().is_none_or(|(hash, digest)| hash.of(certificate) == *digest);
        first && second
    }
}

/// Checks that the attributes are about this content; gives the signer's name.
///
/// Fails where one of ours stands twice or with several values, and where contentType, messageDigest or the signer's name is
/// missing (RFC 3161 2.4.2).
pub(super) fn read(content: &[u8], hash: Hash, info: &[u8]) -> Result<SignerName, ForeignTokenError> {
    let kinds = [oid::CONTENT_TYPE, oid::MESSAGE_DIGEST, oid::SIGNING_CERTIFICATE, oid::SIGNING_CERTIFICATE_V2];
    let mut found = [None; 4];
    let mut attributes = Reader::new(content);
    for _ in 0..MAX_ATTRIBUTES {
        if attributes.is_empty() {
            break;
        }
        let mut fields = attributes.expect(SEQUENCE)?.open();
        let kind = fields.expect(OBJECT_IDENTIFIER)?.content;
        let values = fields.expect(SET)?;
        fields.finish()?;
        let known = kinds.iter().zip(&mut found).find(|(known, _)| known.as_bytes() == kind);
        let Some((_, slot)) = known else { continue };
        if slot.replace(only_value(&values)?).is_some() {
            return Err(ForeignTokenError::Attributes);
        }
    }
    attributes.finish()?;
    let [content_type, message_digest, first, second] = found;
    let content_type = content_type.ok_or(ForeignTokenError::Attributes)?;
    if content_type.whole != tlv::write(OBJECT_IDENTIFIER, &[oid::TST_INFO.as_bytes()]) {
        return Err(ForeignTokenError::NotToken);
    }
    let message_digest = message_digest.ok_or(ForeignTokenError::Attributes)?;
    if message_digest.whole != tlv::write(OCTET_STRING, &[&hash.of(info)]) {
        return Err(ForeignTokenError::ContentDigest);
    }
    if first.is_none() && second.is_none() {
        return Err(ForeignTokenError::SignerUnnamed);
    }
    Ok(SignerName {
        first: first.map(|value| first_name(&value)).transpose()?,
        second: second.map(|value| second_name(&value)).transpose()?,
    })
}

fn only_value<'a>(values: &Element<'a>) -> Result<Element<'a>, ForeignTokenError> {
    let mut values = values.open();
    let value = values.element()?;
    values.finish().map_err(|_| ForeignTokenError::Attributes)?;
    Ok(value)
}

/// The certificate's id: the first of the list, the signer's by RFC 2634 5.4 and RFC 5035 3.
fn first_id<'a>(value: &Element<'a>) -> Result<Reader<'a>, ForeignTokenError> {
    let mut ids = tlv::only(value.whole, SEQUENCE)?.open().expect(SEQUENCE)?.open();
    Ok(ids.expect(SEQUENCE)?.open())
}

/// `ESSCertID`.
fn first_name(value: &Element<'_>) -> Result<Vec<u8>, ForeignTokenError> {
    Ok(first_id(value)?.expect(OCTET_STRING)?.content.to_vec())
}

/// `ESSCertIDv2`, whose digest is SHA-256 where none is named.
fn second_name(value: &Element<'_>) -> Result<(Hash, Vec<u8>), ForeignTokenError> {
    let mut id = first_id(value)?;
    let hash = match id.optional(SEQUENCE)? {
        Some(identifier) => Hash::read(&identifier)?,
        None => Hash::Sha256,
    };
    Ok((hash, id.expect(OCTET_STRING)?.content.to_vec()))
}

/// The attributes as they travel, under `[0]`.
pub(super) fn travelling(signed: &[u8]) -> Result<Vec<u8>, ForeignTokenError> {
    Ok(tlv::write(CONTEXT_0, &[tlv::only(signed, SET)?.content]))
}
