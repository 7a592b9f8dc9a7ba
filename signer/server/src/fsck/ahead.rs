//! Events read ahead of the walk along their chain: parsing takes longer than following.

use std::ops::Range;
use std::thread::Scope;

use signer_core::canonical;
use signer_core::digest::Digest;
use signer_engine::event::{Event, MAX_EVENT};
use signer_engine::store::StoreError;

use super::turns::{self, Turns};
use crate::store::SqliteReader;

/// Rows read at once.
const PAGE: u64 = 1024;

/// An event as it is stored.
pub(super) struct Found {
    /// Its place in the chain.
    pub(super) number: u64,
    /// The digest beside the document.
    pub(super) digest: Digest,
    /// What the document says; none where it is not the one of that digest.
    pub(super) event: Option<Event>,
}

/// The events below `end`, page by page.
pub(super) fn events<'scope>(scope: &'scope Scope<'scope, '_>, reader: &SqliteReader, end: u64) -> Turns<Vec<Found>> {
    turns::take(scope, reader, (end, PAGE), page)
}

fn page(reader: &SqliteReader, numbers: Range<u64>) -> Result<Vec<Found>, StoreError> {
    let mut page = Vec::new();
    reader.each_event(numbers, |number, digest, document| {
        let event = if digest == Digest::of(document).as_bytes() {
            canonical::from_slice(document, MAX_EVENT).ok()
        } else {
            None
        };
        page.push(Digest::try_from(digest).map(|digest| Found { number, digest, event }));
    })?;
    page.into_iter().collect::<Result<_, _>>().map_err(|_| StoreError::Corrupt { table: "events" })
}
