//! Frames: a big-endian `u32` length, then that many bytes of JSON. The limit is checked before anything is allocated.

use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use serde::Serialize;
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

/// Most bytes of one frame.
pub const MAX_FRAME: usize = 64 * 1024 * 1024;
/// Most bytes of a git object that is to be signed: what fits into a frame as base64 with room for the rest.
pub const MAX_PAYLOAD: usize = 47 * 1024 * 1024;

/// Room for most messages: wiping costs time for every byte of it.
const SMALL: usize = 4 * 1024;
/// Grown towards the announced length, so that a lying length costs its sender the bytes.
const CHUNK: usize = 64 * 1024;

/// Writes one message as one frame. Fails over the limit, before a byte is written.
pub fn write<T: Serialize>(stream: &mut impl Write, message: &T) -> Result<(), FrameError> {
    // Requests may hold secrets, so that the buffer is wiped.
    let mut buffer = Zeroizing::new(Vec::with_capacity(SMALL));
    buffer.extend_from_slice(&[0; 4]);
    serde_json::to_writer(&mut *buffer, message).map_err(|source| FrameError::Unwritable { source })?;
    let length = buffer.len().saturating_sub(4);
    if length > MAX_FRAME {
        return Err(FrameError::TooLarge { actual: length });
    }
    let prefix = u32::try_from(length).map_err(|_| FrameError::TooLarge { actual: length })?.to_be_bytes();
    if let Some(head) = buffer.first_chunk_mut::<4>() {
        *head = prefix;
    }
    stream.write_all(&buffer).and_then(|()| stream.flush()).map_err(|source| FrameError::Broken { source })
}

/// Waits for a message's first byte, or the end of the stream. Fails when the time is over, and an interruption does not
/// lengthen it.
///
/// Whoever sleeps in a read instead is woken when the other side reads the question as well, at the other side's cost
/// (unix(7): there is room to write again).
pub fn wait(stream: &impl AsFd, limit: Duration) -> Result<(), FrameError> {
    let broken = |source: io::Error| FrameError::Broken { source };
    let deadline = Instant::now() + limit;
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        let left = Timespec::try_from(left).map_err(|error| broken(io::Error::other(error)))?;
        match poll(&mut [PollFd::new(stream, PollFlags::IN)], Some(&left)) {
            Ok(0) => return Err(broken(io::ErrorKind::TimedOut.into())),
            Ok(_) => return Ok(()),
            Err(Errno::INTR) => {}
            Err(error) => return Err(broken(error.into())),
        }
    }
}

/// Reads one message. Fails over the limit, at the end of the stream, and on JSON of another schema.
pub fn read<T: DeserializeOwned>(stream: &mut impl Read) -> Result<T, FrameError> {
    read_at_most(stream, MAX_FRAME)
}

/// The same where less than [`MAX_FRAME`] is all that anybody may send.
pub fn read_at_most<T: DeserializeOwned>(stream: &mut impl Read, most: usize) -> Result<T, FrameError> {
    let mut prefix = [0; 4];
    stream.read_exact(&mut prefix).map_err(|source| match source.kind() {
        io::ErrorKind::UnexpectedEof => FrameError::Ended,
        _ => FrameError::Broken { source },
    })?;
    let length = usize::try_from(u32::from_be_bytes(prefix)).unwrap_or(usize::MAX);
    if length > most {
        return Err(FrameError::TooLarge { actual: length });
    }
    let body = read_body(stream, length)?;
    serde_json::from_slice(&body).map_err(|source| FrameError::Schema { source })
}

fn read_body(stream: &mut impl Read, length: usize) -> Result<Zeroizing<Vec<u8>>, FrameError> {
    let mut body = Zeroizing::new(Vec::with_capacity(length.min(CHUNK)));
    let limit = u64::try_from(length).unwrap_or(u64::MAX);
    let got = stream.take(limit).read_to_end(&mut body).map_err(|source| FrameError::Broken { source })?;
    if got < length { Err(FrameError::Ended) } else { Ok(body) }
}

/// Why a frame was not written or read.
#[derive(Debug, thiserror::Error)]
pub enum FrameError {
    /// The system broke the stream, or its time ran out.
    #[error("the connection broke")]
    Broken {
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The other side closed the stream before the message was whole.
    #[error("the connection ended before the message did")]
    Ended,
    /// JSON of another schema.
    #[error("the message does not fit its schema")]
    Schema {
        /// What the reader said.
        #[source]
        source: serde_json::Error,
    },
    /// A length over the limit.
    #[error("a message of {actual} bytes is over the limit of {MAX_FRAME}")]
    TooLarge {
        /// Bytes announced or made.
        actual: usize,
    },
    /// The message cannot be written as JSON.
    #[error("the message cannot be written as JSON")]
    Unwritable {
        /// What the writer said.
        #[source]
        source: serde_json::Error,
    },
}

impl FrameError {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Broken { .. } | Self::Ended => "hook.signer_unreachable",
            Self::Schema { .. } | Self::Unwritable { .. } => "request.malformed",
            Self::TooLarge { .. } => "limit.request_size",
        }
    }
}

#[cfg(test)]
mod tests;
