//! What the broker answered is about this object, and about nothing else.
//!
//! Not a verification: the engine has verified the signature before it countersigned it, and whether the certificate is
//! anybody's, and whether the change was allowed, is for `chancery-ci`. This keeps an answer to another question out of
//! history, without the half millisecond that the curve would cost every commit.

use der::asn1::{AnyRef, GeneralizedTime, ObjectIdentifier, OctetString, OctetStringRef, SetOfVec, UtcTime};
use der::{Decode, Encode, Sequence, Tag, Tagged as _};
use sha2::{Digest, Sha256};
use signer_wire::bytes::Bytes;

/// Git knows an X.509 signature by this label.
const BEGIN: &str = "-----BEGIN SIGNED MESSAGE-----\n";
const END: &str = "-----END SIGNED MESSAGE-----\n";
/// RFC 7468 2: characters of every line but the last.
const LINE: usize = 64;
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
    let content = Content::from_der(&der)?;
    if content.content_type != SIGNED_DATA {
        return Err(CheckError::Structure);
    }
    let certificate = Sha256::digest(only_certificate(&content.content)?.to_der()?);
    let signer = content.content.only_signer()?;
    let signed_at = check_attributes(&signer, payload)?;
    check_certificate(&signer, &certificate)?;
    Ok(Checked { signed_at, fingerprint: format!("{certificate:X}") })
}

/// The one form that these bytes have: lines of 64 characters and a shorter one, nothing before, between or after.
fn dearmor(armor: &str) -> Result<Vec<u8>, CheckError> {
    let body = armor.strip_prefix(BEGIN).and_then(|rest| rest.strip_suffix(END));
    let body = body.filter(|body| body.len() <= MAX_DER * 2).ok_or(CheckError::Armor)?;
    let mut text = Vec::with_capacity(body.len());
    let mut lines = body.as_bytes().chunks(LINE + 1).peekable();
    while let Some(line) = lines.next() {
        match line.split_last() {
            Some((b'\n', line)) if line.len() == LINE || (lines.peek().is_none() && !line.is_empty()) => {
                text.extend_from_slice(line);
            }
            _ => return Err(CheckError::Armor),
        }
    }
    Bytes::from_base64(&text).map(|bytes| bytes.0).filter(|der| der.len() <= MAX_DER).ok_or(CheckError::Armor)
}

fn only_certificate<'a>(data: &SignedData<'a>) -> Result<AnyRef<'a>, CheckError> {
    let certificates = data.certificates.as_ref().map_or(&[][..], |set| set.as_slice());
    match (certificates, &data.content.content) {
        // RFC 5652 10.2.2: what is no X.509 certificate has a tag of its own.
        ([certificate], None) if certificate.tag() == Tag::Sequence => Ok(*certificate),
        _ => Err(CheckError::Structure),
    }
}

/// The signed attributes speak of this payload; gives the signing time they claim.
fn check_attributes(signer: &SignerInfo<'_>, payload: &[u8]) -> Result<u64, CheckError> {
    if signer.value(CONTENT_TYPE)?.decode_as::<ObjectIdentifier>()? != DATA {
        return Err(CheckError::Structure);
    }
    let digest = signer.value(MESSAGE_DIGEST)?.decode_as::<OctetStringRef<'_>>()?;
    if digest.as_bytes() != Sha256::digest(payload).as_slice() {
        return Err(CheckError::OtherPayload);
    }
    let time = signer.value(SIGNING_TIME)?;
    let time = if time.tag() == Tag::UtcTime {
        time.decode_as::<UtcTime>()?.to_unix_duration()
    } else {
        time.decode_as::<GeneralizedTime>()?.to_unix_duration()
    };
    Ok(time.as_secs())
}

/// RFC 5035: the signer names this very certificate, so that no other was put beside the signature.
fn check_certificate(signer: &SignerInfo<'_>, digest: &[u8]) -> Result<(), CheckError> {
    let named: SigningCertificateV2 = signer.value(SIGNING_CERTIFICATE_V2)?.decode_as()?;
    let [only] = named.certificates.as_slice() else { return Err(CheckError::Structure) };
    if only.digest.as_bytes() == digest { Ok(()) } else { Err(CheckError::OtherCertificate) }
}

/// RFC 5652 3, `ContentInfo`.
#[derive(Sequence)]
struct Content<'a> {
    content_type: ObjectIdentifier,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT")]
    content: SignedData<'a>,
}

/// RFC 5652 5.1, without revocation lists.
#[derive(Sequence)]
struct SignedData<'a> {
    version: u8,
    digest_algorithms: SetOfVec<AnyRef<'a>>,
    content: EncapsulatedContent<'a>,
    #[asn1(context_specific = "0", tag_mode = "IMPLICIT", constructed = "true", optional = "true")]
    certificates: Option<SetOfVec<AnyRef<'a>>>,
    signers: SetOfVec<AnyRef<'a>>,
}

/// RFC 5652 5.2.
#[derive(Sequence)]
struct EncapsulatedContent<'a> {
    content_type: ObjectIdentifier,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    content: Option<AnyRef<'a>>,
}

/// RFC 5652 5.3.
#[derive(Sequence)]
struct SignerInfo<'a> {
    version: u8,
    signer: AnyRef<'a>,
    digest_algorithm: AnyRef<'a>,
    #[asn1(context_specific = "0", tag_mode = "IMPLICIT", constructed = "true", optional = "true")]
    signed_attributes: Option<SetOfVec<AnyRef<'a>>>,
    signature_algorithm: AnyRef<'a>,
    signature: OctetStringRef<'a>,
    #[asn1(context_specific = "1", tag_mode = "IMPLICIT", constructed = "true", optional = "true")]
    unsigned_attributes: Option<SetOfVec<AnyRef<'a>>>,
}

/// RFC 5652 5.3, `Attribute`.
#[derive(Sequence)]
struct Attribute<'a> {
    oid: ObjectIdentifier,
    values: SetOfVec<AnyRef<'a>>,
}

impl<'a> SignedData<'a> {
    fn only_signer(&self) -> Result<SignerInfo<'a>, CheckError> {
        let [signer] = self.signers.as_slice() else { return Err(CheckError::Structure) };
        Ok(signer.decode_as()?)
    }
}

impl<'a> SignerInfo<'a> {
    /// The one value of the one signed attribute of this kind.
    fn value(&self, oid: ObjectIdentifier) -> Result<AnyRef<'a>, CheckError> {
        let attributes = self.signed_attributes.as_ref().ok_or(CheckError::Structure)?;
        let mut found = None;
        for attribute in attributes.iter() {
            let Attribute { oid: kind, values } = attribute.decode_as()?;
            if kind == oid && found.replace(values).is_some() {
                return Err(CheckError::Structure);
            }
        }
        match found.as_ref().map(SetOfVec::as_slice) {
            Some([value]) => Ok(*value),
            _ => Err(CheckError::Structure),
        }
    }
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
