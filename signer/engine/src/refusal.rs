//! Refusals: what a caller gets instead of evidence. The rim turns them into problem documents and nothing else.

use std::fmt;

use signer_core::reason::{Code, Coded, Reason, Severity};

/// Why a request was not fulfilled. At least one reason, worst first.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refusal {
    first: Reason,
    others: Vec<Reason>,
}

impl Refusal {
    /// A refusal with one reason.
    pub fn new(code: Code, message: impl fmt::Display) -> Self {
        Self { first: Reason::new(code, message), others: Vec::new() }
    }

    /// A refusal for a policy's reasons; a denial without reasons is still a denial.
    pub fn denied(mut reasons: Vec<Reason>) -> Self {
        reasons.sort_by_key(|reason| std::cmp::Reverse(reason.severity));
        let mut reasons = reasons.into_iter();
        let first = reasons.next().unwrap_or_else(|| Reason::new(Code::PolicyDenied, "no rule permits this"));
        Self { first, others: reasons.collect() }
    }

    /// The code of the worst reason.
    pub const fn code(&self) -> Code {
        self.first.code
    }

    /// Every reason, worst first.
    pub fn reasons(&self) -> impl Iterator<Item = &Reason> {
        std::iter::once(&self.first).chain(&self.others)
    }

    /// Whether the engine could not decide, so that the same request may succeed later.
    pub fn is_undetermined(&self) -> bool {
        self.first.severity == Severity::Undetermined
    }
}

impl<E: Coded> From<E> for Refusal {
    fn from(error: E) -> Self {
        Self { first: error.reason(), others: Vec::new() }
    }
}
