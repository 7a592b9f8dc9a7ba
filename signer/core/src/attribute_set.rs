//! SET OF Attribute (RFC 5652 5.3) where every type of a closed list stands at most once, with one value.
//!
//! Signed and unsigned attributes of commits and the signed attributes of tokens are all of this form; each caller says
//! what a fault means to it.

use const_oid::ObjectIdentifier;

use crate::oid;
use crate::tlv::{self, Element, OBJECT_IDENTIFIER, OCTET_STRING, Reader, SEQUENCE, SET, TlvError};

/// Writes one attribute with one value, which is an element already.
pub(crate) fn attribute(kind: ObjectIdentifier, value: &[u8]) -> Vec<u8> {
    let kind = tlv::write(OBJECT_IDENTIFIER, &[kind.as_bytes()]);
    tlv::write(SEQUENCE, &[&kind, &tlv::write(SET, &[value])])
}

/// Writes one attribute with some values, each an element already, in the order of a SET OF.
pub(crate) fn attribute_of(kind: ObjectIdentifier, values: Vec<Vec<u8>>) -> Vec<u8> {
    let kind = tlv::write(OBJECT_IDENTIFIER, &[kind.as_bytes()]);
    tlv::write(SEQUENCE, &[&kind, &tlv::write_set_of(SET, values)])
}

/// Writes one attribute whose value is an OCTET STRING.
pub(crate) fn octets(kind: ObjectIdentifier, content: &[u8]) -> Vec<u8> {
    attribute(kind, &tlv::write(OCTET_STRING, &[content]))
}

/// Writes the contentType attribute.
pub(crate) fn content_type(kind: ObjectIdentifier) -> Vec<u8> {
    attribute(oid::CONTENT_TYPE, &tlv::write(OBJECT_IDENTIFIER, &[kind.as_bytes()]))
}

/// Writes the signingCertificateV2 attribute (RFC 5035): one `ESSCertIDv2`, SHA-256 by default, nothing optional.
pub(crate) fn signing_certificate(digest: &[u8; 32]) -> Vec<u8> {
    let id = tlv::write(SEQUENCE, &[&tlv::write(OCTET_STRING, &[digest])]);
    let ids = tlv::write(SEQUENCE, &[&id]);
    attribute(oid::SIGNING_CERTIFICATE_V2, &tlv::write(SEQUENCE, &[&ids]))
}

/// Reads the certificate digest out of the one form that [`signing_certificate`] writes.
pub(crate) fn signing_certificate_digest<'a>(value: &Element<'a>) -> Result<&'a [u8], TlvError> {
    let ids = tlv::only(value.whole, SEQUENCE)?;
    let id = tlv::only(tlv::only(ids.content, SEQUENCE)?.content, SEQUENCE)?;
    Ok(tlv::only(id.content, OCTET_STRING)?.content)
}

/// The values of `kinds`, in the order of that list, out of the content of a SET OF Attribute.
pub(crate) fn single_values<const N: usize>(
    content: &[u8],
    kinds: [ObjectIdentifier; N],
) -> Result<[Option<Element<'_>>; N], AttributeFault> {
    let mut single = [None; N];
    for ((attribute, values), slot) in kinds.into_iter().zip(values(content, kinds)?).zip(&mut single) {
        *slot = values.map(|values| only_value(values, attribute)).transpose()?;
    }
    Ok(single)
}

/// The one value of an attribute.
pub(crate) fn only_value(mut values: Reader<'_>, attribute: ObjectIdentifier) -> Result<Element<'_>, AttributeFault> {
    let value = values.element()?;
    if values.is_empty() { Ok(value) } else { Err(AttributeFault::SeveralValues { attribute }) }
}

/// The same where an attribute may have several values; there is at least one of each that stands there.
pub(crate) fn values<const N: usize>(
    content: &[u8],
    kinds: [ObjectIdentifier; N],
) -> Result<[Option<Reader<'_>>; N], AttributeFault> {
    let mut found = [None; N];
    let mut reader = Reader::new(content);
    let mut position = 0;
    while !reader.is_empty() {
        let mut fields = reader.expect(SEQUENCE)?.open();
        let kind = fields.expect(OBJECT_IDENTIFIER)?;
        let values = fields.expect(SET)?.open();
        fields.finish()?;
        let known = kinds.iter().zip(&mut found).find(|(known, _)| known.as_bytes() == kind.content);
        let (attribute, slot) = known.ok_or(AttributeFault::Unknown { position })?;
        if slot.is_some() {
            return Err(AttributeFault::Twice { attribute: *attribute });
        }
        if values.is_empty() {
            return Err(AttributeFault::NoValue { attribute: *attribute });
        }
        *slot = Some(values);
        position += 1;
    }
    Ok(found)
}

/// Why a SET OF Attribute is not of the closed form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AttributeFault {
    /// An attribute has no value.
    #[error("attribute {attribute} has no value")]
    NoValue {
        /// Its type.
        attribute: ObjectIdentifier,
    },
    /// An attribute has several values.
    #[error("attribute {attribute} has several values")]
    SeveralValues {
        /// Its type.
        attribute: ObjectIdentifier,
    },
    /// Not a sequence of attributes.
    #[error("the attributes are malformed")]
    Structure(#[from] TlvError),
    /// An attribute stands twice.
    #[error("attribute {attribute} stands twice")]
    Twice {
        /// Its type.
        attribute: ObjectIdentifier,
    },
    /// An attribute is not of the list.
    #[error("the attribute at position {position} is none of the expected ones")]
    Unknown {
        /// Its place in the set, from 0.
        position: usize,
    },
}
