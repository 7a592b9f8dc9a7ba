//! Who is connected, and since when each has asked for nothing: a slow or silent client keeps its place only as long as
//! nobody else needs it (attack SRV-02).

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Instant;

use tokio::sync::Notify;

/// Every open connection.
pub(super) struct Open {
    start: Instant,
    callers: Mutex<Callers>,
}

#[derive(Default)]
struct Callers {
    next: u64,
    open: HashMap<u64, Weak<Caller>>,
}

/// One open connection.
pub(super) struct Caller {
    number: u64,
    open: Arc<Open>,
    /// Requests that are answered at this moment.
    asking: AtomicUsize,
    /// When the last of them ended, or the connection was made, in milliseconds after the start.
    idle_since: AtomicU64,
    leave: Notify,
}

/// A request that is answered.
pub(super) struct Asked(Arc<Caller>);

impl Default for Open {
    fn default() -> Self {
        Self { start: Instant::now(), callers: Mutex::default() }
    }
}

impl Open {
    /// A connection that was made now. It is forgotten when it is dropped.
    pub(super) fn enter(self: &Arc<Self>) -> Arc<Caller> {
        let mut callers = self.callers.lock().unwrap_or_else(PoisonError::into_inner);
        let number = callers.next;
        callers.next = number.wrapping_add(1);
        let caller = Arc::new(Caller {
            number,
            open: Arc::clone(self),
            asking: AtomicUsize::new(0),
            idle_since: AtomicU64::new(self.now()),
            leave: Notify::new(),
        });
        callers.open.insert(number, Arc::downgrade(&caller));
        caller
    }

    /// Tells the one to leave that has asked for nothing for the longest time; nobody where all are asking.
    pub(super) fn make_room(&self) {
        let callers = self.callers.lock().unwrap_or_else(PoisonError::into_inner);
        let open = callers.open.values().filter_map(Weak::upgrade).collect::<Vec<_>>();
        // Dropping the last of a connection takes the same lock.
        drop(callers);
        let idle = open.iter().filter(|caller| caller.is_idle());
        if let Some(idlest) = idle.min_by_key(|caller| (caller.idle_since.load(Ordering::SeqCst), caller.number)) {
            idlest.leave.notify_one();
        }
    }

    fn now(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

impl Caller {
    /// A request has come; it lasts as long as what is returned.
    pub(super) fn asks(self: &Arc<Self>) -> Asked {
        self.asking.fetch_add(1, Ordering::SeqCst);
        Asked(Arc::clone(self))
    }

    /// Whether it asks for nothing at this moment.
    pub(super) fn is_idle(&self) -> bool {
        self.asking.load(Ordering::SeqCst) == 0
    }

    /// Resolves when somebody else needs the place.
    pub(super) async fn told_to_leave(&self) {
        self.leave.notified().await;
    }
}

impl Drop for Caller {
    fn drop(&mut self) {
        self.open.callers.lock().unwrap_or_else(PoisonError::into_inner).open.remove(&self.number);
    }
}

impl Drop for Asked {
    fn drop(&mut self) {
        self.0.idle_since.store(self.0.open.now(), Ordering::SeqCst);
        self.0.asking.fetch_sub(1, Ordering::SeqCst);
    }
}
