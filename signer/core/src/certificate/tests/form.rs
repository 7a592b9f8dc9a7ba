//! Encoding, version, serial number, algorithm, key and validity (X509-17 to X509-20).

use der::asn1::{Any, BitString, ObjectIdentifier, OctetString, UtcTime};
use der::{Decode, Encode, Tag, Tagged};
use spki::AlgorithmIdentifierOwned;
use x509_cert::certificate::{Certificate, Version};
use x509_cert::name::Name;
use x509_cert::serial_number::SerialNumber;
use x509_cert::time::Time;

use super::world::*;
use super::{Leaf, code};
use crate::oid;
use crate::reason::Code;

#[test]
fn rejects_bytes_after_the_certificate() {
    let mut der = World::new().leaf();
    der.push(0);
    assert_eq!(code(&der), Code::X509Malformed);
}

#[test]
fn rejects_a_second_encoding() {
    // `critical FALSE` written out, which DER leaves out.
    let world = World::new();
    let der = rewritten(&world.leaf(), |fields| {
        let tagged = fields.pop().unwrap();
        let mut extensions = Vec::<Vec<Any>>::from_der(tagged.value()).unwrap();
        extensions[1].insert(1, Any::new(Tag::Boolean, vec![0]).unwrap());
        fields.push(Any::new(tagged.tag(), extensions.to_der().unwrap()).unwrap());
    });
    assert_eq!(code(&der), Code::X509Malformed);
}

#[test]
fn rejects_a_certificate_over_the_limit_before_reading_it() {
    assert_eq!(code(&vec![0x30; super::MAX_BYTES + 1]), Code::LimitAsn1);
}

#[test]
fn rejects_other_versions_empty_names_and_unique_ids() {
    let world = World::new();
    let id = BitString::from_bytes(&[1]).unwrap();
    for der in [
        world.forge(|tbs| tbs.version = Version::V1),
        world.forge(|tbs| tbs.version = Version::V2),
        world.forge(|tbs| tbs.issuer = Name::default()),
        world.forge(|tbs| tbs.subject = Name::default()),
        world.forge(|tbs| tbs.issuer_unique_id = Some(id.clone())),
        world.forge(|tbs| tbs.subject_unique_id = Some(id.clone())),
    ] {
        assert_eq!(code(&der), Code::X509Malformed);
    }
}

#[test]
fn rejects_serial_numbers_that_are_not_positive_20_byte_numbers() {
    let world = World::new();
    let twenty_one = [&[2, 21, 0, 0xff][..], &[7; 19]].concat();
    for der in [
        world.forge(|tbs| tbs.serial_number = SerialNumber::new(&[0]).unwrap()),
        world.forge(|tbs| tbs.serial_number = SerialNumber::new(&[1]).unwrap()),
        world.forge(|tbs| tbs.serial_number = SerialNumber::from_der(&twenty_one).unwrap()),
    ] {
        assert_eq!(code(&der), Code::X509Malformed);
    }
    for raw in [vec![0xc0; 20], vec![0x40; 40]] {
        let der = rewritten(&world.leaf(), |fields| fields[1] = Any::new(Tag::Integer, raw).unwrap());
        assert_eq!(code(&der), Code::X509Malformed);
    }
}

#[test]
fn rejects_two_signature_algorithms() {
    let mut certificate = Certificate::from_der(&World::new().leaf()).unwrap();
    certificate.signature_algorithm.oid = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.3");
    assert_eq!(code(&certificate.to_der().unwrap()), Code::X509AlgMismatch);
}

#[test]
fn rejects_another_algorithm_or_parameters() {
    let world = World::new();
    for algorithm in [
        AlgorithmIdentifierOwned { oid: ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.3"), parameters: None },
        AlgorithmIdentifierOwned { oid: oid::ED25519, parameters: None },
        AlgorithmIdentifierOwned { oid: oid::ECDSA_SHA256, parameters: Some(Any::null()) },
    ] {
        assert_eq!(code(&world.forge(|tbs| tbs.signature = algorithm)), Code::X509AlgNotAllowed);
    }
}

#[test]
fn rejects_keys_that_are_not_uncompressed_points_on_the_named_curve() {
    let world = World::new();
    let key = |alter: &dyn Fn(&mut spki::SubjectPublicKeyInfoOwned)| {
        code(&world.forge(|tbs| alter(&mut tbs.subject_public_key_info)))
    };
    let compressed = BitString::from_bytes(&[&[2][..], &[7; 32]].concat()).unwrap();
    let other_curve = Any::encode_from(&ObjectIdentifier::new_unwrap("1.3.132.0.34")).unwrap();
    let explicit = Any::new(Tag::Sequence, vec![2, 1, 1]).unwrap();
    assert_eq!(key(&|spki| spki.subject_public_key = compressed.clone()), Code::X509BadKey);
    assert_eq!(key(&|spki| spki.algorithm.parameters = Some(other_curve.clone())), Code::X509BadKey);
    assert_eq!(key(&|spki| spki.algorithm.parameters = Some(explicit.clone())), Code::X509BadKey);
    assert_eq!(key(&|spki| spki.algorithm.parameters = None), Code::X509BadKey);
    assert_eq!(key(&|spki| spki.algorithm.oid = oid::ED25519), Code::X509BadKey);
}

fn with_validity(not_before: Any, not_after: Any) -> Vec<u8> {
    rewritten(&World::new().leaf(), |fields| {
        fields[4] = Any::from_der(&vec![not_before, not_after].to_der().unwrap()).unwrap();
    })
}

fn utc(text: &str) -> Any {
    Any::new(Tag::UtcTime, text.as_bytes()).unwrap()
}

fn generalized(text: &str) -> Any {
    Any::new(Tag::GeneralizedTime, text.as_bytes()).unwrap()
}

#[test]
fn rejects_malformed_times() {
    let early = || utc("261118120640Z");
    for der in [
        with_validity(utc("2611181206Z"), utc("261118121640Z")),
        with_validity(utc("261118120640+0000"), utc("261118121640Z")),
        with_validity(early(), utc("261318121640Z")),
        with_validity(early(), utc("2611181216\u{0}0Z")),
        with_validity(early(), generalized("20261118121640Z")),
        with_validity(early(), generalized("20261118121640.5Z")),
        with_validity(early(), generalized("00001118121640Z")),
        with_validity(utc("500101000000Z"), utc("261118121640Z")),
        with_validity(early(), early()),
        with_validity(utc("261118121640Z"), early()),
    ] {
        assert_eq!(code(&der), Code::X509BadTime);
    }
}

#[test]
fn reads_the_two_sides_of_2050_and_the_last_second_of_9999_as_times() {
    for (not_before, not_after) in [
        (utc("491231235959Z"), generalized("20500101000000Z")),
        (generalized("99991231235000Z"), generalized("99991231235959Z")),
    ] {
        // Times are in order; what fails is that the delegation does not reach there.
        assert_eq!(code(&with_validity(not_before, not_after)), Code::ScopeNotNarrower);
    }
}

#[test]
fn rejects_a_leaf_that_lives_over_an_hour() {
    let world = World::new();
    let life = |seconds: u64| {
        let end = UtcTime::from_date_time(now().plus(seconds).to_der().unwrap()).unwrap();
        world.forge(|tbs| tbs.validity.not_after = Time::UtcTime(end))
    };
    Leaf::parse(&life(3_600)).unwrap();
    assert_eq!(code(&life(3_601)), Code::X509Lifetime);
}

#[test]
fn rejects_a_key_identifier_of_another_key() {
    use const_oid::AssociatedOid as _;
    use x509_cert::ext::pkix::SubjectKeyIdentifier;
    let world = World::new();
    let other = SubjectKeyIdentifier(OctetString::new([7; 20]).unwrap()).to_der().unwrap();
    let der = world.forge(|tbs| set(tbs, SubjectKeyIdentifier::OID, &other));
    assert_eq!(code(&der), Code::X509ExtensionConflict);
}
