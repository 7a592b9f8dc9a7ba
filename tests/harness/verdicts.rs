//! What a verdict says, for assertions: codes and outcomes, never prose.

use signer_core::reason::{Code, Severity};
use signer_core::verdict::{Outcome, SubjectVerdict, Verdict};

/// The codes of every subject that change the verdict, in order, each once.
pub fn codes(verdict: &Verdict) -> Vec<Code> {
    let mut codes: Vec<Code> = verdict.subjects.iter().flat_map(refusals).collect();
    codes.dedup();
    codes
}

/// The codes of one subject that change its verdict.
pub fn refusals(subject: &SubjectVerdict) -> Vec<Code> {
    let decisive = subject.reasons.iter().filter(|reason| reason.severity > Severity::Warn);
    decisive.map(|reason| reason.code).collect()
}

/// The codes of one subject that do not change its verdict.
pub fn remarks(subject: &SubjectVerdict) -> Vec<Code> {
    let remarks = subject.reasons.iter().filter(|reason| reason.severity == Severity::Warn);
    remarks.map(|reason| reason.code).collect()
}

/// The row of one object.
pub fn row<'v>(verdict: &'v Verdict, id: &str) -> &'v SubjectVerdict {
    verdict.subjects.iter().find(|subject| subject.id == id).expect("the verdict has a row of that id")
}

/// Whether everything was accepted, and there was something.
pub fn is_accepted(verdict: &Verdict) -> bool {
    let each = verdict.subjects.iter().all(|subject| subject.verdict == Outcome::Accepted);
    each && !verdict.subjects.is_empty() && verdict.verdict == Outcome::Accepted
}
