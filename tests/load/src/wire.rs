//! HTTP/1.1 as cheap as a load can send it: one connection, one request at a time, one write and mostly one read each.
//! The engine's cores are the client's too, so that whatever the client spends is missing from the figures.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};

/// How long to wait for an answer.
const LIMIT: Duration = Duration::from_secs(30);
/// Most bytes of an answer.
const MAX_ANSWER: usize = 1 << 20;

/// A warm connection to one engine, in one session.
pub(crate) struct Wire {
    stream: TcpStream,
    /// What every request begins with, up to the length of its body.
    head: Vec<u8>,
    sent: Vec<u8>,
    received: Vec<u8>,
}

impl Wire {
    /// Connects to `url`, for POST requests to `route`.
    pub(crate) fn new(url: &str, route: &str, bearer: &str) -> Result<Self> {
        let address = url.strip_prefix("http://").context("no http:// address")?.trim_end_matches('/');
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(LIMIT))?;
        let head = format!(
            "POST {route} HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {bearer}\r\n\
             content-type: application/json\r\ncontent-length: "
        );
        Ok(Self { stream, head: head.into_bytes(), sent: Vec::new(), received: Vec::new() })
    }

    /// Sends a body and gives the body of the answer. Fails where the engine refuses.
    pub(crate) fn post(&mut self, body: &[u8]) -> Result<&[u8]> {
        self.sent.clear();
        self.sent.extend_from_slice(&self.head);
        write!(self.sent, "{}\r\n\r\n", body.len())?;
        self.sent.extend_from_slice(body);
        self.stream.write_all(&self.sent)?;
        self.received.clear();
        let (start, length) = loop {
            self.read()?;
            if let Some(found) = head(&self.received)? {
                break found;
            }
        };
        let end = start.checked_add(length).filter(|end| *end <= MAX_ANSWER).context("the answer is too large")?;
        while self.received.len() < end {
            self.read()?;
        }
        let answer = self.received.get(start..end).context("the answer is cut off")?;
        if self.received.starts_with(b"HTTP/1.1 200 ") {
            Ok(answer)
        } else {
            bail!("the engine refuses: {}", String::from_utf8_lossy(answer))
        }
    }

    fn read(&mut self) -> Result<()> {
        let mut part = [0; 16 * 1024];
        let count = self.stream.read(&mut part)?;
        ensure!(count > 0 && self.received.len() < MAX_ANSWER, "the engine closed the connection");
        self.received.extend_from_slice(part.get(..count).unwrap_or_default());
        Ok(())
    }
}

/// Where the body begins and how long it is, once the head is there.
fn head(received: &[u8]) -> Result<Option<(usize, usize)>> {
    let Some(end) = received.windows(4).position(|part| part == b"\r\n\r\n") else { return Ok(None) };
    let text = std::str::from_utf8(received.get(..end).unwrap_or_default())?;
    let named = |line: &&str| line.to_ascii_lowercase().starts_with("content-length:");
    let line = text.lines().find(named).context("the answer has no length")?;
    let length = line.split_once(':').map(|(_, value)| value.trim()).context("the answer has no length")?;
    Ok(Some((end + 4, length.parse()?)))
}
