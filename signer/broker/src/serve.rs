//! The program: takes its home, listens, serves, and leaves the home as it found it.

use std::fs::{self, File, TryLockError};
use std::io;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::os::unix::net::UnixListener;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use signer_wire::message::Answer;
use signer_wire::{Home, frame, socket};

use crate::broker::Broker;
use crate::{clock, connections, inherited, shield};

/// How long a broker that ends may take to let go of the home.
const SUCCESSION: Duration = Duration::from_secs(3);

/// Serves until it is told to stop. Exit codes: 0 done, 2 usage, 3 it could not start.
pub fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().skip(1).collect();
    let home = match arguments.as_slice() {
        [serve] if serve == "serve" => None,
        [serve, flag, home] if serve == "serve" && flag == "--home" => Some(PathBuf::from(home)),
        _ => {
            complain("error[broker.usage]: say `chancery-broker serve [--home DIR]`");
            return ExitCode::from(2);
        }
    };
    match serve(home) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&format!("error[internal.io]: {error:#}"));
            ExitCode::from(3)
        }
    }
}

fn complain(words: &str) {
    use io::Write as _;
    let _unheard = writeln!(io::stderr().lock(), "{words}");
}

fn serve(home: Option<PathBuf>) -> anyhow::Result<()> {
    inherited::release().context("cannot close what the starter left open")?;
    shield::raise().context("cannot shield this process's memory")?;
    let home = Home::of_process(home)?;
    home.ensure()?;
    let Some(_lock) = lock(&home)? else { return Ok(()) };
    let listener = Arc::new(listen(&home).context("cannot listen")?);
    let broker = Arc::new(Broker::new(&home, clock::now));
    let stoppers = connections::serve(&listener, &broker);
    broker.keep();
    let removed = match fs::remove_file(home.socket()) {
        // The home may be gone as a whole.
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error).context("cannot remove the socket"),
        _ => Ok(()),
    };
    for mut stopper in stoppers {
        let _unheard = frame::write(&mut stopper, &Answer::Done);
    }
    removed
}

/// The one broker of this home; none where another one already answers.
fn lock(home: &Home) -> anyhow::Result<Option<File>> {
    let path = home.path().join("broker.lock");
    let file = File::options().write(true).create(true).truncate(false).mode(0o600).open(path)?;
    let deadline = Instant::now() + SUCCESSION;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(Some(file)),
            Err(TryLockError::Error(error)) => return Err(error).context("cannot lock the home"),
            Err(TryLockError::WouldBlock) if socket::connect(&home.socket()).is_ok() => return Ok(None),
            Err(TryLockError::WouldBlock) if Instant::now() >= deadline => {
                anyhow::bail!("another broker holds the home and does not answer");
            }
            Err(TryLockError::WouldBlock) => thread::sleep(Duration::from_millis(10)),
        }
    }
}

/// The socket takes its place with mode 0600 at once: nobody can connect to it before.
fn listen(home: &Home) -> io::Result<UnixListener> {
    let fresh = home.path().join("broker.sock.new");
    match fs::remove_file(&fresh) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = socket::listen(&fresh)?;
    fs::set_permissions(&fresh, fs::Permissions::from_mode(0o600))?;
    fs::rename(&fresh, home.socket())?;
    Ok(listener)
}
