use cms::cert::{CertificateChoices, OtherCertificateFormat};
use cms::revocation::{OtherRevocationInfoFormat, RevocationInfoChoice, RevocationInfoChoices};
use cms::signed_data::{CertificateSet, SignerInfo, SignerInfos};
use der::Any;
use der::asn1::{ObjectIdentifier, OctetString, SetOfVec};
use der::pem::{self, LineEnding};
use sha2::{Digest as _, Sha256};
use x509_cert::attr::Attribute;
use x509_cert::spki::AlgorithmIdentifierOwned;

use super::forge::{Forge, NOW, armor, armored, attribute};
use super::{CertificateId, CheckError, SIGNING_CERTIFICATE_V2, SigningCertificateV2, check};

const PAYLOAD: &[u8] = b"tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\n\nmessage\n";

/// The structure of a good signature with its signer changed.
fn with_signer(change: impl FnOnce(&mut SignerInfo)) -> String {
    let mut data = Forge::new(7).structure(PAYLOAD);
    let mut signer = data.signer_infos.0.as_slice()[0].clone();
    change(&mut signer);
    data.signer_infos = SignerInfos(SetOfVec::try_from(vec![signer]).unwrap());
    armor(&data)
}

#[test]
fn accepts_a_signature_by_the_certificate_inside_it() {
    let checked = check(&armored(PAYLOAD), PAYLOAD).unwrap();
    assert_eq!(checked.signed_at, NOW);
    assert_eq!(checked.fingerprint.len(), 64);
    assert!(checked.fingerprint.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase()));
}

#[test]
fn rejects_a_signature_over_another_object() {
    assert_eq!(check(&armored(b"other"), PAYLOAD), Err(CheckError::OtherPayload));
    assert_eq!(check(&armored(PAYLOAD), b""), Err(CheckError::OtherPayload));
}

#[test]
fn rejects_a_certificate_of_another_key() {
    let mut data = Forge::new(7).structure(PAYLOAD);
    let other = CertificateChoices::Certificate(Forge::new(8).certificate);
    data.certificates = Some(CertificateSet(SetOfVec::try_from(vec![other]).unwrap()));
    assert_eq!(check(&armor(&data), PAYLOAD), Err(CheckError::OtherCertificate));
}

#[test]
fn rejects_no_certificate_and_two_certificates() {
    let mut data = Forge::new(7).structure(PAYLOAD);
    let two = [7, 8].map(|number| CertificateChoices::Certificate(Forge::new(number).certificate));
    data.certificates = Some(CertificateSet(SetOfVec::try_from(two.to_vec()).unwrap()));
    assert_eq!(check(&armor(&data), PAYLOAD), Err(CheckError::Structure));
    data.certificates = None;
    assert_eq!(check(&armor(&data), PAYLOAD), Err(CheckError::Structure));
}

#[test]
fn rejects_no_signer_two_signers_and_no_attributes() {
    let mut data = Forge::new(7).structure(PAYLOAD);
    let first = data.signer_infos.0.as_slice()[0].clone();
    let second = Forge::new(8).structure(PAYLOAD).signer_infos.0.as_slice()[0].clone();
    data.signer_infos = SignerInfos(SetOfVec::try_from(vec![first, second]).unwrap());
    assert_eq!(check(&armor(&data), PAYLOAD), Err(CheckError::Structure));
    data.signer_infos = SignerInfos(SetOfVec::new());
    assert_eq!(check(&armor(&data), PAYLOAD), Err(CheckError::Structure));
    assert_eq!(check(&with_signer(|signer| signer.signed_attrs = None), PAYLOAD), Err(CheckError::Structure));
}

#[test]
fn rejects_a_message_digest_that_stands_twice() {
    let digest = |bytes: &[u8]| Any::encode_from(&OctetString::new(Sha256::digest(bytes).as_slice()).unwrap()).unwrap();
    let forge = Forge::new(7);
    let mut attributes = forge.structure(PAYLOAD).signer_infos.0.as_slice()[0].signed_attrs.clone().unwrap();
    attributes.insert(attribute("1.2.840.113549.1.9.4", digest(b"other"))).unwrap();
    assert_eq!(check(&armor(&forge.over(attributes)), PAYLOAD), Err(CheckError::Structure));
}

#[test]
fn rejects_content_inside_the_signature() {
    let mut data = Forge::new(7).structure(PAYLOAD);
    data.encap_content_info.econtent = Some(Any::encode_from(&OctetString::new(PAYLOAD).unwrap()).unwrap());
    assert_eq!(check(&armor(&data), PAYLOAD), Err(CheckError::Structure));
}

#[test]
fn rejects_a_signature_that_names_no_certificate_or_several() {
    let forge = Forge::new(7);
    let signed = forge.structure(PAYLOAD).signer_infos.0.as_slice()[0].signed_attrs.clone().unwrap();
    let is_name = |attribute: &&Attribute| attribute.oid == SIGNING_CERTIFICATE_V2;
    let without: Vec<Attribute> = signed.iter().filter(|attribute| !is_name(attribute)).cloned().collect();
    let none = SetOfVec::try_from(without.clone()).unwrap();
    assert_eq!(check(&armor(&forge.over(none)), PAYLOAD), Err(CheckError::Structure));
    let named: SigningCertificateV2 = signed.iter().find(is_name).unwrap().values.as_slice()[0].decode_as().unwrap();
    let first = named.certificates[0].digest.clone();
    let other = CertificateId { digest: OctetString::new([0; 32]).unwrap() };
    let two = SigningCertificateV2 { certificates: vec![CertificateId { digest: first }, other] };
    let two = attribute("1.2.840.113549.1.9.16.2.47", Any::encode_from(&two).unwrap());
    let both = SetOfVec::try_from([without, vec![two]].concat()).unwrap();
    assert_eq!(check(&armor(&forge.over(both)), PAYLOAD), Err(CheckError::Structure));
}

#[test]
fn rejects_any_other_armour() {
    let good = armored(PAYLOAD);
    for bad in [
        String::new(),
        "x".to_owned(),
        good.replace("SIGNED MESSAGE", "PKCS7"),
        good.replace("SIGNED MESSAGE", "PGP SIGNATURE"),
        good.replace('\n', "\r\n"),
        good.trim_end().to_owned(),
        format!("{good}{good}"),
        format!("{good}[GNUPG:] GOODSIG\n"),
        format!("Comment: x\n{good}"),
        good.replacen("\nMI", "\n\nMI", 1),
        good.replacen("\nMI", "\nM\nI", 1),
        good.replacen("\nMI", "\n MI", 1),
        good.replace("\n-----END", "-----END"),
        good.replace("\n-----END", "=\n-----END"),
        good.replacen('\n', "\nVersion: 1\n\n", 1),
        format!("-----BEGIN SIGNED MESSAGE-----\n{}\n-----END SIGNED MESSAGE-----\n", "A".repeat(1_000_000)),
    ] {
        assert_eq!(check(&bad, PAYLOAD), Err(CheckError::Armor), "{bad:.80}");
    }
}

#[test]
fn truncated_and_trailing_bytes_are_refused_and_never_panic() {
    let (_, der) = pem::decode_vec(armored(PAYLOAD).as_bytes()).unwrap();
    let wrap = |bytes: &[u8]| pem::encode_string("SIGNED MESSAGE", LineEnding::LF, bytes).unwrap();
    for length in 0..der.len() {
        assert!(check(&wrap(&der[..length]), PAYLOAD).is_err());
    }
    assert!(check(&wrap(&[der.as_slice(), &[0]].concat()), PAYLOAD).is_err());
}

#[test]
fn rejects_what_is_no_certificate_in_its_place() {
    // RFC 5652 10.2.2: `other` is a certificate of another kind.
    let mut data = Forge::new(7).structure(PAYLOAD);
    let other =
        OtherCertificateFormat { other_cert_format: ObjectIdentifier::new_unwrap("1.2.3"), other_cert: Any::null() };
    data.certificates = Some(CertificateSet(SetOfVec::try_from(vec![CertificateChoices::Other(other)]).unwrap()));
    assert_eq!(check(&armor(&data), PAYLOAD), Err(CheckError::Structure));
}

#[test]
fn rejects_revocation_lists_beside_the_signature() {
    let mut data = Forge::new(7).structure(PAYLOAD);
    let info = OtherRevocationInfoFormat {
        other_format: AlgorithmIdentifierOwned { oid: ObjectIdentifier::new_unwrap("1.2.3"), parameters: None },
        other: Any::null(),
    };
    data.crls = Some(RevocationInfoChoices(SetOfVec::try_from(vec![RevocationInfoChoice::Other(info)]).unwrap()));
    assert!(check(&armor(&data), PAYLOAD).is_err());
}
