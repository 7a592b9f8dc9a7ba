//! Revocations as recorded, and what stands in spite of them.

use std::collections::{BTreeSet, HashMap};

use crate::digest::Digest;
use crate::reason::{Code, Coded};
use crate::time::Timestamp;

use super::{Action, Cause, Chain, Selector, SelectorKind};

/// Where something stands: within one log the index decides, between two logs the authenticated time.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Place {
    /// Name of the log.
    pub origin: String,
    /// Index in it.
    pub index: u64,
    /// Authenticated time.
    pub time: Timestamp,
}

impl Place {
    /// Whether this stands behind `other`.
    fn is_behind(&self, other: &Self) -> bool {
        if self.origin == other.origin { self.index > other.index } else { self.time >= other.time }
    }
}

/// A recorded revocation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Record {
    /// Leaf hash of the statement's entry.
    pub leaf: Digest,
    /// What it does.
    pub action: Action,
    /// Why.
    pub cause: Cause,
    /// What it names.
    pub selector: Selector,
    /// Where it was logged.
    pub place: Place,
}

/// Why something does not stand: what was revoked, and by which record.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{selector}` {} ({cause})", said(*.action))]
pub struct Struck {
    /// What is named.
    pub selector: Selector,
    /// Whether it was held or revoked.
    pub action: Action,
    /// Why.
    pub cause: Cause,
    /// Index of the revocation's entry, where it is known.
    pub index: Option<u64>,
}

const fn said(action: Action) -> &'static str {
    match action {
        Action::Hold => "is held",
        Action::Release => "is released",
        Action::Revoke => "was revoked",
    }
}

impl Coded for Struck {
    fn code(&self) -> Code {
        match (self.cause, self.selector.kind()) {
            (Cause::KeyCompromise, _) => Code::RevokedKeyCompromise,
            (_, SelectorKind::Leaf) => Code::RevokedLeaf,
            (_, SelectorKind::Certificate | SelectorKind::Key) => Code::RevokedCertificate,
            (_, SelectorKind::Grant) => Code::RevokedGrant,
            (_, SelectorKind::Repository) => Code::RevokedRepository,
            (
                _,
                SelectorKind::Session
                | SelectorKind::Agent
                | SelectorKind::Class
                | SelectorKind::Model
                | SelectorKind::Sponsor,
            ) => Code::RevokedIdentity,
        }
    }
}

/// All revocations in their order, found by what they name.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Records {
    all: Vec<Record>,
    by_name: HashMap<Selector, Vec<usize>>,
}

impl Records {
    /// Takes all there are, in their order.
    pub fn new(all: Vec<Record>) -> Self {
        let mut by_name: HashMap<Selector, Vec<usize>> = HashMap::new();
        for (at, record) in all.iter().enumerate() {
            by_name.entry(record.selector.clone()).or_default().push(at);
        }
        Self { all, by_name }
    }

    /// Whether nothing was ever revoked.
    pub const fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// What strikes something that rests on `chain` and was logged at `place`.
    ///
    /// A revocation strikes what is behind it, a hold what is behind it and not behind its release; a compromised key
    /// strikes everything (attack TIME-26).
    pub fn struck(&self, chain: &Chain, place: &Place) -> Option<Struck> {
        // In their order; a chain may rest on one thing twice.
        let named: BTreeSet<_> =
            chain.names().iter().filter_map(|name| self.by_name.get(name)).flatten().copied().collect();
        let mut held: Vec<&Record> = Vec::new();
        for record in named.into_iter().filter_map(|at| self.all.get(at)) {
            let counts = record.cause == Cause::KeyCompromise || place.is_behind(&record.place);
            match record.action {
                _ if !counts => {}
                Action::Revoke => return Some(Struck::by(record)),
                Action::Hold => held.push(record),
                Action::Release => held.retain(|hold| hold.selector != record.selector),
            }
        }
        held.first().map(|record| Struck::by(record))
    }
}

impl Struck {
    fn by(record: &Record) -> Self {
        Self {
            selector: record.selector.clone(),
            action: record.action,
            cause: record.cause,
            index: Some(record.place.index),
        }
    }
}
