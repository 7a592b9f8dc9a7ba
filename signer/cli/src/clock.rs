//! The one place that asks the system for the time; everything below takes it as an argument.

use std::time::SystemTime;

use signer_core::time::Timestamp;

/// The time, in whole seconds.
#[expect(clippy::disallowed_methods, reason = "the rim of a program asks the clock and hands the time on")]
pub fn now() -> Timestamp {
    let elapsed = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_unix(elapsed.as_secs()).unwrap_or(Timestamp::EPOCH)
}
