//! What the engine answers once a request is durable.

mod kept;

use signer_core::digest::Digest;
use signer_core::protocol::{AgentRecord, CertificateIssued, Countersignature, GrantRecorded, SessionOpened};
use signer_core::time::Timestamp;

pub(crate) use kept::{Kept, signed_evidence};

/// The answer to one request, in the protocol's own types. Secrets may be inside: no `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub enum Answer {
    /// A prompt was accepted; its nonce is burnt.
    Accepted {
        /// Leaf hash of the prompt, the session's newest.
        prompt: Digest,
    },
    /// An agent is registered.
    Agent(AgentRecord),
    /// A certificate was issued.
    Certificate(CertificateIssued),
    /// A signature was countersigned.
    Countersigned(Countersignature),
    /// A session has ended.
    Ended {
        /// When.
        at: Timestamp,
    },
    /// The log has the entry already.
    EntryKnown {
        /// Where.
        index: u64,
    },
    /// The log takes nothing more.
    Frozen {
        /// Since when.
        at: Timestamp,
    },
    /// A grant was recorded.
    Grant(GrantRecorded),
    /// A person is registered.
    Person {
        /// When it was registered first.
        registered: Timestamp,
    },
    /// A session was opened.
    Session(SessionOpened),
}
