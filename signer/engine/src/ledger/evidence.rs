//! Evidence: what the ledger adds to an allowed signature once its place in the log is known.

use signer_core::crypto;
use signer_core::digest::Digest;
use signer_core::log_entry::LogEntry;
use signer_core::oid;
use signer_core::protocol::{Base64, Countersignature};
use signer_core::time::Timestamp;
use signer_core::token::Request;

use super::RecordError;
use super::admission::Item;
use crate::answer::{Answer, Kept, signed_evidence};
use crate::event::{AnswerMark, Keeping, Occurrence, Record};
use crate::keys::Authorities;
use crate::prepared::{Change, Once, Signing, SigningForm};
use crate::refusal::Refusal;
use crate::store::rows::{AnswerRow, EntryRow, Write};

/// The places of a round's entries: consecutive, in one tree.
pub(super) struct Places {
    next: u64,
    size: u64,
}

/// An item with everything but the proof.
pub(super) enum Completed {
    Change(Box<Change>),
    Denial(Refusal, Occurrence),
    Signing { signing: Box<Signing>, token: Vec<u8>, decision: Vec<u8> },
}

impl Places {
    /// Places from `first` on, in a tree that grows by `added`.
    pub(super) const fn new(first: u64, added: u64) -> Self {
        Self { next: first, size: first.saturating_add(added) }
    }

    pub(super) fn complete(
        &mut self,
        item: Item,
        now: Timestamp,
        authorities: &Authorities,
    ) -> Result<Completed, RecordError> {
        let signing = match item {
            Item::Change(change) => return Ok(Completed::Change(change)),
            Item::Denial(refusal, occurrence) => return Ok(Completed::Denial(refusal, occurrence)),
            Item::Signing(signing) => signing,
        };
        let decision = signing.record.placed(self.next, self.size)?;
        self.next = self.next.saturating_add(1);
        let token = authorities.countersignature(&Request {
            policy: oid::COUNTERSIGN_POLICY,
            imprint: &Digest::of(&signing.signature),
            time: now,
            serial: &crypto::random()?,
            decision: Some(&Digest::of(&decision)),
            nonce: None,
        })?;
        Ok(Completed::Signing { signing, token, decision })
    }
}

impl Completed {
    pub(super) const fn occurrence(&self) -> &Occurrence {
        match self {
            Self::Change(change) => &change.occurrence,
            Self::Denial(_, occurrence) => occurrence,
            Self::Signing { signing, .. } => &signing.occurrence,
        }
    }

    /// What the store keeps because of it, for the event to say.
    pub(super) fn keeping(&self) -> Keeping {
        match self {
            Self::Denial(..) => Keeping::default(),
            Self::Change(change) => {
                let kept = key_of(&change.once).zip(Kept::of(&change.answer));
                let answer = kept.map(|(key, kept)| AnswerMark { key, evidence: kept.evidence() });
                Keeping { record: Record::of(&change.writes), answer, statement: None }
            }
            Self::Signing { signing, token, decision } => {
                let answer = AnswerMark { key: signing.key.digest(), evidence: signed_evidence(token, decision) };
                let statement = signing.writes.iter().find_map(|write| match write {
                    Write::Statement(row) => Some(Digest::of(&row.payload)),
                    _ => None,
                });
                Keeping { record: None, answer: Some(answer), statement }
            }
        }
    }

    /// Whether anything leaves the engine because of it.
    pub(super) const fn is_released(&self) -> bool {
        !matches!(self, Self::Denial(..))
    }

    pub(super) const fn leaf(&self) -> Option<Digest> {
        match self {
            Self::Signing { signing, .. } => Some(signing.leaf),
            Self::Change(_) | Self::Denial(..) => None,
        }
    }

    /// The answer and the rows that make it true.
    pub(super) fn answer(
        self,
        entry: Option<LogEntry>,
        authorities: &Authorities,
        writes: &mut Vec<Write>,
    ) -> Result<Result<Answer, Refusal>, RecordError> {
        match self {
            Self::Denial(refusal, _) => Ok(Err(refusal)),
            Self::Change(change) => {
                writes.extend(change.writes);
                if let Some((key, kept)) = key_of(&change.once).zip(Kept::of(&change.answer)) {
                    writes.push(keep(key, &kept));
                }
                Ok(Ok(change.answer))
            }
            Self::Signing { signing, token, decision } => {
                let entry = entry.ok_or(RecordError::Place)?;
                let row = EntryRow { index: entry.index, leaf: signing.leaf, body: signing.body };
                writes.push(Write::Entry(row));
                writes.extend(signing.writes);
                let countersignature = Countersignature {
                    token: Base64(token),
                    entry: Base64(entry.encode()?),
                    decision: Base64(decision),
                    foreign: None,
                };
                let kept = match signing.form {
                    SigningForm::Countersignature | SigningForm::OpenEntry => Kept::Countersigned(countersignature),
                    SigningForm::Grant => Kept::Grant { grant: signing.leaf, countersignature },
                };
                writes.push(keep(signing.key.digest(), &kept));
                Ok(Ok(kept.restore(authorities)))
            }
        }
    }
}

fn key_of(once: &[Once]) -> Option<Digest> {
    once.iter().find_map(|once| if let Once::Answer(key) = once { Some(*key) } else { None })
}

fn keep(key: Digest, kept: &Kept) -> Write {
    Write::Answer(AnswerRow { key, document: kept.encode() })
}
