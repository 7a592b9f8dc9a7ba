//! openssl reads the same signatures.

use super::*;
use crate::forge::openssl::OpenSsl;

const VERIFY: &str = "cms -verify -binary -inform DER -in signature -content object -CAfile root.pem -purpose any \
                      -attime 1795000000 -out content";

fn judge(der: &[u8], object: &[u8]) -> OpenSsl {
    let openssl = OpenSsl::new();
    openssl.file("signature", der);
    openssl.file("object", object);
    openssl.certificate("root.pem", &WORLD.root.certificate);
    openssl
}

#[test]
fn openssl_verifies_the_signature_with_and_without_cades() {
    let openssl = judge(&SIGNED.der, OBJECT);
    openssl.run(VERIFY).unwrap();
    openssl.run(&format!("{VERIFY} -cades")).unwrap();
    openssl.run("cms -cmsout -print -noout -inform DER -in signature").unwrap();
}

#[test]
fn openssl_refuses_it_over_another_object() {
    assert!(judge(&SIGNED.der, b"another object").run(VERIFY).is_err());
}

#[test]
fn openssl_accepts_what_the_profile_forbids() {
    // Controls: these forgeries are sound CMS, so the refusals above are rules of ours and no accidents of the forge.
    let mut versions = forge();
    versions.signer().version = 3;
    let mut decoy = forge();
    decoy.certificates = Some(vec![WORLD.countersigner.certificate.clone(), SIGNED.certificate.clone()]);
    let mut claim = forge();
    let unknown = const_oid::ObjectIdentifier::new_unwrap("2.25.246148246.9");
    claim.signer().replace_unsigned(unknown, &[octets(unknown, b"approved")]);
    let mut no_evidence = forge();
    no_evidence.signer().unsigned_attributes = None;
    for der in [versions.der(), decoy.der(), claim.der(), no_evidence.der()] {
        judge(&der, OBJECT).run(VERIFY).unwrap();
        assert!(CommitSignature::parse(&der).is_err());
    }
}

#[test]
fn openssl_accepts_the_attributes_as_content() {
    // CMS-01: the signature over the attributes also signs a text that is those attributes.
    let mut confused = forge();
    confused.signer().signed_attributes = None;
    let der = confused.der();
    judge(&der, &SIGNED.attributes).run(VERIFY).unwrap();
    assert_eq!(code(&der), Code::CmsSignedAttrsMissing);
}
