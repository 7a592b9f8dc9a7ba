//! What every request passes first: it is for this machine, it ends in time, it takes nobody with it, and the log says
//! that it was there.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;
use std::time::{Duration, Instant};

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use signer_core::reason::Code;
use signer_engine::refusal::Refusal;

use super::problem::Refused;

/// How long a request may take, its body included.
pub const LIMIT: Duration = Duration::from_secs(30);

/// Lets a request through that names this machine, for at most [`LIMIT`].
pub async fn pass(request: Request, next: Next) -> Response {
    let started = Instant::now();
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let mut response = match check_host(request.uri(), request.headers()) {
        Ok(()) => answered(next.run(request)).await,
        Err(refusal) => Refused(refusal).into_response(),
    };
    // Answers may hold credentials; what never changes says so itself.
    let caching = response.headers_mut().entry(header::CACHE_CONTROL);
    caching.or_insert(HeaderValue::from_static("no-store"));
    let (status, code) = (response.status().as_u16(), response.extensions().get::<Code>());
    // Debug form: a path may hold anything. Bodies and headers are never logged.
    match code {
        None => tracing::debug!(%method, ?path, status, elapsed = ?started.elapsed(), "answered"),
        Some(code) if response.status().is_server_error() => tracing::error!(%method, ?path, status, %code, "failed"),
        Some(code) => tracing::info!(%method, ?path, status, %code, "refused"),
    }
    response
}

/// The answer, in time and without a panic. What panicked held no lock that anybody else takes on: those are poisoned and
/// entered again knowingly, and a ledger that panicked is not: with its thread the server ends.
async fn answered(answer: impl Future<Output = Response>) -> Response {
    let mut answer = pin!(answer);
    let guarded = std::future::poll_fn(|context| {
        let polled = catch_unwind(AssertUnwindSafe(|| answer.as_mut().poll(context)));
        polled.unwrap_or_else(|_| Poll::Ready(panicked()))
    });
    tokio::time::timeout(LIMIT, guarded).await.unwrap_or_else(|_| late())
}

/// The panic's own words are for stderr; the caller learns nothing of the inside.
fn panicked() -> Response {
    Refused(Refusal::new(Code::Internal, "the engine failed; its log says why")).into_response()
}

fn late() -> Response {
    let message = format_args!("the request took more than {} s", LIMIT.as_secs());
    Refused(Refusal::new(Code::EngineTimeout, message)).into_response()
}

/// A page in a browser can make a name of its own point here (DNS rebinding), but cannot change the name it asks for.
fn check_host(uri: &Uri, headers: &HeaderMap) -> Result<(), Refusal> {
    let mut hosts = headers.get_all(header::HOST).iter();
    let named = match (hosts.next(), hosts.next()) {
        (Some(host), None) => host.to_str().is_ok_and(is_loopback),
        _ => false,
    };
    if named && uri.authority().is_none_or(|authority| is_loopback(authority.as_str())) {
        Ok(())
    } else {
        Err(Refusal::new(Code::RequestHost, "the request's Host is not a loopback name"))
    }
}

fn is_loopback(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if !port.is_empty() && port.bytes().all(|digit| digit.is_ascii_digit()) => name,
        _ => host,
    };
    name == "127.0.0.1" || name == "[::1]" || name.eq_ignore_ascii_case("localhost")
}
