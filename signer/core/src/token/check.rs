//! Checking: a token in its one form, then against the authorities of a trust root and the message.

use const_oid::ObjectIdentifier;

use crate::attribute_set::{self, single_values};
use crate::digest::Digest;
use crate::oid;
use crate::signed_data::{self, ContentInfo, SignedData, SignerInfo};
use crate::tlv::{self, Element, OBJECT_IDENTIFIER, OCTET_STRING, SEQUENCE};

use super::tst_info::TstInfo;
use super::{MAX_BYTES, Stamp, TimeAuthority, TokenError, mint};

/// A token in its one form. Tells nothing until [`Token::verify`] has found who signed it.
pub struct Token {
    info: TstInfo,
    /// `IssuerAndSerialNumber` of the authority's certificate.
    sid: Vec<u8>,
    /// Digest of that certificate.
    certificate: Digest,
    decision: Option<Digest>,
    signed_attributes: Vec<u8>,
    signature: Vec<u8>,
}

impl Token {
    /// Reads at most 4 KiB of DER in the one form that [`super::mint`] writes.
    ///
    /// Fails where any byte would be written differently, and where policy and decision do not belong together.
    pub fn parse(der: &[u8]) -> Result<Self, TokenError> {
        if der.len() > MAX_BYTES {
            return Err(TokenError::TooLarge { limit: MAX_BYTES, actual: der.len() });
        }
        let data = open(der)?;
        let signer = only_signer(&data)?;
        signed_data::check_algorithms(&data, &signer).map_err(|_| TokenError::Algorithm)?;
        let content = tlv::only(data.content.ok_or(TokenError::NoContent)?, OCTET_STRING)?.content;
        let info = TstInfo::read(content)?;
        let stated = Attributes::read(signer.signed_attributes.ok_or(TokenError::NoSignedAttributes)?)?;
        if stated.message_digest != Digest::of(content).as_bytes() {
            return Err(TokenError::ContentDigest);
        }
        check_policy(&info, stated.decision.as_ref())?;
        let signed_attributes = mint::signed_attributes(content, &stated.certificate, stated.decision.as_ref());
        // Where these attributes are not those that travelled, the comparison below fails.
        if mint::write(&info.write()?, signer.sid.whole, &signed_attributes, signer.signature)? != der {
            return Err(TokenError::NotCanonical);
        }
        Ok(Self {
            info,
            sid: signer.sid.whole.to_vec(),
            certificate: stated.certificate,
            decision: stated.decision,
            signed_attributes,
            signature: signer.signature.to_vec(),
        })
    }

    /// Checks that one of `authorities` stamped `message` inside its window and under its policy.
    pub fn verify(&self, authorities: &[TimeAuthority], message: &[u8]) -> Result<Stamp, TokenError> {
        let authority = self.authority(authorities)?;
        authority
            .public_key
            .verify(&self.signed_attributes, &self.signature)
            .map_err(|source| TokenError::Signature { source })?;
        let TstInfo { policy, imprint, time, .. } = self.info;
        if policy != authority.policy {
            return Err(TokenError::Policy { found: policy, expected: authority.policy });
        }
        if imprint != Digest::of(message) {
            return Err(TokenError::Imprint);
        }
        if !authority.window.contains(time) {
            return Err(TokenError::OutsideWindow { time });
        }
        Ok(Stamp { authority: self.certificate, time, decision: self.decision, policy })
    }

    /// The policy, unchecked.
    pub const fn policy(&self) -> ObjectIdentifier {
        self.info.policy
    }

    /// The digest of the stamped message, unchecked.
    pub const fn imprint(&self) -> &Digest {
        &self.info.imprint
    }

    /// The nonce, big-endian without leading zeros, for whoever sent one.
    pub fn nonce(&self) -> Option<&[u8]> {
        self.info.nonce.as_deref()
    }

    /// Attack TIME-05: the authority is the one that the signed attribute names, and the signer must be named alike.
    fn authority<'a>(&self, authorities: &'a [TimeAuthority]) -> Result<&'a TimeAuthority, TokenError> {
        let authority = authorities
            .iter()
            .find(|authority| Digest::of(&authority.certificate) == self.certificate)
            .ok_or(TokenError::Untrusted)?;
        match signed_data::issuer_and_serial(&authority.certificate) {
            Ok(sid) if sid == self.sid => Ok(authority),
            _ => Err(TokenError::SignerMismatch),
        }
    }
}

fn open(der: &[u8]) -> Result<SignedData<'_>, TokenError> {
    let info = ContentInfo::read(der)?;
    if info.kind != oid::SIGNED_DATA.as_bytes() {
        return Err(TokenError::NotSignedData);
    }
    let data = SignedData::read(info.content)?;
    if data.version != [3] {
        return Err(TokenError::Version);
    }
    if data.content_type != oid::TST_INFO.as_bytes() {
        return Err(TokenError::ContentType);
    }
    if data.certificates.is_some() || data.has_crls {
        return Err(TokenError::Enclosure);
    }
    Ok(data)
}

fn only_signer<'a>(data: &SignedData<'a>) -> Result<SignerInfo<'a>, TokenError> {
    let mut signers = data.signers;
    if signers.is_empty() {
        return Err(TokenError::SignerCount);
    }
    let signer = SignerInfo::read(&signers.element()?)?;
    if !signers.is_empty() {
        return Err(TokenError::SignerCount);
    }
    if signer.version != [1] || signer.sid.tag != SEQUENCE {
        return Err(TokenError::Version);
    }
    if signer.unsigned_attributes.is_some() {
        return Err(TokenError::Enclosure);
    }
    Ok(signer)
}

/// No token under the countersigning policy exists without a decision, and no other token carries one.
pub(super) fn check_policy(info: &TstInfo, decision: Option<&Digest>) -> Result<(), TokenError> {
    let countersigns = info.policy == oid::COUNTERSIGN_POLICY;
    if countersigns != decision.is_some() {
        return Err(TokenError::DecisionPolicy { policy: info.policy });
    }
    if countersigns && info.nonce.is_some() {
        return Err(TokenError::Nonce);
    }
    Ok(())
}

/// The signed attributes of a token.
struct Attributes<'a> {
    message_digest: &'a [u8],
    certificate: Digest,
    decision: Option<Digest>,
}

impl<'a> Attributes<'a> {
    fn read(content: &'a [u8]) -> Result<Self, TokenError> {
        let kinds = [oid::CONTENT_TYPE, oid::MESSAGE_DIGEST, oid::SIGNING_CERTIFICATE_V2, oid::DECISION_DIGEST];
        let [content_type, digest, certificate, decision] = single_values(content, kinds)?;
        let content_type = present(content_type, oid::CONTENT_TYPE)?;
        if content_type.tag != OBJECT_IDENTIFIER || content_type.content != oid::TST_INFO.as_bytes() {
            return Err(TokenError::ContentType);
        }
        let message_digest = tlv::only(present(digest, oid::MESSAGE_DIGEST)?.whole, OCTET_STRING)?.content;
        let certificate = present(certificate, oid::SIGNING_CERTIFICATE_V2)?;
        let certificate = digest_of_32(attribute_set::signing_certificate_digest(&certificate)?)?;
        let decision = decision.map(|value| digest_of_32(tlv::only(value.whole, OCTET_STRING)?.content)).transpose()?;
        Ok(Self { message_digest, certificate, decision })
    }
}

fn present(value: Option<Element<'_>>, attribute: ObjectIdentifier) -> Result<Element<'_>, TokenError> {
    value.ok_or(TokenError::AttributeMissing { attribute })
}

fn digest_of_32(bytes: &[u8]) -> Result<Digest, TokenError> {
    Digest::try_from(bytes).map_err(|_| TokenError::NotCanonical)
}
