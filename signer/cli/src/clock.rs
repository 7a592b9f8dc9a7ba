//! The one place that asks the system for the time; everything below takes it as an argument.

use std::time::SystemTime;

use signer_core::time::Timestamp;

/// The time, in whole seconds.
pub fn now() -> Timestamp {
    Timestamp::from_unix(now_ms() / 1000).unwrap_or(Timestamp::EPOCH)
}

/// The time, in milliseconds since 1970.
#[expect(clippy::disallowed_methods, reason = "the rim of a program asks the clock and hands the time on")]
pub fn now_ms() -> u64 {
    let elapsed = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX)
}
