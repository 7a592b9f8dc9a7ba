//! The time-stamps of a bundle: what the stock client passes over in them, and why it refused them.
//!
//! Nothing here accepts: it looks again at what the client took or refused as a whole.

use cms::cert::CertificateChoices;
use cms::content_info::ContentInfo;
use cms::signed_data::SignedData;
use signer_core::foreign_time::ForeignToken;
use signer_core::token;
use sigstore_trust_root::TrustedRoot;
use sigstore_types::{SignatureBytes, TimestampToken};
use sigstore_verify::tsa::verify_timestamp_for_authority;
use x509_cert::Certificate;
use x509_cert::der::asn1::Any;
use x509_cert::der::{self, Decode as _, Encode as _, Reader as _, SliceReader};

use super::bundle::{ForeignBundle, Material};
use super::error::ForeignError;

/// The times that authorities of the trust root vouch for; seconds since 1970. Fails at the first token without one.
pub(super) fn stamped(bundle: &ForeignBundle, root: &TrustedRoot) -> Result<Vec<i64>, ForeignError> {
    let signature = SignatureBytes::new(bundle.signature.clone());
    bundle.stamps.iter().map(|stamp| vouched(stamp, &signature, root)).collect()
}

/// Every certificate inside a time-stamp is one of the trust root's: nobody signs for what else stands there.
pub(super) fn check_enclosed(bundle: &ForeignBundle, root: &TrustedRoot) -> Result<(), ForeignError> {
    let known = root.timestamp_authorities.iter().flat_map(|authority| &authority.cert_chain.certificates);
    let known: Vec<&[u8]> = known.map(|certificate| certificate.raw_bytes.as_bytes()).collect();
    for stamp in &bundle.stamps {
        let enclosed = enclosed(stamp).map_err(|source| ForeignError::StampForm { source })?;
        if !enclosed.iter().all(|certificate| known.contains(&certificate.as_slice())) {
            return Err(ForeignError::StampCertificate);
        }
    }
    Ok(())
}

/// A bare token encloses certificates, as its authority wrote it, or is in the one form that has none: the client looks at
/// neither the algorithms that it lists nor those that it names.
pub(super) fn check_token(token: &[u8]) -> Result<(), ForeignError> {
    let enclosed = enclosed(&token::response(token)).map_err(|source| ForeignError::StampForm { source })?;
    if enclosed.is_empty() {
        ForeignToken::parse(token)?;
    }
    Ok(())
}

/// The certificates inside an RFC 3161 `TimeStampResp`, each DER.
fn enclosed(response: &[u8]) -> der::Result<Vec<Vec<u8>>> {
    let token = SliceReader::new(response)?.sequence(|members| {
        let _status: Any = members.decode()?;
        members.decode::<ContentInfo>()
    })?;
    let signed: SignedData = token.content.decode_as()?;
    let certificates = signed.certificates.map(|set| set.0.into_vec()).unwrap_or_default();
    let der = |choice| match choice {
        CertificateChoices::Certificate(certificate) => certificate.to_der(),
        CertificateChoices::Other(other) => other.to_der(),
    };
    certificates.into_iter().map(der).collect()
}

fn vouched(stamp: &[u8], signature: &SignatureBytes, root: &TrustedRoot) -> Result<i64, ForeignError> {
    use sigstore_verify::tsa::Error;
    let token = TimestampToken::new(stamp.to_vec());
    let mut refusal = Error::NoToken;
    for authority in root.tsa_authorities() {
        match verify_timestamp_for_authority(&token, signature, &authority) {
            Ok(time) => return Ok(time.as_second()),
            // What an authority of its own says of a token outweighs that it is a stranger to another.
            Err(error) => match refusal {
                Error::HashMismatch { .. } | Error::TimestampOutsideValidity { .. } => {}
                _ => refusal = error,
            },
        }
    }
    Err(ForeignError::Stamp { source: Box::new(refusal) })
}

/// Fails where the certificate was not valid at a time of a bundle. The client has verified the times before the chain.
pub(super) fn check_leaf(bundle: &ForeignBundle, root: &TrustedRoot) -> Result<(), ForeignError> {
    let Material::Certificate(der) = &bundle.material else { return Ok(()) };
    let Ok(certificate) = Certificate::from_der(der) else { return Ok(()) };
    let validity = certificate.tbs_certificate.validity;
    let seconds = |time: x509_cert::time::Time| i64::try_from(time.to_unix_duration().as_secs()).unwrap_or(i64::MAX);
    let lifetime = seconds(validity.not_before)..=seconds(validity.not_after);
    let promised = bundle.entries.iter().filter_map(|entry| i64::try_from(entry.promised_at?).ok());
    if stamped(bundle, root)?.into_iter().chain(promised).all(|time| lifetime.contains(&time)) {
        Ok(())
    } else {
        Err(ForeignError::Expired)
    }
}
