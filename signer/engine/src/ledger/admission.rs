//! Admission: what may have changed between preparing a request and committing it is asked again, on the one thread
//! where nothing else changes.

use std::collections::HashSet;

use signer_core::identity::Name;
use signer_core::reason::Code;
use signer_core::time::Timestamp;

use super::{Ledger, Outcome, Recorded};
use crate::answer::{Answer, Kept};
use crate::event::{EventKind, Occurrence};
use crate::freeze::frozen_since;
use crate::prepared::{Change, Once, Prepared, Signing, Work};
use crate::refusal::Refusal;
use crate::store::rows::Write;

/// One pass over a batch.
#[derive(Default)]
pub(super) struct Round {
    /// What is to be written.
    pub(super) items: Vec<(usize, Item)>,
    /// What needs no writing.
    pub(super) settled: Vec<(usize, Outcome)>,
    /// What excludes something of this round.
    pub(super) later: Vec<(usize, Prepared)>,
}

/// Something to write.
pub(super) enum Item {
    Change(Box<Change>),
    Denial(Refusal, Occurrence),
    Signing(Box<Signing>),
}

impl Item {
    /// Whether it is a revocation.
    fn revokes(&self) -> bool {
        match self {
            Self::Signing(signing) => signing.writes.iter().any(|write| matches!(write, Write::Revocation(_))),
            Self::Change(_) | Self::Denial(..) => false,
        }
    }
}

/// What admission says of one request.
enum Admission {
    Proceed(Item),
    Settled(Outcome),
}

impl Ledger {
    pub(super) fn admit(&self, waiting: Vec<(usize, Prepared)>, now: Timestamp) -> Round {
        let mut round = Round::default();
        let mut taken: HashSet<Once> = HashSet::new();
        let mut has_revoked = false;
        for (place, prepared) in waiting {
            let once = prepared.once();
            // What was decided before a revocation comes before it in the log, or is decided again.
            if has_revoked || once.iter().any(|once| taken.contains(once)) {
                round.later.push((place, prepared));
                continue;
            }
            let admission = match self.frozen {
                None => self.admit_one(prepared, now),
                Some(at) => self.admit_frozen(prepared, at),
            };
            match admission {
                Admission::Proceed(item) => {
                    has_revoked = item.revokes();
                    if !matches!(item, Item::Denial(..)) {
                        taken.extend(once);
                    }
                    round.items.push((place, item));
                }
                Admission::Settled(outcome) => round.settled.push((place, outcome)),
            }
        }
        round
    }

    fn is_behind(&self, now: Timestamp) -> bool {
        self.last_time.is_some_and(|last| now < last)
    }

    fn admit_one(&self, prepared: Prepared, now: Timestamp) -> Admission {
        let once = self.unsettled(&prepared);
        match prepared.0 {
            Work::Refused { refusal, occurrence: None } => Admission::Settled(Err(refusal)),
            Work::Settled(answer) => Admission::Settled(Ok(Recorded(*answer))),
            // INVARIANT: time never falls along the log; a denial cannot be placed either (docs/formats.md F6).
            work @ (Work::Refused { .. } | Work::Change(_) | Work::Signing(_)) if self.is_behind(now) => {
                Admission::Settled(Err(clock_regression(&work)))
            }
            Work::Refused { refusal, occurrence: Some(occurrence) } => {
                Admission::Proceed(Item::Denial(refusal, occurrence))
            }
            Work::Change(change) => match self.recheck(&once, Some(&change)) {
                Ok(Some(answer)) => Admission::Settled(Ok(Recorded(answer))),
                Ok(None) if !change.window.contains(now) => {
                    denial(Refusal::new(change.late, "its time has passed"), change.occurrence)
                }
                Ok(None) => Admission::Proceed(Item::Change(change)),
                Err(refusal) => denial(refusal, change.occurrence),
            },
            Work::Signing(signing) => match self.recheck(&once, None) {
                Ok(Some(answer)) => Admission::Settled(signing.form.repeated(answer).map(Recorded)),
                Ok(None) => match self.recheck_signing(&signing, now) {
                    Ok(()) => Admission::Proceed(Item::Signing(signing)),
                    Err(refusal) => denial(refusal, signing.occurrence),
                },
                Err(refusal) => denial(refusal, signing.occurrence),
            },
        }
    }

    /// A frozen log answers what has happened already; everything else would be an entry, denials too.
    fn admit_frozen(&self, prepared: Prepared, at: Timestamp) -> Admission {
        let once = prepared.once();
        let known = match prepared.0 {
            Work::Refused { refusal, .. } => Err(refusal),
            Work::Settled(answer) => Ok(Some(*answer)),
            Work::Change(change) => self.recheck(&once, Some(&change)),
            Work::Signing(signing) => match self.recheck(&once, None) {
                Ok(Some(answer)) => signing.form.repeated(answer).map(Some),
                other => other,
            },
        };
        Admission::Settled(known.and_then(|answer| answer.map(Recorded).ok_or_else(|| frozen_since(at))))
    }

    /// What must be asked again: an answer that was looked for is given since by recent batches or not at all.
    fn unsettled(&self, prepared: &Prepared) -> Vec<Once> {
        let mut once = prepared.once();
        if prepared.unanswered().is_some_and(|unanswered| self.recent.excludes(unanswered)) {
            once.retain(|once| !matches!(once, Once::Answer(_)));
        }
        once
    }

    fn recheck_signing(&self, signing: &Signing, now: Timestamp) -> Result<(), Refusal> {
        if !signing.window.contains(now) {
            let message = format!("the certificate or session is not valid at {now}");
            return Err(Refusal::new(Code::X509Expired, message));
        }
        if signing.record.feed() != self.memories.standing.number() {
            return Err(Refusal::new(Code::EngineSnapshot, "something was revoked since the decision was made"));
        }
        Ok(())
    }

    /// Whether each of these is still to happen. What has happened already is answered, where the answer is the same.
    fn recheck(&self, once: &[Once], change: Option<&Change>) -> Result<Option<Answer>, Refusal> {
        for once in once {
            let answer = match once {
                Once::Answer(key) => match self.reader.answer(key)? {
                    Some(document) => Some(Kept::decode(&document)?.restore(&self.authorities)),
                    None => None,
                },
                Once::Agent(name) => self.registered_agent(name, change.map(|change| &change.answer))?,
                Once::Freeze => self.frozen.map(|at| Answer::Frozen { at }),
                Once::Person(subject) => {
                    self.reader.person(subject)?.map(|row| Answer::Person { registered: row.registered })
                }
                Once::Key(_) | Once::Nonce(_) | Once::Redemption(_) => self.refuse_second(once)?,
            };
            if answer.is_some() {
                return Ok(answer);
            }
        }
        Ok(None)
    }

    /// What happens once and has no answer to repeat.
    fn refuse_second(&self, once: &Once) -> Result<Option<Answer>, Refusal> {
        let (code, message) = match once {
            Once::Key(key) if !self.memories.given.excludes(key) && self.reader.is_key_used(key)? => {
                (Code::IssueCsrKey, "a certificate was issued for this key before")
            }
            Once::Nonce(nonce) if self.reader.is_nonce_burnt(nonce)? => {
                (Code::PromptNonceUsed, "the prompt's nonce was used before")
            }
            Once::Redemption(leaf) if self.reader.grant(leaf)?.is_none_or(|row| row.redeemed.is_some()) => {
                (Code::IssueGrantRedeemed, "the grant was redeemed already")
            }
            _ => return Ok(None),
        };
        Err(Refusal::new(code, message))
    }

    fn registered_agent(&self, name: &Name, asked: Option<&Answer>) -> Result<Option<Answer>, Refusal> {
        match (self.reader.agent(name)?, asked) {
            (None, _) => Ok(None),
            (Some(known), Some(Answer::Agent(asked)))
                if known.class == asked.class && known.sponsor == asked.sponsor =>
            {
                Ok(Some(Answer::Agent(known)))
            }
            (Some(_), _) => {
                let message = format!("agent `{name}` is registered with another class or sponsor");
                Err(Refusal::new(Code::IssueExists, message))
            }
        }
    }
}

fn denial(refusal: Refusal, occurrence: Occurrence) -> Admission {
    match Prepared::denied(refusal, Occurrence { kind: EventKind::Denial, ..occurrence }).0 {
        Work::Refused { refusal, occurrence: Some(occurrence) } => {
            Admission::Proceed(Item::Denial(refusal, occurrence))
        }
        Work::Refused { refusal, occurrence: None } => Admission::Settled(Err(refusal)),
        Work::Change(_) | Work::Settled(_) | Work::Signing(_) => Admission::Settled(Err(super::unanswered())),
    }
}

fn clock_regression(work: &Work) -> Refusal {
    let code = match work {
        Work::Change(change) if change.occurrence.kind == EventKind::Issuance => Code::IssueClockRegression,
        _ => Code::TimeClockRegression,
    };
    Refusal::new(code, "the engine's clock is behind a time it has already recorded")
}
