//! The engine's shared half: everything a request needs before it reaches the ledger, on any thread.

use std::sync::{Arc, OnceLock};

use signer_core::canonical::{self, CanonicalError};
use signer_core::checkpoint::{Checkpoint, CheckpointError};
use signer_core::crypto::{self, CryptoError, Ed25519Public};
use signer_core::digest::Digest;
use signer_core::issue::LeafForm;
use signer_core::leaf::Hop;
use signer_core::merkle::{Frontier, MerkleError};
use signer_core::oid;
use signer_core::protocol::{Base64, LogEntries, Status};
use signer_core::reason::{Code, Coded};
use signer_core::statement::Statement;
use signer_core::time::Timestamp;
use signer_core::token;
use signer_log::{Log, SequenceError};
use signer_policy::PolicySet;

use crate::deployment::Deployment;
use crate::event::{ChainHead, Event, MAX_EVENT};
use crate::feed::FeedMemory;
use crate::given::Given;
use crate::keys::{Authorities, Keys};
use crate::ledger::{AuditHead, Ledger};
use crate::memory::Memory;
use crate::past_log::{self, PastLog};
use crate::published::Published;
use crate::refusal::Refusal;
use crate::session::{SessionMemory, internal};
use crate::signature::{DurableEvents, LeafMemory};
use crate::standing::Standing;
use crate::store::rows::{State, StatementRow};
use crate::store::{StoreError, StoreReader, StoreWriter};

/// Most log entries or events of one page.
pub const MAX_PAGE: u64 = 1000;

/// What requests remember and the ledger keeps true.
#[derive(Clone, Default)]
pub(crate) struct Memories {
    pub(crate) sessions: Arc<SessionMemory>,
    pub(crate) published: Arc<Published>,
    pub(crate) regression: Regression,
    pub(crate) events: Arc<DurableEvents>,
    pub(crate) given: Arc<Given>,
    pub(crate) standing: Arc<Standing>,
}

/// Prepares requests. Cheap to share behind an [`Arc`]; the ledger alone changes anything.
pub struct Engine {
    pub(crate) authorities: Arc<Authorities>,
    pub(crate) deployment: Arc<Deployment>,
    pub(crate) policy: Arc<PolicySet>,
    pub(crate) reader: Arc<dyn StoreReader>,
    pub(crate) leaves: LeafMemory,
    pub(crate) hops: Memory<Hop>,
    /// Forms of the leaves that sessions get, by session and purpose.
    pub(crate) forms: Memory<Arc<LeafForm>>,
    pub(crate) sessions: Arc<SessionMemory>,
    pub(crate) events: Arc<DurableEvents>,
    pub(crate) given: Arc<Given>,
    published: Arc<Published>,
    pub(crate) log_key: Ed25519Public,
    past_logs: Vec<PastLog>,
    pub(crate) standing: Arc<Standing>,
    pub(crate) feed_entries: FeedMemory,
    regression: Regression,
}

/// A checkpoint of ours that somebody has seen and we do not know. Once there is one, nothing is recorded any more.
pub(crate) type Regression = Arc<OnceLock<String>>;

impl Engine {
    /// Opens an engine over a store. Fails where the stored tree is not the one the newest checkpoint signs, or entries
    /// and events do not end where the state says.
    pub fn open(
        keys: Keys,
        deployment: Deployment,
        policy: PolicySet,
        reader: Arc<dyn StoreReader>,
        mut writer: Box<dyn StoreWriter>,
    ) -> Result<(Self, Ledger), OpenError> {
        let (authorities, log_key) = keys.split()?;
        let log_public = log_key.public();
        let origin = deployment.origin.clone();
        let (state, log) = match (writer.load()?, reader.newest_checkpoint()?) {
            (Some(state), Some(newest)) => {
                let frontier = Frontier::decode(&state.frontier)?;
                (state, Log::resume(origin.clone(), log_key, frontier, &newest.note)?)
            }
            (None, None) => (first_state(&origin), Log::open(origin.clone(), log_key, Frontier::new())?),
            // Denials alone leave a state without a tree.
            (Some(state), None) if Frontier::decode(&state.frontier)?.size() == 0 => {
                (state, Log::open(origin.clone(), log_key, Frontier::new())?)
            }
            (Some(_), None) | (None, Some(_)) => return Err(OpenError::Incomplete),
        };
        let past_logs = past_log::open(&*reader)?;
        // The chain of events goes on through every log, from the first.
        let first = past_logs.first().map_or(origin.as_str(), |past| past.row.origin.as_str());
        check_ends(&*reader, &state, log.size(), first)?;
        let memories = Memories::default();
        reader.revocations()?.iter().for_each(|row| memories.standing.apply(row));
        if memories.standing.number() != state.feed {
            return Err(OpenError::Revocations { recorded: state.feed });
        }
        let engine = Self {
            authorities: Arc::new(authorities),
            deployment: Arc::new(deployment),
            policy: Arc::new(policy),
            reader: Arc::clone(&reader),
            leaves: LeafMemory::default(),
            hops: Memory::default(),
            forms: Memory::default(),
            sessions: Arc::clone(&memories.sessions),
            events: Arc::clone(&memories.events),
            given: Arc::clone(&memories.given),
            published: Arc::clone(&memories.published),
            log_key: log_public,
            past_logs,
            standing: Arc::clone(&memories.standing),
            feed_entries: FeedMemory::default(),
            regression: Arc::clone(&memories.regression),
        };
        let (authorities, names) = (Arc::clone(&engine.authorities), Arc::clone(&engine.deployment));
        let policy = engine.policy.digest();
        let ledger = Ledger::new(authorities, names, log, &state, reader, writer, memories)?.under(policy)?;
        Ok((engine, ledger))
    }

    /// The fixed names of this engine.
    pub fn deployment(&self) -> &Deployment {
        &self.deployment
    }

    /// The logs that were closed before this one began, oldest first.
    pub fn past_logs(&self) -> &[PastLog] {
        &self.past_logs
    }

    /// The policy set in force.
    pub fn policy(&self) -> &PolicySet {
        &self.policy
    }

    /// The engine, at a glance.
    pub fn status(&self, version: &str) -> Result<Status, Refusal> {
        Ok(Status {
            version: version.to_owned(),
            origin: self.deployment.origin.clone(),
            checkpoint: self.checkpoint()?,
            checkpoint_time: self.checkpoint_time()?,
            trust_domain: self.deployment.trust_domain.clone(),
            policy: self.policy.digest(),
            frozen: self.reader.frozen()?,
            stopped: self.regression.get().map(|_| Code::LogStateRegression),
        })
    }

    /// The newest checkpoint; none before the first entry.
    pub fn checkpoint(&self) -> Result<Option<String>, Refusal> {
        Ok(self.reader.newest_checkpoint()?.map(|row| row.note))
    }

    /// When the newest checkpoint was signed: the last entry under it is the audit head of its batch.
    fn checkpoint_time(&self) -> Result<Option<Timestamp>, Refusal> {
        let Some(newest) = self.reader.newest_checkpoint()? else { return Ok(None) };
        let Some(leaf) = self.reader.leaves(newest.size.saturating_sub(1), 1)?.pop() else { return Ok(None) };
        let statement = self.reader.statement(&leaf)?;
        let head = statement.and_then(|row| Statement::<AuditHead>::decode(&row.payload).ok());
        Ok(head.map(|head| head.predicate().time))
    }

    /// A plain time-stamp over `message`, under `.5.0`: it says when, and nothing about any decision.
    pub fn time_stamp(&self, message: &[u8], now: Timestamp) -> Result<Vec<u8>, Refusal> {
        let authority = &self.authorities.time;
        let serial = crypto::random().map_err(internal)?;
        Ok(token::mint(&authority.key, &authority.certificate, oid::TIME_POLICY, message, now, &serial, None)?)
    }

    /// Log entries from `start`, at most [`MAX_PAGE`].
    pub fn entries(&self, start: u64, count: u64) -> Result<LogEntries, Refusal> {
        let entries = self.reader.entries(start, count.min(MAX_PAGE))?;
        Ok(LogEntries { start, entries: entries.into_iter().map(Base64).collect() })
    }

    /// Documents of the event chain from `start`, at most [`MAX_PAGE`].
    pub fn events(&self, start: u64, count: u64) -> Result<Vec<Vec<u8>>, Refusal> {
        Ok(self.reader.events(start, count.min(MAX_PAGE))?)
    }

    /// A logged statement by its leaf hash.
    pub fn logged_statement(&self, leaf: &Digest) -> Result<Option<StatementRow>, Refusal> {
        Ok(self.reader.statement(leaf)?)
    }

    /// Compares this engine with the newest checkpoint a client has seen: one we signed and no longer know means that
    /// our state is older than what we have shown (docs/formats.md F6). From then on nothing is recorded.
    pub fn check_seen(&self, seen: Option<&str>) -> Result<(), Refusal> {
        if let Some(seen) = self.regression.get() {
            return Err(regressed(seen));
        }
        let Some(note) = seen else { return Ok(()) };
        if self.published.holds(note) {
            return Ok(());
        }
        let (seen, known) = if let Some(past) = past_log::named(&self.past_logs, note) {
            past.look_up(note)?
        } else {
            // Whoever cosigned it: what counts is whether we signed it.
            let seen = Checkpoint::verify_published(note, &self.deployment.origin, &self.log_key)?;
            let known = self.reader.checkpoint(seen.size)?;
            (seen, known)
        };
        match known {
            Some(known) if known.root == seen.root => Ok(()),
            Some(_) | None => Err(regressed(self.regression.get_or_init(|| note.to_owned()))),
        }
    }
}

/// What everybody is told once the state is known to be an old copy.
pub(crate) fn regressed(seen: &str) -> Refusal {
    let size = seen.lines().nth(1).unwrap_or_default();
    let message = format!("a checkpoint over {size} entries was signed that this engine does not know");
    Refusal::new(Code::LogStateRegression, message)
}

/// Entries and events end where the state says, and the events are those of this log.
fn check_ends(reader: &dyn StoreReader, state: &State, entries: u64, origin: &str) -> Result<(), OpenError> {
    let found = reader.entries(entries.saturating_sub(1), 2)?.len();
    if found != usize::from(entries > 0) {
        return Err(OpenError::Entries { signed: entries });
    }
    let start = ChainHead::empty(origin).digest;
    let first = reader.events(0, 1)?.pop();
    let last = reader.events(state.events.saturating_sub(1), 2)?;
    let head = match last.as_slice() {
        [] => start,
        [newest] => Digest::of(newest),
        [..] => return Err(OpenError::Events { chained: state.events }),
    };
    if head != state.event_head || first.is_some() != (state.events > 0) {
        return Err(OpenError::Events { chained: state.events });
    }
    let named = first.map(|document| canonical::from_slice::<Event>(&document, MAX_EVENT)).transpose()?;
    match named {
        Some(event) if event.previous != start => Err(OpenError::OtherLog),
        Some(_) | None => Ok(()),
    }
}

fn first_state(origin: &str) -> State {
    State {
        frontier: Frontier::new().encode(),
        last_time: None,
        events: 0,
        event_head: ChainHead::empty(origin).digest,
        feed: 0,
    }
}

/// Why an engine does not start.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// A name that is no log's.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The log's entries do not end where the signed tree does.
    #[error("the stored entries do not end at the {signed} that were signed")]
    Entries {
        /// Entries of the signed tree.
        signed: u64,
    },
    /// The first event is malformed.
    #[error("an event is malformed")]
    Event(#[from] CanonicalError),
    /// The events do not end where the state says.
    #[error("the stored events do not end at the {chained} that were chained")]
    Events {
        /// Events of the chain.
        chained: u64,
    },
    /// State without a checkpoint, or a checkpoint without state.
    #[error("the store holds a tree without a checkpoint, or a checkpoint without a tree")]
    Incomplete,
    /// A key that cannot be used.
    #[error("a key of the engine cannot be used")]
    Key(#[from] CryptoError),
    /// The stored edge is malformed.
    #[error(transparent)]
    Merkle(#[from] MerkleError),
    /// The events are another log's.
    #[error("the stored events are another log's")]
    OtherLog,
    /// The stored tree is not the one that was signed.
    #[error(transparent)]
    Sequence(#[from] SequenceError),
    /// The revocations are not as many as the state says.
    #[error("the store does not hold the {recorded} revocations that were recorded")]
    Revocations {
        /// Revocations of the state.
        recorded: u64,
    },
    /// The store fails.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Coded for OpenError {
    fn code(&self) -> Code {
        match self {
            Self::Checkpoint(source) => source.code(),
            Self::Entries { .. }
            | Self::Event(_)
            | Self::Events { .. }
            | Self::Incomplete
            | Self::Key(_)
            | Self::Revocations { .. } => Code::EngineState,
            Self::OtherLog => Code::LogOriginMismatch,
            Self::Merkle(source) => source.code(),
            Self::Sequence(source) => source.code(),
            Self::Store(source) => source.code(),
        }
    }
}
