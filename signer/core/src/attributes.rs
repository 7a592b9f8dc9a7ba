//! The five signed attributes of a commit or tag (docs/formats.md F3): contentType, messageDigest, signingTime, ESS
//! signingCertificateV2, provenance. Their DER SET OF is what the leaf's key signs and the log records.

mod foreign;

use const_oid::ObjectIdentifier;
use der::asn1::{GeneralizedTime, UtcTime};
use der::{Decode, Encode};

use crate::attribute_set::{self, attribute, octets};
use crate::canonical::CanonicalError;
use crate::cms::CmsError;
use crate::digest::Digest;
use crate::oid;
use crate::provenance;
use crate::time::Timestamp;
use crate::tlv::{self, Element, OBJECT_IDENTIFIER, OCTET_STRING, SET, TlvError};

pub use foreign::ForeignAttributes;

/// `UTCTime`.
const UTC_TIME: u8 = 0x17;
/// `GeneralizedTime`.
const GENERALIZED_TIME: u8 = 0x18;

/// Writes the attributes: a DER SET OF, tag 0x31. Fails where the provenance is over its limit.
pub fn encode(
    object_digest: &Digest,
    signing_time: Timestamp,
    leaf_der_digest: &Digest,
    provenance: &[u8],
) -> Result<Vec<u8>, CmsError> {
    check_size(provenance)?;
    let time = time_value(signing_time)?;
    let attributes = vec![
        attribute_set::content_type(oid::DATA),
        octets(oid::MESSAGE_DIGEST, object_digest.as_bytes()),
        attribute(oid::SIGNING_TIME, &time),
        attribute_set::signing_certificate(leaf_der_digest.as_bytes()),
        octets(oid::PROVENANCE, provenance),
    ];
    Ok(tlv::write_set_of(SET, attributes))
}

/// The five signed attributes, read from the bytes that were signed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SignedAttributes {
    der: Vec<u8>,
    message_digest: Digest,
    signing_time: Timestamp,
    certificate_digest: Digest,
    provenance: Vec<u8>,
}

impl SignedAttributes {
    /// Reads the SET OF in the one form that [`encode`] writes.
    ///
    /// Fails where an attribute is missing, repeated, unknown or of the wrong type, and where order or any encoding differs.
    pub fn parse(der: &[u8]) -> Result<Self, CmsError> {
        let kinds =
            [oid::CONTENT_TYPE, oid::MESSAGE_DIGEST, oid::SIGNING_TIME, oid::SIGNING_CERTIFICATE_V2, oid::PROVENANCE];
        let values = attribute_set::single_values(tlv::only(der, SET)?.content, kinds).map_err(CmsError::signed)?;
        let [content_type, digest, time, certificate, provenance] = values;
        check_content_type(&present(content_type, oid::CONTENT_TYPE)?)?;
        let message_digest = message_digest(&present(digest, oid::MESSAGE_DIGEST)?)?;
        let signing_time = signing_time(&present(time, oid::SIGNING_TIME)?)?;
        let certificate_digest = certificate_digest(&present(certificate, oid::SIGNING_CERTIFICATE_V2)?)?;
        let provenance = typed(&present(provenance, oid::PROVENANCE)?, OCTET_STRING, oid::PROVENANCE)?;
        let written = encode(&message_digest, signing_time, &certificate_digest, provenance)?;
        if written != der {
            return Err(CmsError::NotCanonical);
        }
        Ok(Self { der: written, message_digest, signing_time, certificate_digest, provenance: provenance.to_vec() })
    }

    /// Digest of the object's bytes without its signature.
    pub const fn message_digest(&self) -> &Digest {
        &self.message_digest
    }

    /// When the signer says it signed: a claim, never evidence (attack TIME-15).
    pub const fn signing_time(&self) -> Timestamp {
        self.signing_time
    }

    /// Digest of the certificate that the signer meant.
    pub const fn certificate_digest(&self) -> &Digest {
        &self.certificate_digest
    }

    /// The provenance as it was signed.
    pub fn provenance_bytes(&self) -> &[u8] {
        &self.provenance
    }

    /// What was signed: the DER SET OF, tag 0x31.
    pub fn der(&self) -> &[u8] {
        &self.der
    }
}

fn check_size(provenance: &[u8]) -> Result<(), CmsError> {
    if provenance.len() > provenance::MAX_BYTES {
        let (limit, actual) = (provenance::MAX_BYTES, provenance.len());
        return Err(CanonicalError::TooLarge { limit, actual }.into());
    }
    Ok(())
}

fn present(value: Option<Element<'_>>, attribute: ObjectIdentifier) -> Result<Element<'_>, CmsError> {
    value.ok_or(CmsError::AttributeMissing { attribute })
}

fn typed<'a>(value: &Element<'a>, tag: u8, attribute: ObjectIdentifier) -> Result<&'a [u8], CmsError> {
    if value.tag == tag { Ok(value.content) } else { Err(CmsError::AttributeType { attribute }) }
}

fn check_content_type(value: &Element<'_>) -> Result<(), CmsError> {
    let content = typed(value, OBJECT_IDENTIFIER, oid::CONTENT_TYPE)?;
    if content == oid::DATA.as_bytes() { Ok(()) } else { Err(CmsError::ContentTypeMismatch) }
}

fn message_digest(value: &Element<'_>) -> Result<Digest, CmsError> {
    let content = typed(value, OCTET_STRING, oid::MESSAGE_DIGEST)?;
    Digest::try_from(content).map_err(|_| CmsError::MessageDigestLength { actual: content.len() })
}

fn certificate_digest(value: &Element<'_>) -> Result<Digest, CmsError> {
    typed(value, tlv::SEQUENCE, oid::SIGNING_CERTIFICATE_V2)?;
    let content = attribute_set::signing_certificate_digest(value).map_err(|_| CmsError::CertificateNotNamed)?;
    Digest::try_from(content).map_err(|_| CmsError::CertificateNotNamed)
}

/// RFC 5652 11.3: `UTCTime` through 2049, `GeneralizedTime` from then on.
fn time_value(time: Timestamp) -> Result<Vec<u8>, CmsError> {
    let unwritable = |_| CmsError::AttributeType { attribute: oid::SIGNING_TIME };
    let date = time.to_der().map_err(|_| CmsError::AttributeType { attribute: oid::SIGNING_TIME })?;
    match UtcTime::from_date_time(date) {
        Ok(short) => short.to_der().map_err(unwritable),
        Err(_) => GeneralizedTime::from_date_time(date).to_der().map_err(unwritable),
    }
}

fn signing_time(value: &Element<'_>) -> Result<Timestamp, CmsError> {
    let date = match value.tag {
        UTC_TIME => UtcTime::from_der(value.whole).map(|time| time.to_date_time()),
        GENERALIZED_TIME => GeneralizedTime::from_der(value.whole).map(|time| time.to_date_time()),
        _ => return Err(CmsError::AttributeType { attribute: oid::SIGNING_TIME }),
    };
    date.map(Timestamp::from).map_err(|_| CmsError::Structure(TlvError::NotDer))
}

#[cfg(test)]
mod tests;
