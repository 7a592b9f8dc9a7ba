//! Foreign tokens: their one form, whose count, and what they may say. The authorities are of our own making here, and
//! openssl's in `tests/openssl.rs`; what is refused has a twin that counts.

mod file;
mod openssl;

use std::sync::LazyLock;

use super::*;
use crate::attribute_set::{attribute, octets, signing_certificate};
use crate::digest::Digest;
use crate::forge::certificate::Party;
use crate::forge::signed_data::{SignedDataForge, algorithm, elements};
use crate::forge::{World, now};
use crate::reason::{Code, Coded as _};
use crate::tlv::{self, INTEGER, OCTET_STRING, SEQUENCE, SET};
use crate::{oid, pem};

const MESSAGE: &[u8] = b"a signature value";
/// `GeneralizedTime`.
const TIME: u8 = 0x18;
/// Where `TSTInfo` has its time.
const TIME_PLACE: usize = 4;

static WORLD: LazyLock<World> = LazyLock::new(World::new);

/// A file that names authorities by their chains.
pub(super) fn named(chains: &[&[&[u8]]]) -> String {
    let entries = chains.iter().map(|chain| {
        let chain: String = chain.iter().map(|der| pem::certificate(der).unwrap()).collect();
        serde_json::json!({ "url": "https://time.example/stamp", "chain": chain })
    });
    serde_json::json!({ "authorities": entries.collect::<Vec<_>>() }).to_string()
}

/// Others, whose authority has another number.
pub(super) fn stranger() -> World {
    let world = World::new();
    World { clock: world.root.issues_time_authority("Another time authority", 8), ..world }
}

fn trusting(world: &World) -> ForeignAuthorities {
    ForeignAuthorities::parse(&named(&[&[&world.clock.certificate, &world.root.certificate]])).unwrap()
}

fn judged(token: &[u8], message: &[u8]) -> Result<ForeignStamp, Code> {
    let code = |error: ForeignTokenError| error.code();
    let token = ForeignToken::parse(token).map_err(code)?;
    token.verify(trusting(&WORLD).list(), message).map(|(stamp, _)| stamp).map_err(code)
}

fn forge() -> SignedDataForge {
    SignedDataForge::of_token(&WORLD.stamp(MESSAGE), &WORLD.clock.certificate)
}

/// The token with its `TSTInfo` altered and signed again, by the authority itself.
fn stating(alter: impl FnOnce(&mut Vec<Vec<u8>>)) -> Result<ForeignStamp, Code> {
    let mut forge = forge();
    let mut fields = elements(tlv::only(forge.content.as_ref().unwrap(), OCTET_STRING).unwrap().content);
    alter(&mut fields);
    let info = tlv::write(SEQUENCE, &[&fields.concat()]);
    forge.content = Some(tlv::write(OCTET_STRING, &[&info]));
    let digest = octets(oid::MESSAGE_DIGEST, Digest::of(&info).as_bytes());
    forge.signer().replace(oid::MESSAGE_DIGEST, &[digest], &WORLD.clock.key);
    judged(&forge.der(), MESSAGE)
}

fn at(text: &str) -> Result<ForeignStamp, Code> {
    stating(|fields| fields[TIME_PLACE] = tlv::write(TIME, &[text.as_bytes()]))
}

#[test]
fn a_pinned_authoritys_token_counts_over_its_message_alone() {
    let token = WORLD.stamp(MESSAGE);
    assert_eq!(judged(&token, MESSAGE), Ok(ForeignStamp { time: now(), policy: oid::TIME_POLICY }));
    // TIME-01: of the digest, of other bytes, of none.
    for other in [Digest::of(MESSAGE).as_bytes().as_slice(), b"another signature value", b""] {
        assert_eq!(judged(&token, other), Err(Code::TimeImprintMismatch));
    }
}

#[test]
fn an_authority_that_is_not_pinned_counts_for_nothing() {
    // TIME-02, TIME-03: its certificate inside helps nobody, whoever issued it.
    let stranger = stranger();
    let mut forge = SignedDataForge::of_token(&stranger.stamp(MESSAGE), &stranger.clock.certificate);
    assert_eq!(judged(&forge.der(), MESSAGE), Err(Code::TimeTsaUntrusted));
    forge.certificates = Some(vec![stranger.clock.certificate.clone(), stranger.root.certificate.clone()]);
    let read = ForeignToken::read(&forge.der()).unwrap();
    let refused = read.verify(trusting(&WORLD).list(), MESSAGE).map(drop);
    assert_eq!(refused, Err(ForeignTokenError::Untrusted));
    // Of the same root, and of the same name and number under another root.
    let sibling = World { clock: WORLD.root.issues_time_authority("Time authority", 9), ..World::new() };
    assert_eq!(judged(&sibling.stamp(MESSAGE), MESSAGE), Err(Code::TimeTsaUntrusted));
    assert_eq!(judged(&World::new().stamp(MESSAGE), MESSAGE), Err(Code::TimeTsaSigner));
}

#[test]
fn the_signer_is_the_one_that_the_token_names() {
    // TIME-05: the key is the pinned one, and both names are that certificate's.
    let Party { key, certificate } = &WORLD.clock;
    let named = |with: &[Vec<u8>]| {
        let mut forge = forge();
        forge.signer().replace(oid::SIGNING_CERTIFICATE_V2, with, key);
        judged(&forge.der(), MESSAGE)
    };
    let other = signing_certificate(Digest::of(&WORLD.countersigner.certificate).as_bytes());
    assert_eq!(named(&[other]), Err(Code::TimeTsaSigner));
    assert_eq!(named(&[]), Err(Code::TimeTsaSigner));
    let first = |der: &[u8]| {
        let id = tlv::write(SEQUENCE, &[&tlv::write(OCTET_STRING, &[&crate::crypto::sha1_of_certificate(der)])]);
        attribute(oid::SIGNING_CERTIFICATE, &tlv::write(SEQUENCE, &[&tlv::write(SEQUENCE, &[&id])]))
    };
    assert_eq!(named(&[first(certificate)]).map(|stamp| stamp.time), Ok(now()), "RFC 3161's own name for it");
    assert_eq!(named(&[first(&WORLD.countersigner.certificate)]), Err(Code::TimeTsaSigner));
    let mut forge = forge();
    forge.signer().sid = crate::signed_data::issuer_and_serial(&WORLD.countersigner.certificate).unwrap();
    assert_eq!(judged(&forge.der(), MESSAGE), Err(Code::TimeTsaUntrusted));
}

#[test]
fn a_signature_of_another_key_or_over_another_content_is_refused() {
    // TIME-06.
    let mut other = forge();
    other.signer().sign(&WORLD.countersigner.key);
    assert_eq!(judged(&other.der(), MESSAGE), Err(Code::TimeTsaSignature));
    let mut digest = forge();
    digest.signer().replace(oid::MESSAGE_DIGEST, &[octets(oid::MESSAGE_DIGEST, &[7; 32])], &WORLD.clock.key);
    assert_eq!(judged(&digest.der(), MESSAGE), Err(Code::TimeTsaSignature));
}

#[test]
fn no_byte_of_a_token_can_be_another() {
    let token = WORLD.stamp(MESSAGE);
    for place in 0..token.len() {
        let mut altered = token.clone();
        altered[place] ^= 1;
        assert!(judged(&altered, MESSAGE).is_err(), "{place}");
        assert!(judged(&token[..place], MESSAGE).is_err(), "{place}");
    }
    assert!(judged(&[token.as_slice(), &[0]].concat(), MESSAGE).is_err());
}

#[test]
fn what_nobody_signed_is_left_out_and_has_one_form() {
    let original = forge();
    let null = |kind: &str| algorithm(kind, true);
    let forms: [&dyn Fn(&mut SignedDataForge); 7] = [
        &|forge| forge.certificates = Some(vec![WORLD.clock.certificate.clone()]),
        &|forge| forge.certificates = Some(Vec::new()),
        &|forge| forge.crls = Some(Vec::new()),
        &|forge| forge.signer().unsigned_attributes = Some(vec![octets(oid::DECISION, b"a claim")]),
        &|forge| forge.signer().digest_algorithm = null("2.16.840.1.101.3.4.2.1"),
        &|forge| forge.digest_algorithms = vec![null("2.16.840.1.101.3.4.2.1"), null("2.16.840.1.101.3.4.2.3")],
        &|forge| forge.signer().signature_algorithm = null("1.2.840.10045.4.3.2"),
    ];
    for (place, form) in forms.into_iter().enumerate() {
        let mut forge = original.clone();
        form(&mut forge);
        let other = forge.der();
        assert_eq!(judged(&other, MESSAGE), Err(Code::TimeMalformed), "{place}");
        assert_eq!(ForeignToken::read(&other).unwrap().to_der(), Ok(original.der()), "{place}");
    }
}

#[test]
fn other_algorithms_versions_and_structures_are_refused() {
    // TIME-10.
    type Alter = dyn Fn(&mut SignedDataForge);
    let cases: [(&Alter, Code); 9] = [
        (&|forge| forge.signer().digest_algorithm = algorithm("1.3.14.3.2.26", false), Code::TimeAlgorithm),
        (&|forge| forge.signer().signature_algorithm = algorithm("1.2.840.10045.4.1", false), Code::TimeAlgorithm),
        (&|forge| forge.signer().signature_algorithm = algorithm("1.2.840.10045.4.3.3", false), Code::TimeAlgorithm),
        (&|forge| forge.version = 1, Code::TimeMalformed),
        (&|forge| forge.signer().version = 3, Code::TimeMalformed),
        (&|forge| forge.content_type = oid::DATA, Code::TimeMalformed),
        (&|forge| forge.content = None, Code::TimeMalformed),
        (&|forge| forge.signers.push(forge.signers[0].clone()), Code::TimeMalformed),
        (&|forge| forge.signer().signed_attributes = None, Code::TimeMalformed),
    ];
    for (place, (alter, code)) in cases.into_iter().enumerate() {
        let mut forge = forge();
        alter(&mut forge);
        assert_eq!(ForeignToken::read(&forge.der()).map(drop).map_err(|error| error.code()), Err(code), "{place}");
    }
    let sha1 = tlv::write(SEQUENCE, &[&algorithm("1.3.14.3.2.26", false), &tlv::write(OCTET_STRING, &[&[7; 20]])]);
    assert_eq!(stating(|fields| fields[2] = sha1), Err(Code::TimeAlgorithm), "a SHA-1 imprint");
    assert_eq!(stating(|fields| fields[0] = tlv::write(INTEGER, &[&[2]])), Err(Code::TimeMalformed));
    assert_eq!(stating(|fields| fields.push(tlv::write(tlv::CONTEXT_1, &[]))), Err(Code::TimeMalformed), "extensions");
}

#[test]
fn an_accuracy_leaves_the_time_a_point_or_is_refused() {
    // TIME-20.
    let accuracy = |fields: &[&[u8]]| {
        let accuracy = tlv::write(SEQUENCE, fields);
        stating(move |info| info.insert(TIME_PLACE + 1, accuracy)).map(|stamp| stamp.time)
    };
    let seconds = |content: &[u8]| tlv::write(INTEGER, &[content]);
    for fine in [vec![], vec![seconds(&[1])], vec![seconds(&[10]), vec![0x80, 2, 1, 244]], vec![vec![0x80, 1, 1]]] {
        let fields: Vec<&[u8]> = fine.iter().map(Vec::as_slice).collect();
        assert_eq!(accuracy(&fields), Ok(now()), "{fine:?}");
    }
    for large in [seconds(&[11]), seconds(&[14, 16]), seconds(&[0xff]), seconds(&[1; 20])] {
        assert_eq!(accuracy(&[&large]), Err(Code::TimeAccuracy), "{large:?}");
    }
}

#[test]
fn a_time_has_the_form_of_rfc_3161() {
    // TIME-21.
    let text = now().to_string().replace(['-', ':', 'T'], "");
    let whole = text.strip_suffix('Z').unwrap();
    assert_eq!(at(&text).map(|stamp| stamp.time), Ok(now()));
    assert_eq!(at(&format!("{whole}.25Z")).map(|stamp| stamp.time), Ok(now()), "a fraction is cut off");
    for form in [".0Z", ".250Z", ".Z", ",25Z", ".2x5Z", ".0123456789Z", "", "+0000", "z", ".25"] {
        assert_eq!(at(&format!("{whole}{form}")), Err(Code::TimeFormat), "{form}");
    }
    for time in ["20261118070660Z", "20261318070640Z", "2026111807Z", "00000000000000Z", "202611180706Z", "Z", ""] {
        assert_eq!(at(time), Err(Code::TimeFormat), "{time}");
    }
    assert_eq!(at("99991231235959Z"), Err(Code::TimeOutsideWindow));
    let utc = stating(|fields| fields[TIME_PLACE] = tlv::write(0x17, &[b"261118070640Z"]));
    assert_eq!(utc, Err(Code::TimeFormat), "UTCTime");
}

#[test]
fn attributes_that_rfc_3161_demands_stand_once() {
    let with = |more: Vec<u8>| {
        let mut forge = forge();
        let attributes = forge.signer().signed_attributes.as_mut().unwrap();
        attributes.push(more);
        attributes.sort();
        forge.signer().sign(&WORLD.clock.key);
        judged(&forge.der(), MESSAGE)
    };
    let time = attribute(oid::SIGNING_TIME, &tlv::write(0x17, &[b"261118070640Z"]));
    assert_eq!(with(time).map(|stamp| stamp.time), Ok(now()), "what nobody asks about may stand there");
    assert_eq!(with(octets(oid::MESSAGE_DIGEST, &[7; 32])), Err(Code::TimeMalformed));
    let several = tlv::write(SET, &[&tlv::write(OCTET_STRING, &[&[1]]), &tlv::write(OCTET_STRING, &[&[2]])]);
    let kind = tlv::write(tlv::OBJECT_IDENTIFIER, &[oid::SIGNING_CERTIFICATE.as_bytes()]);
    assert_eq!(with(tlv::write(SEQUENCE, &[&kind, &several])), Err(Code::TimeMalformed));
}
