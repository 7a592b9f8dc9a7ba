//! Answers of the newest batches, so that the ledger need not look for an earlier answer again that a request has looked
//! for already: it can only have been given since.

use std::collections::{HashSet, VecDeque};

use signer_core::digest::Digest;

use crate::signature::Unanswered;

/// Most answers remembered.
const MEMORY: usize = 16 * 1024;

/// Keys of answers that are durable, and how many events there were with each.
pub(super) struct RecentAnswers {
    keys: HashSet<Digest>,
    /// Oldest first.
    order: VecDeque<(u64, Digest)>,
    /// Every answer of a later event is here.
    since: u64,
}

impl RecentAnswers {
    /// Nothing yet, after so many events.
    pub(super) fn since(events: u64) -> Self {
        Self { keys: HashSet::new(), order: VecDeque::new(), since: events }
    }

    /// Adds an answer of a batch that ended with so many events.
    pub(super) fn add(&mut self, key: Digest, events: u64) {
        if self.order.len() >= MEMORY
            && let Some((events, oldest)) = self.order.pop_front()
        {
            self.keys.remove(&oldest);
            self.since = events;
        }
        self.order.push_back((events, key));
        self.keys.insert(key);
    }

    /// Whether there is certainly no answer to what was unanswered then.
    pub(super) fn excludes(&self, unanswered: &Unanswered) -> bool {
        unanswered.events() >= self.since && !self.keys.contains(&unanswered.digest())
    }
}

#[cfg(test)]
mod tests;
