//! Requests that prove possession of a key, and those that do not.

use der::asn1::{Any, BitString, ObjectIdentifier};
use der::{Decode, Encode};
use x509_cert::request::CertReq;

use super::*;
use crate::crypto::P256Key;

fn request() -> (P256Key, Vec<u8>) {
    let key = P256Key::generate().unwrap();
    let der = make(&key).unwrap();
    (key, der)
}

fn altered(alter: impl FnOnce(&mut CertReq)) -> Code {
    let mut request = CertReq::from_der(&request().1).unwrap();
    alter(&mut request);
    parse(&request.to_der().unwrap()).unwrap_err().code()
}

#[test]
fn reads_the_key_of_a_request_it_made() {
    let (key, der) = request();
    assert_eq!(parse(&der).unwrap(), key.public());
}

#[test]
fn rejects_a_request_signed_by_another_key() {
    let other = P256Key::generate().unwrap().public().to_spki().unwrap();
    assert_eq!(altered(|request| request.info.public_key = other), Code::IssueCsrProof);
}

#[test]
fn rejects_a_request_whose_content_was_altered() {
    let attribute =
        x509_cert::attr::Attribute { oid: oid::DATA, values: SetOfVec::try_from(vec![Any::null()]).unwrap() };
    assert_eq!(altered(|request| request.info.attributes.insert(attribute).unwrap()), Code::IssueCsrProof);
}

#[test]
fn rejects_another_algorithm() {
    let sha384 = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.3");
    assert_eq!(altered(|request| request.algorithm.oid = sha384), Code::IssueCsrProof);
    assert_eq!(altered(|request| request.algorithm.parameters = Some(Any::null())), Code::IssueCsrProof);
}

#[test]
fn rejects_keys_of_another_form() {
    let compressed = BitString::from_bytes(&[&[3][..], &[7; 32]].concat()).unwrap();
    assert_eq!(altered(|request| request.info.public_key.subject_public_key = compressed), Code::IssueCsrKey);
    assert_eq!(altered(|request| request.info.public_key.algorithm.oid = oid::ED25519), Code::IssueCsrKey);
    let p384 = Any::encode_from(&ObjectIdentifier::new_unwrap("1.3.132.0.34")).unwrap();
    assert_eq!(altered(|request| request.info.public_key.algorithm.parameters = Some(p384)), Code::IssueCsrKey);
}

#[test]
fn rejects_a_point_that_is_not_on_the_curve() {
    let off = BitString::from_bytes(&[&[4][..], &[7; 64]].concat()).unwrap();
    assert_eq!(altered(|request| request.info.public_key.subject_public_key = off), Code::IssueCsrKey);
}

#[test]
fn rejects_what_is_no_request() {
    let (_, der) = request();
    let trailing = [der.as_slice(), &[0]].concat();
    for bytes in [&[][..], &[0x30, 0], &trailing, &der[..der.len() - 1], &vec![0x30; MAX_BYTES + 1]] {
        assert_eq!(parse(bytes).unwrap_err().code(), Code::IssueCsrMalformed);
    }
}

// SRV-19: names of any width are passed over within the limit on the whole, and not read beyond it.
#[test]
fn a_name_of_many_parts_costs_no_more_than_its_bytes() {
    let named = |parts: usize| {
        let key = P256Key::generate().unwrap();
        let name: Name = vec!["CN=#0c0141"; parts].join(",").parse().unwrap();
        let public_key = key.public().to_spki().unwrap();
        let info = CertReqInfo { version: Version::V1, subject: name, public_key, attributes: SetOfVec::default() };
        let signature = BitString::from_bytes(&key.sign_p256(&info.to_der().unwrap()).unwrap()).unwrap();
        (key, CertReq { info, algorithm: algorithm(), signature }.to_der().unwrap())
    };
    let (key, wide) = named(250);
    assert_eq!(parse(&wide).unwrap(), key.public());
    let (_, over) = named(10_000);
    assert_eq!(parse(&over), Err(CsrError::TooLarge { actual: over.len() }));
}
