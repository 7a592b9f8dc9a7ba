//! Requests as no client of ours would write them.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};
use signer_core::protocol::Problem;
use signer_core::reason::Code;

/// A connection per request, to one engine.
pub(crate) struct RawHttp<'a> {
    address: &'a str,
}

impl<'a> RawHttp<'a> {
    pub(crate) fn new(url: &'a str) -> Result<Self> {
        Ok(Self { address: url.strip_prefix("http://").context("no http:// address")? })
    }

    /// Sends a POST that says its body has `length` bytes, and gives the codes of the refusal; none for a success.
    pub(crate) fn post(&self, route: &str, bearer: &str, length: usize, body: &[u8]) -> Result<Vec<Code>> {
        let host = self.address;
        self.send(&format!("POST {route} HTTP/1.1"), host, bearer, Some(length), body)
    }

    /// Sends a request line and gives the codes of the refusal; none for a success.
    pub(crate) fn send(
        &self,
        line: &str,
        host: &str,
        bearer: &str,
        length: Option<usize>,
        body: &[u8],
    ) -> Result<Vec<Code>> {
        let mut stream = TcpStream::connect(self.address)?;
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        let length = length.map_or_else(String::new, |length| format!("content-length: {length}\r\n"));
        let head = format!(
            "{line}\r\nhost: {host}\r\nauthorization: Bearer {bearer}\r\ncontent-type: application/json\r\n\
             connection: close\r\n{length}\r\n"
        );
        stream.write_all(head.as_bytes())?;
        // An engine that refuses by the head alone may have closed by now.
        let _closed = stream.write_all(body);
        let mut answer = Vec::new();
        let _reset = stream.read_to_end(&mut answer);
        let text = String::from_utf8_lossy(&answer);
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
        if head.starts_with("HTTP/1.1 2") {
            return Ok(Vec::new());
        }
        let problem: Problem = serde_json::from_str(body).with_context(|| format!("{line}: `{head}`"))?;
        Ok(problem.reasons.iter().map(|reason| reason.code).collect())
    }
}

/// The text of a credential file.
pub(crate) fn credential(path: &Path) -> Result<String> {
    Ok(std::fs::read_to_string(path)?.trim_end_matches('\n').to_owned())
}
