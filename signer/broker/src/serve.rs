//! The socket: one thread a connection, bounded, and none of another user.

use std::fs::{self, File, TryLockError};
use std::io;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use signer_wire::message::{Answer, Refusal, Request};
use signer_wire::{Home, frame, socket};

use crate::broker::Broker;
use crate::clock;
use crate::error::BrokerError;
use crate::{inherited, shield};

/// Most connections at a time; launchers keep theirs while their agent runs.
const MAX_CONNECTIONS: usize = 512;
/// How long a broker that ends may take to let go of the home.
const SUCCESSION: Duration = Duration::from_secs(3);
const SEND: Duration = Duration::from_secs(10);

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
    let stoppers = accept(&listener, &Arc::new(Broker::new(&home, clock::now)));
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

/// Serves until somebody stops it. Gives those who did: they are answered when nothing listens any more.
fn accept(listener: &Arc<UnixListener>, broker: &Arc<Broker>) -> Vec<UnixStream> {
    let open = Arc::new(AtomicUsize::new(0));
    let (stops, stopped) = mpsc::channel();
    for stream in listener.incoming() {
        let stoppers: Vec<UnixStream> = stopped.try_iter().collect();
        if !stoppers.is_empty() {
            return stoppers;
        }
        let (Ok(stream), Some(seat)) = (stream, Seat::take(&open)) else { continue };
        let (broker, listener, stops) = (Arc::clone(broker), Arc::clone(listener), stops.clone());
        thread::spawn(move || {
            let _seat = seat;
            if let Some(stopper) = converse(stream, &broker) {
                let _first = stops.send(stopper);
                // Wakes the loop, which then sees that it is over: by the socket itself, its path may be gone.
                let _woken = rustix::net::shutdown(&*listener, rustix::net::Shutdown::Both);
            }
        });
    }
    Vec::new()
}

/// One of the connections that are open at a time; free again when dropped, however its thread ends.
struct Seat(Arc<AtomicUsize>);

impl Seat {
    fn take(open: &Arc<AtomicUsize>) -> Option<Self> {
        let taken = open.fetch_add(1, Ordering::SeqCst);
        let seat = Self(Arc::clone(open));
        (taken < MAX_CONNECTIONS).then_some(seat)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Answers one caller until it goes away. Gives the caller back, unanswered, that may stop the broker and does.
fn converse(mut stream: UnixStream, broker: &Broker) -> Option<UnixStream> {
    let peer = socket::peer(&stream).ok()?;
    let expected = rustix::process::geteuid().as_raw();
    if peer.uid != expected {
        let error = BrokerError::ForeignUser { expected, actual: peer.uid };
        let _unheard = frame::write(&mut stream, &Answer::Refused(Refusal::from(&error)));
        return None;
    }
    stream.set_write_timeout(Some(SEND)).ok()?;
    while let Ok(request) = frame::read::<Request>(&mut stream) {
        let stop = matches!(request, Request::Stop);
        let answer = broker.answer(peer.pid, request);
        if stop && matches!(answer, Answer::Done) {
            return Some(stream);
        }
        let sent = frame::write(&mut stream, &answer);
        broker.settle();
        sent.ok()?;
    }
    None
}
