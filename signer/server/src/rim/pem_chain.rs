//! Chains of certificates as stock clients read them: PEM, from the nearest to the root.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use signer_core::pem;
use signer_core::protocol::Base64;
use signer_engine::refusal::Refusal;

/// One text a certificate.
pub(super) fn texts<'a>(ders: impl IntoIterator<Item = &'a Base64>) -> Result<Vec<String>, Refusal> {
    ders.into_iter().map(|der| Ok(pem::certificate(&der.0)?)).collect()
}

/// All of them as one text.
pub(super) fn answer<'a>(status: StatusCode, ders: impl IntoIterator<Item = &'a Base64>) -> Result<Response, Refusal> {
    let kind = [(header::CONTENT_TYPE, "application/pem-certificate-chain")];
    Ok((status, kind, texts(ders)?.concat()).into_response())
}
