//! Exit codes: 0 accepted or done, 1 rejected, 2 usage, 3 undetermined. Nothing else.

use std::process::ExitCode;

use signer_core::reason::{Code, Severity};
use signer_core::verdict::Outcome;

/// What a command's answer means to its caller.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Exit {
    /// Accepted, or done.
    Accepted = 0,
    /// Rejected.
    Rejected = 1,
    /// The command line makes no sense.
    Usage = 2,
    /// Could not decide; every caller treats it as failure.
    Undetermined = 3,
}

impl From<Outcome> for Exit {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Accepted => Self::Accepted,
            Outcome::Rejected => Self::Rejected,
            Outcome::Undetermined => Self::Undetermined,
        }
    }
}

impl From<Code> for Exit {
    fn from(code: Code) -> Self {
        match (code, code.severity()) {
            (Code::Usage, _) => Self::Usage,
            (_, Severity::Warn | Severity::Reject) => Self::Rejected,
            (_, Severity::Undetermined) => Self::Undetermined,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Accepted => 0,
            Exit::Rejected => 1,
            Exit::Usage => 2,
            Exit::Undetermined => 3,
        })
    }
}
