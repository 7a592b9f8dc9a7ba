//! CMS `SignedData` with one signer (RFC 5652 5.1, 5.3): cut into its fields unjudged, and written from them.
//!
//! What each field must be differs between commit signatures and tokens; `cms.rs` and `token.rs` judge. Both write what
//! they read again and compare, so every byte is either checked or one of the few parts that they hand on.

use const_oid::ObjectIdentifier;

use crate::oid;
use crate::tlv::{
    self, CONTEXT_0, CONTEXT_1, Element, INTEGER, OBJECT_IDENTIFIER, OCTET_STRING, Reader, SEQUENCE, SET, TlvError,
};

/// The content type and content of a `ContentInfo`.
pub(crate) struct ContentInfo<'a> {
    pub(crate) kind: &'a [u8],
    pub(crate) content: &'a [u8],
}

impl<'a> ContentInfo<'a> {
    /// Cuts a `ContentInfo` that must be all of `der`.
    pub(crate) fn read(der: &'a [u8]) -> Result<Self, TlvError> {
        let mut fields = tlv::only(der, SEQUENCE)?.open();
        let kind = fields.expect(OBJECT_IDENTIFIER)?.content;
        let content = fields.expect(CONTEXT_0)?.content;
        fields.finish()?;
        Ok(Self { kind, content })
    }
}

/// The fields of `SignedData`.
pub(crate) struct SignedData<'a> {
    pub(crate) version: &'a [u8],
    pub(crate) digest_algorithms: &'a [u8],
    pub(crate) content_type: &'a [u8],
    pub(crate) content: Option<&'a [u8]>,
    pub(crate) certificates: Option<Reader<'a>>,
    pub(crate) has_crls: bool,
    pub(crate) signers: Reader<'a>,
}

impl<'a> SignedData<'a> {
    /// Cuts the `SignedData` that must be all of `der`.
    pub(crate) fn read(der: &'a [u8]) -> Result<Self, TlvError> {
        let mut fields = tlv::only(der, SEQUENCE)?.open();
        let version = fields.expect(INTEGER)?.content;
        let digest_algorithms = fields.expect(SET)?.content;
        let mut encapsulated = fields.expect(SEQUENCE)?.open();
        let content_type = encapsulated.expect(OBJECT_IDENTIFIER)?.content;
        let content = encapsulated.optional(CONTEXT_0)?.map(|element| element.content);
        encapsulated.finish()?;
        let certificates = fields.optional(CONTEXT_0)?.map(|element| element.open());
        let has_crls = fields.optional(CONTEXT_1)?.is_some();
        let signers = fields.expect(SET)?.open();
        fields.finish()?;
        Ok(Self { version, digest_algorithms, content_type, content, certificates, has_crls, signers })
    }
}

/// The fields of one `SignerInfo`.
pub(crate) struct SignerInfo<'a> {
    pub(crate) version: &'a [u8],
    pub(crate) sid: Element<'a>,
    pub(crate) digest_algorithm: &'a [u8],
    pub(crate) signed_attributes: Option<&'a [u8]>,
    pub(crate) signature_algorithm: &'a [u8],
    pub(crate) signature: &'a [u8],
    pub(crate) unsigned_attributes: Option<&'a [u8]>,
}

impl<'a> SignerInfo<'a> {
    /// Cuts a `SignerInfo`.
    pub(crate) fn read(signer: &Element<'a>) -> Result<Self, TlvError> {
        let mut fields = tlv::only(signer.whole, SEQUENCE)?.open();
        let version = fields.expect(INTEGER)?.content;
        let sid = fields.element()?;
        let digest_algorithm = fields.expect(SEQUENCE)?.whole;
        let signed_attributes = fields.optional(CONTEXT_0)?.map(|element| element.content);
        let signature_algorithm = fields.expect(SEQUENCE)?.whole;
        let signature = fields.expect(OCTET_STRING)?.content;
        let unsigned_attributes = fields.optional(CONTEXT_1)?.map(|element| element.content);
        fields.finish()?;
        Ok(Self {
            version,
            sid,
            digest_algorithm,
            signed_attributes,
            signature_algorithm,
            signature,
            unsigned_attributes,
        })
    }
}

/// `AlgorithmIdentifier` of SHA-256, parameters absent (RFC 5754 2).
pub(crate) fn sha256() -> Vec<u8> {
    algorithm(oid::SHA256)
}

/// `AlgorithmIdentifier` of ECDSA with SHA-256, parameters absent (RFC 5758 3.2).
pub(crate) fn ecdsa_sha256() -> Vec<u8> {
    algorithm(oid::ECDSA_SHA256)
}

fn algorithm(kind: ObjectIdentifier) -> Vec<u8> {
    tlv::write(SEQUENCE, &[&tlv::write(OBJECT_IDENTIFIER, &[kind.as_bytes()])])
}

/// Why the algorithms of a signer and of its `SignedData` are not ours.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum AlgorithmFault {
    /// The list outside is not exactly the signer's digest algorithm.
    Inconsistent,
    /// Digest and signature algorithm name different hashes.
    Mismatch,
    /// Another algorithm, or our algorithm with parameters.
    NotAllowed,
}

/// Checks that SHA-256 and ECDSA with SHA-256 are named, once each and without parameters.
pub(crate) fn check_algorithms(data: &SignedData<'_>, signer: &SignerInfo<'_>) -> Result<(), AlgorithmFault> {
    /// ansi-X9-62 signatures, 1.2.840.10045.4: all of ECDSA.
    const ECDSA: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04];
    if data.digest_algorithms != signer.digest_algorithm {
        return Err(AlgorithmFault::Inconsistent);
    }
    let is_ecdsa = tlv::only(signer.signature_algorithm, SEQUENCE)
        .and_then(|fields| fields.open().expect(OBJECT_IDENTIFIER))
        .is_ok_and(|kind| kind.content.starts_with(ECDSA));
    match (signer.digest_algorithm == sha256(), signer.signature_algorithm == ecdsa_sha256()) {
        (true, true) => Ok(()),
        (true, false) if is_ecdsa => Err(AlgorithmFault::Mismatch),
        (false, true) => Err(AlgorithmFault::Mismatch),
        (true | false, false) => Err(AlgorithmFault::NotAllowed),
    }
}

/// What a `SignedData` of ours is written from; everything else in it is fixed.
pub(crate) struct Parts<'a> {
    /// 1 for plain data, 3 for any other content type (RFC 5652 5.1).
    pub(crate) version: u8,
    /// Type of the content.
    pub(crate) content_type: ObjectIdentifier,
    /// The content, or nothing where it is detached.
    pub(crate) content: Option<&'a [u8]>,
    /// The certificate, where one travels inside.
    pub(crate) certificate: Option<&'a [u8]>,
    /// `IssuerAndSerialNumber` of the signer's certificate.
    pub(crate) sid: &'a [u8],
    /// What was signed: a SET OF Attribute, tag 0x31.
    pub(crate) signed_attributes: &'a [u8],
    /// The signature over it.
    pub(crate) signature: &'a [u8],
    /// A SET OF Attribute under tag `[1]`, or nothing.
    pub(crate) unsigned_attributes: &'a [u8],
}

impl Parts<'_> {
    /// The one encoding. Fails where the signed attributes are not one SET.
    pub(crate) fn write(&self) -> Result<Vec<u8>, TlvError> {
        let digest_algorithm = sha256();
        let content_type = tlv::write(OBJECT_IDENTIFIER, &[self.content_type.as_bytes()]);
        let content = self.content.map(|content| tlv::write(CONTEXT_0, &[&tlv::write(OCTET_STRING, &[content])]));
        let certificates = self.certificate.map(|certificate| tlv::write(CONTEXT_0, &[certificate]));
        let signed_attributes = tlv::only(self.signed_attributes, SET)?.content;
        let signer = tlv::write(
            SEQUENCE,
            &[
                &tlv::write(INTEGER, &[&[1]]),
                self.sid,
                &digest_algorithm,
                &tlv::write(CONTEXT_0, &[signed_attributes]),
                &ecdsa_sha256(),
                &tlv::write(OCTET_STRING, &[self.signature]),
                self.unsigned_attributes,
            ],
        );
        let data = tlv::write(
            SEQUENCE,
            &[
                &tlv::write(INTEGER, &[&[self.version]]),
                &tlv::write(SET, &[&digest_algorithm]),
                &tlv::write(SEQUENCE, &[&content_type, content.as_deref().unwrap_or_default()]),
                certificates.as_deref().unwrap_or_default(),
                &tlv::write(SET, &[&signer]),
            ],
        );
        let kind = tlv::write(OBJECT_IDENTIFIER, &[oid::SIGNED_DATA.as_bytes()]);
        Ok(tlv::write(SEQUENCE, &[&kind, &tlv::write(CONTEXT_0, &[&data])]))
    }
}

/// `IssuerAndSerialNumber` of a certificate, cut from its bytes; whether the certificate is sound is not asked here.
pub(crate) fn issuer_and_serial(certificate: &[u8]) -> Result<Vec<u8>, TlvError> {
    let mut fields = tlv::only(certificate, SEQUENCE)?.open().expect(SEQUENCE)?.open();
    fields.expect(CONTEXT_0)?;
    let serial = fields.expect(INTEGER)?.whole;
    fields.expect(SEQUENCE)?;
    let issuer = fields.expect(SEQUENCE)?.whole;
    Ok(tlv::write(SEQUENCE, &[issuer, serial]))
}
