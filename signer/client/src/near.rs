//! The engine over a socket of this machine, where it has said that it has one. Whatever goes wrong there is asked again
//! over HTTP, so that only questions that may be repeated come this way.

use std::os::unix::net::UnixStream;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use signer_wire::frame::{self, FrameError};
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

    /// Where it is, as it has said.
    pub(crate) fn door(&self) -> Option<String> {
        self.known().door.as_ref().map(ToString::to_string)
    }

    /// Whether it is worth writing a question for.
    pub(crate) fn is_known(&self) -> bool {
        self.known().door.is_some()
    }

    /// Asks. Nothing where nobody answers, who is not asked again then until the engine names a door.
    pub(crate) fn ask(&self, question: &Question) -> Option<Reply> {
        let (door, idle) = self.way()?;
        let stream = idle.map_or_else(|| enter(&door), Ok);
        let answered = stream.and_then(|mut stream| Ok((exchange(&mut stream, question)?, stream)));
        let mut known = self.known();
        // The engine may have named another door meanwhile, which has nothing to do with this one.
        let is_same = known.door.as_ref() == Some(&door);
        match answered {
            Ok((reply, stream)) => {
                if is_same && known.idle.len() < MAX_IDLE {
                    known.idle.push(stream);
                }
                Some(reply)
            }
            Err(_) if is_same => {
                *known = Known::default();
                None
            }
            Err(_) => None,
        }
    }

    /// Where to ask, and a connection that is open already, if there is one.
    fn way(&self) -> Option<(Door, Option<UnixStream>)> {
        let mut known = self.known();
        Some((known.door.clone()?, known.idle.pop()))
    }

    fn known(&self) -> std::sync::MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn enter(door: &Door) -> Result<UnixStream, FrameError> {
    let connect = || {
        let stream = door.connect()?;
        stream.set_read_timeout(Some(CALL))?;
        stream.set_write_timeout(Some(CALL))?;
        Ok(stream)
    };
    connect().map_err(|source| FrameError::Broken { source })
}

fn exchange(stream: &mut UnixStream, question: &Question) -> Result<Reply, FrameError> {
    frame::write(stream, question)?;
    frame::wait(stream, CALL)?;
    frame::read(stream)
}
