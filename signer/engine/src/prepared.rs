//! What a request has become once everything was checked that needs no lock: ready for the ledger, not yet true.

use signer_core::decision::UnplacedRecord;
use signer_core::digest::Digest;
use signer_core::identity::{Name, Subject};
use signer_core::log_entry::LogEntry;
use signer_core::reason::Code;
use signer_core::time::Window;

use crate::answer::Answer;
use crate::event::Occurrence;
use crate::refusal::Refusal;
use crate::signature::Unanswered;
use crate::store::StoreError;
use crate::store::rows::Write;

/// A checked request. Only the ledger can make an answer of it.
pub struct Prepared(pub(crate) Work);

pub(crate) enum Work {
    /// State changes that log no entry of their own.
    Change(Box<Change>),
    /// A refusal, recorded in the event chain where somebody known was refused.
    Refused { refusal: Refusal, occurrence: Option<Occurrence> },
    /// Already true: nothing is written.
    Settled(Box<Answer>),
    /// A signature that becomes a log entry.
    Signing(Box<Signing>),
}

/// A change of the registry, a session or a certificate.
pub(crate) struct Change {
    /// What must not have happened before, in the order it is asked.
    pub(crate) once: Vec<Once>,
    /// The answer among them that was looked for already.
    pub(crate) unanswered: Option<Unanswered>,
    /// When it may be committed.
    pub(crate) window: Window,
    /// Why it is refused outside the window.
    pub(crate) late: Code,
    pub(crate) occurrence: Occurrence,
    pub(crate) writes: Vec<Write>,
    pub(crate) answer: Answer,
}

/// An allowed signature, complete but for its place in the log and the time.
pub(crate) struct Signing {
    /// SHA-256(signed bytes ‖ signature).
    pub(crate) key: Unanswered,
    /// When the certificate and the session are valid.
    pub(crate) window: Window,
    pub(crate) occurrence: Occurrence,
    /// Leaf hash of `body`.
    pub(crate) leaf: Digest,
    /// The canonical hashedrekord.
    pub(crate) body: Vec<u8>,
    /// The signature value, which the token stamps.
    pub(crate) signature: Vec<u8>,
    /// The decision; the ledger says where.
    pub(crate) record: UnplacedRecord,
    /// Statement, grant or prompt rows.
    pub(crate) writes: Vec<Write>,
    pub(crate) form: SigningForm,
}

/// What is answered for a signature.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum SigningForm {
    /// Token, entry and decision.
    Countersignature,
    /// The same with a redemption code.
    Grant,
    /// The same the first time; a repeat is told where the entry is.
    OpenEntry,
}

impl SigningForm {
    /// What a repeat is answered, where this was the first answer. Fails where none of its kind was kept.
    pub(crate) fn repeated(self, answer: Answer) -> Result<Answer, Refusal> {
        match (self, answer) {
            (Self::OpenEntry, Answer::Countersigned(kept)) => {
                Ok(Answer::EntryKnown { index: LogEntry::decode(&kept.entry.0)?.index })
            }
            (Self::OpenEntry, _) => Err(StoreError::Corrupt { table: "answers" }.into()),
            (Self::Countersignature | Self::Grant, answer) => Ok(answer),
        }
    }
}

/// Something that happens at most once in the life of an engine.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) enum Once {
    /// An agent's registration.
    Agent(Name),
    /// An answer, by its idempotency key.
    Answer(Digest),
    /// The freezing of the log.
    Freeze,
    /// A certificate for a key.
    Key(Digest),
    /// The acceptance of a nonce.
    Nonce(Digest),
    /// A person's registration.
    Person(Subject),
    /// The redemption of a grant.
    Redemption(Digest),
}

/// A signature that is about to be recorded, as far as a foreign time authority must vouch for it first.
pub struct Unstamped<'a> {
    /// The signature value.
    pub signature: &'a [u8],
    /// When the certificate and the session are valid.
    pub window: Window,
}

impl Prepared {
    /// What a foreign authority would stamp. None for repeats and refusals, and for what no document of ours embeds.
    pub fn unstamped(&self) -> Option<Unstamped<'_>> {
        match &self.0 {
            Work::Signing(signing) if signing.form != SigningForm::OpenEntry => {
                Some(Unstamped { signature: &signing.signature, window: signing.window })
            }
            Work::Change(_) | Work::Refused { .. } | Work::Settled(_) | Work::Signing(_) => None,
        }
    }

    pub(crate) fn change(change: Change) -> Self {
        Self(Work::Change(Box::new(change)))
    }

    pub(crate) fn signing(signing: Signing) -> Self {
        Self(Work::Signing(Box::new(signing)))
    }

    pub(crate) fn settled(answer: Answer) -> Self {
        Self(Work::Settled(Box::new(answer)))
    }

    /// A refusal of somebody unknown: answered, not recorded.
    pub(crate) const fn refused(refusal: Refusal) -> Self {
        Self(Work::Refused { refusal, occurrence: None })
    }

    /// A refusal of somebody known: answered and recorded, unless the engine merely could not decide.
    pub(crate) fn denied(refusal: Refusal, mut occurrence: Occurrence) -> Self {
        if refusal.is_undetermined() {
            return Self::refused(refusal);
        }
        occurrence.code = Some(refusal.code());
        Self(Work::Refused { refusal, occurrence: Some(occurrence) })
    }

    /// Whether the ledger will refuse it whatever else happens.
    pub const fn is_refused(&self) -> bool {
        matches!(self.0, Work::Refused { .. })
    }

    /// The answer that was looked for when the request was prepared.
    pub(crate) fn unanswered(&self) -> Option<&Unanswered> {
        match &self.0 {
            Work::Change(change) => change.unanswered.as_ref(),
            Work::Signing(signing) => Some(&signing.key),
            Work::Refused { .. } | Work::Settled(_) => None,
        }
    }

    pub(crate) fn once(&self) -> Vec<Once> {
        match &self.0 {
            Work::Change(change) => change.once.clone(),
            Work::Signing(signing) => vec![Once::Answer(signing.key.digest())],
            Work::Refused { .. } | Work::Settled(_) => Vec::new(),
        }
    }
}
