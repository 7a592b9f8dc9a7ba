//! What a client of the engine and the engine say to each other where both are the same user's on the same machine: one
//! question and one answer of the engine's HTTP routes in a frame each, over a socket in the abstract namespace
//! (unix(7)). A round trip over the loopback interface and through two HTTP libraries takes longer than the engine's
//! arithmetic; the routes, their schemas and their judgement are the same.

use std::io;
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::net::{SocketAddr, UnixListener, UnixStream};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::secret::Secret;
use crate::socket;

/// The header of an HTTP answer that says where the same engine is nearer.
pub const HEADER: &str = "chancery-near";
/// Most bytes of a question's body; a larger one goes over HTTP.
pub const MAX_BODY: usize = 64 * 1024;
/// Most bytes of a question's frame: the body as a JSON string, and who asks.
pub const MAX_QUESTION: usize = 4 * MAX_BODY;

/// A `POST` of a JSON document.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// The path.
    pub route: String,
    /// The session's credential.
    pub bearer: Option<Secret>,
    /// The owner credential, where a person is present by it.
    pub owner: Option<Secret>,
    /// The document.
    pub body: String,
}

/// What the route answers.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reply {
    /// HTTP's status.
    pub status: u16,
    /// The document.
    pub body: String,
}

/// Where an engine is near: the name of its socket and the process that listens there. A name can be another's later on, a
/// name and the process cannot be while it lives.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Door {
    name: String,
    pid: u32,
}

impl Door {
    /// Listens under a name of this process's own.
    pub fn open(name: String) -> io::Result<(Self, UnixListener)> {
        let listener = UnixListener::bind_addr(&SocketAddr::from_abstract_name(&name)?)?;
        Ok((Self { name, pid: std::process::id() }, listener))
    }

    /// Connects. Fails where another user or another process listens.
    pub fn connect(&self) -> io::Result<UnixStream> {
        let stream = UnixStream::connect_addr(&SocketAddr::from_abstract_name(&self.name)?)?;
        let peer = socket::peer(&stream)?;
        if peer.pid != self.pid || peer.uid != rustix::process::geteuid().as_raw() {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        Ok(stream)
    }
}

impl std::fmt::Display for Door {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{} {}", self.name, self.pid)
    }
}

impl FromStr for Door {
    type Err = io::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, pid) = text.split_once(' ').ok_or(io::ErrorKind::InvalidData)?;
        let pid = pid.parse().map_err(io::Error::other)?;
        Ok(Self { name: name.to_owned(), pid })
    }
}

#[cfg(test)]
mod tests;
