//! Answers as they are kept for repeats. A byte for the kind, then its parts, each behind its length in four bytes; there is
//! no second form of the same answer.

use signer_core::digest::Digest;
use signer_core::protocol::{Base64, CertificateIssued, Countersignature, GrantRecorded};

use super::Answer;
use crate::keys::Authorities;
use crate::store::StoreError;

const CERTIFICATE: u8 = 1;
const COUNTERSIGNED: u8 = 2;
const GRANT: u8 = 3;

/// The part of an answer that is kept for repeats: nothing in it is secret.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Kept {
    /// A certificate and its chain.
    Certificate(CertificateIssued),
    /// Token, entry and decision.
    Countersigned(Countersignature),
    /// A grant without its redemption code, which is computed anew.
    Grant {
        /// Leaf hash of the grant.
        grant: Digest,
        /// Its countersignature.
        countersignature: Countersignature,
    },
}

impl Kept {
    /// The part of an answer that is kept, if answers of its kind are.
    pub(crate) fn of(answer: &Answer) -> Option<Self> {
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

    /// The one byte form.
    pub(crate) fn encode(&self) -> Vec<u8> {
        match self {
            Self::Certificate(CertificateIssued { certificate, chain }) => {
                let parts = [certificate].into_iter().chain(chain).map(|part| part.0.as_slice());
                framed(CERTIFICATE, &parts.collect::<Vec<_>>())
            }
            Self::Countersigned(given) => framed(COUNTERSIGNED, &parts(given)),
            Self::Grant { grant, countersignature } => {
                let [token, entry, decision] = parts(countersignature);
                framed(GRANT, &[grant.as_bytes(), token, entry, decision])
            }
        }
    }

    /// Reads what [`Self::encode`] writes, and nothing else.
    pub(crate) fn decode(document: &[u8]) -> Result<Self, StoreError> {
        Self::read(document).ok_or(StoreError::Corrupt { table: "answers" })
    }

    fn read(document: &[u8]) -> Option<Self> {
        let (kind, mut rest) = document.split_first()?;
        let mut parts = Vec::with_capacity(4);
        while !rest.is_empty() {
            parts.push(part(&mut rest)?);
        }
        match (*kind, parts.as_slice()) {
            (CERTIFICATE, [certificate, chain @ ..]) => Some(Self::Certificate(CertificateIssued {
                certificate: owned(certificate),
                chain: chain.iter().map(|part| owned(part)).collect(),
            })),
            (COUNTERSIGNED, [token, entry, decision]) => {
                Some(Self::Countersigned(countersignature(token, entry, decision)))
            }
            (GRANT, [grant, token, entry, decision]) => Some(Self::Grant {
                grant: Digest::try_from(*grant).ok()?,
                countersignature: countersignature(token, entry, decision),
            }),
            _ => None,
        }
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

/// What an event says of a countersignature. Both are DER or JSON, which end themselves.
pub(crate) fn signed_evidence(token: &[u8], decision: &[u8]) -> Digest {
    Digest::of_parts(&[token, decision])
}

fn parts(given: &Countersignature) -> [&[u8]; 3] {
    [&given.token.0, &given.entry.0, &given.decision.0]
}

fn countersignature(token: &[u8], entry: &[u8], decision: &[u8]) -> Countersignature {
    // What others vouch for is kept beside the store, by whoever asked them.
    Countersignature { token: owned(token), entry: owned(entry), decision: owned(decision), foreign: None }
}

fn owned(part: &[u8]) -> Base64 {
    Base64(part.to_vec())
}

fn framed(kind: u8, parts: &[&[u8]]) -> Vec<u8> {
    let length: usize = parts.iter().map(|part| part.len().saturating_add(4)).sum();
    let mut out = Vec::with_capacity(length.saturating_add(1));
    out.push(kind);
    for part in parts {
        // INVARIANT: tokens, entries, decisions and certificates are bounded far below 4 GiB.
        out.extend_from_slice(&u32::try_from(part.len()).unwrap_or(u32::MAX).to_be_bytes());
        out.extend_from_slice(part);
    }
    out
}

fn part<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let (length, behind) = rest.split_first_chunk::<4>()?;
    let (part, behind) = behind.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)?;
    *rest = behind;
    Some(part)
}

#[cfg(test)]
mod tests;
