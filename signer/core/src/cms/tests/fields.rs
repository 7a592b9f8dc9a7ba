//! One wrong field, everything else as it should be and signed again where the field is signed.

use const_oid::ObjectIdentifier;

use super::*;
use crate::attribute_set::{attribute, octets};
use crate::forge::signed_data::{algorithm, attribute_of};
use crate::signed_data::{ecdsa_sha256, issuer_and_serial, sha256};
use crate::tlv::{INTEGER, OBJECT_IDENTIFIER, OCTET_STRING, SEQUENCE, SET, write};

const MD5: &str = "1.2.840.113549.2.5";
const SHA1: &str = "1.3.14.3.2.26";
const SHA256: &str = "2.16.840.1.101.3.4.2.1";
const SHA384: &str = "2.16.840.1.101.3.4.2.2";
const ECDSA_SHA1: &str = "1.2.840.10045.4.1";
const ECDSA_SHA256: &str = "1.2.840.10045.4.3.2";
const ECDSA_SHA384: &str = "1.2.840.10045.4.3.3";
const RSA_SHA256: &str = "1.2.840.113549.1.1.11";
const RSA_PSS: &str = "1.2.840.113549.1.1.10";
const DSA_SHA1: &str = "1.2.840.10040.4.3";

/// The code after one change.
fn changed(change: impl FnOnce(&mut SignedDataForge)) -> Code {
    let mut forge = forge();
    change(&mut forge);
    code(&forge.der())
}

/// The code after a signed attribute is replaced and everything is signed again.
fn attribute_replaced(kind: ObjectIdentifier, with: &[Vec<u8>]) -> Code {
    changed(|forge| forge.signer().replace(kind, with, &WORLD.leaf.key))
}

fn unsigned_replaced(kind: ObjectIdentifier, with: &[Vec<u8>]) -> Code {
    changed(|forge| forge.signer().replace_unsigned(kind, with))
}

#[test]
fn refuses_a_signature_without_signed_attributes() {
    // CMS-01, CMS-02: the signature over the attributes, or straight over the content.
    assert_eq!(changed(|forge| forge.signer().signed_attributes = None), Code::CmsSignedAttrsMissing);
    assert_eq!(changed(|forge| forge.signer().signed_attributes = Some(Vec::new())), Code::CmsAttrMissing);
}

#[test]
fn refuses_a_message_digest_of_another_length() {
    // CMS-04.
    for length in [0, 1, 31, 33, 64] {
        let value = octets(oid::MESSAGE_DIGEST, &vec![7; length]);
        assert_eq!(attribute_replaced(oid::MESSAGE_DIGEST, &[value]), Code::CmsMessageDigestLength, "{length}");
    }
}

#[test]
fn refuses_missing_signed_attributes() {
    // CMS-05.
    let all = [oid::CONTENT_TYPE, oid::MESSAGE_DIGEST, oid::SIGNING_TIME, oid::SIGNING_CERTIFICATE_V2, oid::PROVENANCE];
    for kind in all {
        assert_eq!(attribute_replaced(kind, &[]), Code::CmsAttrMissing, "{kind}");
        assert_eq!(attribute_replaced(kind, &[attribute_of(kind, &[])]), Code::CmsAttrMissing, "{kind}");
    }
}

#[test]
fn refuses_repeated_signed_attributes_and_values() {
    // CMS-05: two attributes, or two values in one.
    let right = write(OCTET_STRING, &[Digest::of(OBJECT).as_bytes()]);
    let wrong = write(OCTET_STRING, &[Digest::of(b"other").as_bytes()]);
    let twice = [attribute(oid::MESSAGE_DIGEST, &right), attribute(oid::MESSAGE_DIGEST, &wrong)];
    assert_eq!(attribute_replaced(oid::MESSAGE_DIGEST, &twice), Code::CmsAttrDuplicate);
    for values in [[right.clone(), wrong.clone()], [wrong, right]] {
        let both = attribute_of(oid::MESSAGE_DIGEST, &values);
        assert_eq!(attribute_replaced(oid::MESSAGE_DIGEST, &[both]), Code::CmsAttrDuplicate);
    }
}

#[test]
fn refuses_an_unknown_signed_attribute() {
    let unknown = octets(ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.2.1"), b"receipt");
    assert_eq!(
        changed(|forge| {
            forge.signer().replace(oid::DATA, &[unknown], &WORLD.leaf.key);
        }),
        Code::CmsAttrUnknown
    );
}

#[test]
fn refuses_a_content_type_that_is_not_data() {
    // CMS-06, CMS-07: attribute, content, and both.
    let stamped = crate::attribute_set::content_type(oid::TST_INFO);
    assert_eq!(attribute_replaced(oid::CONTENT_TYPE, std::slice::from_ref(&stamped)), Code::CmsContentTypeMismatch);
    for kind in [oid::TST_INFO, oid::SIGNED_DATA, ObjectIdentifier::new_unwrap("2.25.1")] {
        assert_eq!(changed(|forge| forge.content_type = kind), Code::CmsContentTypeUnexpected, "{kind}");
    }
    assert_eq!(
        changed(|forge| {
            forge.content_type = oid::TST_INFO;
            forge.signer().replace(oid::CONTENT_TYPE, &[stamped], &WORLD.leaf.key);
        }),
        Code::CmsContentTypeUnexpected
    );
}

#[test]
fn refuses_signed_attributes_in_another_order_whatever_was_signed() {
    // CMS-08.
    let mut forge = forge();
    forge.signer().signed_attributes.as_mut().unwrap().swap(0, 3);
    assert_eq!(code(&forge.der()), Code::CmsNotDer);
    forge.signer().sign(&WORLD.leaf.key);
    assert_eq!(code(&forge.der()), Code::CmsNotDer);
}

#[test]
fn refuses_digest_algorithms_outside_that_are_not_the_signers() {
    // CMS-09.
    for outside in
        [vec![], vec![algorithm(MD5, false)], vec![sha256(), sha256()], vec![algorithm(SHA1, true), sha256()]]
    {
        assert_eq!(changed(|forge| forge.digest_algorithms = outside), Code::CmsDigestAlgInconsistent);
    }
    assert_eq!(
        changed(|forge| forge.digest_algorithms = vec![algorithm(SHA256, true)]),
        Code::CmsDigestAlgInconsistent
    );
}

fn with_algorithms(digest: Vec<u8>, signature: Vec<u8>) -> Code {
    changed(|forge| {
        forge.digest_algorithms = vec![digest.clone()];
        forge.signer().digest_algorithm = digest;
        forge.signer().signature_algorithm = signature;
    })
}

#[test]
fn refuses_a_digest_and_a_signature_algorithm_that_do_not_fit() {
    // CMS-10.
    assert_eq!(with_algorithms(sha256(), algorithm(ECDSA_SHA384, false)), Code::CmsAlgMismatch);
    assert_eq!(with_algorithms(algorithm(SHA384, false), ecdsa_sha256()), Code::CmsAlgMismatch);
    assert_eq!(with_algorithms(algorithm(SHA1, false), ecdsa_sha256()), Code::CmsAlgMismatch);
}

#[test]
fn refuses_other_algorithms_and_parameters() {
    // CMS-11, CMS-26: no RSA, so no padding to forge.
    for (digest, signature) in [(SHA1, ECDSA_SHA1), (MD5, RSA_SHA256), (SHA384, ECDSA_SHA384), (SHA1, DSA_SHA1)] {
        let (digest, signature) = (algorithm(digest, false), algorithm(signature, false));
        assert_eq!(with_algorithms(digest, signature), Code::CmsAlgNotAllowed);
    }
    for signature in [RSA_SHA256, RSA_PSS, "1.3.101.112"] {
        assert_eq!(with_algorithms(sha256(), algorithm(signature, false)), Code::CmsAlgNotAllowed);
    }
    assert_eq!(with_algorithms(algorithm(SHA256, true), algorithm(ECDSA_SHA256, true)), Code::CmsAlgNotAllowed);
}

#[test]
fn refuses_other_certificates_beside_the_leaf() {
    // CMS-12: a decoy before or after the signer's.
    let (leaf, decoy) = (WORLD.leaf.certificate.clone(), WORLD.countersigner.certificate.clone());
    for bag in [vec![decoy.clone(), leaf.clone()], vec![leaf.clone(), decoy.clone()], vec![leaf.clone(), leaf.clone()]]
    {
        assert_eq!(changed(|forge| forge.certificates = Some(bag)), Code::CmsCertificateCount);
    }
    assert_eq!(changed(|forge| forge.certificates = Some(vec![decoy])), Code::CmsSignerMismatch);
    let attribute_certificate = write(0xa1, &[&leaf]);
    assert_eq!(changed(|forge| forge.certificates = Some(vec![attribute_certificate])), Code::CmsCertificateCount);
}

#[test]
fn refuses_a_certificate_that_the_signed_attributes_do_not_name() {
    let twin = WORLD.root.issues_leaf("agent builder", 2);
    assert_eq!(changed(|forge| forge.certificates = Some(vec![twin.certificate])), Code::CmsEss);
    let other = crate::attribute_set::signing_certificate(&[1; 32]);
    assert_eq!(attribute_replaced(oid::SIGNING_CERTIFICATE_V2, &[other]), Code::CmsEss);
}

#[test]
fn refuses_other_forms_of_the_signing_certificate_attribute() {
    let hash = write(OCTET_STRING, &[Digest::of(&WORLD.leaf.certificate).as_bytes()]);
    let one = write(SEQUENCE, &[&hash]);
    let policies = write(SEQUENCE, &[]);
    let explicit = write(SEQUENCE, &[&sha256(), &hash]);
    let with_issuer = write(SEQUENCE, &[&hash, &issuer_and_serial(&WORLD.leaf.certificate).unwrap()]);
    let forms = [
        vec![write(SEQUENCE, &[])],
        vec![write(SEQUENCE, &[&one, &one])],
        vec![write(SEQUENCE, &[&one]), policies],
        vec![write(SEQUENCE, &[&explicit])],
        vec![write(SEQUENCE, &[&with_issuer])],
        vec![write(SEQUENCE, &[&write(SEQUENCE, &[&write(OCTET_STRING, &[&[7; 20]])])])],
    ];
    for form in forms {
        let value = write(SEQUENCE, &[&form.concat()]);
        let with = [attribute(oid::SIGNING_CERTIFICATE_V2, &value)];
        assert_eq!(attribute_replaced(oid::SIGNING_CERTIFICATE_V2, &with), Code::CmsEss);
    }
}

#[test]
fn refuses_an_empty_certificate_set() {
    // CMS-13.
    assert_eq!(changed(|forge| forge.certificates = None), Code::CmsNoCertificates);
    assert_eq!(changed(|forge| forge.certificates = Some(Vec::new())), Code::CmsNoCertificates);
}

#[test]
fn refuses_no_signer_and_more_than_one() {
    // CMS-14, GIT-12: good and bad signers in every combination.
    assert_eq!(changed(|forge| forge.signers.clear()), Code::CmsNoSigners);
    let (good, mut bad) = (forge().signers.remove(0), forge().signers.remove(0));
    bad.sign(&WORLD.countersigner.key);
    for pair in [[good.clone(), good.clone()], [good.clone(), bad.clone()], [bad.clone(), good], [bad.clone(), bad]] {
        assert_eq!(changed(|forge| forge.signers = pair.to_vec()), Code::CmsSignerCount);
    }
}

#[test]
fn refuses_versions_that_do_not_go_with_issuer_and_serial() {
    // CMS-15.
    let key_id = write(0x80, &[&[7; 32]]);
    for version in [0, 2, 3, 4, 5, 127] {
        assert_eq!(changed(|forge| forge.version = version), Code::CmsVersionMismatch);
        assert_eq!(changed(|forge| forge.signer().version = version), Code::CmsVersionMismatch);
    }
    for version in [1, 3] {
        assert_eq!(
            changed(|forge| {
                forge.signer().version = version;
                forge.signer().sid = key_id.clone();
            }),
            Code::CmsVersionMismatch
        );
    }
}

#[test]
fn refuses_a_signer_named_by_another_certificate() {
    let other = issuer_and_serial(&WORLD.countersigner.certificate).unwrap();
    assert_eq!(changed(|forge| forge.signer().sid = other), Code::CmsSignerMismatch);
}

#[test]
fn refuses_unknown_unsigned_attributes() {
    // CMS-16, CMS-27: a claim, and a countersignature of RFC 5652 11.4.
    for kind in ["2.25.246148246.9", "1.2.840.113549.1.9.6"] {
        let kind = ObjectIdentifier::new_unwrap(kind);
        let with = [attribute(kind, &write(SEQUENCE, &[]))];
        assert_eq!(unsigned_replaced(kind, &with), Code::CmsUnsignedAttrUnknown);
    }
}

#[test]
fn names_each_missing_piece_of_evidence() {
    // TIME-14: no token, no time.
    assert_eq!(changed(|forge| forge.signer().unsigned_attributes = None), Code::TimeNone);
    assert_eq!(unsigned_replaced(oid::TIME_STAMP_TOKEN, &[]), Code::TimeNone);
    assert_eq!(unsigned_replaced(oid::LOG_ENTRY, &[]), Code::LogEntryMissing);
    assert_eq!(unsigned_replaced(oid::DECISION, &[]), Code::CmsAttrMissing);
}

#[test]
fn refuses_evidence_that_stands_twice() {
    // TIME-12, TIME-13.
    let token = SIGNED.evidence.token.clone();
    let other = WORLD.stamp(&SIGNED.signature);
    let (one, two) = (attribute(oid::TIME_STAMP_TOKEN, &token), attribute(oid::TIME_STAMP_TOKEN, &other));
    assert_eq!(unsigned_replaced(oid::TIME_STAMP_TOKEN, &[one.clone(), two]), Code::TimeDuplicate);
    assert_eq!(unsigned_replaced(oid::TIME_STAMP_TOKEN, &[one.clone(), one]), Code::TimeDuplicate);
    for (count, code) in [(2, Code::TimeDuplicate), (3, Code::LimitTimestamps), (8, Code::LimitTimestamps)] {
        let values = attribute_of(oid::TIME_STAMP_TOKEN, &vec![token.clone(); count]);
        assert_eq!(unsigned_replaced(oid::TIME_STAMP_TOKEN, &[values]), code, "{count}");
    }
    let strangers = attribute_of(oid::TIME_STAMP_TOKEN, &vec![other; 2]);
    assert_eq!(unsigned_replaced(oid::TIME_STAMP_TOKEN, &[strangers]), Code::TimeNone);
    let entries = vec![octets(oid::LOG_ENTRY, b"one"), octets(oid::LOG_ENTRY, b"two")];
    assert_eq!(unsigned_replaced(oid::LOG_ENTRY, &entries), Code::CmsAttrDuplicate);
}

#[test]
fn a_foreign_token_may_stand_beside_the_engines_in_the_order_of_a_set() {
    // TIME-13.
    let foreign = WORLD.stamp(&SIGNED.signature);
    let Signed { attributes, signature, certificate, evidence, .. } = &*SIGNED;
    let both = Evidence { foreign: Some(foreign.clone()), ..evidence.clone() };
    let der = assemble(attributes, signature, certificate, &both).unwrap();
    let read = CommitSignature::parse(&der).unwrap();
    assert_eq!((read.token(), read.foreign()), (evidence.token.as_slice(), Some(foreign.as_slice())));
    let mut values = vec![evidence.token.clone(), foreign];
    values.sort();
    values.reverse();
    let reversed = attribute_of(oid::TIME_STAMP_TOKEN, &values);
    assert_eq!(unsigned_replaced(oid::TIME_STAMP_TOKEN, &[reversed]), Code::CmsNotDer);
}

#[test]
fn refuses_unsigned_attributes_in_another_order() {
    assert_eq!(changed(|forge| forge.signer().unsigned_attributes.as_mut().unwrap().reverse()), Code::CmsNotDer);
}

#[test]
fn refuses_content_in_a_detached_signature() {
    // CMS-17.
    for content in [OBJECT, b"another text", b""] {
        assert_eq!(changed(|forge| forge.content = Some(write(OCTET_STRING, &[content]))), Code::CmsContentPresent);
    }
}

#[test]
fn refuses_other_outer_types() {
    // CMS-20: data, enveloped, digested, encrypted, compressed.
    for kind in [
        "1.2.840.113549.1.7.1",
        "1.2.840.113549.1.7.3",
        "1.2.840.113549.1.7.5",
        "1.2.840.113549.1.7.6",
        "1.2.840.113549.1.9.16.1.9",
    ] {
        assert_eq!(changed(|forge| forge.outer_type = ObjectIdentifier::new_unwrap(kind)), Code::CmsNotSignedData);
    }
}

#[test]
fn refuses_revocation_lists() {
    // CMS-21.
    assert_eq!(changed(|forge| forge.crls = Some(write(SEQUENCE, &[]))), Code::CmsCrls);
    assert_eq!(changed(|forge| forge.crls = Some(Vec::new())), Code::CmsCrls);
}

#[test]
fn names_the_limit_for_a_bag_of_certificates() {
    // CMS-22.
    let small = write(SEQUENCE, &[&write(INTEGER, &[&[1]])]);
    assert_eq!(changed(|forge| forge.certificates = Some(vec![small.clone(); 10])), Code::CmsCertificateCount);
    assert_eq!(changed(|forge| forge.certificates = Some(vec![small.clone(); 11])), Code::LimitCertificates);
    assert_eq!(changed(|forge| forge.certificates = Some(vec![small; 10_000])), Code::LimitSignatureSize);
}

#[test]
fn refuses_attribute_values_of_the_wrong_type() {
    // CMS-24.
    let all = [oid::CONTENT_TYPE, oid::MESSAGE_DIGEST, oid::SIGNING_TIME, oid::SIGNING_CERTIFICATE_V2, oid::PROVENANCE];
    let digest = Digest::of(OBJECT);
    for kind in all {
        for value in
            [vec![5, 0], write(INTEGER, &[digest.as_bytes()]), write(0x0c, &[digest.as_bytes()]), write(SET, &[])]
        {
            assert_eq!(attribute_replaced(kind, &[attribute(kind, &value)]), Code::CmsAttrType, "{kind}");
        }
    }
    let time_in_octets = octets(oid::SIGNING_TIME, b"261118110640Z");
    assert_eq!(attribute_replaced(oid::SIGNING_TIME, &[time_in_octets]), Code::CmsAttrType);
    let not_an_oid = attribute(oid::CONTENT_TYPE, &write(OBJECT_IDENTIFIER, &[]));
    assert_eq!(attribute_replaced(oid::CONTENT_TYPE, &[not_an_oid]), Code::CmsContentTypeMismatch);
}

#[test]
fn refuses_unsigned_values_of_the_wrong_type() {
    for kind in [oid::TIME_STAMP_TOKEN, oid::LOG_ENTRY, oid::DECISION] {
        assert_eq!(unsigned_replaced(kind, &[attribute(kind, &[5, 0])]), Code::CmsAttrType, "{kind}");
    }
    let response = crate::token::response(&SIGNED.evidence.token);
    let wrapped = unsigned_replaced(oid::TIME_STAMP_TOKEN, &[octets(oid::TIME_STAMP_TOKEN, &response)]);
    assert_eq!(wrapped, Code::CmsAttrType);
}

#[test]
fn refuses_a_provenance_over_its_limit() {
    let large = octets(oid::PROVENANCE, &vec![b' '; crate::provenance::MAX_BYTES + 1]);
    assert_eq!(attribute_replaced(oid::PROVENANCE, &[large]), Code::CmsProvenance);
}
