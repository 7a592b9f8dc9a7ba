//! The socket: one thread a connection, bounded, and none of another user.
//!
//! Threads wait for connections themselves, and one that has served waits again: whoever connects wakes a thread whose
//! stack and memory are there already, which a new one would have to ask the kernel for, page by page.

use std::io;
use std::os::unix::net::{UnixListener, UnixStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Sender};
use std::thread;
use std::time::Duration;

use signer_wire::message::{Answer, Refusal, Request};
use signer_wire::seats::Seats;
use signer_wire::{frame, socket};

use crate::broker::Broker;
use crate::error::BrokerError;
use crate::keeper::Keeper;
use crate::lookout::Lookout;

/// Most connections at a time; launchers keep theirs while their agent runs.
const MAX_CONNECTIONS: usize = 512;
/// Most threads that wait while nobody connects.
const MAX_WAITING: usize = 2;
const SEND: Duration = Duration::from_secs(10);

/// Serves until somebody stops it. Gives those who did: they are answered when nothing listens any more.
pub(crate) fn serve(listener: &Arc<UnixListener>, broker: &Arc<Broker>) -> Vec<UnixStream> {
    let (stops, stopped) = mpsc::channel();
    let (keeper, lookout) = (Keeper::start(broker), Lookout::start(broker));
    let (listener, broker) = (Arc::clone(listener), Arc::clone(broker));
    Attendance {
        listener,
        broker,
        keeper,
        lookout,
        stops,
        seats: Seats::new(MAX_CONNECTIONS),
        waiting: Arc::default(),
    }
    .grow();
    stopped.recv().into_iter().chain(stopped.try_iter()).collect()
}

/// What the threads share.
#[derive(Clone)]
struct Attendance {
    listener: Arc<UnixListener>,
    broker: Arc<Broker>,
    keeper: Keeper,
    lookout: Lookout,
    stops: Sender<UnixStream>,
    seats: Seats,
    waiting: Arc<AtomicUsize>,
}

impl Attendance {
    /// One more thread that waits.
    fn grow(&self) {
        self.waiting.fetch_add(1, Ordering::SeqCst);
        let own = self.clone();
        thread::spawn(move || own.attend());
    }

    /// Waits for connections and serves them, until enough others wait.
    fn attend(&self) {
        loop {
            let stream = match self.listener.accept() {
                Ok((stream, _)) => stream,
                // Nothing listens any more.
                Err(error) if error.kind() == io::ErrorKind::InvalidInput => return,
                Err(_) => continue,
            };
            if self.waiting.fetch_sub(1, Ordering::SeqCst) == 1 {
                self.grow();
            }
            if let Some(stopper) = self.seats.take().and_then(|_seat| self.converse(stream)) {
                let _first = self.stops.send(stopper);
                // Wakes those who wait, by the socket itself: its path may be gone.
                let _woken = rustix::net::shutdown(&*self.listener, rustix::net::Shutdown::Both);
                return;
            }
            if self.waiting.fetch_add(1, Ordering::SeqCst) >= MAX_WAITING {
                self.waiting.fetch_sub(1, Ordering::SeqCst);
                return;
            }
        }
    }

    /// Answers one caller until it goes away. Gives the caller back, unanswered, that may stop the broker and does.
    fn converse(&self, mut stream: UnixStream) -> Option<UnixStream> {
        let peer = socket::peer(&stream).ok()?;
        let expected = rustix::process::geteuid().as_raw();
        if peer.uid != expected {
            let error = BrokerError::ForeignUser { expected, actual: peer.uid };
            let _unheard = frame::write(&mut stream, &Answer::Refused(Refusal::from(&error)));
            return None;
        }
        stream.set_write_timeout(Some(SEND)).ok()?;
        let caller = self.lookout.sight(peer.pid, &self.broker);
        while let Ok(request) = frame::read::<Request>(&mut stream) {
            let stop = matches!(request, Request::Stop);
            let answer = self.broker.answer_to(&caller, request);
            if stop && matches!(answer, Answer::Done) {
                return Some(stream);
            }
            let sent = frame::write(&mut stream, &answer);
            if self.broker.settle() {
                self.keeper.wake();
            }
            sent.ok()?;
        }
        None
    }
}
