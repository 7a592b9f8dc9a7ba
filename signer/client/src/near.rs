//! The engine over a socket of this machine, where it has said that it has one. Whatever goes wrong there is asked again
//! over HTTP, so that only questions that may be repeated come this way.

use std::io;
use std::os::unix::net::UnixStream;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use signer_wire::frame;
use signer_wire::near::{Door, Question, Reply};

/// How long an answer may take.
const CALL: Duration = Duration::from_secs(30);
/// Most connections that are kept while nobody asks.
const MAX_IDLE: usize = 4;

/// The way there, if there is one.
#[derive(Default)]
pub(crate) struct Near(Mutex<Known>);

#[derive(Default)]
struct Known {
    door: Option<Door>,
    idle: Vec<UnixStream>,
}

impl Near {
    /// The engine has said where it is.
    pub(crate) fn learn(&self, said: &str) {
        let Ok(door) = said.parse::<Door>() else { return };
        let mut known = self.known();
        if known.door.as_ref() != Some(&door) {
            *known = Known { door: Some(door), idle: Vec::new() };
        }
    }

    /// Whether it is worth writing a question for.
    pub(crate) fn is_known(&self) -> bool {
        self.known().door.is_some()
    }

    /// Asks. Nothing where nobody answers, who is not asked again then until the engine names a door.
    pub(crate) fn ask(&self, question: &Question) -> Option<Reply> {
        let answered = self.stream().and_then(|mut stream| Ok((exchange(&mut stream, question)?, stream)));
        let mut known = self.known();
        let Ok((reply, stream)) = answered else {
            *known = Known::default();
            return None;
        };
        if known.idle.len() < MAX_IDLE {
            known.idle.push(stream);
        }
        Some(reply)
    }

    fn stream(&self) -> io::Result<UnixStream> {
        let mut known = self.known();
        if let Some(stream) = known.idle.pop() {
            return Ok(stream);
        }
        let stream = known.door.as_ref().ok_or(io::ErrorKind::NotFound)?.connect()?;
        stream.set_read_timeout(Some(CALL))?;
        stream.set_write_timeout(Some(CALL))?;
        Ok(stream)
    }

    fn known(&self) -> std::sync::MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn exchange(stream: &mut UnixStream, question: &Question) -> io::Result<Reply> {
    frame::write(stream, question).map_err(io::Error::other)?;
    // Whoever sleeps in the read itself is woken by the other side's reading as well.
    let limit = Timespec::try_from(CALL).map_err(io::Error::other)?;
    poll(&mut [PollFd::new(&*stream, PollFlags::IN)], Some(&limit))?;
    frame::read(stream).map_err(io::Error::other)
}
