//! Freezing the log: its last batch says so, and nothing is appended after it. A rotation to another log begins here.
//!
//! Everything that changes anything is under an audit head, which is an entry; a frozen log therefore refuses every
//! change, and goes on answering what needs none: reads, and requests that were fulfilled before.

use signer_core::reason::Code;
use signer_core::time::Timestamp;

use crate::answer::Answer;
use crate::engine::Engine;
use crate::event::{EventKind, Occurrence};
use crate::prepared::{Change, Once, Prepared};
use crate::refusal::Refusal;
use crate::registry;
use crate::store::rows::Write;

impl Engine {
    /// Freezes the log for ever. The caller has checked the owner credential. A repeat gets the first answer.
    pub fn freeze_log(&self, now: Timestamp) -> Prepared {
        match self.reader.frozen() {
            Ok(None) => Prepared::change(Change {
                once: vec![Once::Freeze],
                unanswered: None,
                window: registry::from(now),
                late: Code::TimeClockRegression,
                occurrence: Occurrence {
                    kind: EventKind::Freeze,
                    subject: None,
                    session: None,
                    about: None,
                    code: None,
                },
                writes: vec![Write::Freeze { at: now }],
                answer: Answer::Frozen { at: now },
            }),
            Ok(Some(at)) => Prepared::settled(Answer::Frozen { at }),
            Err(error) => Prepared::refused(error.into()),
        }
    }
}

/// What a frozen log says to whoever wants to append.
pub(crate) fn frozen_since(at: Timestamp) -> Refusal {
    Refusal::new(Code::LogFrozen, format!("the log was frozen at {at}"))
}

#[cfg(test)]
mod tests;
