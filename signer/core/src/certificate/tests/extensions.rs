//! Every row of the leaf's profile: missing, altered, doubled, of the wrong criticality (X509-05 to X509-09, X509-15).

use const_oid::{AssociatedOid, ObjectIdentifier};
use der::Encode;
use der::asn1::Utf8StringRef;
use x509_cert::ext::pkix::{
    AuthorityKeyIdentifier, BasicConstraints, ExtendedKeyUsage, KeyUsage, KeyUsages, NameConstraints, SubjectAltName,
    SubjectKeyIdentifier,
};

use super::code;
use super::world::*;
use crate::oid;
use crate::profile;
use crate::reason::Code;

#[test]
fn rejects_a_leaf_without_any_one_of_its_extensions() {
    let world = World::new();
    for (oid, expected) in [
        (KeyUsage::OID, Code::X509KeyUsage),
        (ExtendedKeyUsage::OID, Code::X509Eku),
        (SubjectKeyIdentifier::OID, Code::X509MissingExtension),
        (AuthorityKeyIdentifier::OID, Code::X509MissingExtension),
        (SubjectAltName::OID, Code::X509MissingExtension),
        (oid::FULCIO_ISSUER, Code::X509MissingExtension),
        (oid::FULCIO_ISSUER_V2, Code::X509MissingExtension),
        (oid::IDENTITY, Code::X509Purpose),
        (oid::SCT_LIST, Code::LogSctMissing),
    ] {
        assert_eq!(code(&world.forge(|tbs| remove(tbs, oid))), expected, "{oid}");
    }
    assert_eq!(code(&world.forge(|tbs| tbs.extensions.as_mut().unwrap().clear())), Code::X509KeyUsage);
}

#[test]
fn rejects_other_extended_key_usages() {
    let world = World::new();
    let any = ObjectIdentifier::new_unwrap("2.5.29.37.0");
    let server = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.1");
    for purposes in [vec![any], vec![server], vec![oid::CODE_SIGNING, any], vec![oid::CODE_SIGNING, server], vec![]] {
        let value = ExtendedKeyUsage(purposes).to_der().unwrap();
        assert_eq!(code(&world.forge(|tbs| set(tbs, ExtendedKeyUsage::OID, &value))), Code::X509Eku);
    }
    let stamping = ExtendedKeyUsage(vec![oid::TIME_STAMPING]).to_der().unwrap();
    assert_eq!(code(&world.forge(|tbs| set(tbs, ExtendedKeyUsage::OID, &stamping))), Code::X509Purpose);
}

#[test]
fn rejects_other_key_usages() {
    let world = World::new();
    for usage in [
        KeyUsage(KeyUsages::KeyEncipherment.into()),
        KeyUsage(KeyUsages::DigitalSignature | KeyUsages::KeyCertSign),
        KeyUsage(None.into()),
    ] {
        let value = usage.to_der().unwrap();
        assert_eq!(code(&world.forge(|tbs| set(tbs, KeyUsage::OID, &value))), Code::X509KeyUsage);
    }
}

#[test]
fn rejects_an_authority_among_leaves() {
    // X509-03: a leaf that claims to issue.
    let world = World::new();
    let value = BasicConstraints { ca: true, path_len_constraint: None }.to_der().unwrap();
    let der = world.forge(|tbs| insert(tbs, BasicConstraints::OID, true, &value));
    assert_eq!(code(&der), Code::X509UnknownCritical);
}

#[test]
fn rejects_extensions_that_the_profile_does_not_list() {
    let world = World::new();
    let private = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.99999.1");
    for (oid, critical, expected) in [
        (private, true, Code::X509UnknownCritical),
        (private, false, Code::X509UnknownExtension),
        (NameConstraints::OID, true, Code::X509UnknownCritical),
        // RFC 6962 3.1: the poison of a precertificate.
        (ObjectIdentifier::new_unwrap("1.3.6.1.4.1.11129.2.4.3"), true, Code::X509UnknownCritical),
        // A CI claim that this profile does not know how to hold against anything.
        (ObjectIdentifier::new_unwrap("1.3.6.1.4.1.57264.1.9"), false, Code::X509UnknownExtension),
    ] {
        assert_eq!(code(&world.forge(|tbs| insert(tbs, oid, critical, &[5, 0]))), expected);
    }
}

#[test]
fn rejects_each_extension_with_the_other_criticality() {
    let world = World::new();
    for rule in profile::LEAF.extensions {
        let der = world.forge(|tbs| extension(tbs, rule.oid).critical = !rule.critical);
        assert_eq!(code(&der), Code::X509Criticality, "{}", rule.oid);
    }
}

#[test]
fn rejects_each_extension_twice() {
    let world = World::new();
    for rule in profile::LEAF.extensions {
        let der = world.forge(|tbs| {
            let again = extension(tbs, rule.oid).clone();
            tbs.extensions.as_mut().unwrap().push(again);
        });
        assert_eq!(code(&der), Code::X509DuplicateExtension, "{}", rule.oid);
    }
}

#[test]
fn rejects_extensions_in_another_order() {
    let world = World::new();
    assert_eq!(code(&world.forge(|tbs| tbs.extensions.as_mut().unwrap().swap(0, 1))), Code::X509Malformed);
    assert_eq!(code(&world.forge(|tbs| tbs.extensions.as_mut().unwrap().rotate_right(1))), Code::X509Malformed);
}

#[test]
fn rejects_issuer_extensions_that_disagree_or_cannot_be_read() {
    let world = World::new();
    let other = Utf8StringRef::new("https://evil.example").unwrap().to_der().unwrap();
    let empty = Utf8StringRef::new("").unwrap().to_der().unwrap();
    let newline = Utf8StringRef::new("https://a\nb").unwrap().to_der().unwrap();
    let forged = |oid, value: &[u8]| code(&world.forge(|tbs| set(tbs, oid, value)));
    assert_eq!(forged(oid::FULCIO_ISSUER, b"https://evil.example"), Code::X509ExtensionConflict);
    assert_eq!(forged(oid::FULCIO_ISSUER_V2, &other), Code::X509ExtensionConflict);
    assert_eq!(forged(oid::FULCIO_ISSUER_V2, ISSUER.as_bytes()), Code::X509ExtensionUnparsable);
    assert_eq!(forged(oid::FULCIO_ISSUER_V2, &empty), Code::X509ExtensionUnparsable);
    assert_eq!(forged(oid::FULCIO_ISSUER_V2, &newline), Code::X509ExtensionUnparsable);
}

#[test]
fn rejects_a_chancery_extension_that_cannot_be_read() {
    let world = World::new();
    let good = agent().to_der().unwrap();
    let trailing = [good.as_slice(), &[0]].concat();
    let mut version = good.clone();
    let at = version.windows(3).position(|window| window == [2, 1, 1]).unwrap();
    version[at + 2] = 2;
    for value in [&[][..], &[0x30, 0], &trailing, &version] {
        assert_eq!(code(&world.forge(|tbs| set(tbs, oid::IDENTITY, value))), Code::X509ExtensionUnparsable);
    }
}
