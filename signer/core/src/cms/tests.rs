//! Attacks of the CMS family that the structure alone decides; whether certificate, token and entry are true is tested
//! with their own modules.

mod bytes;
mod fields;
mod foreign;

use std::sync::LazyLock;

use super::*;
use crate::forge::signed_data::SignedDataForge;
use crate::forge::{Signed, World};
use crate::reason::{Code, Coded};

static WORLD: LazyLock<World> = LazyLock::new(World::new);
static SIGNED: LazyLock<Signed> = LazyLock::new(|| WORLD.sign(OBJECT));
const OBJECT: &[u8] = b"tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\n\nMessage\n";

/// A valid signature with every field open.
fn forge() -> SignedDataForge {
    SignedDataForge::of_commit(&SIGNED)
}

/// The code that a signature is refused with.
fn code(der: &[u8]) -> Code {
    CommitSignature::parse(der).expect_err("a refusal").code()
}

#[test]
fn reads_the_six_parts_back() {
    let read = CommitSignature::parse(&SIGNED.der).unwrap();
    assert_eq!(read.signed_attributes().der(), SIGNED.attributes);
    assert_eq!(read.signature(), SIGNED.signature);
    assert_eq!(read.certificate_der(), SIGNED.certificate);
    assert_eq!(read.token(), SIGNED.evidence.token);
    assert_eq!(read.entry(), SIGNED.evidence.entry);
    assert_eq!(read.decision(), SIGNED.evidence.decision);
}

#[test]
fn the_forge_builds_the_same_bytes() {
    assert_eq!(forge().der(), SIGNED.der);
}

#[test]
fn assembles_nothing_that_would_be_refused() {
    let Signed { attributes, signature, certificate, evidence, .. } = &*SIGNED;
    let other = assemble(attributes, signature, &WORLD.countersigner.certificate, evidence);
    assert_eq!(other.unwrap_err().code(), Code::CmsEss);
    let large = Evidence { entry: vec![0; MAX_BYTES], ..evidence.clone() };
    assert_eq!(assemble(attributes, signature, certificate, &large).unwrap_err().code(), Code::LimitSignatureSize);
    let not_a_set = assemble(&attributes[1..], signature, certificate, evidence);
    assert_eq!(not_a_set.unwrap_err().code(), Code::CmsNotDer);
    let no_token = Evidence { token: Vec::new(), ..evidence.clone() };
    assert_eq!(assemble(attributes, signature, certificate, &no_token).unwrap_err().code(), Code::CmsAttrMissing);
    assert_eq!(assemble(attributes, signature, &[0x30, 0], evidence).unwrap_err().code(), Code::X509Malformed);
}
