//! Which leaves a trust root certifies, when they are valid, and which documents are no trust root.

mod documents;

use const_oid::AssociatedOid as _;
use der::Encode;
use der::asn1::{OctetString, UtcTime};
use x509_cert::ext::pkix::{AuthorityKeyIdentifier, BasicConstraints, ExtendedKeyUsage, KeyUsage, KeyUsages};
use x509_cert::time::Time;

use super::*;
use crate::certificate::name;
use crate::certificate::tests::world::*;
use crate::crypto::{P256Key, SignP256};
use crate::issue;
use crate::reason::{Code, Coded};
use crate::sct::Promise;

fn refusal(trust: &TrustRoot, der: &[u8]) -> Code {
    trust.certify(Leaf::parse(der).unwrap()).unwrap_err().code()
}

#[test]
fn certifies_a_leaf_for_its_life_and_not_a_second_more() {
    let world = World::new();
    let certified = world.trust_root().certify(Leaf::parse(&world.leaf()).unwrap()).unwrap();
    let life = life();
    certified.valid_at(life.start).unwrap();
    certified.valid_at(life.end.minus(1)).unwrap();
    for outside in [life.start.minus(1), life.end, life.end.plus(DAY)] {
        assert_eq!(certified.valid_at(outside).unwrap_err().code(), Code::X509Expired);
    }
}

#[test]
fn rejects_a_self_signed_leaf() {
    // X509-01.
    let world = World::new();
    let der = world.forge_signed_by(&world.holder, |tbs| {
        tbs.issuer = tbs.subject.clone();
        let own = name::authority_key_identifier(&world.holder.public()).unwrap();
        set(tbs, AuthorityKeyIdentifier::OID, &own);
    });
    assert_eq!(refusal(&world.trust_root(), &der), Code::X509Untrusted);
}

#[test]
fn rejects_a_leaf_of_another_instance() {
    // X509-24.
    assert_eq!(refusal(&World::new().trust_root(), &World::new().leaf()), Code::X509Untrusted);
}

#[test]
fn rejects_a_leaf_that_a_leaf_issued() {
    // X509-03.
    let world = World::new();
    let issuer = tbs_of(&world.leaf()).subject;
    let der = world.forge_signed_by(&world.holder, |tbs| {
        tbs.issuer = issuer;
        let holder = name::authority_key_identifier(&world.holder.public()).unwrap();
        set(tbs, AuthorityKeyIdentifier::OID, &holder);
    });
    assert_eq!(refusal(&world.trust_root(), &der), Code::X509Untrusted);
}

#[test]
fn rejects_a_leaf_signed_by_another_key_in_the_issuers_name() {
    let world = World::new();
    let der = world.forge_signed_by(&world.holder, |_| ());
    assert_eq!(refusal(&world.trust_root(), &der), Code::X509Signature);
}

#[test]
fn rejects_a_leaf_signed_by_root_or_time_authority() {
    let world = World::new();
    for keyed in [&world.root, &world.countersigning] {
        let subject = tbs_of(&keyed.certificate).subject;
        let der = world.forge_signed_by(&keyed.key, |tbs| {
            tbs.issuer = subject;
            set(tbs, AuthorityKeyIdentifier::OID, &name::authority_key_identifier(&keyed.key.public()).unwrap());
        });
        assert_eq!(refusal(&world.trust_root(), &der), Code::X509Untrusted);
    }
}

#[test]
fn rejects_an_altered_signature_and_altered_content() {
    let world = World::new();
    let mut certificate = x509_cert::Certificate::from_der(&world.leaf()).unwrap();
    let other = world.issuing.key.sign_p256(b"something else").unwrap();
    certificate.signature = der::asn1::BitString::from_bytes(&other).unwrap();
    assert_eq!(refusal(&world.trust_root(), &certificate.to_der().unwrap()), Code::X509Signature);
    let mut certificate = x509_cert::Certificate::from_der(&world.leaf()).unwrap();
    let later = UtcTime::from_date_time(life().end.plus(60).to_der().unwrap()).unwrap();
    certificate.tbs_certificate.validity.not_after = Time::UtcTime(later);
    assert_eq!(refusal(&world.trust_root(), &certificate.to_der().unwrap()), Code::X509Signature);
}

#[test]
fn takes_the_issuer_from_the_verified_path_where_two_have_one_name() {
    // X509-22.
    let world = World::new();
    let second = Keyed::under(&world.root, days(10, 300), issue::issuing);
    let mut parts = world.parts();
    let part = AuthorityPart { certificate: second.certificate.clone(), ..parts.certificate_authorities[0].clone() };
    parts.certificate_authorities.push(part);
    let trust = TrustRoot::new(parts).unwrap();
    let alter = |tbs: &mut x509_cert::TbsCertificate| {
        let identifier = name::authority_key_identifier(&second.key.public()).unwrap();
        set(tbs, AuthorityKeyIdentifier::OID, &identifier);
    };
    trust.certify(Leaf::parse(&world.forge_signed_by(&second.key, alter)).unwrap()).unwrap();
    // The promise names the first issuer's key, the signature is the second's.
    let mut tbs = tbs_of(&world.leaf());
    alter(&mut tbs);
    promise(&mut tbs, &world.ct, &world.issuing.key.public());
    assert_eq!(refusal(&trust, &signed(tbs, &second.key)), Code::LogSctInvalid);
}

#[test]
fn rejects_promises_that_do_not_verify() {
    // X509-23; a leaf without a promise is no leaf.
    let world = World::new();
    let trust = world.trust_root();
    let issuer = world.issuing.key.public();
    let with = |ct: &P256Key, timestamp: u64, promised: Option<&[u8]>| {
        let mut tbs = tbs_of(&world.leaf());
        let mut bare = tbs.clone();
        remove(&mut bare, oid::SCT_LIST);
        let bytes = bare.to_der().unwrap();
        let made = Promise::make(ct, timestamp, &issuer, promised.unwrap_or(&bytes)).unwrap();
        set(&mut tbs, oid::SCT_LIST, &made.to_extension().unwrap());
        refusal(&trust, &signed(tbs, &world.issuing.key))
    };
    let ms = now().unix() * 1000;
    assert_eq!(with(&P256Key::generate().unwrap(), ms, None), Code::LogSctInvalid);
    assert_eq!(with(&world.ct, ms, Some(b"another certificate")), Code::LogSctInvalid);
    assert_eq!(with(&world.ct, life().end.unix() * 1000, None), Code::LogSctInvalid);
    assert_eq!(with(&world.ct, now().minus(11 * DAY).unix() * 1000, None), Code::LogSctInvalid);
    assert_eq!(with(&world.ct, u64::MAX, None), Code::LogSctInvalid);
    let mut tbs = tbs_of(&world.leaf());
    set(&mut tbs, oid::SCT_LIST, &[4, 2, 0, 0]);
    assert_eq!(refusal(&trust, &signed(tbs, &world.issuing.key)), Code::LogSctInvalid);
}

#[test]
fn rejects_a_leaf_that_outlives_its_issuer() {
    // X509-21: the issuing authority ends while the leaf lives.
    let world = World::new();
    let short = Window { start: now().minus(DAY), end: now().plus(300) };
    let certificate = issue::issuing(&world.issuing.key.public(), short, serial(), &world.root.authority()).unwrap();
    let mut parts = world.parts();
    parts.certificate_authorities[0].certificate = certificate;
    assert_eq!(refusal(&TrustRoot::new(parts).unwrap(), &world.leaf()), Code::X509ExpiredChain);
}

#[test]
fn rejects_a_leaf_outside_the_trust_in_its_issuer() {
    // X509-25: the authority was retired before the leaf was used.
    let world = World::new();
    let mut parts = world.parts();
    parts.certificate_authorities[0].valid_for.end = Some(now().plus(100));
    let certified = TrustRoot::new(parts).unwrap().certify(Leaf::parse(&world.leaf()).unwrap()).unwrap();
    certified.valid_at(now().plus(99)).unwrap();
    assert_eq!(certified.valid_at(now().plus(100)).unwrap_err().code(), Code::TrustWindow);
}

/// The code of a trust root whose issuing authority was altered before the root signed it.
fn with_issuing(alter: impl FnOnce(&mut x509_cert::TbsCertificate)) -> Code {
    let world = World::new();
    let mut tbs = tbs_of(&world.issuing.certificate);
    alter(&mut tbs);
    let mut parts = world.parts();
    parts.certificate_authorities[0].certificate = signed(tbs, &world.root.key);
    TrustRoot::new(parts).unwrap_err().code()
}

#[test]
fn rejects_issuing_authorities_that_are_none() {
    // X509-03 to X509-06 one level up.
    let limits = |ca, path_len_constraint| BasicConstraints { ca, path_len_constraint }.to_der().unwrap();
    let basic = |value: Vec<u8>| with_issuing(|tbs| set(tbs, BasicConstraints::OID, &value));
    assert_eq!(basic(limits(false, None)), Code::X509NotCa);
    assert_eq!(with_issuing(|tbs| remove(tbs, BasicConstraints::OID)), Code::X509NotCa);
    assert_eq!(basic(limits(true, None)), Code::X509PathConstraint);
    assert_eq!(basic(limits(true, Some(1))), Code::X509PathConstraint);
    let signs = KeyUsage(KeyUsages::DigitalSignature.into()).to_der().unwrap();
    assert_eq!(with_issuing(|tbs| set(tbs, KeyUsage::OID, &signs)), Code::X509PathConstraint);
    assert_eq!(with_issuing(|tbs| remove(tbs, KeyUsage::OID)), Code::X509PathConstraint);
    assert_eq!(with_issuing(|tbs| remove(tbs, ExtendedKeyUsage::OID)), Code::X509Eku);
    let stamps = ExtendedKeyUsage(vec![oid::TIME_STAMPING]).to_der().unwrap();
    assert_eq!(with_issuing(|tbs| set(tbs, ExtendedKeyUsage::OID, &stamps)), Code::X509Purpose);
}

/// The code of a trust root whose time authority of this number was altered before the root signed it.
fn with_stamping(number: usize, alter: impl FnOnce(&mut x509_cert::TbsCertificate)) -> Code {
    let world = World::new();
    let mut parts = world.parts();
    let mut tbs = tbs_of(&parts.time_authorities[number].certificate);
    alter(&mut tbs);
    parts.time_authorities[number].certificate = signed(tbs, &world.root.key);
    TrustRoot::new(parts).unwrap_err().code()
}

// TIME-07: the key usage is missing, another, one of two, or not critical.
#[test]
fn rejects_time_authorities_that_may_do_more_or_less_than_stamp() {
    let usages = |oids: &[const_oid::ObjectIdentifier]| ExtendedKeyUsage(oids.to_vec()).to_der().unwrap();
    for number in 0..World::new().parts().time_authorities.len() {
        assert_eq!(with_stamping(number, |tbs| remove(tbs, ExtendedKeyUsage::OID)), Code::TimeTsaEku);
        let used = |usages: Vec<u8>| with_stamping(number, |tbs| set(tbs, ExtendedKeyUsage::OID, &usages));
        assert_eq!(used(usages(&[oid::CODE_SIGNING])), Code::X509Purpose);
        assert_eq!(used(usages(&[oid::TIME_STAMPING, oid::CODE_SIGNING])), Code::TimeTsaEku);
        let lenient = |tbs: &mut x509_cert::TbsCertificate| {
            let extensions = tbs.extensions.as_mut().unwrap();
            extensions.iter_mut().find(|one| one.extn_id == ExtendedKeyUsage::OID).unwrap().critical = false;
        };
        assert_eq!(with_stamping(number, lenient), Code::TimeTsaEku);
    }
}

#[test]
fn rejects_a_leaf_or_a_root_as_issuing_authority() {
    let world = World::new();
    for certificate in [world.leaf(), world.root.certificate.clone()] {
        let mut parts = world.parts();
        parts.certificate_authorities[0].certificate = certificate;
        let code = TrustRoot::new(parts).unwrap_err().code();
        assert!(matches!(code, Code::X509NotCa | Code::X509PathConstraint), "{code}");
    }
}

#[test]
fn rejects_chains_that_do_not_hold() {
    let world = World::new();
    let code = |alter: &dyn Fn(&mut Parts)| {
        let mut parts = world.parts();
        alter(&mut parts);
        TrustRoot::new(parts).unwrap_err().code()
    };
    let other = Keyed::root(days(100, 3_000));
    assert_eq!(code(&|parts| parts.certificate_authorities[0].root = other.certificate.clone()), Code::X509Untrusted);
    assert_eq!(code(&|parts| parts.time_authorities[0].root = other.certificate.clone()), Code::X509Untrusted);
    // A root in the same name and key identifier, signed by somebody else.
    let forged = signed(tbs_of(&world.root.certificate), &other.key);
    assert_eq!(code(&|parts| parts.certificate_authorities[0].root = forged.clone()), Code::X509Signature);
    let forged = signed(tbs_of(&world.issuing.certificate), &other.key);
    assert_eq!(code(&|parts| parts.certificate_authorities[0].certificate = forged.clone()), Code::X509Signature);
}

#[test]
fn rejects_a_code_signing_certificate_among_time_authorities() {
    let world = World::new();
    let mut parts = world.parts();
    parts.time_authorities[0].certificate = world.issuing.certificate.clone();
    assert_eq!(TrustRoot::new(parts).unwrap_err().code(), Code::X509Purpose);
}

#[test]
fn time_authorities_count_where_trust_and_certificate_overlap() {
    let world = World::new();
    let mut parts = world.parts();
    parts.time_authorities[1].valid_for.end = Some(now().plus(60));
    let trust = TrustRoot::new(parts).unwrap();
    let [countersigning, time] = trust.time_authorities() else { panic!("two authorities") };
    assert_eq!(countersigning.policy, oid::COUNTERSIGN_POLICY);
    assert_eq!(countersigning.certificate, world.countersigning.certificate);
    assert_eq!(countersigning.public_key, world.countersigning.key.public());
    assert_eq!(countersigning.window, days(10, 300));
    assert_eq!(time.policy, oid::TIME_POLICY);
    assert_eq!(time.window.end, now().plus(60));
}

#[test]
fn finds_logs_by_origin() {
    let world = World::new();
    let trust = world.trust_root();
    assert_eq!(trust.log(ORIGIN).unwrap().key, world.log.public());
    assert_eq!(trust.log("log-2.example.chancery.internal"), None);
    assert_eq!(OctetString::new(trust.log(ORIGIN).unwrap().parts().origin).unwrap().as_bytes(), ORIGIN.as_bytes());
}
