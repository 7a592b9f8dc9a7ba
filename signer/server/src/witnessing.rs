//! The log's side of C2SP tlog-witness: after a batch is durable, other people's witnesses are asked to cosign its
//! checkpoint (docs/formats.md F6).
//!
//! Nothing here can lose or change what was recorded. A witness that is slow, gone or lying costs its own cosignature; the
//! policy says how many of them may be missing. What is recorded while too few answer stays recorded, and is answered once
//! they do. The end of a log that was closed is brought to them like the newest checkpoint of the one in force.

mod ask;
mod cosigned;
mod error;
mod followed;
mod round;
mod standing;
#[cfg(test)]
mod tests;
mod turn;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use signer_core::checkpoint::{KeyRole, VerifierKey, claimed_origin};
use signer_core::log_entry::LogEntry;
use signer_core::reason::Code;
use signer_core::witness_policy::{MAX_BYTES, WitnessPolicy};
use signer_engine::answer::Answer;
use signer_engine::past_log::WrittenLog;
use signer_engine::refusal::Refusal;
use tokio::sync::{Notify, watch};

use crate::clock::Clock;
use crate::named_file;

use cosigned::{Cosigned, with_checkpoint};
pub(crate) use cosigned::{FILE as COSIGNED, embed_nothing};

pub use error::WitnessingError;
use followed::{Followed, Witnessed};
pub(crate) use round::Asking;
use round::Matter;
pub(crate) use standing::{Standing, Standings};

/// How long an answer waits for its quorum; the gate lets a request last longer than that.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// Reads a policy from a file.
pub(crate) fn read_policy(path: &Path) -> Result<WitnessPolicy, WitnessingError> {
    Ok(WitnessPolicy::parse(&named_file::text(path, MAX_BYTES)?)?)
}

/// Whether an answer waits until its entry was witnessed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Release {
    /// Answers leave when they are durable.
    Recorded,
    /// Answers leave when a quorum has cosigned a tree that holds them, or are refused after this time.
    Witnessed {
        /// How long they wait.
        patience: Duration,
        /// Whether they carry the cosignatures: then the very checkpoint of each is cosigned.
        embeds: bool,
    },
}

/// How far the witnesses are with a log that was closed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub(crate) struct ClosedLog {
    pub(crate) origin: String,
    /// Its entries.
    pub(crate) size: u64,
    /// Size of its newest tree with a quorum.
    pub(crate) witnessed: Option<u64>,
}

/// What the rim knows of the witnesses.
pub struct Witnessing {
    current: Followed,
    closed: Vec<Followed>,
    standings: Arc<Standings>,
    release: Release,
    publishes_witnessed_only: bool,
    cosigned: Arc<Cosigned>,
}

impl Witnessing {
    /// Prepares to ask the witnesses of a policy about this log and those that were closed before it; asking begins with
    /// [`Asking::run`], of each log on its own. Cosignatures are kept in the directory `state`.
    ///
    /// Fails where the policy names other logs and not this one, where a witness has no address on this machine, and where
    /// a log would be its own witness. A closed log that the policy does not name is not asked about.
    pub(crate) fn open(
        policy: &WitnessPolicy,
        release: Release,
        (log, closed): (WrittenLog, Vec<WrittenLog>),
        state: &Path,
        clock: &Clock,
    ) -> Result<(Self, Vec<Asking>), WitnessingError> {
        if !names(policy, &log)? {
            return Err(WitnessingError::OtherLog { origin: log.origin });
        }
        let cosigned = Arc::new(Cosigned::open(state)?);
        let standings = Arc::new(Standings::of(policy));
        let mut asking = Vec::with_capacity(closed.len().saturating_add(1));
        let mut follow = |log: WrittenLog, standings: Arc<Standings>| {
            let (followed, matter) = follow(log, release, &cosigned)?;
            if names(policy, &followed.log)? {
                asking.push(Asking::new(policy.clone(), matter, clock.clone(), standings, Arc::clone(&cosigned))?);
            } else {
                tracing::warn!(origin = followed.log.origin, "the witness policy does not name this closed log");
            }
            Ok::<_, WitnessingError>(followed)
        };
        let current = follow(log, Arc::clone(&standings))?;
        // The operator is shown how the witnesses do with the log in force.
        let closed =
            closed.into_iter().map(|log| follow(log, Arc::new(Standings::of(policy)))).collect::<Result<_, _>>()?;
        let publishes_witnessed_only = policy.asks_for_witnesses();
        Ok((Self { current, closed, standings, release, publishes_witnessed_only, cosigned }, asking))
    }

    /// Lets an answer leave: at once, or when a quorum has cosigned a tree that holds its entry, with the cosignatures of
    /// the very checkpoint it ends in where they are embedded.
    pub(crate) async fn release(&self, answer: Answer) -> Result<Answer, Refusal> {
        // Where nobody waits, the log is looked at once in a while, and the witnesses are not asked for every batch.
        let (Release::Witnessed { patience, .. }, Some(entry)) = (self.release, entry_of(&answer)?) else {
            return Ok(answer);
        };
        let unmet = || {
            let message = format!("no quorum has cosigned a checkpoint over {} entries; they are recorded", entry.size);
            Refusal::new(Code::LogWitnessQuorum, message)
        };
        let followed = claimed_origin(&entry.checkpoint).and_then(|origin| self.followed(origin)).ok_or_else(unmet)?;
        if !followed.reaches(entry.size, patience).await {
            return Err(unmet());
        }
        let Some(since) = followed.embeds_above else { return Ok(answer) };
        match self.cosigned.find(&followed.log.origin, entry.size)? {
            Some(note) => with_checkpoint(answer, note),
            // It left without before cosignatures were embedded.
            None if entry.size <= since => Ok(answer),
            None => Err(unmet()),
        }
    }

    /// The checkpoint to publish where `newest` is the log's own: the newest with a quorum where the policy asks for one,
    /// and the newest with whatever cosignatures it has where it does not.
    pub(crate) fn publish(&self, newest: String) -> Result<String, Refusal> {
        match self.current.newest() {
            Some(held) if self.publishes_witnessed_only || is_of(&held, &newest) => Ok(held.note.clone()),
            None if self.publishes_witnessed_only => {
                Err(Refusal::new(Code::LogWitnessQuorum, "no quorum has cosigned a checkpoint yet"))
            }
            Some(_) | None => Ok(newest),
        }
    }

    /// The last checkpoint of a closed log, with the cosignatures it has.
    pub(crate) fn publish_closed(&self, origin: &str, last: String) -> String {
        let held = self.followed(origin).and_then(Followed::newest).filter(|held| is_of(held, &last));
        held.map_or(last, |held| held.note.clone())
    }

    /// How the witnesses do.
    pub(crate) fn standings(&self) -> Vec<Standing> {
        self.standings.list()
    }

    /// Size of the newest tree with a quorum.
    pub(crate) fn witnessed_size(&self) -> Option<u64> {
        self.current.newest().map(|held| held.size)
    }

    /// How far the closed logs are, oldest first.
    pub(crate) fn closed(&self) -> Vec<ClosedLog> {
        let closed = self.closed.iter().map(|followed| ClosedLog {
            origin: followed.log.origin.clone(),
            size: followed.log.end.unwrap_or_default(),
            witnessed: followed.newest().map(|held| held.size),
        });
        closed.collect()
    }

    fn followed(&self, origin: &str) -> Option<&Followed> {
        std::iter::once(&self.current).chain(&self.closed).find(|followed| followed.log.origin == origin)
    }
}

/// Whether a policy is about this log. Fails where the log would be its own witness.
fn names(policy: &WitnessPolicy, log: &WrittenLog) -> Result<bool, WitnessingError> {
    if policy.witnesses().iter().any(|witness| *witness.key.key() == log.key) {
        return Err(WitnessingError::OwnWitness);
    }
    let key = verifier_key(log)?;
    Ok(policy.logs().is_empty() || policy.log(&log.origin).is_some_and(|known| known.key == key))
}

/// The two ends of what is known of one log: the rim's, and that of the task that asks.
fn follow(log: WrittenLog, release: Release, cosigned: &Cosigned) -> Result<(Followed, Matter), WitnessingError> {
    let embeds_above = match release {
        Release::Witnessed { embeds: true, .. } => {
            let size = log.reader.newest_checkpoint()?.map_or(0, |row| row.size);
            Some(cosigned.embeds_above(&log.origin, size)?)
        }
        Release::Witnessed { embeds: false, .. } | Release::Recorded => None,
    };
    let (witnessed, newest) = watch::channel(None);
    let nudge = Arc::new(Notify::new());
    let matter =
        Matter { key: verifier_key(&log)?, log: log.clone(), embeds_above, witnessed, nudge: Arc::clone(&nudge) };
    Ok((Followed { log, newest, nudge, embeds_above }, matter))
}

fn verifier_key(log: &WrittenLog) -> Result<VerifierKey, WitnessingError> {
    Ok(VerifierKey::new(&log.origin, KeyRole::Log, log.key.clone())?)
}

/// Whether what was witnessed is this checkpoint.
fn is_of(held: &Witnessed, note: &str) -> bool {
    note.lines().nth(1) == Some(held.size.to_string().as_str())
}

/// The entry that an answer holds, if it holds one.
fn entry_of(answer: &Answer) -> Result<Option<LogEntry>, Refusal> {
    let entry = match answer {
        Answer::Countersigned(countersignature) => &countersignature.entry,
        Answer::Grant(recorded) => &recorded.countersignature.entry,
        Answer::Accepted { .. }
        | Answer::Agent(_)
        | Answer::Certificate(_)
        | Answer::Ended { .. }
        | Answer::EntryKnown { .. }
        | Answer::Frozen { .. }
        | Answer::Person { .. }
        | Answer::Session(_) => return Ok(None),
    };
    Ok(Some(LogEntry::decode(&entry.0)?))
}
