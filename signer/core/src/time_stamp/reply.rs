//! `TimeStampResp` (RFC 3161 2.4.2): a token, or the reason why there is none.

use der::Encode;
use der::asn1::GeneralizedTime;

use super::{Query, Rejection};
use crate::attribute_set::{self, octets};
use crate::crypto::SignP256;
use crate::digest::Digest;
use crate::oid;
use crate::signed_data::{self, Parts};
use crate::time::Timestamp;
use crate::tlv::{self, INTEGER, OBJECT_IDENTIFIER, SEQUENCE, SET};
use crate::token::{self, TokenError};

/// BIT STRING.
const BIT_STRING: u8 = 0x03;
/// `UTF8String`.
const UTF8_STRING: u8 = 0x0c;
/// `PKIStatus` rejection.
const REJECTION: u8 = 2;

/// The answer with a token at `time` under the plain policy, with the authority's certificate inside where it was asked
/// for. Without it a SHA-256 token is of the one form that [`token::Token::parse`] reads.
pub fn grant(
    key: &dyn SignP256,
    certificate_der: &[u8],
    query: &Query,
    time: Timestamp,
    serial: &[u8; 16],
) -> Result<Vec<u8>, TokenError> {
    let info = tst_info(query, time, serial)?;
    let attributes = tlv::write_set_of(
        SET,
        vec![
            attribute_set::content_type(oid::TST_INFO),
            octets(oid::MESSAGE_DIGEST, Digest::of(&info).as_bytes()),
            attribute_set::signing_certificate(Digest::of(certificate_der).as_bytes()),
        ],
    );
    let sid = signed_data::issuer_and_serial(certificate_der)
        .map_err(|source| TokenError::AuthorityCertificate { source })?;
    let signature = key.sign_p256(&attributes).map_err(|source| TokenError::Signing { source })?;
    let parts = Parts {
        version: 3,
        content_type: oid::TST_INFO,
        content: Some(&info),
        certificate: query.certificate.then_some(certificate_der),
        sid: &sid,
        signed_attributes: &attributes,
        signature: &signature,
        unsigned_attributes: &[],
    };
    Ok(token::response(&parts.write()?))
}

/// The answer without a token: status, one line of text, and the failure's bit.
pub fn reject(rejection: Rejection) -> Vec<u8> {
    let text = tlv::write(SEQUENCE, &[&tlv::write(UTF8_STRING, &[rejection.to_string().as_bytes()])]);
    let failure = tlv::write(BIT_STRING, &[&named_bit(rejection.bit())]);
    let status = tlv::write(SEQUENCE, &[&tlv::write(INTEGER, &[&[REJECTION]]), &text, &failure]);
    tlv::write(SEQUENCE, &[&status])
}

fn tst_info(query: &Query, time: Timestamp, serial: &[u8; 16]) -> Result<Vec<u8>, TokenError> {
    let date = time.to_der().map_err(|_| TokenError::TimeForm)?;
    let time = GeneralizedTime::from_date_time(date).to_der().map_err(|_| TokenError::TimeForm)?;
    Ok(tlv::write(
        SEQUENCE,
        &[
            &tlv::write(INTEGER, &[&[1]]),
            &tlv::write(OBJECT_IDENTIFIER, &[oid::TIME_POLICY.as_bytes()]),
            &query.imprint,
            &tlv::write_unsigned(serial),
            &time,
            query.nonce.as_deref().unwrap_or_default(),
        ],
    ))
}

/// Content of a BIT STRING with one bit, without trailing zeros (X.690 11.2.2).
fn named_bit(bit: u8) -> Vec<u8> {
    let within = bit % 8;
    let zeros = std::iter::repeat_n(0, usize::from(bit / 8));
    std::iter::once(7 - within).chain(zeros).chain(std::iter::once(0x80 >> within)).collect()
}
