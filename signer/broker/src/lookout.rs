//! Who has connected is looked up beside what the connection asks for: the kernel takes its time for every process it is
//! asked about, and the caller's question is there before the answer. Nobody gets an answer before it is known.

use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, OnceLock};
use std::thread;

use crate::broker::Broker;
use crate::session::AgentSession;

/// A process that has connected.
pub(crate) struct Sighting {
    pid: u32,
    session: OnceLock<Option<Arc<AgentSession>>>,
}

impl Sighting {
    /// Nobody has looked yet.
    pub(crate) const fn of(pid: u32) -> Self {
        Self { pid, session: OnceLock::new() }
    }

    /// Its number.
    pub(crate) const fn pid(&self) -> u32 {
        self.pid
    }

    /// The agent's session it was found to be of; whoever asks first looks, and everybody else waits for that.
    pub(crate) fn session(&self, broker: &Broker) -> Option<&Arc<AgentSession>> {
        self.session.get_or_init(|| broker.recognise(self.pid)).as_ref()
    }
}

/// The thread that looks. It ends with the last of these.
#[derive(Clone)]
pub(crate) struct Lookout(SyncSender<Arc<Sighting>>);

impl Lookout {
    /// Starts the thread.
    pub(crate) fn start(broker: &Arc<Broker>) -> Self {
        let (seen, arrivals) = sync_channel::<Arc<Sighting>>(1);
        let broker = Arc::clone(broker);
        thread::spawn(move || arrivals.iter().for_each(|arrival| drop(arrival.session(&broker).cloned())));
        Self(seen)
    }

    /// Has somebody looked at who has just connected. Where others are looked at, this thread looks itself.
    pub(crate) fn sight(&self, pid: u32, broker: &Broker) -> Arc<Sighting> {
        let sighting = Arc::new(Sighting::of(pid));
        if self.0.try_send(Arc::clone(&sighting)).is_err() {
            sighting.session(broker);
        }
        sighting
    }
}
