//! Acceptance: verified *and* allowed by policy. The only maker of [`Accepted`].

use crate::decision::Decision;
use crate::reason::Reason;
use crate::verify::{SignedPrompt, Verified};

/// Something verified that a policy allowed. Made in this module only.
#[derive(Debug)]
pub struct Accepted<T> {
    subject: T,
    rules: Vec<String>,
}

/// Whoever answers whether a verified subject is acceptable: the policy of the base.
pub trait Judge<T> {
    /// The policy's answer about `subject`.
    fn judge(&self, subject: &T) -> Decision;
}

impl<T> Accepted<T> {
    /// Asks `judge`; the subject comes back inside the evidence, or the reasons against it do.
    pub fn new(verified: Verified<T>, judge: &impl Judge<T>) -> Result<Self, Vec<Reason>> {
        match judge.judge(verified.get()) {
            Decision::Allow { determining } => Ok(Self { subject: verified.into_inner(), rules: determining }),
            Decision::Deny(reasons) => Err(reasons),
        }
    }

    /// What was accepted.
    pub const fn get(&self) -> &T {
        &self.subject
    }

    /// The rules that allowed it.
    pub fn rules(&self) -> &[String] {
        &self.rules
    }
}

impl Accepted<SignedPrompt> {
    /// The text, which may reach a model now and never before.
    pub fn text(&self) -> &str {
        self.get().text()
    }
}
