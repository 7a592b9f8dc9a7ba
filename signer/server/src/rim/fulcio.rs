//! Fulcio's wire (docs/formats.md F10): stock Sigstore clients show an identity token and get a certificate of the purpose
//! `open`. Shapes and statuses are Fulcio's, since clients insist on them.

mod body;

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::de::DeserializeOwned;
use serde_json::json;
use signer_core::protocol::{Base64, CertificateIssued};
use signer_core::reason::Code;
use signer_engine::open_identity::{OpenIdentity, Possession};
use signer_engine::refusal::Refusal;
use zeroize::Zeroizing;

use super::status_message::Declined;
use super::{Rim, auth, pem_chain};
use crate::oidc::{Identity, Issuers};
use crate::rim;
use body::{LegacyRequest, SigningRequest};

type Shared = State<Arc<Rim>>;
type Reply = Result<Response, Declined>;

/// `POST /api/v2/signingCert`: 200, and every certificate in one list, leaf first.
pub(super) async fn signing_certificate(State(rim): Shared, request: Request) -> Reply {
    let (headers, asked) = read::<SigningRequest>(request).await?;
    let (token, possession) = asked.open()?;
    let issued = issue(&rim, &headers, token, possession).await?;
    let chain = json!({ "certificates": pem_chain::texts(certificates(&issued))? });
    Ok(Json(json!({ "signedCertificateEmbeddedSct": { "chain": chain } })).into_response())
}

/// `POST /api/v1/signingCert`, which gitsign speaks: 201, and the chain as one text.
pub(super) async fn legacy_signing_certificate(State(rim): Shared, request: Request) -> Reply {
    let (headers, asked) = read::<LegacyRequest>(request).await?;
    let issued = issue(&rim, &headers, None, asked.open()?).await?;
    Ok(pem_chain::answer(StatusCode::CREATED, certificates(&issued))?)
}

/// `GET /api/v2/trustBundle`: issuing authority, then root.
pub(super) async fn trust_bundle(State(rim): Shared) -> Reply {
    let chain = pem_chain::texts(&rim.engine.issuing_chain())?;
    Ok(Json(json!({ "chains": [{ "certificates": chain }] })).into_response())
}

/// `GET /api/v1/rootCert`: the same as one text.
pub(super) async fn root_certificate(State(rim): Shared) -> Reply {
    Ok(pem_chain::answer(StatusCode::OK, &rim.engine.issuing_chain())?)
}

/// `GET /api/v2/configuration`: whose tokens are taken.
pub(super) async fn configuration(State(rim): Shared) -> Reply {
    let entries = rim.issuers.iter().flat_map(Issuers::entries);
    let issuers: Vec<_> = entries
        .flat_map(|entry| {
            let kind = match entry.identity {
                Identity::Email { .. } => "email",
                Identity::Uri { .. } => "uri",
                Identity::Name { .. } => "username",
            };
            entry.audiences.iter().map(move |audience| {
                json!({
                    "issuerUrl": entry.url, "audience": audience, "challengeClaim": entry.challenge().claim(),
                    "spiffeTrustDomain": "", "issuerType": kind, "subjectDomain": "",
                })
            })
        })
        .collect();
    Ok(Json(json!({ "issuers": issuers })).into_response())
}

/// Head and body of a request.
async fn read<T: DeserializeOwned>(request: Request) -> Result<(HeaderMap, T), Declined> {
    let (head, sent) = request.into_parts();
    let bytes = rim::body::read(&head.headers, sent, rim::body::SMALL).await?;
    Ok((head.headers, rim::body::parse(&bytes)?))
}

/// Verifies the token, asks the engine, records, and only then answers.
async fn issue(
    rim: &Rim,
    headers: &HeaderMap,
    token: Option<Zeroizing<String>>,
    possession: Possession,
) -> Result<CertificateIssued, Refusal> {
    let identity = identify(rim, headers, token).await?;
    let (prepared, bound) = rim.ask(move |engine, now| Ok(engine.issue_open(&identity, &possession, now))).await?;
    bound.certificate(rim.writer.record(prepared).await?.into_inner())
}

/// Whom the token vouches for. It stands in the body or in the header, and where in both it is one and the same.
async fn identify(rim: &Rim, headers: &HeaderMap, token: Option<Zeroizing<String>>) -> Result<OpenIdentity, Refusal> {
    let shown = headers.contains_key(header::AUTHORIZATION).then(|| auth::bearer(headers)).transpose()?;
    let token = match (token, shown) {
        (Some(token), None) => token,
        (Some(token), Some(shown)) if *token == shown => token,
        (None, Some(shown)) => Zeroizing::new(shown.to_owned()),
        (Some(_), Some(_)) => return Err(Refusal::new(Code::RequestMalformed, "body and header hold two tokens")),
        (None, None) => return Err(Refusal::new(Code::IssueUnauthorized, "an identity token is needed")),
    };
    let issuers: &Issuers =
        rim.issuers.as_ref().ok_or_else(|| Refusal::new(Code::OidcDisabled, "no identity issuer is configured"))?;
    Ok(issuers.verify(&token, rim.clock.now()?).await?)
}

/// Leaf first.
fn certificates(issued: &CertificateIssued) -> impl Iterator<Item = &Base64> {
    std::iter::once(&issued.certificate).chain(&issued.chain)
}
