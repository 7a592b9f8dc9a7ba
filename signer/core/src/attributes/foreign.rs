//! The signed attributes of a commit or tag that was signed without an engine: contentType, messageDigest, signingTime as
//! gitsign has them, and ESS signingCertificateV2 where the client names its certificate (docs/formats.md F17).

use super::{certificate_digest, check_content_type, message_digest, present, signing_time, time_value};
use crate::attribute_set::{self, attribute, octets};
use crate::cms::CmsError;
use crate::digest::Digest;
use crate::oid;
use crate::time::Timestamp;
use crate::tlv::{self, SET};

/// The attributes in their one form. Their DER SET OF is what was signed and logged.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ForeignAttributes {
    der: Vec<u8>,
    message_digest: Digest,
    certificate_digest: Option<Digest>,
}

impl ForeignAttributes {
    /// Attributes about an object without its signature, the claimed time, and the certificate where it is named.
    pub fn new(object: Digest, signing_time: Timestamp, certificate: Option<Digest>) -> Result<Self, CmsError> {
        let time = time_value(signing_time)?;
        let mut attributes = vec![
            attribute_set::content_type(oid::DATA),
            octets(oid::MESSAGE_DIGEST, object.as_bytes()),
            attribute(oid::SIGNING_TIME, &time),
        ];
        attributes.extend(certificate.map(|digest| attribute_set::signing_certificate(digest.as_bytes())));
        let der = tlv::write_set_of(SET, attributes);
        Ok(Self { der, message_digest: object, certificate_digest: certificate })
    }

    /// Reads a SET OF, tag 0x31. Fails where it would be written differently.
    pub fn parse(der: &[u8]) -> Result<Self, CmsError> {
        let kinds = [oid::CONTENT_TYPE, oid::MESSAGE_DIGEST, oid::SIGNING_TIME, oid::SIGNING_CERTIFICATE_V2];
        let values = attribute_set::single_values(tlv::only(der, SET)?.content, kinds).map_err(CmsError::signed)?;
        let [content_type, digest, time, certificate] = values;
        check_content_type(&present(content_type, oid::CONTENT_TYPE)?)?;
        let digest = message_digest(&present(digest, oid::MESSAGE_DIGEST)?)?;
        let time = signing_time(&present(time, oid::SIGNING_TIME)?)?;
        let certificate = certificate.map(|value| certificate_digest(&value)).transpose()?;
        let written = Self::new(digest, time, certificate)?;
        if written.der == der { Ok(written) } else { Err(CmsError::NotCanonical) }
    }

    /// Digest of the object's bytes without its signature.
    pub const fn message_digest(&self) -> &Digest {
        &self.message_digest
    }

    /// Digest of the certificate that the signer meant, where it is named.
    pub const fn certificate_digest(&self) -> Option<&Digest> {
        self.certificate_digest.as_ref()
    }

    /// What was signed: the DER SET OF, tag 0x31.
    pub fn der(&self) -> &[u8] {
        &self.der
    }
}
