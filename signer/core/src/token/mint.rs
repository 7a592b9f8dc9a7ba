//! Minting: an authority's key states that a message existed at a time, and under which decision.

use const_oid::ObjectIdentifier;

use crate::attribute_set::{self, octets};
use crate::crypto::SignP256;
use crate::digest::Digest;
use crate::oid;
use crate::signed_data::{self, Parts};
use crate::time::Timestamp;
use crate::tlv::{self, INTEGER, SEQUENCE, SET};

use super::check::check_policy;
use super::tst_info::TstInfo;
use super::{MAX_BYTES, TokenError};

/// What an authority is asked to state.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Request<'a> {
    /// The policy, which must be that of the authority's certificate.
    pub policy: ObjectIdentifier,
    /// SHA-256 of the message.
    pub imprint: &'a Digest,
    /// Now.
    pub time: Timestamp,
    /// A number this authority uses once.
    pub serial: &'a [u8; 16],
    /// Digest of the allow decision: present under the countersigning policy, absent under any other.
    pub decision: Option<&'a Digest>,
    /// The requester's number, big-endian; never under the countersigning policy.
    pub nonce: Option<&'a [u8]>,
}

/// Mints a token over `message`. Fails where the result would not be a token that [`Token::parse`](super::Token::parse)
/// reads.
pub fn mint(
    key: &dyn SignP256,
    certificate_der: &[u8],
    policy: ObjectIdentifier,
    message: &[u8],
    time: Timestamp,
    serial: &[u8; 16],
    decision: Option<&Digest>,
) -> Result<Vec<u8>, TokenError> {
    let imprint = Digest::of(message);
    mint_request(key, certificate_der, &Request { policy, imprint: &imprint, time, serial, decision, nonce: None })
}

/// Mints a token for somebody who sent the digest of a message, and perhaps a nonce.
pub fn mint_request(key: &dyn SignP256, certificate_der: &[u8], request: &Request<'_>) -> Result<Vec<u8>, TokenError> {
    Stamper::read(certificate_der)?.mint(key, request)
}

/// How tokens name an authority, read from its certificate once.
pub struct Stamper {
    /// `IssuerAndSerialNumber`.
    sid: Vec<u8>,
    certificate: Digest,
}

impl Stamper {
    /// Reads an authority's certificate. Whether it is sound is not asked here.
    pub fn read(certificate_der: &[u8]) -> Result<Self, TokenError> {
        let sid = signed_data::issuer_and_serial(certificate_der)
            .map_err(|source| TokenError::AuthorityCertificate { source })?;
        Ok(Self { sid, certificate: Digest::of(certificate_der) })
    }

    /// Mints a token with the authority's key. Fails where the result would not be a token that
    /// [`Token::parse`](super::Token::parse) reads.
    pub fn mint(&self, key: &dyn SignP256, request: &Request<'_>) -> Result<Vec<u8>, TokenError> {
        let info = TstInfo {
            policy: request.policy,
            imprint: *request.imprint,
            serial: request.serial.to_vec(),
            time: request.time,
            nonce: request.nonce.map(<[u8]>::to_vec),
        };
        // What a reader asks beyond the form, which is fixed here.
        check_policy(&info, request.decision)?;
        let info = info.write()?;
        let attributes = signed_attributes(&info, &self.certificate, request.decision);
        let signature = key.sign_p256(&attributes).map_err(|source| TokenError::Signing { source })?;
        let der = write(&info, &self.sid, &attributes, &signature)?;
        if der.len() > MAX_BYTES {
            return Err(TokenError::TooLarge { limit: MAX_BYTES, actual: der.len() });
        }
        Ok(der)
    }
}

/// The signed attributes: contentType, messageDigest, signing certificate, and the decision's digest where there is one.
pub(super) fn signed_attributes(info: &[u8], certificate: &Digest, decision: Option<&Digest>) -> Vec<u8> {
    let mut attributes = vec![
        attribute_set::content_type(oid::TST_INFO),
        octets(oid::MESSAGE_DIGEST, Digest::of(info).as_bytes()),
        attribute_set::signing_certificate(certificate.as_bytes()),
    ];
    attributes.extend(decision.map(|digest| octets(oid::DECISION_DIGEST, digest.as_bytes())));
    tlv::write_set_of(SET, attributes)
}

/// The one encoding of a token.
pub(super) fn write(info: &[u8], sid: &[u8], attributes: &[u8], signature: &[u8]) -> Result<Vec<u8>, TokenError> {
    let parts = Parts {
        version: 3,
        content_type: oid::TST_INFO,
        content: Some(info),
        certificate: None,
        sid,
        signed_attributes: attributes,
        signature,
        unsigned_attributes: &[],
    };
    Ok(parts.write()?)
}

/// Wraps a token into the `TimeStampResp` with status `granted` that bundles carry (RFC 3161 2.4.2).
pub fn response(token: &[u8]) -> Vec<u8> {
    tlv::write(SEQUENCE, &[&granted_status(), token])
}

/// The token inside a `TimeStampResp`, in the one form that [`response`] writes. Fails for any status but `granted`.
pub fn granted(response: &[u8]) -> Result<&[u8], TokenError> {
    let mut fields = tlv::only(response, SEQUENCE)?.open();
    if fields.expect(SEQUENCE)?.whole != granted_status() {
        return Err(TokenError::NotGranted);
    }
    let token = fields.expect(SEQUENCE)?.whole;
    fields.finish()?;
    Ok(token)
}

/// `PKIStatusInfo` with status 0 and nothing else.
fn granted_status() -> Vec<u8> {
    tlv::write(SEQUENCE, &[&tlv::write(INTEGER, &[&[0]])])
}
