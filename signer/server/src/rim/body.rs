//! Request bodies and queries: bounded before they are read, strict when they are.

use std::str::FromStr;

use axum::body::{Body, Bytes, to_bytes};
use axum::http::{HeaderMap, header};
use serde::de::DeserializeOwned;
use signer_core::reason::Code;
use signer_engine::refusal::Refusal;

/// Most bytes of a body that holds names, digests or a certificate request.
pub const SMALL: usize = 64 * 1024;

/// Most bytes of a body that holds a grant, many times the largest.
pub const GRANT: usize = 1024 * 1024;

/// The whole body, at most `limit` bytes; a body that says it is larger is not read at all.
pub async fn read(headers: &HeaderMap, body: Body, limit: usize) -> Result<Bytes, Refusal> {
    let large = || Refusal::new(Code::RequestTooLarge, format_args!("the body has more than {limit} bytes"));
    let declared = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if declared.is_some_and(|length| length > limit) {
        return Err(large());
    }
    // Fails at the limit; a connection that broke off has nobody left to answer.
    to_bytes(body, limit).await.map_err(|_| large())
}

/// A JSON document of the route's schema.
pub fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Refusal> {
    taken(serde_json::from_slice(bytes))
}

/// What was parsed already.
pub fn taken<T>(parsed: Result<T, serde_json::Error>) -> Result<T, Refusal> {
    parsed.map_err(|error| Refusal::new(Code::RequestMalformed, error))
}

/// `start=N&count=N` and nothing else.
pub fn page(query: Option<&str>) -> Result<(u64, u64), Refusal> {
    let malformed = || Refusal::new(Code::RequestMalformed, "the query must be `start=N&count=N`");
    let (start, count) = query.and_then(|query| query.split_once('&')).ok_or_else(malformed)?;
    let start = start.strip_prefix("start=").and_then(number).ok_or_else(malformed)?;
    let count = count.strip_prefix("count=").and_then(number).ok_or_else(malformed)?;
    Ok((start, count))
}

/// A number the store can look up: SQL has signed ones.
fn number(text: &str) -> Option<u64> {
    u64::from_str(text).ok().filter(|number| i64::try_from(*number).is_ok())
}
