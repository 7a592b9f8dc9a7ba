//! Foreign forms in ASN.1, known by the tags of their first fields, and the SCT input beside them.

use super::Form;

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OCTET_STRING: u8 = 0x04;
const OBJECT_IDENTIFIER: u8 = 0x06;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const CONTEXT_0: u8 = 0xa0;

/// The form of `bytes`, where they are one.
pub(super) fn form(bytes: &[u8]) -> Option<Form> {
    if is_certificate_promise(bytes) {
        return Some(Form::CertificatePromise);
    }
    let (tag, content, _) = element(bytes)?;
    match tag {
        SET if is_attribute(content) => Some(Form::SignedAttributes),
        SEQUENCE => sequence(content),
        _ => None,
    }
}

/// The form of the SEQUENCE with this content.
fn sequence(content: &[u8]) -> Option<Form> {
    let fields = first_fields(content);
    let tags: Vec<u8> = fields.iter().map(|(tag, _)| *tag).collect();
    let inside = |index: usize| fields.get(index).map(|(_, content)| first_tags(content)).unwrap_or_default();
    match *tags.as_slice() {
        // version, policy, messageImprint, serialNumber, genTime.
        [INTEGER, OBJECT_IDENTIFIER, SEQUENCE, INTEGER, GENERALIZED_TIME, ..]
            if inside(2).starts_with(&[SEQUENCE, OCTET_STRING]) =>
        {
            Some(Form::TimeStamp)
        }
        // version (v2 and later), serialNumber, signature, issuer, validity, subject, key.
        [CONTEXT_0, INTEGER, SEQUENCE, SEQUENCE, SEQUENCE, ..] if is_algorithm(&inside(2)) && is_span(&inside(4)) => {
            Some(Form::Certificate)
        }
        [INTEGER, SEQUENCE, SEQUENCE, SEQUENCE, ..] if is_algorithm(&inside(1)) && is_span(&inside(3)) => {
            Some(Form::Certificate)
        }
        // version (v2), signature, issuer, thisUpdate.
        [INTEGER, SEQUENCE, SEQUENCE, UTC_TIME | GENERALIZED_TIME, ..] if is_algorithm(&inside(1)) => {
            Some(Form::RevocationList)
        }
        [SEQUENCE, SEQUENCE, UTC_TIME | GENERALIZED_TIME, ..] if is_algorithm(&inside(0)) => Some(Form::RevocationList),
        // version, subject, key, attributes.
        [INTEGER, SEQUENCE, SEQUENCE, ..] if inside(2).starts_with(&[SEQUENCE, BIT_STRING]) => {
            Some(Form::CertificateRequest)
        }
        _ => None,
    }
}

/// Whether a SET starts with an Attribute: a type and a SET of values.
fn is_attribute(content: &[u8]) -> bool {
    matches!(element(content), Some((SEQUENCE, attribute, _)) if first_tags(attribute).starts_with(&[OBJECT_IDENTIFIER, SET]))
}

fn is_algorithm(tags: &[u8]) -> bool {
    tags.first() == Some(&OBJECT_IDENTIFIER)
}

fn is_span(tags: &[u8]) -> bool {
    matches!(tags, [UTC_TIME | GENERALIZED_TIME, UTC_TIME | GENERALIZED_TIME, ..])
}

/// RFC 6962 3.2: version 0, type 0, time in milliseconds, entry type, then a length that fits what follows.
fn is_certificate_promise(bytes: &[u8]) -> bool {
    let Some((&[0, 0, _, _, _, _, _, _, _, _, 0, kind @ (0 | 1)], rest)) = bytes.split_first_chunk::<12>() else {
        return false;
    };
    // A precertificate entry starts with the issuer's key hash.
    let Some(entry) = rest.get(if kind == 1 { 32.. } else { 0.. }) else { return false };
    let Some((&[high, middle, low], certificate)) = entry.split_first_chunk::<3>() else { return false };
    let length = usize::from(high) << 16 | usize::from(middle) << 8 | usize::from(low);
    certificate.first() == Some(&SEQUENCE) && certificate.len() >= length
}

/// Tags of the first fields.
fn first_tags(content: &[u8]) -> Vec<u8> {
    first_fields(content).iter().map(|(tag, _)| *tag).collect()
}

/// Tag and content of the first fields, as many as any form here is known by.
fn first_fields(mut content: &[u8]) -> Vec<(u8, &[u8])> {
    let mut fields = Vec::new();
    while fields.len() < 5 {
        let Some((tag, inside, rest)) = element(content) else { break };
        fields.push((tag, inside));
        content = rest;
    }
    fields
}

/// Tag, content and rest of the element that `bytes` start with. Lengths may be indefinite, wasteful or beyond the end.
fn element(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (tag, length, rest) = header(bytes)?;
    let length = length.unwrap_or_else(|| indefinite_length(rest));
    let (content, rest) = rest.split_at_checked(length).unwrap_or((rest, &[]));
    Some((tag, content, rest))
}

/// Tag, length where it is definite, and what follows the header.
fn header(bytes: &[u8]) -> Option<(u8, Option<usize>, &[u8])> {
    let (&[tag, first], rest) = bytes.split_first_chunk::<2>()?;
    match first {
        0..0x80 => Some((tag, Some(usize::from(first)), rest)),
        0x80 => Some((tag, None, rest)),
        _ => {
            let (digits, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            let append = |sum: usize, digit: &u8| sum.saturating_mul(256).saturating_add(usize::from(*digit));
            Some((tag, Some(digits.iter().fold(0, append)), rest))
        }
    }
}

/// Bytes up to and with the end-of-contents octets of an indefinite element, or all bytes where they are missing.
fn indefinite_length(content: &[u8]) -> usize {
    let (mut rest, mut depth) = (content, 1_usize);
    while let Some((tag, length, after)) = header(rest) {
        match length {
            None => (rest, depth) = (after, depth.saturating_add(1)),
            Some(0) if tag == 0 => (rest, depth) = (after, depth.saturating_sub(1)),
            Some(length) => rest = after.get(length..).unwrap_or_default(),
        }
        if depth == 0 {
            return content.len().saturating_sub(rest.len());
        }
    }
    content.len()
}
