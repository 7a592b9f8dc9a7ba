//! The feed (docs/formats.md F16): every revocation with its evidence, under a head signed now.

use std::sync::{Arc, Mutex, PoisonError};

use signer_core::bundle::Bundle;
use signer_core::feed::{FeedEntry, FeedFile, FeedHead};
use signer_core::protocol::Base64;
use signer_core::reason::Code;
use signer_core::time::Timestamp;

use crate::answer::Kept;
use crate::engine::Engine;
use crate::refusal::Refusal;
use crate::store::StoreError;
use crate::store::rows::RevocationRow;

/// How long a head counts: a day. Whoever needs more haste asks more often.
pub(crate) const HEAD_LIFETIME: u64 = 86_400;

/// Entries of the feed that were put together before. Rows never change once written.
pub(crate) type FeedMemory = Mutex<Arc<Vec<Told>>>;

/// A revocation as the feed tells it.
#[derive(Clone)]
pub(crate) struct Told {
    row: RevocationRow,
    origin_is_ours: bool,
    index: u64,
    entry: FeedEntry,
}

impl Engine {
    /// The feed, as a file.
    pub fn feed_file(&self, now: Timestamp) -> Result<Vec<u8>, Refusal> {
        // First the size: what is revoked after it is not told under it.
        let entries = self.reader.newest_checkpoint()?.map_or(0, |newest| newest.size);
        let told = self.told()?;
        let told: Vec<&Told> = told.iter().take_while(|told| !told.origin_is_ours || told.index < entries).collect();
        let head = FeedHead {
            origin: self.deployment.origin.clone(),
            entries,
            records: u64::try_from(told.len()).unwrap_or(u64::MAX),
            last: told.last().map(|told| told.row.leaf),
            time: now,
            next: now.plus(HEAD_LIFETIME),
        };
        let records = told.into_iter().map(|told| told.entry.clone()).collect();
        Ok(FeedFile { head: self.authorities.feed_head(&head), records }.encode()?)
    }

    fn told(&self) -> Result<Arc<Vec<Told>>, Refusal> {
        let known = Arc::clone(&self.feed_entries.lock().unwrap_or_else(PoisonError::into_inner));
        let rows = self.reader.revocations()?;
        if rows.len() == known.len() {
            return Ok(known);
        }
        let mut told = known.as_ref().clone();
        for row in rows.into_iter().skip(known.len()) {
            told.push(self.tell(row)?);
        }
        let told = Arc::new(told);
        *self.feed_entries.lock().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&told);
        Ok(told)
    }

    /// The evidence of a revocation, from what was answered to whoever made it.
    fn tell(&self, row: RevocationRow) -> Result<Told, Refusal> {
        let lost = |table| Refusal::from(StoreError::Corrupt { table });
        let statement = self.reader.statement(&row.leaf)?.ok_or_else(|| lost("statements"))?;
        let certificate = self.reader.certificate(&statement.certificate)?.ok_or_else(|| lost("certificates"))?;
        let document = self.reader.answer(&statement.answer_key())?.ok_or_else(|| lost("answers"))?;
        let Kept::Countersigned(given) = Kept::decode(&document)? else { return Err(lost("answers")) };
        let bundle = Bundle::assemble(statement.payload, statement.signature, certificate.der, &given)?;
        let origin_is_ours = bundle.entry.checkpoint.lines().next() == Some(self.deployment.origin.as_str());
        let index = bundle.entry.index;
        let bundle = bundle.to_json().map_err(|error| Refusal::new(Code::EngineState, error))?;
        Ok(Told { row, origin_is_ours, index, entry: FeedEntry { bundle: Base64(bundle), decision: given.decision } })
    }
}
