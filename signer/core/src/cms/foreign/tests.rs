//! Signatures without an engine: one wrong field each, and what they are told apart from.

use std::sync::LazyLock;

use const_oid::ObjectIdentifier;

use super::*;
use crate::attribute_set::attribute;
use crate::forge::openssl::OpenSsl;
use crate::forge::signed_data::{SignedDataForge, attribute_of};
use crate::forge::{Signed, World};
use crate::log_entry::LogEntry;
use crate::reason::{Code, Coded as _};
use crate::tlv::{OCTET_STRING, write};

static WORLD: LazyLock<World> = LazyLock::new(World::new);
static SIGNED: LazyLock<Signed> = LazyLock::new(|| WORLD.sign(OBJECT));
static ENTRY: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let (root, checkpoint) = (Digest::of(b"root"), "log\n1\n".to_owned());
    let entry = LogEntry { index: 0, log_id: [7; 32], size: 1, root, hashes: vec![], checkpoint };
    ForeignEntry { entry, proof_index: 0, promise: None }.encode().unwrap()
});
const OBJECT: &[u8] = b"tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\n\nMessage\n";

/// An engine's signature without what only an engine writes.
fn forge() -> SignedDataForge {
    let mut forge = SignedDataForge::of_commit(&SIGNED);
    forge.signer().replace(oid::PROVENANCE, &[], &WORLD.leaf.key);
    forge.signer().replace_unsigned(oid::DECISION, &[]);
    forge.signer().replace_unsigned(oid::LOG_ENTRY, &[octets(oid::LOG_ENTRY, &ENTRY)]);
    forge
}

fn changed(change: impl FnOnce(&mut SignedDataForge)) -> Result<ForeignSignature, Code> {
    let mut forge = forge();
    change(&mut forge);
    ForeignSignature::parse(&forge.der()).map_err(|error| error.code())
}

fn signed_replaced(kind: ObjectIdentifier, with: &[Vec<u8>]) -> Result<ForeignSignature, Code> {
    changed(|forge| forge.signer().replace(kind, with, &WORLD.leaf.key))
}

fn unsigned_replaced(kind: ObjectIdentifier, with: &[Vec<u8>]) -> Result<ForeignSignature, Code> {
    changed(|forge| forge.signer().replace_unsigned(kind, with))
}

#[test]
fn reads_the_parts_back_and_writes_the_same_bytes() {
    let der = forge().der();
    let read = ForeignSignature::parse(&der).unwrap();
    assert_eq!(read.write().unwrap(), der);
    assert_eq!(*read.attributes.message_digest(), Digest::of(OBJECT));
    assert_eq!(read.attributes.certificate_digest(), Some(&Digest::of(&SIGNED.certificate)));
    assert_eq!(read.certificate, SIGNED.certificate);
    assert_eq!(read.token.as_deref(), Some(SIGNED.evidence.token.as_slice()));
    assert_eq!(read.entry.encode().unwrap(), *ENTRY);
}

#[test]
fn openssl_reads_what_is_written() {
    let openssl = OpenSsl::new();
    openssl.file("signature", &forge().der());
    openssl.file("object", OBJECT);
    openssl.certificate("root.pem", &WORLD.root.certificate);
    openssl.run("cms -cmsout -print -noout -inform DER -in signature").unwrap();
}

#[test]
fn neither_a_time_stamp_nor_a_named_certificate_must_stand_there() {
    let bare = unsigned_replaced(oid::TIME_STAMP_TOKEN, &[]).unwrap();
    assert_eq!(bare.token, None);
    let unnamed = signed_replaced(oid::SIGNING_CERTIFICATE_V2, &[]).unwrap();
    assert_eq!(unnamed.attributes.certificate_digest(), None);
}

#[test]
fn refuses_an_engines_signature_as_that() {
    let refused = ForeignSignature::parse(&SIGNED.der).unwrap_err();
    assert_eq!(refused.code(), Code::CmsCountersigned);
    // What only looks like one is refused for what it is.
    let mut forged = forge();
    forged.signer().replace_unsigned(oid::DECISION, &[octets(oid::DECISION, b"{}")]);
    assert_eq!(ForeignSignature::parse(&forged.der()).unwrap_err().code(), Code::CmsUnsignedAttrUnknown);
}

#[test]
fn refuses_a_signature_whose_evidence_was_left_in_the_log() {
    assert_eq!(unsigned_replaced(oid::LOG_ENTRY, &[]), Err(Code::LogOnline));
    assert_eq!(changed(|forge| forge.signer().unsigned_attributes = None), Err(Code::LogOnline));
}

#[test]
fn refuses_attributes_that_are_unknown_doubled_empty_or_of_another_type() {
    let unknown = ObjectIdentifier::new_unwrap("2.25.246148246.9");
    assert_eq!(unsigned_replaced(unknown, &[octets(unknown, b"approved")]), Err(Code::CmsUnsignedAttrUnknown));
    assert_eq!(signed_replaced(unknown, &[octets(unknown, b"approved")]), Err(Code::CmsAttrUnknown));
    let entry = octets(oid::LOG_ENTRY, &ENTRY);
    assert_eq!(unsigned_replaced(oid::LOG_ENTRY, &[entry.clone(), entry]), Err(Code::CmsAttrDuplicate));
    let value = write(OCTET_STRING, &[&ENTRY]);
    let twice = attribute_of(oid::LOG_ENTRY, &[value.clone(), value]);
    assert_eq!(unsigned_replaced(oid::LOG_ENTRY, &[twice]), Err(Code::CmsAttrDuplicate));
    assert_eq!(unsigned_replaced(oid::LOG_ENTRY, &[attribute_of(oid::LOG_ENTRY, &[])]), Err(Code::CmsAttrMissing));
    let token = &SIGNED.evidence.token;
    let twice = attribute_of(oid::TIME_STAMP_TOKEN, &[token.clone(), token.clone()]);
    assert_eq!(unsigned_replaced(oid::TIME_STAMP_TOKEN, &[twice]), Err(Code::TimeDuplicate));
    let text = octets(oid::TIME_STAMP_TOKEN, token);
    assert_eq!(unsigned_replaced(oid::TIME_STAMP_TOKEN, &[text]), Err(Code::CmsAttrType));
    let bare = attribute(oid::LOG_ENTRY, &write(SEQUENCE, &[]));
    assert_eq!(unsigned_replaced(oid::LOG_ENTRY, &[bare]), Err(Code::CmsAttrType));
}

#[test]
fn refuses_a_missing_signed_attribute() {
    for kind in [oid::CONTENT_TYPE, oid::MESSAGE_DIGEST, oid::SIGNING_TIME] {
        assert_eq!(signed_replaced(kind, &[]), Err(Code::CmsAttrMissing), "{kind}");
    }
    assert_eq!(changed(|forge| forge.signer().signed_attributes = None), Err(Code::CmsSignedAttrsMissing));
}

#[test]
fn refuses_another_certificate_than_the_signers() {
    let other = WORLD.countersigner.certificate.clone();
    assert_eq!(changed(|forge| forge.certificates = Some(vec![other.clone()])), Err(Code::CmsSignerMismatch));
    let both = vec![SIGNED.certificate.clone(), other.clone()];
    assert_eq!(changed(|forge| forge.certificates = Some(both)), Err(Code::CmsCertificateCount));
    assert_eq!(changed(|forge| forge.certificates = None), Err(Code::CmsNoCertificates));
    let named = crate::attribute_set::signing_certificate(Digest::of(&other).as_bytes());
    assert_eq!(signed_replaced(oid::SIGNING_CERTIFICATE_V2, &[named]), Err(Code::CmsEss));
}

#[test]
fn refuses_two_signers_content_and_a_set_in_another_order() {
    let second = |forge: &mut SignedDataForge| {
        let signer = SignedDataForge::of_commit(&SIGNED).signers.remove(0);
        forge.signers.push(signer);
    };
    assert_eq!(changed(second), Err(Code::CmsSignerCount));
    assert_eq!(changed(|forge| forge.signers.clear()), Err(Code::CmsNoSigners));
    let content = write(OCTET_STRING, &[OBJECT]);
    assert_eq!(changed(|forge| forge.content = Some(content)), Err(Code::CmsContentPresent));
    let reversed = |forge: &mut SignedDataForge| forge.signer().unsigned_attributes.as_mut().unwrap().reverse();
    assert_eq!(changed(reversed), Err(Code::CmsNotDer));
    let signed = |forge: &mut SignedDataForge| {
        forge.signer().signed_attributes.as_mut().unwrap().reverse();
        forge.signer().sign(&WORLD.leaf.key);
    };
    assert_eq!(changed(signed), Err(Code::CmsNotDer));
}

#[test]
fn refuses_bytes_that_follow_and_a_size_beyond_the_limit() {
    let der = [forge().der(), vec![0]].concat();
    assert_eq!(ForeignSignature::parse(&der).unwrap_err().code(), Code::CmsTrailingData);
    let large = vec![0x30; crate::cms::MAX_BYTES + 1];
    assert_eq!(ForeignSignature::parse(&large).unwrap_err().code(), Code::LimitSignatureSize);
}

#[test]
fn refuses_an_entry_that_is_none() {
    let entry = |bytes: &[u8]| unsigned_replaced(oid::LOG_ENTRY, &[octets(oid::LOG_ENTRY, bytes)]).unwrap_err();
    assert_eq!(entry(b""), Code::LogEntryMalformed);
    assert_eq!(entry(&[ENTRY.as_slice(), &[0]].concat()), Code::LogEntryMalformed);
}
