//! A foreign token: read as its authority wrote it, or in the one form that is embedded; believed only under an authority.

use const_oid::ObjectIdentifier;

use super::algorithm::{Algorithm, Scheme};
use super::signed_attributes::{self, SignerName};
use super::{ForeignAuthority, ForeignStamp, ForeignTokenError, MAX_ACCURACY, MAX_BYTES};
use crate::crypto;
use crate::digest::Digest;
use crate::oid;
use crate::signed_data::{ContentInfo, SignedData, SignerInfo};
use crate::time::Timestamp;
use crate::time_stamp::{MAX_REPLY, TstFields};
use crate::tlv::{self, CONTEXT_0, Element, INTEGER, OBJECT_IDENTIFIER, OCTET_STRING, SEQUENCE, SET};

/// `GeneralizedTime`.
const GENERALIZED_TIME: u8 = 0x18;
/// Digits of a date and a time of day.
const WHOLE_SECONDS: usize = 14;
/// Most digits of a fraction.
const MAX_FRACTION: usize = 9;

/// A token of a foreign authority. Tells nothing until [`ForeignToken::verify`] has found who signed it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ForeignToken {
    /// `TSTInfo`, DER.
    info: Vec<u8>,
    stamp: ForeignStamp,
    imprint: Vec<u8>,
    /// `IssuerAndSerialNumber` of the authority's certificate.
    sid: Vec<u8>,
    name: SignerName,
    algorithm: Algorithm,
    /// A SET OF Attribute, under the tag it was signed with.
    signed_attributes: Vec<u8>,
    signature: Vec<u8>,
}

impl ForeignToken {
    /// Reads a token as its authority wrote it, at most 64 KiB: what it encloses unsigned is left out.
    pub fn read(der: &[u8]) -> Result<Self, ForeignTokenError> {
        if der.len() > MAX_REPLY {
            return Err(ForeignTokenError::TooLarge { limit: MAX_REPLY, actual: der.len() });
        }
        let outer = ContentInfo::read(der)?;
        let data = SignedData::read(outer.content)?;
        if outer.kind != oid::SIGNED_DATA.as_bytes() || data.content_type != oid::TST_INFO.as_bytes() {
            return Err(ForeignTokenError::NotToken);
        }
        let mut signers = data.signers;
        let signer = SignerInfo::read(&signers.element()?)?;
        signers.finish().map_err(|_| ForeignTokenError::SignerCount)?;
        // RFC 5652 5.1, 5.3: the content is no plain data, and the signer is named by issuer and serial number.
        if data.version != [3] || signer.version != [1] || signer.sid.tag != SEQUENCE {
            return Err(ForeignTokenError::Version);
        }
        let info = tlv::only(data.content.ok_or(ForeignTokenError::NotToken)?, OCTET_STRING)?.content;
        let digest = tlv::only(signer.digest_algorithm, SEQUENCE)?;
        let algorithm = Algorithm::read(&digest, &tlv::only(signer.signature_algorithm, SEQUENCE)?)?;
        let attributes = signer.signed_attributes.ok_or(ForeignTokenError::Attributes)?;
        let name = signed_attributes::read(attributes, algorithm.hash, info)?;
        let signature = match algorithm.scheme {
            Scheme::Ecdsa => crypto::lowered(signer.signature).ok_or(ForeignTokenError::Signature)?,
            Scheme::Rsa => signer.signature.to_vec(),
        };
        let (stamp, imprint) = read_info(info)?;
        Ok(Self {
            info: info.to_vec(),
            stamp,
            imprint,
            sid: signer.sid.whole.to_vec(),
            name,
            algorithm,
            signed_attributes: tlv::write(SET, &[attributes]),
            signature,
        })
    }

    /// Reads at most 4 KiB in the one form that is embedded. Fails where any byte would be written differently.
    pub fn parse(der: &[u8]) -> Result<Self, ForeignTokenError> {
        if der.len() > MAX_BYTES {
            return Err(ForeignTokenError::TooLarge { limit: MAX_BYTES, actual: der.len() });
        }
        let token = Self::read(der)?;
        if token.write()? == der { Ok(token) } else { Err(ForeignTokenError::NotCanonical) }
    }

    /// The one form that is embedded. Fails where it has more than 4 KiB.
    pub fn to_der(&self) -> Result<Vec<u8>, ForeignTokenError> {
        let der = self.write()?;
        if der.len() > MAX_BYTES {
            return Err(ForeignTokenError::TooLarge { limit: MAX_BYTES, actual: der.len() });
        }
        Ok(der)
    }

    /// What one of `authorities` vouches for: that `message` existed, at a time inside its window.
    ///
    /// Gives the authority with it, whose key may still be one that does not count.
    pub fn verify<'a>(
        &self,
        authorities: &'a [ForeignAuthority],
        message: &[u8],
    ) -> Result<(ForeignStamp, &'a ForeignAuthority), ForeignTokenError> {
        let named = authorities.iter().find(|authority| authority.sid() == self.sid);
        let authority = named.ok_or(ForeignTokenError::Untrusted)?;
        // Attack TIME-05: the signer is named twice, and the key is the pinned one.
        if !self.name.names(authority.certificate()) {
            return Err(ForeignTokenError::SignerMismatch);
        }
        if !authority.has_signed(&self.signed_attributes, &self.signature, &self.algorithm.verifiers()) {
            return Err(ForeignTokenError::Signature);
        }
        if self.imprint != Digest::of(message).as_bytes() {
            return Err(ForeignTokenError::Imprint);
        }
        let ForeignStamp { time, policy } = self.stamp;
        if !authority.stamps_under(policy) {
            return Err(ForeignTokenError::Policy { found: policy });
        }
        if !authority.window().contains(time) {
            return Err(ForeignTokenError::OutsideWindow { time });
        }
        Ok((self.stamp, authority))
    }

    fn write(&self) -> Result<Vec<u8>, ForeignTokenError> {
        let digest = self.algorithm.digest_der();
        let signer = tlv::write(
            SEQUENCE,
            &[
                &tlv::write(INTEGER, &[&[1]]),
                &self.sid,
                &digest,
                &signed_attributes::travelling(&self.signed_attributes)?,
                &self.algorithm.signature_der(),
                &tlv::write(OCTET_STRING, &[&self.signature]),
            ],
        );
        let content = tlv::write(CONTEXT_0, &[&tlv::write(OCTET_STRING, &[&self.info])]);
        let kind = |kind: ObjectIdentifier| tlv::write(OBJECT_IDENTIFIER, &[kind.as_bytes()]);
        let data = tlv::write(
            SEQUENCE,
            &[
                &tlv::write(INTEGER, &[&[3]]),
                &tlv::write(SET, &[&digest]),
                &tlv::write(SEQUENCE, &[&kind(oid::TST_INFO), &content]),
                &tlv::write(SET, &[&signer]),
            ],
        );
        Ok(tlv::write(SEQUENCE, &[&kind(oid::SIGNED_DATA), &tlv::write(CONTEXT_0, &[&data])]))
    }
}

/// What a `TSTInfo` states, and the imprint it states it about.
fn read_info(der: &[u8]) -> Result<(ForeignStamp, Vec<u8>), ForeignTokenError> {
    let fields = TstFields::read(der)?;
    if fields.version != [1] {
        return Err(ForeignTokenError::Version);
    }
    // RFC 3161 2.4.2: nobody may rely on a token with an extension that he does not know.
    if fields.has_extensions {
        return Err(ForeignTokenError::Extensions);
    }
    if fields.algorithm != oid::SHA256.as_bytes() {
        return Err(ForeignTokenError::Algorithm);
    }
    if let Some(accuracy) = fields.accuracy {
        check_accuracy(&accuracy)?;
    }
    let policy = ObjectIdentifier::from_bytes(fields.policy).map_err(|_| ForeignTokenError::Policies)?;
    Ok((ForeignStamp { time: read_time(&fields.time)?, policy }, fields.imprint.to_vec()))
}

/// `Accuracy`: seconds, then milliseconds and microseconds, of which there are less than a second.
fn check_accuracy(accuracy: &Element<'_>) -> Result<(), ForeignTokenError> {
    let Some(seconds) = accuracy.open().optional(INTEGER)? else { return Ok(()) };
    let negative = seconds.content.first().is_none_or(|byte| *byte >= 0x80);
    let number =
        seconds.content.iter().fold(0_u64, |number, byte| number.saturating_mul(256).saturating_add(u64::from(*byte)));
    if negative || number > MAX_ACCURACY { Err(ForeignTokenError::Accuracy) } else { Ok(()) }
}

/// `YYYYMMDDhhmmss[.f…]Z` without zeros at the end of a fraction (RFC 3161 2.4.2); the fraction is cut off.
fn read_time(element: &Element<'_>) -> Result<Timestamp, ForeignTokenError> {
    let form = || ForeignTokenError::TimeForm;
    let text = element.content.strip_suffix(b"Z").filter(|_| element.tag == GENERALIZED_TIME).ok_or_else(form)?;
    let (whole, fraction) = text.split_at_checked(WHOLE_SECONDS).ok_or_else(form)?;
    if let [point, digits @ ..] = fraction {
        let is_fraction = *point == b'.' && (1..=MAX_FRACTION).contains(&digits.len());
        if !is_fraction || !digits.iter().all(u8::is_ascii_digit) || digits.last() == Some(&b'0') {
            return Err(form());
        }
    }
    let time = tlv::write(GENERALIZED_TIME, &[whole, b"Z"]);
    let time: der::asn1::GeneralizedTime = der::Decode::from_der(&time).map_err(|_| form())?;
    Ok(Timestamp::from(time.to_date_time()))
}
