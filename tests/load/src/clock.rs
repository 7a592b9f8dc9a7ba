//! The time, asked at the rim.

use std::time::SystemTime;

use signer_core::time::Timestamp;

pub(crate) fn now() -> Timestamp {
    let elapsed = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_unix(elapsed.as_secs()).unwrap_or(Timestamp::EPOCH)
}
