//! Fulcio's wire: an identity token and a certificate request for a key's certificate (`POST /api/v2/signingCert`).

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::json;
use signer_core::crypto::{P256Public, SignP256};
use signer_core::protocol::Base64;
use signer_core::{csr, pem};
use signer_outbound::Outbound;
use x509_cert::Certificate;
use x509_cert::der::{Decode as _, Encode as _};

use crate::error::ElsewhereError;
use crate::service::{JSON, Question, Service};
use crate::token::IdentityToken;

/// Most certificates of a chain.
const MAX_CHAIN: usize = 8;

/// `SigningCertificate`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    signed_certificate_embedded_sct: Option<Signed>,
    signed_certificate_detached_sct: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct Signed {
    chain: Chain,
}

#[derive(Deserialize)]
struct Chain {
    /// PEM, leaf first.
    certificates: Vec<String>,
}

/// The certificate for a key, DER. Fails unless it holds that key; who it names is judged with the bundle.
pub(crate) fn certify(
    service: &Service,
    outbound: &Outbound,
    token: &IdentityToken,
    key: &dyn SignP256,
) -> Result<Vec<u8>, ElsewhereError> {
    // A request proves the key without saying whom the token names, which authorities read from different claims.
    let request = pem::certificate_request(&csr::make(key)?)?;
    let body = json!({ "certificateSigningRequest": Base64(request.into_bytes()) });
    let body = serde_json::to_vec(&body).map_err(|source| ElsewhereError::Unwritable { source })?;
    let bearer = Some(token.expose());
    let question = Question { path: "/api/v2/signingCert", bearer, media: [JSON, JSON], body: &body };
    let answer: Answer = service.read(&service.ask(outbound, &question)?)?;
    let signed = match answer {
        Answer { signed_certificate_embedded_sct: Some(signed), signed_certificate_detached_sct: None } => signed,
        Answer { signed_certificate_detached_sct: Some(_), .. } => {
            return Err(
                service.answer("has its promise of logging beside the certificate, where no bundle can carry it")
            );
        }
        Answer { .. } => return Err(service.answer("holds no certificate")),
    };
    let leaf = match signed.chain.certificates.as_slice() {
        [leaf, chain @ ..] if chain.len() < MAX_CHAIN => leaf,
        _ => return Err(service.answer("holds no certificate, or too many")),
    };
    let leaf = pem::read_certificate(leaf.as_bytes()).map_err(|_| service.answer("holds what is no certificate"))?;
    check_key(service, &leaf, &key.public())?;
    Ok(leaf)
}

fn check_key(service: &Service, leaf: &[u8], expected: &P256Public) -> Result<(), ElsewhereError> {
    let certificate = Certificate::from_der(leaf).map_err(|_| service.answer("holds a malformed certificate"))?;
    if certificate.to_der().is_ok_and(|der| der != leaf) {
        return Err(service.answer("holds a certificate that is not DER"));
    }
    match P256Public::from_spki(&certificate.tbs_certificate.subject_public_key_info) {
        Ok(found) if found == *expected => Ok(()),
        _ => Err(ElsewhereError::CertificateKey { service: service.clone() }),
    }
}
