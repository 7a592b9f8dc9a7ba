//! HTTP/1.1 as cheap as a load can send it: one connection, one request at a time, one write and mostly one read each.
//! The engine's cores are the client's too, so that whatever the client spends is missing from the figures.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::fd::{AsFd, BorrowedFd};

use anyhow::{Context, Result, bail, ensure};

/// Most bytes of an answer.
const MAX_ANSWER: usize = 1 << 20;

/// The type of most bodies.
pub(crate) const JSON: &str = "application/json";

/// A warm connection to one engine, in one session or none.
pub(crate) struct Wire {
    stream: TcpStream,
    /// What every request begins with, up to the length of its body.
    head: Vec<u8>,
    sent: Vec<u8>,
    received: Vec<u8>,
    /// Where the body of the answer begins and how long it is, once its head is there.
    body: Option<(usize, usize)>,
}

impl Wire {
    /// Connects to `url`, for POST requests to `route` with bodies of this type.
    pub(crate) fn new(url: &str, route: &str, bearer: Option<&str>, kind: &str) -> Result<Self> {
        let address = url.strip_prefix("http://").context("no http:// address")?.trim_end_matches('/');
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        let bearer = bearer.map_or_else(String::new, |bearer| format!("authorization: Bearer {bearer}\r\n"));
        let head =
            format!("POST {route} HTTP/1.1\r\nhost: {address}\r\n{bearer}content-type: {kind}\r\ncontent-length: ");
        Ok(Self { stream, head: head.into_bytes(), sent: Vec::new(), received: Vec::new(), body: None })
    }

    /// Sends a body, which comes in parts.
    pub(crate) fn send(&mut self, parts: &[&[u8]]) -> Result<()> {
        let length: usize = parts.iter().map(|part| part.len()).sum();
        self.sent.clear();
        self.sent.extend_from_slice(&self.head);
        write!(self.sent, "{length}\r\n\r\n")?;
        for part in parts {
            self.sent.extend_from_slice(part);
        }
        self.received.clear();
        self.body = None;
        Ok(self.stream.write_all(&self.sent)?)
    }

    /// Reads what has come, waiting for something; gives the body of the answer once it is whole. Fails where the engine
    /// refuses.
    pub(crate) fn receive(&mut self) -> Result<Option<&[u8]>> {
        let mut part = [0; 16 * 1024];
        let count = self.stream.read(&mut part)?;
        ensure!(count > 0, "the engine closed the connection");
        self.received.extend_from_slice(part.get(..count).unwrap_or_default());
        if self.body.is_none() {
            self.body = head(&self.received)?;
        }
        let Some((start, length)) = self.body else { return Ok(None) };
        let end = start.checked_add(length).filter(|end| *end <= MAX_ANSWER).context("the answer is too large")?;
        let Some(answer) = self.received.get(start..end) else { return Ok(None) };
        if self.received.starts_with(b"HTTP/1.1 200 ") {
            Ok(Some(answer))
        } else {
            bail!("the engine refuses: {}", String::from_utf8_lossy(answer))
        }
    }
}

impl AsFd for Wire {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.stream.as_fd()
    }
}

/// Where the body begins and how long it is, once the head is there.
fn head(received: &[u8]) -> Result<Option<(usize, usize)>> {
    let Some(end) = received.windows(4).position(|part| part == b"\r\n\r\n") else {
        ensure!(received.len() < MAX_ANSWER, "the answer has no end to its head");
        return Ok(None);
    };
    let text = std::str::from_utf8(received.get(..end).unwrap_or_default())?;
    let length = text.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim())
    });
    Ok(Some((end + 4, length.context("the answer has no length")?.parse()?)))
}
