//! Leaf hashes for a walk along the log, which asks for one after the other: a page of them is read at a time.

use signer_core::digest::Digest;
use signer_engine::store::StoreError;

use crate::store::SqliteReader;

/// Leaf hashes of one page.
const PAGE: u64 = 1024;

/// The page that was read last, of one log.
#[derive(Default)]
pub(super) struct Leaves {
    end: u64,
    page: Vec<(u64, Digest)>,
}

impl Leaves {
    /// The stored leaf hash at this place; none where the entry is gone. Places before the page are read again.
    pub(super) fn at(&mut self, log: &SqliteReader, place: u64) -> Result<Option<Digest>, StoreError> {
        let start = self.end.saturating_sub(PAGE);
        if !(start..self.end).contains(&place) {
            let start = place - place % PAGE;
            self.end = start.saturating_add(PAGE);
            self.page = log.leaf_rows(start..self.end)?;
        }
        let found = self.page.binary_search_by_key(&place, |(place, _)| *place).ok();
        Ok(found.and_then(|at| self.page.get(at)).map(|(_, leaf)| *leaf))
    }
}
