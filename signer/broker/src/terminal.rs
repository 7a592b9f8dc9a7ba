//! A person's terminal: recorded at login, asked before each signature that nothing else confirms.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::os::unix::fs::{FileTypeExt, MetadataExt, OpenOptionsExt};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{OFlags, makedev};
use rustix::termios::{QueueSelector, tcflush};

use crate::process::{Process, ProcessTable};
use crate::session::Sessions;

/// How long a question stands.
const PATIENCE: Duration = Duration::from_secs(120);
/// Linux: pseudo-terminals have majors 136 to 143, 256 minors each at first, 2^20 since.
const FIRST_PTS_MAJOR: u32 = 136;
const LAST_PTS_MAJOR: u32 = 143;

/// A terminal and the process that opened its session: the number of a terminal is reused, the two together are not.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Terminal {
    device: u32,
    leader: Process,
}

impl Terminal {
    /// The terminal a process was started on, if that is a person's: no agent opened it, none runs on it.
    pub(crate) fn of(process: &Process, processes: &ProcessTable, sessions: &Sessions) -> Option<Self> {
        if process.terminal == 0 || sessions.use_terminal(process.terminal, processes) {
            return None;
        }
        let above = processes.lineage(process.leader);
        let is_agents =
            |process: &Process| processes.carries_session(process.pid) || sessions.rooted_at(process).is_some();
        if above.iter().any(is_agents) {
            return None;
        }
        let leader = *above.first()?;
        (leader.terminal == process.terminal).then_some(Self { device: process.terminal, leader })
    }

    /// Shows a question, its text made visible by the caller, and reads a line. Only `y` and `yes` agree.
    pub(crate) fn confirm(&self, question: &str) -> io::Result<bool> {
        let mut device = self.open()?;
        // What was typed before the question is no answer to it.
        tcflush(&device, QueueSelector::IFlush)?;
        device.write_all(question.as_bytes())?;
        let answer = read_line(&mut device, Instant::now() + PATIENCE)?;
        Ok(matches!(answer.trim_ascii(), b"y" | b"Y" | b"yes"))
    }

    fn open(&self) -> io::Result<File> {
        let (major, minor) = split(self.device);
        let path = path(major, minor).ok_or(io::ErrorKind::NotFound)?;
        let flags = i32::try_from((OFlags::NOCTTY | OFlags::CLOEXEC).bits()).map_err(io::Error::other)?;
        let found = fs::symlink_metadata(&path)?;
        let file = File::options().read(true).write(true).custom_flags(flags).open(&path)?;
        let opened = file.metadata()?;
        let expected = makedev(major, minor);
        if !found.file_type().is_char_device() || opened.rdev() != expected || found.rdev() != expected {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        Ok(file)
    }
}

/// proc(5): the minor lies in bits 31 to 20 and 7 to 0, the major in bits 15 to 8.
const fn split(device: u32) -> (u32, u32) {
    ((device >> 8) & 0xff, (device & 0xff) | ((device >> 12) & 0xf_ff00))
}

fn path(major: u32, minor: u32) -> Option<PathBuf> {
    match major {
        FIRST_PTS_MAJOR..=LAST_PTS_MAJOR => {
            let bank = major.checked_sub(FIRST_PTS_MAJOR)?.checked_mul(256)?;
            Some(format!("/dev/pts/{}", minor.checked_add(bank)?).into())
        }
        // The console and its virtual terminals.
        4 if minor < 64 => Some(format!("/dev/tty{minor}").into()),
        _ => None,
    }
}

fn read_line(device: &mut File, deadline: Instant) -> io::Result<Vec<u8>> {
    let mut line = Vec::new();
    let mut buffer = [0; 256];
    while !line.contains(&b'\n') && line.len() < buffer.len() {
        let left = deadline.saturating_duration_since(Instant::now());
        let timeout = Timespec::try_from(left).map_err(io::Error::other)?;
        let ready = poll(&mut [PollFd::new(&*device, PollFlags::IN)], Some(&timeout))?;
        let length = if ready == 0 { 0 } else { device.read(&mut buffer)? };
        if length == 0 {
            // Time ran out, or the terminal was closed: nobody agreed.
            line.clear();
            break;
        }
        line.extend_from_slice(buffer.get(..length).unwrap_or_default());
    }
    Ok(line)
}

#[cfg(test)]
mod tests;
