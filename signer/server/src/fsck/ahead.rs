//! Events read ahead of the walk along their chain: parsing takes longer than following.

use std::ops::Range;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::Scope;

use signer_core::canonical;
use signer_core::digest::Digest;
use signer_engine::event::{Event, MAX_EVENT};
use signer_engine::store::StoreError;
use signer_engine::store::rows::EventRow;

use crate::store::SqliteReader;

/// Rows read at once.
const PAGE: u64 = 1024;
/// Pages that wait for the walk.
const WAITING: usize = 4;

/// An event as it is stored.
pub(super) struct Found {
    /// Its place in the chain.
    pub(super) number: u64,
    /// The digest beside the document.
    pub(super) digest: Digest,
    /// What the document says; none where it is not the one of that digest.
    pub(super) event: Option<Event>,
}

/// Reads these events on a thread of its own, in order. Gives no page after the last, or after an error.
pub(super) fn events<'scope>(
    scope: &'scope Scope<'scope, '_>,
    reader: SqliteReader,
    numbers: Range<u64>,
) -> Receiver<Result<Vec<Found>, StoreError>> {
    let (send, receive) = sync_channel(WAITING);
    scope.spawn(move || {
        let Range { mut start, end } = numbers;
        while start < end {
            let page = reader.event_rows(start, PAGE.min(end.saturating_sub(start)));
            let page = page.map(|rows| rows.into_iter().take_while(|row| row.number < end).map(found).collect());
            let last = page.as_ref().ok().and_then(|page: &Vec<Found>| page.last());
            start = last.map_or(end, |last| last.number.saturating_add(1));
            // Nobody listens any more where the walk has failed.
            if send.send(page).is_err() {
                return;
            }
        }
    });
    receive
}

fn found(row: EventRow) -> Found {
    let EventRow { number, digest, document } = row;
    let is_whole = Digest::of(&document) == digest;
    let event = if is_whole { canonical::from_slice(&document, MAX_EVENT).ok() } else { None };
    Found { number, digest, event }
}
