//! Why the engine's answer did not come, or was a refusal.

use signer_core::reason::{Code, Coded, Reason};

/// Why a call to the engine failed.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The engine's address is not plain HTTP on this machine.
    #[error("`{url}` is not of the form http://127.0.0.1:PORT; other machines need a protected transport")]
    Address {
        /// What was given.
        url: String,
    },
    /// The answer is neither of the route's schema nor a problem document.
    #[error("the engine answered {route} with status {status} and a body of another form")]
    Answer {
        /// Which route.
        route: &'static str,
        /// HTTP status.
        status: u16,
    },
    /// A credential that cannot stand in a header.
    #[error("the credential is empty or not printable ASCII")]
    Credential,
    /// The engine refused.
    #[error("{}", listed(reasons))]
    Refused {
        /// HTTP status.
        status: u16,
        /// Every reason, worst first; never empty.
        reasons: Vec<Reason>,
    },
    /// The engine took the request and says nothing.
    #[error("the engine at {url} does not answer")]
    Silent {
        /// Where it is.
        url: String,
    },
    /// The request is over the limit.
    #[error("a request of {actual} bytes is over the limit")]
    TooLarge {
        /// Bytes made.
        actual: usize,
    },
    /// No connection, no answer in time, or a broken one.
    #[error("the engine at {url} cannot be reached")]
    Unreachable {
        /// Where it was looked for.
        url: String,
        /// What the connection said.
        #[source]
        source: Box<ureq::Error>,
    },
    /// The request cannot be written as JSON.
    #[error("the request cannot be written as JSON")]
    Unwritable {
        /// What the writer said.
        #[source]
        source: serde_json::Error,
    },
}

impl ClientError {
    /// Every reason: the engine's own where it refused.
    pub fn reasons(&self) -> Vec<Reason> {
        match self {
            Self::Refused { reasons, .. } => reasons.clone(),
            other => vec![other.reason()],
        }
    }
}

impl Coded for ClientError {
    fn code(&self) -> Code {
        match self {
            Self::Address { .. } => Code::EngineAddress,
            Self::Answer { .. } => Code::EngineAnswer,
            Self::Credential => Code::IssueUnauthorized,
            Self::Refused { reasons, .. } => reasons.first().map_or(Code::EngineAnswer, |reason| reason.code),
            Self::TooLarge { .. } => Code::RequestTooLarge,
            Self::Silent { .. } | Self::Unreachable { .. } => Code::EngineUnreachable,
            Self::Unwritable { .. } => Code::RequestMalformed,
        }
    }
}

fn listed(reasons: &[Reason]) -> String {
    reasons.iter().map(|reason| reason.message.as_str()).collect::<Vec<_>>().join("; ")
}
