//! V16: a feed of revocations, each of which is a statement that verifies as any other.

use super::{SKEW, Verifier};
use crate::bundle::Bundle;
use crate::feed::{Feed, FeedEntry, FeedError, FeedFile, FeedHead};
use crate::identity::{ActorClass, Purpose};
use crate::revocation::{Place, Record, Revocation};
use crate::statement::Statement;

/// A record whose evidence verified, with the number that its decision names.
pub struct FeedRecord {
    number: u64,
    record: Record,
}

/// What is said of one record, which stands at this number.
pub type VerifyRecord<'a> = dyn Fn(&FeedEntry, u64) -> Result<FeedRecord, FeedError> + Sync + 'a;

impl Verifier {
    /// Verifies a feed: its head under a log of the trust root and still current, its records complete and in order, each
    /// signed by a person and countersigned.
    pub fn feed(&self, bytes: &[u8]) -> Result<Feed, FeedError> {
        self.feed_by(bytes, |entries, verify| entries.iter().zip(1..).map(|(entry, at)| verify(entry, at)).collect())
    }

    /// The same for a caller with threads: `every` gives what is said of each record, in their order. One that left out,
    /// doubled or moved any is found out like a feed that did.
    pub fn feed_by(
        &self,
        bytes: &[u8],
        every: impl FnOnce(&[FeedEntry], &VerifyRecord<'_>) -> Vec<Result<FeedRecord, FeedError>>,
    ) -> Result<Feed, FeedError> {
        let file = FeedFile::decode(bytes)?;
        let head = self.feed_head(&file.head)?;
        let mut records: Vec<Record> = Vec::with_capacity(file.records.len());
        let said = every(&file.records, &|entry, number| self.feed_record(entry, number));
        for (said, number) in said.into_iter().zip(1..) {
            let FeedRecord { number: decided, record } = said?;
            if decided != number {
                return Err(FeedError::Order { number });
            }
            if records.last().is_some_and(|before| record.place.time < before.place.time) || !head.covers(&record.place)
            {
                return Err(FeedError::Order { number });
            }
            records.push(record);
        }
        let last = records.last().map(|record| record.leaf);
        if u64::try_from(records.len()) != Ok(head.records) || last != head.last {
            return Err(FeedError::Count { said: head.records, found: records.len() });
        }
        Ok(Feed::new(head, records))
    }

    fn feed_head(&self, note: &str) -> Result<FeedHead, FeedError> {
        let origin = FeedHead::claimed_origin(note).ok_or(FeedError::Head)?;
        let unknown = || FeedError::UnknownLog { origin: origin.to_owned() };
        let log = self.trust.log(origin).ok_or_else(unknown)?;
        let head = FeedHead::verify(note, origin, &log.key)?;
        if !log.window.contains(head.time) {
            return Err(unknown());
        }
        if head.time > self.now.plus(SKEW) {
            return Err(FeedError::Future { time: head.time, now: self.now });
        }
        if head.next <= self.now {
            return Err(FeedError::Stale { next: head.next, now: self.now });
        }
        Ok(head)
    }

    /// A decision says how many revocations there were when it was made: for the record with this number, all before it.
    fn feed_record(&self, entry: &FeedEntry, number: u64) -> Result<FeedRecord, FeedError> {
        let bundle = Bundle::from_json(&entry.bundle.0)?;
        let signed = self
            .statement(&bundle, &entry.decision.0, Purpose::Attestation)
            .map_err(|source| FeedError::Unverified { number, source: Box::new(source) })?
            .into_inner();
        let statement = Statement::<Revocation>::decode(&signed.payload)?;
        let (decision, revocation) = (&signed.countersigned.decision, statement.predicate());
        if decision.feed.checked_add(1) != Some(number) {
            return Err(FeedError::Order { number });
        }
        if signed.countersigned.leaf.leaf().identity().class != ActorClass::Person {
            return Err(FeedError::NoPerson { number });
        }
        let time = signed.countersigned.time;
        let record = Record {
            leaf: decision.leaf,
            action: revocation.action,
            cause: revocation.cause,
            selector: revocation.selector.clone(),
            place: Place { origin: decision.log.origin.clone(), index: decision.log.index, time },
        };
        Ok(FeedRecord { number, record })
    }
}
