//! Evidence: what the ledger adds to an allowed signature once its place in the log is known.

use signer_core::crypto;
use signer_core::decision::LogPosition;
use signer_core::digest::Digest;
use signer_core::log_entry::LogEntry;
use signer_core::oid;
use signer_core::protocol::{Base64, Countersignature, GrantRecorded};
use signer_core::time::Timestamp;
use signer_core::token;

use super::RecordError;
use super::admission::Item;
use crate::answer::{Answer, Kept};
use crate::event::{AnswerMark, Keeping, Occurrence, Record};
use crate::keys::Authorities;
use crate::prepared::{Change, Once, Signing, SigningForm};
use crate::refusal::Refusal;
use crate::store::StoreError;
use crate::store::rows::{AnswerRow, EntryRow, Write};

/// The places of a round's entries: consecutive, in one tree.
pub(super) struct Places {
    next: LogPosition,
}

/// An item with everything but the proof.
pub(super) enum Completed {
    Change(Box<Change>),
    Denial(Refusal, Occurrence),
    Signing { signing: Box<Signing>, token: Vec<u8>, decision: Vec<u8> },
}

impl Places {
    /// Places from `first` on, in a tree that grows by `added`.
    pub(super) fn new(origin: &str, first: u64, added: u64) -> Self {
        Self { next: LogPosition { origin: origin.to_owned(), index: first, size: first.saturating_add(added) } }
    }

    pub(super) fn complete(
        &mut self,
        item: Item,
        now: Timestamp,
        authorities: &Authorities,
    ) -> Result<Completed, RecordError> {
        let mut signing = match item {
            Item::Change(change) => return Ok(Completed::Change(change)),
            Item::Denial(refusal, occurrence) => return Ok(Completed::Denial(refusal, occurrence)),
            Item::Signing(signing) => signing,
        };
        signing.record.log = self.next.clone();
        self.next.index = self.next.index.saturating_add(1);
        let decision = signing.record.encode()?;
        let authority = &authorities.countersign;
        let token = token::mint(
            &authority.key,
            &authority.certificate,
            oid::COUNTERSIGN_POLICY,
            &signing.signature,
            now,
            &crypto::random()?,
            Some(&Digest::of(&decision)),
        )?;
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
                let answer = AnswerMark { key: signing.key, evidence: signed_evidence(token, decision) };
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
                    writes.push(keep(key, &kept)?);
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
                };
                let kept = match signing.form {
                    SigningForm::Countersignature | SigningForm::OpenEntry => Kept::Countersigned(countersignature),
                    SigningForm::Grant => Kept::Grant { grant: signing.leaf, countersignature },
                };
                writes.push(keep(signing.key, &kept)?);
                Ok(Ok(kept.restore(authorities)))
            }
        }
    }
}

impl Kept {
    /// The part of an answer that is kept, if answers of its kind are.
    fn of(answer: &Answer) -> Option<Self> {
        match answer {
            Answer::Certificate(issued) => Some(Self::Certificate(issued.clone())),
            Answer::Countersigned(countersignature) => Some(Self::Countersigned(countersignature.clone())),
            Answer::Grant(recorded) => {
                Some(Self::Grant { grant: recorded.grant, countersignature: recorded.countersignature.clone() })
            }
            Answer::Accepted { .. }
            | Answer::Agent(_)
            | Answer::Ended { .. }
            | Answer::EntryKnown { .. }
            | Answer::Frozen { .. }
            | Answer::Person { .. }
            | Answer::Session(_) => None,
        }
    }

    /// What the event says of it.
    pub(crate) fn evidence(&self) -> Digest {
        match self {
            Self::Certificate(issued) => {
                let chain = issued.chain.iter().map(|authority| authority.0.as_slice());
                Digest::of_parts(&[issued.certificate.0.as_slice()].into_iter().chain(chain).collect::<Vec<_>>())
            }
            Self::Countersigned(given) | Self::Grant { countersignature: given, .. } => {
                signed_evidence(&given.token.0, &given.decision.0)
            }
        }
    }

    /// Reads what [`Completed::answer`] kept.
    pub(crate) fn decode(document: &[u8]) -> Result<Self, StoreError> {
        serde_json::from_slice(document).map_err(|_| StoreError::Corrupt { table: "answers" })
    }

    /// The whole answer, the same bytes each time.
    pub(crate) fn restore(self, authorities: &Authorities) -> Answer {
        match self {
            Self::Certificate(issued) => Answer::Certificate(issued),
            Self::Countersigned(countersignature) => Answer::Countersigned(countersignature),
            Self::Grant { grant, countersignature } => {
                let redemption = authorities.redemption_code(&grant);
                Answer::Grant(GrantRecorded { grant, redemption, countersignature })
            }
        }
    }
}

/// Both are DER or JSON, which end themselves.
fn signed_evidence(token: &[u8], decision: &[u8]) -> Digest {
    Digest::of_parts(&[token, decision])
}

fn key_of(once: &[Once]) -> Option<Digest> {
    once.iter().find_map(|once| if let Once::Answer(key) = once { Some(*key) } else { None })
}

fn keep(key: Digest, kept: &Kept) -> Result<Write, RecordError> {
    let document = serde_json::to_vec(kept).map_err(|source| RecordError::Answer { source })?;
    Ok(Write::Answer(AnswerRow { key, document }))
}
