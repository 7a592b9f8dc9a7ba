//! The broker's socket: reached by any path length, and never trusted for its path alone.

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};

use rustix::net::sockopt::socket_peercred;

/// A socket's address has 108 bytes; longer paths go through an open folder.
const LONGEST_ADDRESS: usize = 100;

/// Who is at the other end of a connection, as the kernel says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Peer {
    /// The process that connected, or that listens.
    pub pid: u32,
    /// Its user.
    pub uid: u32,
}

/// The kernel has no number for the process at the other end: it runs in another PID namespace, as containers have.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the process at the other end runs in another PID namespace")]
pub struct UnseenPeer;

impl From<UnseenPeer> for io::Error {
    fn from(unseen: UnseenPeer) -> Self {
        Self::other(unseen)
    }
}

/// Who is at the other end. The kernel answers this of every connected socket; where it gives the number 0 in place of a
/// process, no process is found, and whatever else the answer says is not looked at.
pub fn peer(stream: &UnixStream) -> Result<Peer, UnseenPeer> {
    let found = socket_peercred(stream).map_err(|_| UnseenPeer)?;
    let pid = u32::try_from(found.pid.as_raw_nonzero().get()).map_err(|_| UnseenPeer)?;
    Ok(Peer { pid, uid: found.uid.as_raw() })
}

/// Connects to the socket at `path`.
pub fn connect(path: &Path) -> io::Result<UnixStream> {
    let address = Address::of(path)?;
    UnixStream::connect(&address.path)
}

/// Listens at `path`, which must not exist.
pub fn listen(path: &Path) -> io::Result<UnixListener> {
    let address = Address::of(path)?;
    UnixListener::bind(&address.path)
}

/// A path short enough for a socket address; the folder stays open while it is used.
struct Address {
    path: PathBuf,
    _folder: Option<File>,
}

impl Address {
    fn of(path: &Path) -> io::Result<Self> {
        if path.as_os_str().len() <= LONGEST_ADDRESS {
            return Ok(Self { path: path.to_path_buf(), _folder: None });
        }
        let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else {
            return Err(io::ErrorKind::InvalidInput.into());
        };
        let flags = rustix::fs::OFlags::PATH | rustix::fs::OFlags::DIRECTORY;
        let flags = i32::try_from(flags.bits()).map_err(io::Error::other)?;
        let folder = File::options().read(true).custom_flags(flags).open(parent)?;
        let path = PathBuf::from(format!("/proc/self/fd/{}", folder.as_raw_fd())).join(name);
        Ok(Self { path, _folder: Some(folder) })
    }
}
