//! `TSTInfo` (RFC 3161 2.4.2) as our authorities write it: no accuracy, no `ordering`, no `tsa`, no extensions.

use const_oid::ObjectIdentifier;
use der::asn1::GeneralizedTime;
use der::{Decode, Encode};

use crate::digest::Digest;
use crate::signed_data;
use crate::time::Timestamp;
use crate::tlv::{self, INTEGER, OBJECT_IDENTIFIER, OCTET_STRING, Reader, SEQUENCE};

use super::TokenError;

/// BOOLEAN.
const BOOLEAN: u8 = 0x01;
/// RFC 3161: users must be ready for serial numbers of up to 160 bits; no more are read.
const MAX_INTEGER: usize = 20;

/// What a token states.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct TstInfo {
    pub(super) policy: ObjectIdentifier,
    pub(super) imprint: Digest,
    /// Big-endian, without leading zeros.
    pub(super) serial: Vec<u8>,
    pub(super) time: Timestamp,
    /// Big-endian, without leading zeros.
    pub(super) nonce: Option<Vec<u8>>,
}

impl TstInfo {
    /// The one encoding. Fails where a number is longer than any that is read.
    pub(super) fn write(&self) -> Result<Vec<u8>, TokenError> {
        if significant(&self.serial) > MAX_INTEGER
            || self.nonce.as_deref().is_some_and(|n| significant(n) > MAX_INTEGER)
        {
            return Err(TokenError::NotCanonical);
        }
        let imprint = tlv::write(OCTET_STRING, &[self.imprint.as_bytes()]);
        let date = self.time.to_der().map_err(|_| TokenError::TimeForm)?;
        let time = GeneralizedTime::from_date_time(date).to_der().map_err(|_| TokenError::TimeForm)?;
        let nonce = self.nonce.as_ref().map(|nonce| tlv::write_unsigned(nonce));
        Ok(tlv::write(
            SEQUENCE,
            &[
                &tlv::write(INTEGER, &[&[1]]),
                &tlv::write(OBJECT_IDENTIFIER, &[self.policy.as_bytes()]),
                &tlv::write(SEQUENCE, &[&signed_data::sha256(), &imprint]),
                &tlv::write_unsigned(&self.serial),
                &time,
                nonce.as_deref().unwrap_or_default(),
            ],
        ))
    }

    /// Reads it; the caller compares with the one encoding.
    pub(super) fn read(der: &[u8]) -> Result<Self, TokenError> {
        let mut fields = tlv::only(der, SEQUENCE)?.open();
        if fields.expect(INTEGER)?.content != [1] {
            return Err(TokenError::Version);
        }
        let policy = ObjectIdentifier::from_bytes(fields.expect(OBJECT_IDENTIFIER)?.content)
            .map_err(|_| TokenError::NotCanonical)?;
        let imprint = imprint(fields.expect(SEQUENCE)?.open())?;
        let serial = unsigned(fields.expect(INTEGER)?.content)?;
        let time = GeneralizedTime::from_der(fields.element()?.whole).map_err(|_| TokenError::TimeForm)?;
        if fields.optional(SEQUENCE)?.is_some() {
            return Err(TokenError::Accuracy);
        }
        if fields.optional(BOOLEAN)?.is_some() {
            return Err(TokenError::Ordering);
        }
        let nonce = fields.optional(INTEGER)?.map(|element| unsigned(element.content)).transpose()?;
        fields.finish()?;
        Ok(Self { policy, imprint, serial, time: Timestamp::from(time.to_date_time()), nonce })
    }
}

fn imprint(mut fields: Reader<'_>) -> Result<Digest, TokenError> {
    if fields.expect(SEQUENCE)?.whole != signed_data::sha256() {
        return Err(TokenError::Algorithm);
    }
    let hash = fields.expect(OCTET_STRING)?.content;
    fields.finish()?;
    Digest::try_from(hash).map_err(|_| TokenError::NotCanonical)
}

/// How many digits there are behind leading zeros.
fn significant(digits: &[u8]) -> usize {
    digits.iter().skip_while(|byte| **byte == 0).count()
}

/// Digits of a non-negative INTEGER of at most 160 bits.
fn unsigned(content: &[u8]) -> Result<Vec<u8>, TokenError> {
    let digits: Vec<u8> = content.iter().copied().skip_while(|byte| *byte == 0).collect();
    let negative = content.first().is_none_or(|byte| *byte >= 0x80);
    if negative || digits.len() > MAX_INTEGER { Err(TokenError::NotCanonical) } else { Ok(digits) }
}
