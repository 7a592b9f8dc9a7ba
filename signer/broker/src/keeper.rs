//! What can wait until the answer is gone: the commit is remembered, and the newest checkpoint written down. The caller is
//! still at work then, on the same cores and the same disk, where creating a file takes as long as half the signature did.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use crate::broker::Broker;

/// How long git is left alone with the disk and the cores.
const QUIET: Duration = Duration::from_millis(8);
/// How long the newest checkpoint may be in memory alone; also how often its file is replaced at most.
const PAUSE: Duration = Duration::from_millis(500);

/// The thread that does it. It ends with the last of these, and asks for no processor while nothing was signed.
#[derive(Clone)]
pub(crate) struct Keeper(SyncSender<()>);

impl Keeper {
    /// Starts the thread.
    pub(crate) fn start(broker: &Arc<Broker>) -> Self {
        let (wake, woken) = sync_channel(1);
        let broker = Arc::clone(broker);
        thread::spawn(move || while keep_next(&broker, &woken).is_some() {});
        Self(wake)
    }

    /// Something was signed. What is signed while the thread waits is kept with it.
    pub(crate) fn wake(&self) {
        let _awake_already = self.0.try_send(());
    }
}

/// Waits until something is signed, and keeps it. Nothing where nobody can sign any more.
fn keep_next(broker: &Broker, woken: &Receiver<()>) -> Option<()> {
    woken.recv().ok()?;
    let due = Instant::now() + PAUSE;
    loop {
        thread::sleep(QUIET);
        broker.learn();
        match woken.recv_timeout(due.saturating_duration_since(Instant::now())) {
            Ok(()) => {}
            Err(RecvTimeoutError::Timeout) => break,
            Err(RecvTimeoutError::Disconnected) => return None,
        }
    }
    broker.keep();
    Some(())
}
