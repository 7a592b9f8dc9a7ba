//! The time, asked at the rim.

use std::time::SystemTime;

use signer_core::time::Timestamp;

/// Now.
#[expect(clippy::disallowed_methods, reason = "the rim of a binary asks the clock and hands the time on")]
pub(crate) fn now() -> Timestamp {
    let elapsed = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_unix(elapsed.as_secs()).unwrap_or(Timestamp::EPOCH)
}
