//! Processes as the kernel shows them in `/proc` (proc(5)): parents, terminals, and when they began.

use std::fs::File;
use std::io::Read;
use std::path::PathBuf;

/// Deeper nesting than any shell, terminal and agent reach.
const MAX_LINEAGE: usize = 128;
/// Most bytes of an environment that is looked through.
const MAX_ENVIRONMENT: u64 = 4 * 1024 * 1024;
/// Most bytes of a `stat`.
const MAX_STAT: u64 = 4096;
/// Room for the files of most processes.
const ROOM: usize = 4096;
/// What an agent's session leaves in the environment of its processes.
const SIGN: &[u8] = b"CHANCERY_SESSION=";

/// One process. Its number is reused after its end, the number and the start together are not.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Process {
    /// Its number.
    pub pid: u32,
    /// Its parent's number.
    pub parent: u32,
    /// The leader of its session, which opened its terminal.
    pub leader: u32,
    /// Device number of its terminal, 0 for none.
    pub terminal: u32,
    /// When it began, in ticks since the machine did.
    pub start: u64,
}

/// The table of processes.
pub(crate) struct ProcessTable {
    root: PathBuf,
}

impl ProcessTable {
    /// The kernel's.
    pub(crate) fn system() -> Self {
        Self::at("/proc")
    }

    /// The table below another folder.
    pub(crate) fn at(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// The process of this number, if it can be seen.
    pub(crate) fn process(&self, pid: u32) -> Option<Process> {
        let stat = self.file(pid, "stat", MAX_STAT)?;
        parse(&stat).filter(|process| process.pid == pid)
    }

    /// Whether this very process still runs.
    pub(crate) fn runs(&self, process: &Process) -> bool {
        self.process(process.pid).is_some_and(|found| found.start == process.start)
    }

    /// The process and those above it, nearest first; none where it cannot be seen.
    pub(crate) fn lineage(&self, pid: u32) -> Vec<Process> {
        self.climb(pid).collect()
    }

    /// [`Self::lineage`], of which nobody is asked about before the one below was looked at.
    pub(crate) fn climb(&self, pid: u32) -> impl Iterator<Item = Process> {
        let mut next = pid;
        let mut child: Option<Process> = None;
        let upwards = std::iter::from_fn(move || {
            let process = if next == 0 { None } else { self.process(next) }?;
            // A parent younger than its child has taken over a dead parent's number meanwhile.
            if child.is_some_and(|child| process.start > child.start) {
                return None;
            }
            (next, child) = (process.parent, Some(process));
            child
        });
        upwards.fuse().take(MAX_LINEAGE)
    }

    /// Every process beneath this one that can be seen.
    pub(crate) fn beneath(&self, root: &Process) -> Vec<Process> {
        let entries = std::fs::read_dir(&self.root).into_iter().flatten().flatten();
        let numbers = entries.filter_map(|entry| entry.file_name().to_str().and_then(|name| name.parse().ok()));
        let is_beneath = |number: &u32| self.climb(*number).skip(1).any(|above| above == *root);
        numbers.filter(is_beneath).filter_map(|number| self.process(number)).collect()
    }

    /// A file about a process. The kernel makes it anew for every read, so that few large ones are asked for.
    fn file(&self, pid: u32, name: &str, limit: u64) -> Option<Vec<u8>> {
        let file = File::open(self.root.join(pid.to_string()).join(name)).ok()?;
        let mut bytes = Vec::with_capacity(ROOM);
        file.take(limit).read_to_end(&mut bytes).ok()?;
        Some(bytes)
    }

    /// Whether a process was started with an agent session's handle in its environment. An environment that cannot be
    /// read is another user's, who has no session here.
    pub(crate) fn carries_session(&self, pid: u32) -> bool {
        let environment = self.file(pid, "environ", MAX_ENVIRONMENT).unwrap_or_default();
        environment.split(|byte| *byte == 0).any(|variable| variable.starts_with(SIGN))
    }
}

/// `pid (name) state ppid pgrp session tty_nr …`; the name may hold spaces, brackets and line ends.
fn parse(stat: &[u8]) -> Option<Process> {
    let close = stat.iter().rposition(|byte| *byte == b')')?;
    let (head, tail) = stat.split_at_checked(close)?;
    let pid = head.split(|byte| *byte == b' ').next().and_then(number)?;
    let fields: Vec<&[u8]> = tail.get(2..)?.split(|byte| *byte == b' ').collect();
    // proc(5) counts from 1 with the pid; `fields` begins with the third, the state.
    let field = |position: usize| fields.get(position.checked_sub(3)?).copied();
    Some(Process {
        pid: u32::try_from(pid).ok()?,
        parent: u32::try_from(field(4).and_then(number)?).ok()?,
        leader: u32::try_from(field(6).and_then(number)?).ok()?,
        terminal: u32::try_from(field(7).and_then(number)?).ok()?,
        start: field(22).and_then(number)?,
    })
}

fn number(digits: &[u8]) -> Option<u64> {
    std::str::from_utf8(digits).ok()?.trim_end().parse().ok()
}

#[cfg(test)]
pub(crate) mod tests;
