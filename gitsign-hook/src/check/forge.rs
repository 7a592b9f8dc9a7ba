//! Signatures made by hand for tests: a real P-256 key, a certificate nobody trusts, and every part replaceable.

use std::str::FromStr;
use std::time::Duration;

use cms::cert::{CertificateChoices, IssuerAndSerialNumber};
use cms::content_info::{CmsVersion, ContentInfo};
use cms::signed_data::{
    CertificateSet, EncapsulatedContentInfo, SignatureValue, SignedData, SignerIdentifier, SignerInfo, SignerInfos,
};
use der::asn1::{BitString, GeneralizedTime, ObjectIdentifier, OctetString, SetOfVec, UtcTime};
use der::pem::{LineEnding, encode_string};
use der::{Any, Encode, Sequence};
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use sha2::{Digest, Sha256};
use x509_cert::attr::Attribute;
use x509_cert::certificate::{CertificateInner, TbsCertificateInner, Version};
use x509_cert::name::Name;
use x509_cert::serial_number::SerialNumber;
use x509_cert::spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};
use x509_cert::time::{Time, Validity};

/// 2026-11-18T16:26:40Z.
pub(super) const NOW: u64 = 1_795_000_000;

const SIGNED_DATA: &str = "1.2.840.113549.1.7.2";
const DATA: &str = "1.2.840.113549.1.7.1";
const CONTENT_TYPE: &str = "1.2.840.113549.1.9.3";
const MESSAGE_DIGEST: &str = "1.2.840.113549.1.9.4";
const SIGNING_TIME: &str = "1.2.840.113549.1.9.5";
const SIGNING_CERTIFICATE: &str = "1.2.840.113549.1.9.16.2.47";
const SHA256: &str = "2.16.840.1.101.3.4.2.1";
const ECDSA_SHA256: &str = "1.2.840.10045.4.3.2";
const EC_PUBLIC_KEY: &str = "1.2.840.10045.2.1";
const P256: &str = "1.2.840.10045.3.1.7";

/// RFC 5035 `SigningCertificateV2` with `ESSCertIDv2`s of a digest alone.
#[derive(Sequence)]
struct Named {
    certificates: Vec<Vec<OctetString>>,
}

/// A key and its certificate.
pub(super) struct Forge {
    key: SigningKey,
    /// The certificate that goes into signatures.
    pub(super) certificate: CertificateInner,
}

impl Forge {
    /// A key made of one number.
    pub(super) fn new(number: u8) -> Self {
        let key = SigningKey::from_slice(&[number; 32]).unwrap();
        let certificate = certificate(&key);
        Self { key, certificate }
    }

    /// A whole signature over `payload`.
    pub(super) fn structure(&self, payload: &[u8]) -> SignedData {
        let mut attributes = SetOfVec::new();
        for attribute in [
            attribute(CONTENT_TYPE, Any::encode_from(&oid(DATA)).unwrap()),
            attribute(
                SIGNING_TIME,
                Any::encode_from(&UtcTime::from_unix_duration(Duration::from_secs(NOW)).unwrap()).unwrap(),
            ),
            attribute(
                MESSAGE_DIGEST,
                Any::encode_from(&OctetString::new(Sha256::digest(payload).as_slice()).unwrap()).unwrap(),
            ),
            attribute(SIGNING_CERTIFICATE, Any::encode_from(&self.named()).unwrap()),
        ] {
            attributes.insert(attribute).unwrap();
        }
        self.over(attributes)
    }

    /// What names the certificate.
    fn named(&self) -> Named {
        let digest = Sha256::digest(self.certificate.to_der().unwrap());
        Named { certificates: vec![vec![OctetString::new(digest.as_slice()).unwrap()]] }
    }

    /// A signature over other attributes.
    pub(super) fn over(&self, attributes: SetOfVec<Attribute>) -> SignedData {
        let signature = self.sign(&attributes.to_der().unwrap());
        let signer = SignerInfo {
            version: CmsVersion::V1,
            sid: SignerIdentifier::IssuerAndSerialNumber(IssuerAndSerialNumber {
                issuer: self.certificate.tbs_certificate.issuer.clone(),
                serial_number: self.certificate.tbs_certificate.serial_number.clone(),
            }),
            digest_alg: algorithm(SHA256),
            signed_attrs: Some(attributes),
            signature_algorithm: algorithm(ECDSA_SHA256),
            signature: SignatureValue::new(signature.to_der().as_bytes()).unwrap(),
            unsigned_attrs: None,
        };
        let certificate = CertificateChoices::Certificate(self.certificate.clone());
        SignedData {
            version: CmsVersion::V1,
            digest_algorithms: SetOfVec::try_from(vec![algorithm(SHA256)]).unwrap(),
            encap_content_info: EncapsulatedContentInfo { econtent_type: oid(DATA), econtent: None },
            certificates: Some(CertificateSet(SetOfVec::try_from(vec![certificate]).unwrap())),
            crls: None,
            signer_infos: SignerInfos(SetOfVec::try_from(vec![signer]).unwrap()),
        }
    }

    /// Low s, always.
    pub(super) fn sign(&self, message: &[u8]) -> Signature {
        let signature: Signature = self.key.sign(message);
        signature.normalize_s().unwrap_or(signature)
    }
}

/// The armour of a signature over `payload`.
pub(super) fn armored(payload: &[u8]) -> String {
    armor(&Forge::new(7).structure(payload))
}

/// The armour of any structure.
pub(super) fn armor(data: &SignedData) -> String {
    let content = ContentInfo { content_type: oid(SIGNED_DATA), content: Any::encode_from(data).unwrap() };
    encode_string("SIGNED MESSAGE", LineEnding::LF, &content.to_der().unwrap()).unwrap()
}

/// One attribute with one value.
pub(super) fn attribute(name: &str, value: Any) -> Attribute {
    Attribute { oid: oid(name), values: SetOfVec::try_from(vec![value]).unwrap() }
}

fn certificate(key: &SigningKey) -> CertificateInner {
    let time = |seconds| Time::GeneralTime(GeneralizedTime::from_unix_duration(Duration::from_secs(seconds)).unwrap());
    let name = Name::from_str("CN=forged").unwrap();
    let point = key.verifying_key().to_encoded_point(false);
    let parameters = Some(Any::encode_from(&oid(P256)).unwrap());
    let tbs_certificate = TbsCertificateInner {
        version: Version::V3,
        serial_number: SerialNumber::new(&[1, 2, 3]).unwrap(),
        signature: algorithm(ECDSA_SHA256),
        issuer: name.clone(),
        validity: Validity { not_before: time(NOW), not_after: time(NOW + 600) },
        subject: name,
        subject_public_key_info: SubjectPublicKeyInfoOwned {
            algorithm: AlgorithmIdentifierOwned { oid: oid(EC_PUBLIC_KEY), parameters },
            subject_public_key: BitString::from_bytes(point.as_bytes()).unwrap(),
        },
        issuer_unique_id: None,
        subject_unique_id: None,
        extensions: None,
    };
    let signature: Signature = key.sign(&tbs_certificate.to_der().unwrap());
    CertificateInner {
        tbs_certificate,
        signature_algorithm: algorithm(ECDSA_SHA256),
        signature: BitString::from_bytes(signature.to_der().as_bytes()).unwrap(),
    }
}

fn algorithm(name: &str) -> AlgorithmIdentifierOwned {
    AlgorithmIdentifierOwned { oid: oid(name), parameters: None }
}

fn oid(name: &str) -> ObjectIdentifier {
    ObjectIdentifier::new(name).unwrap()
}
