//! A writer of ASN.1 that sorts, checks and derives nothing unless asked, so that it can write what no encoder of the
//! product writes: BER lengths, unsorted sets, attributes that do not belong there.

use der::asn1::ObjectIdentifier;
use der::{Decode as _, Encode as _};
use signer_core::oid;
use x509_cert::Certificate;

/// SEQUENCE.
pub const SEQUENCE: u8 = 0x30;
/// SET.
pub const SET: u8 = 0x31;
/// OCTET STRING.
pub const OCTETS: u8 = 0x04;
/// `[0]`, constructed.
pub const CONTEXT_0: u8 = 0xa0;
/// `[1]`, constructed.
pub const CONTEXT_1: u8 = 0xa1;

/// An element with a length in its shortest form.
pub fn element(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    [&[tag], length(content.len()).as_slice(), &content].concat()
}

/// The element with its length in one byte more than it needs, which BER allows.
pub fn with_long_length(element: &[u8]) -> Vec<u8> {
    let (head, content) = split(element);
    let digits = content.len().to_be_bytes();
    let shortest = head.len().saturating_sub(2).max(1);
    let padded = &digits[digits.len() - shortest - usize::from(head.len() > 2)..];
    let form = 0x80 | u8::try_from(padded.len()).unwrap();
    [&[element[0], form], padded, content].concat()
}

/// The element with an indefinite length, which BER allows for constructed ones.
pub fn with_indefinite_length(element: &[u8]) -> Vec<u8> {
    let (_, content) = split(element);
    [&[element[0], 0x80], content, &[0, 0]].concat()
}

/// Tag and length of an element, and its content.
pub fn split(element: &[u8]) -> (&[u8], &[u8]) {
    let head = if element[1] < 0x80 { 2 } else { 2 + usize::from(element[1] & 0x7f) };
    element.split_at(head)
}

/// The elements inside an element.
pub fn children(element: &[u8]) -> Vec<Vec<u8>> {
    let (_, mut rest) = split(element);
    let mut found = Vec::new();
    while !rest.is_empty() {
        let (head, content) = split(rest);
        let digits = if head.len() == 2 { &head[1..] } else { &head[2..] };
        let size = digits.iter().fold(0, |size, digit| size << 8 | usize::from(*digit));
        found.push([head, &content[..size]].concat());
        rest = &content[size..];
    }
    found
}

/// An attribute with one value.
pub fn attribute(kind: ObjectIdentifier, value: &[u8]) -> Vec<u8> {
    element(SEQUENCE, &[&kind.to_der().unwrap(), &element(SET, &[value])])
}

/// A SET OF in DER's order.
pub fn set_of(tag: u8, mut elements: Vec<Vec<u8>>) -> Vec<u8> {
    elements.sort();
    element(tag, &[&elements.concat()])
}

/// The three unsigned attributes of a commit's signature, in DER's order; a foreign token stands beside the engine's.
pub fn evidence(token: &[u8], foreign: Option<&[u8]>, entry: &[u8], decision: &[u8]) -> Vec<Vec<u8>> {
    let mut tokens: Vec<&[u8]> = std::iter::once(token).chain(foreign).collect();
    tokens.sort_unstable();
    let mut attributes = vec![
        attribute(oid::TIME_STAMP_TOKEN, &tokens.concat()),
        attribute(oid::LOG_ENTRY, &element(OCTETS, &[entry])),
        attribute(oid::DECISION, &element(OCTETS, &[decision])),
    ];
    attributes.sort();
    attributes
}

/// The `SignedData` of a commit's signature around any attributes, in the order given.
pub fn signed_data(attributes: &[u8], signature: &[u8], certificate: &[u8], evidence: &[Vec<u8>]) -> Vec<u8> {
    let version = [0x02, 0x01, 0x01];
    let sha256 = element(SEQUENCE, &[&oid::SHA256.to_der().unwrap()]);
    let ecdsa = element(SEQUENCE, &[&oid::ECDSA_SHA256.to_der().unwrap()]);
    let (_, content) = split(attributes);
    let signer = element(
        SEQUENCE,
        &[
            &version,
            &issuer_and_serial(certificate),
            &sha256,
            &element(CONTEXT_0, &[content]),
            &ecdsa,
            &element(OCTETS, &[signature]),
            &element(CONTEXT_1, &[&evidence.concat()]),
        ],
    );
    let data = element(
        SEQUENCE,
        &[
            &version,
            &element(SET, &[&sha256]),
            &element(SEQUENCE, &[&oid::DATA.to_der().unwrap()]),
            &element(CONTEXT_0, &[certificate]),
            &element(SET, &[&signer]),
        ],
    );
    element(SEQUENCE, &[&oid::SIGNED_DATA.to_der().unwrap(), &element(CONTEXT_0, &[&data])])
}

fn issuer_and_serial(certificate: &[u8]) -> Vec<u8> {
    let tbs = Certificate::from_der(certificate).unwrap().tbs_certificate;
    element(SEQUENCE, &[&tbs.issuer.to_der().unwrap(), &tbs.serial_number.to_der().unwrap()])
}

fn length(size: usize) -> Vec<u8> {
    if size < 0x80 {
        return vec![u8::try_from(size).unwrap()];
    }
    let digits: Vec<u8> = size.to_be_bytes().into_iter().skip_while(|digit| *digit == 0).collect();
    [&[0x80 | u8::try_from(digits.len()).unwrap()], digits.as_slice()].concat()
}
