//! `chancery-server fsck`: is the stored log the one that was signed? Needs no credential: the log's public key is in the
//! trust root, and everything else is recomputed.
//!
//! Checked are the newest checkpoint's signature, every entry against its root, every event against the one before it,
//! and the newest audit head against the chain it signs.

use serde::Serialize;
use signer_core::canonical::{self, CanonicalError};
use signer_core::checkpoint::{Checkpoint, CheckpointError};
use signer_core::digest::Digest;
use signer_core::dsse;
use signer_core::log_entry::{self, LogError};
use signer_core::merkle;
use signer_core::reason::{Code, Coded};
use signer_core::statement::{Statement, StatementError};
use signer_core::trust_root::{self, LogKey, TrustRoot, TrustRootError};
use signer_engine::engine::MAX_PAGE;
use signer_engine::event::{ChainHead, Event};
use signer_engine::ledger::AuditHead;
use signer_engine::store::{StoreError, StoreReader};
use signer_log::{ReplayError, StoredEntry, check_entries};

use crate::failure::Failure;
use crate::state::{self, StateDirectory, StateError};
use crate::{args, store};

/// Most bytes of an event.
const MAX_EVENT: usize = 64 * 1024;

/// What was found, where everything fits.
#[derive(Debug, Serialize)]
pub struct Report {
    schema: &'static str,
    origin: String,
    entries: u64,
    root: Option<Digest>,
    events: u64,
    event_head: Digest,
}

impl Report {
    /// For people.
    pub fn text(&self) -> String {
        let root = self.root.map_or_else(|| "none".to_owned(), |root| root.to_string());
        let Self { origin, entries, events, event_head, .. } = self;
        format!(
            "log {origin}: {entries} entries lead to the signed root {root}\n{events} events, the newest {event_head}"
        )
    }
}

/// Checks the state named on the command line.
pub(crate) fn run(arguments: &args::Fsck) -> Result<Report, Failure> {
    let state = StateDirectory::open(&arguments.state).map_err(FsckError::from)?;
    let reader = store::read(state.path());
    Ok(check(&log_key(&state)?, &*reader)?)
}

fn log_key(state: &StateDirectory) -> Result<LogKey, FsckError> {
    let trust_root = TrustRoot::from_json(&state.read(state::TRUST_ROOT, trust_root::MAX_BYTES)?)?;
    trust_root.logs().first().cloned().ok_or(FsckError::NoLog)
}

/// Checks a store against the key that signed its log.
pub fn check(log: &LogKey, reader: &dyn StoreReader) -> Result<Report, FsckError> {
    // Before the entries and events: whatever it names is there, although a running engine adds more.
    let newest = reader.newest_checkpoint()?;
    let checkpoint = newest.map(|row| Checkpoint::verify(&row.note, &log.origin, &log.key)).transpose()?;
    let signed_head = match &checkpoint {
        Some(checkpoint) => audit_head(reader, checkpoint)?,
        None => None,
    };
    let entries = check_tree(reader, checkpoint.as_ref())?;
    let chain = check_events(reader, &log.origin, signed_head)?;
    Ok(Report {
        schema: "urn:chancery:fsck:v1",
        origin: log.origin.clone(),
        entries,
        root: checkpoint.map(|checkpoint| checkpoint.root),
        events: chain.count,
        event_head: chain.digest,
    })
}

/// Replays every entry. Without a checkpoint there must be none.
fn check_tree(reader: &dyn StoreReader, checkpoint: Option<&Checkpoint>) -> Result<u64, FsckError> {
    let mut failed = None;
    let bodies = pages(|start| reader.entries(start, MAX_PAGE), &mut failed).map(StoredEntry::Body);
    let unsigned = Checkpoint { origin: String::new(), size: 0, root: signer_log::root_of::<Vec<u8>>([]) };
    let replayed = check_entries(bodies, checkpoint.unwrap_or(&unsigned));
    if let Some(error) = failed {
        return Err(error.into());
    }
    let size = replayed?.size();
    if checkpoint.is_none() && size > 0 { Err(FsckError::Unsigned { entries: size }) } else { Ok(size) }
}

/// Rows page by page, until a page is empty or fails.
fn pages<'a>(
    mut page: impl FnMut(u64) -> Result<Vec<Vec<u8>>, StoreError> + 'a,
    failed: &'a mut Option<StoreError>,
) -> impl Iterator<Item = Vec<u8>> + 'a {
    let mut start = 0_u64;
    std::iter::from_fn(move || match page(start) {
        Ok(rows) if rows.is_empty() => None,
        Ok(rows) => {
            start = start.saturating_add(u64::try_from(rows.len()).unwrap_or(u64::MAX));
            Some(rows)
        }
        Err(error) => {
            *failed = Some(error);
            None
        }
    })
    .flatten()
}

/// The head under the checkpoint: the last entry of every batch.
fn audit_head(reader: &dyn StoreReader, checkpoint: &Checkpoint) -> Result<Option<AuditHead>, FsckError> {
    let Some(last) = checkpoint.size.checked_sub(1) else { return Ok(None) };
    let Some(body) = reader.entries(last, 1)?.pop() else {
        return Err(ReplayError::Missing { found: last, signed: checkpoint.size }.into());
    };
    let row = reader.statement(&merkle::leaf_hash(&body))?.ok_or(FsckError::NoHead)?;
    let digest = Digest::of(&dsse::pae(&row.payload_type, &row.payload));
    // Which certificate signed it is the entry's own word: that it was logged says enough here.
    let Err(LogError::BodyKey) = log_entry::check_body(&body, &digest, &row.signature, &[]) else {
        return Err(FsckError::NoHead);
    };
    Ok(Some(*Statement::<AuditHead>::decode(&row.payload)?.predicate()))
}

/// Follows the chain of events to its end, through the head that was signed.
fn check_events(reader: &dyn StoreReader, origin: &str, signed: Option<AuditHead>) -> Result<ChainHead, FsckError> {
    let mut chain = ChainHead::empty(origin);
    let mut failed = None;
    let mut reached = signed.is_none();
    for document in pages(|start| reader.events(start, MAX_PAGE), &mut failed) {
        let event: Event = canonical::from_slice(&document, MAX_EVENT)?;
        if event.number != chain.count || event.previous != chain.digest {
            return Err(FsckError::Chain { number: chain.count });
        }
        chain = ChainHead { count: chain.count.saturating_add(1), digest: Digest::of(&document) };
        reached |= signed.is_some_and(|head| head.events == chain.count && head.head == chain.digest);
    }
    if let Some(error) = failed {
        return Err(error.into());
    }
    if reached { Ok(chain) } else { Err(FsckError::Head { events: chain.count }) }
}

/// What does not fit.
#[derive(Debug, thiserror::Error)]
pub enum FsckError {
    /// An event does not follow from the one before.
    #[error("event {number} does not follow from the one before it")]
    Chain {
        /// Its place.
        number: u64,
    },
    /// The checkpoint is not the log's.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// An event is malformed.
    #[error("an event is malformed")]
    Event(#[from] CanonicalError),
    /// The chain does not pass through the signed head.
    #[error("the {events} stored events do not pass through the newest audit head")]
    Head {
        /// Events found.
        events: u64,
    },
    /// The newest entry is no audit head, or its statement is not the logged one.
    #[error("the newest signed entry is no audit head, or its statement is lost or altered")]
    NoHead,
    /// The trust root names no log.
    #[error("the trust root names no log")]
    NoLog,
    /// The entries are not those that were signed.
    #[error(transparent)]
    Replay(#[from] ReplayError),
    /// The state directory does not serve.
    #[error(transparent)]
    State(#[from] StateError),
    /// The audit head is malformed.
    #[error(transparent)]
    Statement(#[from] StatementError),
    /// The store fails.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The trust root is malformed.
    #[error(transparent)]
    TrustRoot(#[from] TrustRootError),
    /// Entries without a checkpoint.
    #[error("{entries} entries are stored, and no checkpoint")]
    Unsigned {
        /// How many.
        entries: u64,
    },
}

impl Coded for FsckError {
    fn code(&self) -> Code {
        match self {
            Self::Chain { .. }
            | Self::Event(_)
            | Self::Head { .. }
            | Self::NoHead
            | Self::Statement(_)
            | Self::Unsigned { .. } => Code::LogConsistency,
            Self::Checkpoint(source) => source.code(),
            Self::NoLog => Code::EngineState,
            Self::Replay(source) => source.code(),
            Self::State(source) => source.code(),
            Self::Store(source) => source.code(),
            Self::TrustRoot(source) => source.code(),
        }
    }
}

#[cfg(test)]
mod tests;
