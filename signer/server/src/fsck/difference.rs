//! What is stored otherwise than it was recorded.

use serde::Serialize;
use signer_core::reason::{Code, Severity};

/// Most differences that are told one by one.
const MAX_TOLD: usize = 1000;

/// One row that differs.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Difference {
    /// How: altered, missing, unfounded, or not the log that was signed.
    pub code: Code,
    /// What that means.
    pub severity: Severity,
    /// Table of the row.
    pub table: &'static str,
    /// Its name: a subject, an id, a digest, a position.
    pub row: String,
    /// What differs.
    pub message: String,
    /// What to do.
    pub help: &'static str,
}

/// Every difference; those beyond a thousand are counted.
#[derive(Default, Debug)]
pub(super) struct Differences {
    told: Vec<Difference>,
    untold: u64,
}

impl Differences {
    #[expect(clippy::needless_pass_by_value, reason = "callers hand over numbers, digests and errors as they are")]
    pub(super) fn tell(&mut self, code: Code, table: &'static str, row: impl ToString, message: impl ToString) {
        if self.told.len() >= MAX_TOLD {
            self.untold = self.untold.saturating_add(1);
            return;
        }
        let (row, message) = (row.to_string(), message.to_string());
        self.told.push(Difference { code, severity: code.severity(), table, row, message, help: code.help() });
    }

    /// Takes over what was found elsewhere, and how much more.
    pub(super) fn extend(&mut self, told: Vec<Difference>, untold: u64) {
        let room = MAX_TOLD.saturating_sub(self.told.len());
        let over = u64::try_from(told.len().saturating_sub(room)).unwrap_or(u64::MAX);
        self.told.extend(told.into_iter().take(room));
        self.untold = self.untold.saturating_add(untold).saturating_add(over);
    }

    pub(super) fn into_parts(self) -> (Vec<Difference>, u64) {
        (self.told, self.untold)
    }
}
