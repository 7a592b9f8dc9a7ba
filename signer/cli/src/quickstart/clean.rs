//! `chancery quickstart clean`: ends the engines and brokers of earlier runs and removes their folders.

use std::fs;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};
use signer_core::reason::Code;
use signer_wire::{Client, Home, WireError};

use super::{hook, place};
use crate::config::Config;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::shown;
use crate::programs;

/// How long a program that was told to end may take: an engine waits this long for open connections, and a little.
const END: Duration = Duration::from_secs(10);
/// How often it is looked after meanwhile.
const GLANCE: Timespec = Timespec { tv_sec: 0, tv_nsec: 100_000_000 };

/// Removes every run of this home.
pub(super) fn clean(config: &Config) -> Result<Exit, Failure> {
    let folders = runs(config);
    let mut lost = Vec::new();
    for folder in &folders {
        lost.extend(remove(folder)?);
    }
    if let Some(above) = folders.first().and_then(|folder| folder.parent()) {
        // It goes where no run began meanwhile.
        let _begun = fs::remove_dir(above);
    }
    for repository in &lost {
        config.output.once(&format!(
            "`{}` is not there: if it was moved, run `gitsign-hook uninstall` in it, or no commit is signed there",
            repository.display()
        ));
    }
    let text = format!("{} removed", folders.len());
    let names = |paths: &[PathBuf]| paths.iter().map(|path| shown(path).into_owned()).collect::<Vec<_>>();
    let document = serde_json::json!({
        "schema": "urn:chancery:clean:v1", "removed": names(&folders), "repositories_not_found": names(&lost),
    });
    config.output.answer(&document, &text);
    Ok(Exit::Accepted)
}

/// Ends what one run started, gives git its settings back, and removes the folder. Names the repository that was
/// worked on in place and is not there.
pub(super) fn remove(folder: &Path) -> Result<Option<PathBuf>, Failure> {
    stop_broker(folder)?;
    stop_engine(folder)?;
    let lost = hook::uninstall(folder)?;
    fs::remove_dir_all(folder).map_err(|error| Failure::io(folder, &error))?;
    Ok(lost)
}

fn runs(config: &Config) -> Vec<PathBuf> {
    let entries = fs::read_dir(place::runs(config)).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).filter(|path| path.is_dir()).collect()
}

/// Fails where the broker refuses, as it does to an agent: its folder then stays.
fn stop_broker(folder: &Path) -> Result<(), Failure> {
    let home = Home::of_process(Some(folder.to_path_buf())).map_err(Failure::wire)?;
    let Some(mut broker) = Client::attach(&home).map_err(Failure::wire)? else { return Ok(()) };
    let process = broker.ping().ok().and_then(|pong| Running::of(pong.pid));
    // Another failure is that of one that is ending already.
    if let Err(error @ WireError::Refused { .. }) = broker.stop() {
        return Err(Failure::wire(error));
    }
    process.map_or(Ok(()), |process| process.ends_within(END))
}

fn stop_engine(folder: &Path) -> Result<(), Failure> {
    let state = folder.join("engine");
    // Whoever started it, and whatever its number is since: `chancery serve` starts another one.
    let numbers = fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| entry.file_name().to_str().and_then(|name| name.parse().ok()));
    for process in numbers.filter_map(Running::of).filter(|process| process.serves(&state)) {
        // One that is gone already needs no signal.
        let _gone = pidfd_send_signal(&process.handle, Signal::TERM);
        process.ends_within(END)?;
    }
    refuse_in_use(&state)
}

/// One that named its state in another way is not found: its state stays.
fn refuse_in_use(state: &Path) -> Result<(), Failure> {
    let Ok(lock) = fs::File::open(state.join("engine.lock")) else { return Ok(()) };
    match lock.try_lock_shared() {
        Err(fs::TryLockError::WouldBlock) => Err(Failure::new(
            Code::EngineInUse,
            format_args!("an engine runs on `{}`; end it, then clean again", state.display()),
        )),
        _ => Ok(()),
    }
}

/// A process, held by a handle that no other one can take over.
struct Running {
    number: Pid,
    handle: OwnedFd,
}

impl Running {
    /// None where it is gone.
    fn of(number: u32) -> Option<Self> {
        let number = i32::try_from(number).ok().and_then(Pid::from_raw)?;
        let handle = pidfd_open(number, PidfdFlags::empty()).ok()?;
        Some(Self { number, handle })
    }

    /// Whether it is an engine with this state. Its command line says so: its program's file is hidden from its own user.
    fn serves(&self, state: &Path) -> bool {
        let line = fs::read(format!("/proc/{}/cmdline", self.number.as_raw_nonzero())).unwrap_or_default();
        let line = String::from_utf8_lossy(&line);
        let mut words = line.split('\0').map(Path::new);
        let is_engine = words.next().is_some_and(|program| program.ends_with(programs::SERVER));
        let state = fs::canonicalize(state).ok();
        is_engine && state.is_some() && words.any(|word| word.is_absolute() && fs::canonicalize(word).ok() == state)
    }

    fn ends_within(&self, limit: Duration) -> Result<(), Failure> {
        let deadline = Instant::now() + limit;
        while Instant::now() < deadline {
            // pidfd_open(2): readable once the process has ended, whether or not its parent took notice.
            if poll(&mut [PollFd::new(&self.handle, PollFlags::IN)], Some(&GLANCE)).is_ok_and(|ended| ended > 0) {
                return Ok(());
            }
        }
        let number = self.number.as_raw_nonzero();
        Err(Failure::new(Code::InternalIo, format_args!("process {number} was told to end and does not")))
    }
}

#[cfg(test)]
mod tests;
