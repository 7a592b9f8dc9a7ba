//! One wrong field in a token, everything else as it should be and signed again.

use const_oid::ObjectIdentifier;

use super::*;
use crate::attribute_set::{content_type, octets, signing_certificate};
use crate::forge::signed_data::{algorithm, elements};
use crate::signed_data::sha256;
use crate::tlv::{self, CONTEXT_0, CONTEXT_1, INTEGER, OBJECT_IDENTIFIER, OCTET_STRING, SEQUENCE, write};

fn forge() -> SignedDataForge {
    SignedDataForge::of_token(&TOKEN, &WORLD.countersigner.certificate)
}

fn changed(change: impl FnOnce(&mut SignedDataForge)) -> Code {
    let mut forge = forge();
    change(&mut forge);
    code(&forge.der())
}

fn attribute_replaced(kind: ObjectIdentifier, with: &[Vec<u8>]) -> Code {
    changed(|forge| forge.signer().replace(kind, with, &WORLD.countersigner.key))
}

/// The fields of the valid token's `TSTInfo`.
fn tst_info() -> Vec<Vec<u8>> {
    elements(tlv::only(&forge().content.unwrap(), OCTET_STRING).unwrap().content)
}

/// The code of a token with this `TSTInfo`, signed.
fn with_info(fields: &[Vec<u8>]) -> Code {
    let info = write(SEQUENCE, &[&fields.concat()]);
    changed(|forge| {
        forge.content = Some(write(OCTET_STRING, &[&info]));
        let digest = octets(oid::MESSAGE_DIGEST, Digest::of(&info).as_bytes());
        forge.signer().replace(oid::MESSAGE_DIGEST, &[digest], &WORLD.countersigner.key);
    })
}

fn field_replaced(index: usize, with: Vec<u8>) -> Code {
    let mut fields = tst_info();
    fields[index] = with;
    with_info(&fields)
}

fn field_appended(field: Vec<u8>) -> Code {
    let mut fields = tst_info();
    fields.push(field);
    with_info(&fields)
}

#[test]
fn the_forge_builds_the_same_bytes() {
    assert_eq!(forge().der(), *TOKEN);
}

#[test]
fn refuses_another_version() {
    // TIME-10.
    assert_eq!(field_replaced(0, write(INTEGER, &[&[2]])), Code::TimeMalformed);
    assert_eq!(changed(|forge| forge.version = 1), Code::TimeMalformed);
    assert_eq!(changed(|forge| forge.signer().version = 3), Code::TimeMalformed);
}

#[test]
fn refuses_another_policy() {
    // TIME-10: plain, foreign, and one past what the reader of object identifiers takes.
    let policies = [oid::TIME_POLICY, ObjectIdentifier::new_unwrap("1.3.6.1.4.1.57264.2")];
    for policy in policies {
        assert_eq!(field_replaced(1, write(OBJECT_IDENTIFIER, &[policy.as_bytes()])), Code::TimePolicy);
    }
    let long = write(OBJECT_IDENTIFIER, &[&[0x69, 0x8f, 0xff, 0xff, 0xff, 0xff, 0x7f]]);
    assert_eq!(field_replaced(1, long), Code::TimeMalformed);
}

#[test]
fn refuses_an_imprint_of_another_algorithm_or_length() {
    // TIME-10.
    let hash = |length: usize| write(OCTET_STRING, &[&vec![7; length]]);
    let sha1 = write(SEQUENCE, &[&algorithm("1.3.14.3.2.26", true), &hash(20)]);
    let null = write(SEQUENCE, &[&algorithm("2.16.840.1.101.3.4.2.1", true), &hash(32)]);
    for imprint in [sha1, null] {
        assert_eq!(field_replaced(2, imprint), Code::TimeAlgorithm);
    }
    for length in [0, 20, 31, 33] {
        assert_eq!(field_replaced(2, write(SEQUENCE, &[&sha256(), &hash(length)])), Code::TimeMalformed);
    }
    assert_eq!(field_replaced(2, write(SEQUENCE, &[&sha256(), &hash(32), &[5, 0]])), Code::TimeMalformed);
}

#[test]
fn refuses_a_serial_number_that_is_negative_long_or_wasteful() {
    for content in [vec![], vec![0x80], vec![0, 1], vec![0xff; 4], vec![1; 21]] {
        assert_eq!(field_replaced(3, write(INTEGER, &[&content])), Code::TimeMalformed, "{content:?}");
    }
}

#[test]
fn refuses_other_forms_of_the_time() {
    // TIME-21.
    let cases: [&[u8]; 13] = [
        b"20261118110640.5Z",
        b"20261118110640.0Z",
        b"20261118110640",
        b"20261118110640+0000",
        b"202611181106Z",
        b"2026111811Z",
        b"20261118110660Z",
        b"20261118250640Z",
        b"20261318110640Z",
        b"20260230110640Z",
        b"00001118110640Z",
        b"19691231235959Z",
        b"",
    ];
    for text in cases {
        assert_eq!(field_replaced(4, write(0x18, &[text])), Code::TimeFormat, "{}", String::from_utf8_lossy(text));
    }
    assert_eq!(field_replaced(4, write(0x17, &[b"261118110640Z"])), Code::TimeFormat);
    assert_eq!(field_replaced(4, write(0x18, &[b"99991231235959Z"])), Code::TimeOutsideWindow);
}

#[test]
fn refuses_an_accuracy() {
    // TIME-20: a second, an hour, none.
    for seconds in [&[1][..], &[0x0e, 0x10]] {
        assert_eq!(field_appended(write(SEQUENCE, &[&write(INTEGER, &[seconds])])), Code::TimeFormat);
    }
    assert_eq!(field_appended(write(SEQUENCE, &[])), Code::TimeFormat);
}

#[test]
fn refuses_what_a_countersignature_does_not_have() {
    // Ordering written out, a nonce, a name, extensions, and what no TSTInfo has.
    let name = write(CONTEXT_0, &[&write(0xa4, &[&crate::forge::certificate::name("Authority")])]);
    for field in [vec![1, 1, 0], vec![1, 1, 0xff], write(INTEGER, &[&[7]]), name, write(CONTEXT_1, &[]), vec![5, 0]] {
        assert_eq!(field_appended(field), Code::TimeMalformed);
    }
}

#[test]
fn refuses_a_content_digest_of_other_content() {
    let other = octets(oid::MESSAGE_DIGEST, &[7; 32]);
    assert_eq!(attribute_replaced(oid::MESSAGE_DIGEST, &[other]), Code::TimeTsaSignature);
    let short = octets(oid::MESSAGE_DIGEST, &[7; 31]);
    assert_eq!(attribute_replaced(oid::MESSAGE_DIGEST, &[short]), Code::TimeTsaSignature);
}

#[test]
fn refuses_a_token_without_its_attributes() {
    // CMS-02, CMS-05 for tokens.
    assert_eq!(changed(|forge| forge.signer().signed_attributes = None), Code::TimeMalformed);
    for kind in [oid::CONTENT_TYPE, oid::MESSAGE_DIGEST, oid::SIGNING_CERTIFICATE_V2] {
        assert_eq!(attribute_replaced(kind, &[]), Code::TimeMalformed, "{kind}");
    }
    assert_eq!(attribute_replaced(oid::DECISION_DIGEST, &[]), Code::TimePolicy);
}

#[test]
fn refuses_attributes_that_are_wrong_repeated_or_unknown() {
    // CMS-05, CMS-06, CMS-24 for tokens.
    assert_eq!(attribute_replaced(oid::CONTENT_TYPE, &[content_type(oid::DATA)]), Code::TimeMalformed);
    let twice = [octets(oid::DECISION_DIGEST, &[1; 32]), octets(oid::DECISION_DIGEST, &[2; 32])];
    assert_eq!(attribute_replaced(oid::DECISION_DIGEST, &twice), Code::TimeMalformed);
    let short = [octets(oid::DECISION_DIGEST, &[1; 31])];
    assert_eq!(attribute_replaced(oid::DECISION_DIGEST, &short), Code::TimeMalformed);
    let null = [crate::attribute_set::attribute(oid::DECISION_DIGEST, &[5, 0])];
    assert_eq!(attribute_replaced(oid::DECISION_DIGEST, &null), Code::TimeMalformed);
    let unknown = [octets(oid::PROVENANCE, b"{}")];
    assert_eq!(attribute_replaced(oid::PROVENANCE, &unknown), Code::TimeMalformed);
    let time = crate::attribute_set::attribute(oid::SIGNING_TIME, &crate::forge::certificate::time(now()));
    assert_eq!(attribute_replaced(oid::SIGNING_TIME, &[time]), Code::TimeMalformed);
    let other = [signing_certificate(&[7; 32])];
    assert_eq!(attribute_replaced(oid::SIGNING_CERTIFICATE_V2, &other), Code::TimeTsaUntrusted);
}

#[test]
fn refuses_attributes_in_another_order() {
    let mut forge = forge();
    forge.signer().signed_attributes.as_mut().unwrap().swap(0, 2);
    forge.signer().sign(&WORLD.countersigner.key);
    assert_eq!(code(&forge.der()), Code::TimeMalformed);
}

#[test]
fn refuses_anything_enclosed() {
    // TIME-05: certificates that a careless reader would take the signer from; and room for unsigned words.
    for certificate in [&WORLD.countersigner.certificate, &WORLD.clock.certificate] {
        assert_eq!(changed(|forge| forge.certificates = Some(vec![certificate.clone()])), Code::TimeMalformed);
    }
    assert_eq!(changed(|forge| forge.certificates = Some(Vec::new())), Code::TimeMalformed);
    assert_eq!(changed(|forge| forge.crls = Some(Vec::new())), Code::TimeMalformed);
    assert_eq!(changed(|forge| forge.signer().unsigned_attributes = Some(Vec::new())), Code::TimeMalformed);
}

#[test]
fn refuses_other_content_types_and_no_content() {
    assert_eq!(changed(|forge| forge.outer_type = oid::DATA), Code::TimeMalformed);
    assert_eq!(changed(|forge| forge.content_type = oid::DATA), Code::TimeMalformed);
    assert_eq!(changed(|forge| forge.content = None), Code::TimeMalformed);
}

#[test]
fn refuses_no_signer_two_signers_and_a_key_identifier() {
    assert_eq!(changed(|forge| forge.signers.clear()), Code::TimeMalformed);
    assert_eq!(changed(|forge| forge.signers = vec![forge.signers[0].clone(); 2]), Code::TimeMalformed);
    assert_eq!(changed(|forge| forge.signer().sid = write(0x80, &[&[7; 32]])), Code::TimeMalformed);
}

#[test]
fn refuses_other_algorithms() {
    // TIME-10.
    let null = algorithm("2.16.840.1.101.3.4.2.1", true);
    assert_eq!(changed(|forge| forge.digest_algorithms = vec![null.clone()]), Code::TimeAlgorithm);
    assert_eq!(
        changed(|forge| {
            forge.digest_algorithms = vec![null.clone()];
            forge.signer().digest_algorithm = null;
        }),
        Code::TimeAlgorithm
    );
    let ecdsa_sha384 = algorithm("1.2.840.10045.4.3.3", false);
    assert_eq!(changed(|forge| forge.signer().signature_algorithm = ecdsa_sha384), Code::TimeAlgorithm);
}
