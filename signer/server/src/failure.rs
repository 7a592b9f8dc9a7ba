//! Why a command did not do what was asked, and what that means to its caller.

use std::io;

use signer_core::reason::{Code, Coded, Reason, Severity};

/// A command that failed, with its one reason.
pub(crate) struct Failure([Reason; 1]);

impl Failure {
    /// An answer that could not be printed.
    pub(crate) fn unprinted(source: &io::Error) -> Self {
        Self([Reason::new(Code::InternalIo, format_args!("the answer could not be printed: {source}"))])
    }

    /// Every reason.
    pub(crate) const fn reasons(&self) -> &[Reason] {
        &self.0
    }

    /// 1 rejected, 2 usage, 3 undetermined.
    pub(crate) const fn exit(&self) -> u8 {
        let [reason] = &self.0;
        match (reason.code, reason.severity) {
            (Code::Usage, _) => 2,
            (_, Severity::Undetermined) => 3,
            (_, Severity::Warn | Severity::Reject) => 1,
        }
    }
}

impl<E: Coded> From<E> for Failure {
    fn from(error: E) -> Self {
        Self([error.reason()])
    }
}
