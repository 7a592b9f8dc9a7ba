//! Why a feed does not count, and why something does not stand by it.

use crate::bundle::BundleError;
use crate::canonical::CanonicalError;
use crate::checkpoint::CheckpointError;
use crate::crypto::CryptoError;
use crate::reason::{Code, Coded};
use crate::revocation::{RevocationError, Struck};
use crate::time::Timestamp;
use crate::verify::VerifyError;

use super::{MAX_BYTES, MAX_RECORDS};

/// Why a feed does not count, or what it strikes.
#[derive(Debug, thiserror::Error)]
pub enum FeedError {
    /// The authority whose token says when it was signed.
    #[error("the time authority does not count: {by}")]
    Authority {
        /// What was revoked.
        by: Struck,
    },
    /// The feed ends before what it should tell about.
    #[error("the feed tells of {entries} log entries, and is older than what was signed at index {index}")]
    Behind {
        /// Entries that the head covers.
        entries: u64,
        /// Where the signature stands.
        index: u64,
    },
    /// A record's bundle is malformed.
    #[error("a revocation's bundle is malformed")]
    Bundle(#[from] BundleError),
    /// Not canonical JSON of a feed.
    #[error("the feed is not canonical JSON of its schema")]
    Canonical(#[from] CanonicalError),
    /// Other revocations than the head says.
    #[error("the head says {said} revocations, the feed holds {found}, or they end with another")]
    Count {
        /// Number in the head.
        said: u64,
        /// Revocations found.
        found: usize,
    },
    /// The head is from the future.
    #[error("the feed was signed at {time}, which is after {now}")]
    Future {
        /// When it says it was signed.
        time: Timestamp,
        /// The verifier's time.
        now: Timestamp,
    },
    /// The head is not of its form.
    #[error("the feed's head is not of its form")]
    Head,
    /// A key that cannot be written.
    #[error(transparent)]
    Key(#[from] CryptoError),
    /// The head's note does not verify.
    #[error("the feed's head does not verify")]
    Note(#[from] CheckpointError),
    /// A revocation that no person signed.
    #[error("revocation {number} was not signed by a person")]
    NoPerson {
        /// Its number, from 1.
        number: u64,
    },
    /// Revocations that do not follow each other.
    #[error("revocation {number} was not made after those before it")]
    Order {
        /// Its number, from 1.
        number: u64,
    },
    /// A statement that is no revocation.
    #[error(transparent)]
    Revocation(#[from] RevocationError),
    /// Another schema.
    #[error("the schema is `{found}`")]
    Schema {
        /// Found.
        found: String,
    },
    /// The time for a newer one has come.
    #[error("a newer feed was to be asked for by {next}, and it is {now}")]
    Stale {
        /// From when on the feed does not count.
        next: Timestamp,
        /// The verifier's time.
        now: Timestamp,
    },
    /// Something that the signature rests on was revoked.
    #[error("{by}")]
    Struck {
        /// What was revoked.
        by: Struck,
    },
    /// Too many bytes.
    #[error("the feed has {actual} bytes, at most {MAX_BYTES} are allowed")]
    TooLarge {
        /// Bytes found.
        actual: usize,
    },
    /// Too many revocations.
    #[error("the feed holds {actual} revocations, at most {MAX_RECORDS} are allowed")]
    TooMany {
        /// Revocations found.
        actual: usize,
    },
    /// A log that the trust root does not know.
    #[error("the feed is of the log `{origin}`, which the trust root does not know")]
    UnknownLog {
        /// Its name.
        origin: String,
    },
    /// A revocation that does not verify.
    #[error("revocation {number} does not verify")]
    Unverified {
        /// Its number, from 1.
        number: u64,
        /// Why.
        #[source]
        source: Box<VerifyError>,
    },
}

impl Coded for FeedError {
    fn code(&self) -> Code {
        match self {
            Self::Authority { .. } => Code::RevokedTsa,
            Self::Behind { .. } | Self::Stale { .. } => Code::RevokedStaleList,
            Self::Struck { by } => by.code(),
            Self::Bundle(_)
            | Self::Canonical(_)
            | Self::Count { .. }
            | Self::Future { .. }
            | Self::Head
            | Self::Key(_)
            | Self::Note(_)
            | Self::NoPerson { .. }
            | Self::Order { .. }
            | Self::Revocation(_)
            | Self::Schema { .. }
            | Self::TooLarge { .. }
            | Self::TooMany { .. }
            | Self::UnknownLog { .. }
            | Self::Unverified { .. } => Code::RevokedListInvalid,
        }
    }
}
