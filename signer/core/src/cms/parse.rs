//! Finds the parts of a signature and names the first rule that the structure breaks.

use const_oid::ObjectIdentifier;

use crate::attribute_set::{only_value, values};
use crate::oid;
use crate::signed_data::{self, ContentInfo, SignedData, SignerInfo};
use crate::tlv::{self, Element, OCTET_STRING, Reader, SEQUENCE, SET};
use crate::token;

use super::{CmsError, MAX_BYTES};

/// From this many certificates on, the refusal names the limit (attack CMS-22).
const CERTIFICATE_LIMIT: usize = 10;
/// Most tokens: the countersigning authority's and one foreign authority's.
const MAX_TOKENS: usize = 2;
/// Content of the INTEGER 1.
const ONE: &[u8] = &[1];

/// The parts, as spans of the input; the signed attributes under the tag they were signed with.
pub(super) struct Found<'a> {
    pub(super) signed_attributes: Vec<u8>,
    pub(super) signature: &'a [u8],
    pub(super) certificate: &'a [u8],
    pub(super) token: &'a [u8],
    pub(super) foreign: Option<&'a [u8]>,
    pub(super) entry: &'a [u8],
    pub(super) decision: &'a [u8],
}

/// The parts that every signature of a commit or tag has, whoever vouches for it.
pub(super) struct Skeleton<'a> {
    /// Under the tag they were signed with.
    pub(super) signed_attributes: Vec<u8>,
    pub(super) signature: &'a [u8],
    pub(super) certificate: &'a [u8],
    /// Content of the SET OF Attribute that nobody signed.
    pub(super) unsigned: Option<&'a [u8]>,
}

/// Finds the parts. What it does not look at, the caller compares with the one encoding.
pub(super) fn find(der: &[u8]) -> Result<Found<'_>, CmsError> {
    let Skeleton { signed_attributes, signature, certificate, unsigned } = skeleton(der)?;
    let Unsigned { tokens: (token, foreign), entry, decision } = unsigned_attributes(unsigned)?;
    Ok(Found { signed_attributes, signature, certificate, token, foreign, entry, decision })
}

/// Finds what does not depend on the unsigned attributes.
pub(super) fn skeleton(der: &[u8]) -> Result<Skeleton<'_>, CmsError> {
    let data = open(der)?;
    if data.version != ONE {
        return Err(CmsError::Version);
    }
    if data.content_type != oid::DATA.as_bytes() {
        return Err(CmsError::ContentTypeUnexpected);
    }
    if data.content.is_some() {
        return Err(CmsError::ContentPresent);
    }
    if data.has_crls {
        return Err(CmsError::CrlsPresent);
    }
    let certificate = only_certificate(data.certificates)?;
    let signer = SignerInfo::read(&only_signer(data.signers)?)?;
    check_signer(&signer, certificate)?;
    signed_data::check_algorithms(&data, &signer)?;
    let signed_attributes = signer.signed_attributes.ok_or(CmsError::SignedAttributesMissing)?;
    Ok(Skeleton {
        // RFC 5652 5.4: signed under the tag of a SET OF, not under the [0] they travel with.
        signed_attributes: tlv::write(SET, &[signed_attributes]),
        signature: signer.signature,
        certificate: certificate.whole,
        unsigned: signer.unsigned_attributes,
    })
}

fn open(der: &[u8]) -> Result<SignedData<'_>, CmsError> {
    if der.len() > MAX_BYTES {
        return Err(CmsError::TooLarge { limit: MAX_BYTES, actual: der.len() });
    }
    let mut reader = Reader::new(der);
    let whole = reader.expect(SEQUENCE)?.whole;
    reader.finish().map_err(|_| CmsError::TrailingData)?;
    let info = ContentInfo::read(whole)?;
    if info.kind != oid::SIGNED_DATA.as_bytes() {
        return Err(CmsError::NotSignedData);
    }
    Ok(SignedData::read(info.content)?)
}

fn only_certificate(certificates: Option<Reader<'_>>) -> Result<Element<'_>, CmsError> {
    let (mut first, mut count) = (None, 0);
    let mut certificates = certificates.ok_or(CmsError::NoCertificates)?;
    while !certificates.is_empty() {
        let certificate = certificates.element()?;
        first.get_or_insert(certificate);
        count += 1;
    }
    match (first, count) {
        (Some(certificate), 1) if certificate.tag == SEQUENCE => Ok(certificate),
        (None, _) => Err(CmsError::NoCertificates),
        (_, count) if count > CERTIFICATE_LIMIT => Err(CmsError::TooManyCertificates { count }),
        (_, count) => Err(CmsError::CertificateCount { count }),
    }
}

fn only_signer(mut signers: Reader<'_>) -> Result<Element<'_>, CmsError> {
    if signers.is_empty() {
        return Err(CmsError::NoSigners);
    }
    let signer = signers.element()?;
    if signers.is_empty() { Ok(signer) } else { Err(CmsError::SignerCount) }
}

fn check_signer(signer: &SignerInfo<'_>, certificate: Element<'_>) -> Result<(), CmsError> {
    // RFC 5652 5.3: version 1 goes with issuerAndSerialNumber, a SEQUENCE, and with nothing else.
    if signer.version != ONE || signer.sid.tag != SEQUENCE {
        return Err(CmsError::Version);
    }
    let named = signed_data::issuer_and_serial(certificate.whole)
        .map_err(|source| CmsError::CertificateMalformed { source })?;
    if named == signer.sid.whole { Ok(()) } else { Err(CmsError::SignerMismatch) }
}

/// What the unsigned attributes hold.
struct Unsigned<'a> {
    /// The countersigning authority's, and a foreign one's.
    tokens: (&'a [u8], Option<&'a [u8]>),
    entry: &'a [u8],
    decision: &'a [u8],
}

fn unsigned_attributes(content: Option<&[u8]>) -> Result<Unsigned<'_>, CmsError> {
    let kinds = [oid::TIME_STAMP_TOKEN, oid::LOG_ENTRY, oid::DECISION];
    let values = values(content.unwrap_or_default(), kinds).map_err(CmsError::unsigned)?;
    let [tokens, entry, decision] = values;
    let tokens = tokens.ok_or(CmsError::TokenMissing)?;
    let entry = entry.ok_or(CmsError::EntryMissing)?;
    let decision = decision.ok_or(CmsError::DecisionMissing)?;
    Ok(Unsigned {
        tokens: distinguished(tokens)?,
        entry: octet_content(entry, oid::LOG_ENTRY)?,
        decision: octet_content(decision, oid::DECISION)?,
    })
}

/// Attack TIME-13: one token of the countersigning authority, and one of a foreign authority after or before it, since the
/// order of a SET OF says nothing. Which is which is said by their policies.
fn distinguished(mut values: Reader<'_>) -> Result<(&[u8], Option<&[u8]>), CmsError> {
    let mut tokens = Vec::with_capacity(MAX_TOKENS);
    while !values.is_empty() {
        let token = values.element()?;
        if token.tag != SEQUENCE {
            return Err(CmsError::AttributeType { attribute: oid::TIME_STAMP_TOKEN });
        }
        if tokens.len() == MAX_TOKENS {
            return Err(CmsError::TooManyTokens);
        }
        tokens.push(token.whole);
    }
    match tokens.as_slice() {
        [token] => Ok((token, None)),
        [first, second] => match (is_countersignature(first), is_countersignature(second)) {
            (true, false) => Ok((first, Some(second))),
            (false, true) => Ok((second, Some(first))),
            (true, true) => Err(CmsError::TokenDuplicate),
            // Two of strangers, or the same one twice.
            (false, false) => Err(CmsError::TokenMissing),
        },
        _ => Err(CmsError::TokenMissing),
    }
}

/// Whether this is a token under the countersigning policy, by whomever.
fn is_countersignature(token: &[u8]) -> bool {
    token::Token::parse(token).is_ok_and(|token| token.policy() == oid::COUNTERSIGN_POLICY)
}

pub(super) fn octet_content(values: Reader<'_>, attribute: ObjectIdentifier) -> Result<&[u8], CmsError> {
    let value = only_value(values, attribute).map_err(CmsError::unsigned)?;
    if value.tag == OCTET_STRING { Ok(value.content) } else { Err(CmsError::AttributeType { attribute }) }
}
