//! What the broker answered is about this object, and about nothing else.
//!
//! Not a verification: the engine has verified the signature before it countersigned it, and whether the certificate is
//! anybody's, and whether the change was allowed, is for `chancery-ci`. This keeps an answer to another question out of
//! history, without the half millisecond that the curve would cost every commit.

use cms::cert::CertificateChoices;
use cms::content_info::ContentInfo;
use cms::signed_data::{SignedData, SignerInfo};
use der::asn1::{ObjectIdentifier, OctetString, OctetStringRef};
use der::pem::{self, LineEnding};
use der::{Decode, Encode, Sequence};
use sha2::{Digest, Sha256};
use x509_cert::Certificate;
use x509_cert::time::Time;

/// Git knows an X.509 signature by this label.
const LABEL: &str = "SIGNED MESSAGE";
/// docs/formats.md F3: a signature has at most 16 KiB.
const MAX_DER: usize = 16 * 1024;

const SIGNED_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.2");
const DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.1");
const CONTENT_TYPE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.3");
const MESSAGE_DIGEST: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.4");
const SIGNING_TIME: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.5");
const SIGNING_CERTIFICATE_V2: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.2.47");

/// What the status line says of a signature.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Checked {
    /// The signed claim of when it was made, in seconds since 1970.
    pub signed_at: u64,
    /// SHA-256 of the certificate, upper-case hexadecimal.
    pub fingerprint: String,
}

/// Checks that `armor` holds one signature that names `payload` and the certificate beside it.
pub fn check(armor: &str, payload: &[u8]) -> Result<Checked, CheckError> {
    let der = dearmor(armor)?;
    let content = ContentInfo::from_der(&der)?;
    if content.content_type != SIGNED_DATA {
        return Err(CheckError::Structure);
    }
    let data: SignedData = content.content.decode_as()?;
    let certificate = only_certificate(&data)?;
    let [signer] = data.signer_infos.0.as_slice() else { return Err(CheckError::Structure) };
    let signed_at = check_attributes(signer, payload)?;
    let certificate = certificate.to_der()?;
    check_certificate(signer, &certificate)?;
    let fingerprint = format!("{:X}", Sha256::digest(certificate));
    Ok(Checked { signed_at, fingerprint })
}

fn dearmor(armor: &str) -> Result<Vec<u8>, CheckError> {
    if armor.len() > MAX_DER * 2 {
        return Err(CheckError::Armor);
    }
    let (label, der) = pem::decode_vec(armor.as_bytes()).map_err(|_| CheckError::Armor)?;
    let canonical = pem::encode_string(LABEL, LineEnding::LF, &der).map_err(|_| CheckError::Armor)?;
    if label == LABEL && der.len() <= MAX_DER && canonical == armor { Ok(der) } else { Err(CheckError::Armor) }
}

fn only_certificate(data: &SignedData) -> Result<&Certificate, CheckError> {
    let certificates = data.certificates.as_ref().map_or(&[][..], |set| set.0.as_slice());
    match (certificates, &data.encap_content_info.econtent, &data.crls) {
        ([CertificateChoices::Certificate(certificate)], None, None) => Ok(certificate),
        _ => Err(CheckError::Structure),
    }
}

/// The signed attributes speak of this payload; gives the signing time they claim.
fn check_attributes(signer: &SignerInfo, payload: &[u8]) -> Result<u64, CheckError> {
    if value(signer, CONTENT_TYPE)?.decode_as::<ObjectIdentifier>()? != DATA {
        return Err(CheckError::Structure);
    }
    let digest = value(signer, MESSAGE_DIGEST)?;
    if digest.decode_as::<OctetStringRef<'_>>()?.as_bytes() != Sha256::digest(payload).as_slice() {
        return Err(CheckError::OtherPayload);
    }
    let time = Time::from_der(&value(signer, SIGNING_TIME)?.to_der()?)?;
    Ok(time.to_unix_duration().as_secs())
}

fn value(signer: &SignerInfo, oid: ObjectIdentifier) -> Result<&der::Any, CheckError> {
    let attributes = signer.signed_attrs.as_ref().ok_or(CheckError::Structure)?;
    let mut found = attributes.iter().filter(|attribute| attribute.oid == oid);
    match (found.next().map(|attribute| attribute.values.as_slice()), found.next()) {
        (Some([value]), None) => Ok(value),
        _ => Err(CheckError::Structure),
    }
}

/// RFC 5035: the signer names this very certificate, so that no other was put beside the signature.
fn check_certificate(signer: &SignerInfo, certificate: &[u8]) -> Result<(), CheckError> {
    let named: SigningCertificateV2 = value(signer, SIGNING_CERTIFICATE_V2)?.decode_as()?;
    let [only] = named.certificates.as_slice() else { return Err(CheckError::Structure) };
    let is_this = only.digest.as_bytes() == Sha256::digest(certificate).as_slice();
    if is_this { Ok(()) } else { Err(CheckError::OtherCertificate) }
}

/// RFC 5035 3: nothing optional.
#[derive(Sequence)]
struct SigningCertificateV2 {
    certificates: Vec<CertificateId>,
}

/// RFC 5035 4, `ESSCertIDv2`: SHA-256, which is the default and not written.
#[derive(Sequence)]
struct CertificateId {
    digest: OctetString,
}

/// Why an answer is no signature over this object.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CheckError {
    /// Not the one canonical armour of at most 16 KiB.
    #[error("the broker's answer is not in the armour git knows")]
    Armor,
    /// Not DER.
    #[error("the broker's answer is not DER")]
    Der(#[from] der::Error),
    /// The signature names another certificate than the one beside it.
    #[error("the broker's answer names another certificate than the one it brings")]
    OtherCertificate,
    /// The signature is over another object.
    #[error("the broker's answer signs another object")]
    OtherPayload,
    /// Not one detached signature with one certificate.
    #[error("the broker's answer is not one detached signature with one certificate")]
    Structure,
}

#[cfg(test)]
mod forge;
#[cfg(test)]
mod tests;
