//! The one place of the server that asks for the time, and that says when the answer is not to be believed.
//!
//! Time-stamps are evidence, so the system's clock is held against the steady clock of the machine, which nobody sets: once
//! the two differ by more than [`BOUND`] from what they were at the start, no time is given out until the server is started
//! again. Time that is given out never falls.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use signer_core::reason::{Code, Coded};
use signer_core::time::Timestamp;

/// How far the clocks may part: more than a leap second, less than anybody would forge for.
pub const BOUND: Duration = Duration::from_secs(2);

/// Both clocks at one moment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Reading {
    /// The system's clock, since 1970.
    pub wall: Duration,
    /// The steady clock, since some fixed moment; it goes on while the machine sleeps.
    pub steady: Duration,
}

/// Where the rim and the writer get the time. Clones share what was seen.
#[derive(Clone)]
pub struct Clock {
    source: Arc<dyn Fn() -> Reading + Send + Sync>,
    seen: Arc<Mutex<Seen>>,
}

struct Seen {
    start: Reading,
    newest: Timestamp,
    fault: Option<ClockFault>,
}

/// The clocks parted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the system's clock moved {} by {} ms against the steady clock since the start", direction, by.as_millis())]
pub struct ClockFault {
    direction: Direction,
    by: Duration,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Direction {
    Back,
    Ahead,
}

impl fmt::Display for Direction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Back => "back",
            Self::Ahead => "ahead",
        })
    }
}

impl Coded for ClockFault {
    fn code(&self) -> Code {
        Code::TimeClockJump
    }
}

impl Clock {
    /// The machine's clocks, from this moment on.
    pub fn system() -> Self {
        Self::over(|| Reading { wall: wall(), steady: steady() })
    }

    /// Clocks of the caller's own, from this moment on.
    pub fn over(source: impl Fn() -> Reading + Send + Sync + 'static) -> Self {
        let start = source();
        let seen = Seen { start, newest: timestamp(start.wall), fault: None };
        Self { source: Arc::new(source), seen: Arc::new(Mutex::new(seen)) }
    }

    /// The time. Fails, from then on for ever, once the clocks have parted.
    pub fn now(&self) -> Result<Timestamp, ClockFault> {
        let reading = (self.source)();
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.fault.is_none() {
            seen.fault = parted(seen.start, reading);
            if let Some(fault) = &seen.fault {
                tracing::error!(%fault, "no time is given out any more");
            }
        }
        if let Some(fault) = seen.fault {
            return Err(fault);
        }
        // A step back within the bound is waited out at the newest time.
        seen.newest = seen.newest.max(timestamp(reading.wall));
        Ok(seen.newest)
    }

    /// The newest time that could be believed: enough to read by, never to stamp or record with.
    pub fn newest(&self) -> Timestamp {
        self.now().unwrap_or_else(|_| self.seen.lock().unwrap_or_else(PoisonError::into_inner).newest)
    }
}

/// A clock that is believed whatever it says, for tests.
impl<F: Fn() -> Timestamp + Send + Sync + 'static> From<F> for Clock {
    fn from(time: F) -> Self {
        Self::over(move || {
            let wall = Duration::from_secs(time().unix());
            Reading { wall, steady: wall }
        })
    }
}

fn parted(start: Reading, now: Reading) -> Option<ClockFault> {
    // Both as they would be had the steady clock told the time.
    let (told, expected) = (now.wall.saturating_add(start.steady), start.wall.saturating_add(now.steady));
    let (direction, by) = match told.checked_sub(expected) {
        Some(ahead) => (Direction::Ahead, ahead),
        None => (Direction::Back, expected.saturating_sub(told)),
    };
    (by > BOUND).then_some(ClockFault { direction, by })
}

/// The system's time. A clock before 1970 or after 9999 reads as 1970, which the ledger refuses as a regression.
pub fn system() -> Timestamp {
    timestamp(wall())
}

fn timestamp(wall: Duration) -> Timestamp {
    Timestamp::from_unix(wall.as_secs()).unwrap_or(Timestamp::EPOCH)
}

#[expect(clippy::disallowed_methods, reason = "the rim asks the clock and hands the time on")]
fn wall() -> Duration {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default()
}

/// Linux's monotonic clock stands still while the machine sleeps; that of the boot does not.
fn steady() -> Duration {
    #[cfg(target_os = "linux")]
    let clock = rustix::time::ClockId::Boottime;
    #[cfg(not(target_os = "linux"))]
    let clock = rustix::time::ClockId::Monotonic;
    let time = rustix::time::clock_gettime(clock);
    let (seconds, nanoseconds) = (u64::try_from(time.tv_sec), u32::try_from(time.tv_nsec));
    Duration::new(seconds.unwrap_or_default(), nanoseconds.unwrap_or_default())
}

#[cfg(test)]
mod tests;
