//! The one place of the server that asks for the time.

use std::time::SystemTime;

use signer_core::time::Timestamp;

/// Where the rim and the writer get the time; tests pass a fixed one.
pub type Clock = fn() -> Timestamp;

/// The system's time. A clock before 1970 or after 9999 reads as 1970, which the ledger refuses as a regression.
#[expect(clippy::disallowed_methods, reason = "the rim asks the clock and hands the time on")]
pub fn system() -> Timestamp {
    let elapsed = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_unix(elapsed.as_secs()).unwrap_or(Timestamp::EPOCH)
}
