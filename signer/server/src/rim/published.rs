//! What stock Sigstore clients are told of this engine: where its services are, and whom to trust (docs/formats.md F7).

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use signer_core::reason::Code;
use signer_core::signing_config::{self, Services};
use signer_core::trust_root::TrustRoot;
use signer_engine::refusal::Refusal;

use super::Rim;
use super::problem::Refused;
use crate::oidc::Issuers;

type Shared = State<Arc<Rim>>;
type Reply = Result<Response, Refused>;

/// `GET /v1/trust/signing_config`: the services under the address that was asked.
pub(super) async fn signing_config(State(rim): Shared, request: Request) -> Reply {
    let (_, config) = documents(&rim, request.headers())?;
    Ok(json(config))
}

/// `GET /v1/trust/client_trust_config`: the same with the trust root, in one document.
pub(super) async fn client_trust_config(State(rim): Shared, request: Request) -> Reply {
    let (trust_root, config) = documents(&rim, request.headers())?;
    Ok(json(signing_config::client_trust_config(&trust_root, &config).map_err(Refusal::from)?))
}

fn documents(rim: &Rim, headers: &HeaderMap) -> Result<(TrustRoot, Vec<u8>), Refusal> {
    let trust_root = TrustRoot::from_json(&rim.trust_root)?;
    let deployment = rim.engine.deployment();
    // The gate has seen that it names this machine and nothing else.
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let host = host.ok_or_else(|| Refusal::new(Code::RequestHost, "the request names no host"))?;
    let base = format!("http://{host}");
    let log = trust_root.log(&deployment.origin);
    let log =
        log.ok_or_else(|| Refusal::new(Code::TrustMalformed, "the trust root does not name this engine's log"))?;
    let issuers: Vec<&str> = rim.issuers.iter().flat_map(Issuers::entries).map(|entry| entry.url.as_str()).collect();
    let closed_logs: Vec<_> = rim
        .engine
        .past_logs()
        .iter()
        .filter_map(|past| Some((format!("{base}/log/{}", past.row.origin), trust_root.log(&past.row.origin)?.window)))
        .collect();
    let services = Services {
        base: &base,
        issuers: &issuers,
        operator: &deployment.trust_domain,
        start: log.window.start,
        closed_logs: &closed_logs,
    };
    let config = signing_config::signing_config(&services)?;
    Ok((trust_root, config))
}

fn json(document: Vec<u8>) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], document).into_response()
}
