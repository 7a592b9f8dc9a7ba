//! The log's side of C2SP tlog-witness: after a batch is durable, other people's witnesses are asked to cosign its
//! checkpoint (docs/formats.md F6).
//!
//! Nothing here can lose or change what was recorded. A witness that is slow, gone or lying costs its own cosignature; the
//! policy says how many of them may be missing. What is recorded while too few answer stays recorded, and is answered once
//! they do.

mod ask;
mod cosigned;
mod error;
mod round;
mod standing;
#[cfg(test)]
mod tests;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use signer_core::checkpoint::{KeyRole, VerifierKey};
use signer_core::log_entry::LogEntry;
use signer_core::reason::Code;
use signer_core::trust_root::LogKey;
use signer_core::witness_policy::{MAX_BYTES, WitnessPolicy};
use signer_engine::answer::Answer;
use signer_engine::refusal::Refusal;
use tokio::sync::{Notify, watch};
use tokio::time;

use crate::clock::Clock;
use crate::named_file;
use crate::state::StateDirectory;

pub(crate) use cosigned::FILE as COSIGNED;
use cosigned::{Cosigned, with_checkpoint};

pub use error::WitnessingError;
pub(crate) use round::Asking;
pub(crate) use standing::{Standing, Standings};

/// How long an answer waits for its quorum; the gate lets a request last longer than that.
pub const PATIENCE: Duration = Duration::from_secs(10);
/// The newest checkpoint with a quorum; may be absent, and is then made again.
pub(crate) const FILE: &str = "witnessed.checkpoint";

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

/// The newest checkpoint that enough witnesses have cosigned.
#[derive(Debug)]
pub(crate) struct Witnessed {
    pub(crate) size: u64,
    pub(crate) note: String,
}

/// What the rim knows of the witnesses.
pub struct Witnessing {
    newest: watch::Receiver<Option<Arc<Witnessed>>>,
    nudge: Arc<Notify>,
    standings: Arc<Standings>,
    release: Release,
    publishes_witnessed_only: bool,
    cosigned: Option<Arc<Cosigned>>,
}

impl Witnessing {
    /// Prepares to ask the witnesses of a policy about this log; asking begins with [`Asking::run`].
    ///
    /// Fails where the policy names other logs and not this one, where a witness has no address on this machine, and where
    /// the log would be its own witness.
    pub(crate) fn open(
        policy: WitnessPolicy,
        release: Release,
        log: &LogKey,
        state: StateDirectory,
        clock: Clock,
    ) -> Result<(Self, Asking), WitnessingError> {
        let log = VerifierKey::new(&log.origin, KeyRole::Log, log.key.clone())?;
        if !policy.logs().is_empty() && policy.log(log.name()).is_none_or(|known| known.key != log) {
            return Err(WitnessingError::OtherLog { origin: log.name().to_owned() });
        }
        if policy.witnesses().iter().any(|witness| witness.key.key() == log.key()) {
            return Err(WitnessingError::OwnWitness);
        }
        let (witnessed, newest) = watch::channel(None);
        let nudge = Arc::new(Notify::new());
        let standings = Arc::new(Standings::of(&policy));
        let publishes_witnessed_only = policy.asks_for_witnesses();
        let cosigned = match release {
            Release::Witnessed { embeds: true, .. } => Some(Arc::new(Cosigned::open(state.path(), log.name())?)),
            Release::Witnessed { embeds: false, .. } | Release::Recorded => None,
        };
        let asking = Asking::new(policy, log, state, clock, witnessed, Arc::clone(&nudge), Arc::clone(&standings))?;
        let asking = asking.keeping(cosigned.clone());
        Ok((Self { newest, nudge, standings, release, publishes_witnessed_only, cosigned }, asking))
    }

    /// Lets an answer leave: at once, or when a quorum has cosigned a tree that holds its entry, with the cosignatures
    /// where they are embedded.
    pub(crate) async fn release(&self, answer: Answer) -> Result<Answer, Refusal> {
        // Where nobody waits, the log is looked at once in a while, and the witnesses are not asked for every batch.
        let (Release::Witnessed { patience, .. }, Some(size)) = (self.release, size_of(&answer)?) else {
            return Ok(answer);
        };
        let mut newest = self.newest.clone();
        if newest.borrow().as_ref().is_none_or(|held| held.size < size) {
            if let Some(cosigned) = &self.cosigned {
                cosigned.want(size);
            }
            self.nudge.notify_one();
        }
        let witnessed = newest.wait_for(|held| held.as_ref().is_some_and(|held| held.size >= size));
        if let Ok(Ok(_)) = time::timeout(patience, witnessed).await {
            return match &self.cosigned {
                Some(cosigned) => Ok(with_checkpoint(answer, cosigned.find(size)?)?),
                None => Ok(answer),
            };
        }
        let message = format!("no quorum has cosigned a checkpoint over {size} entries; they are recorded");
        Err(Refusal::new(Code::LogWitnessQuorum, message))
    }

    /// The checkpoint to publish where `newest` is the log's own: the newest with a quorum where the policy asks for one,
    /// and the newest with whatever cosignatures it has where it does not.
    pub(crate) fn publish(&self, newest: String) -> Result<String, Refusal> {
        let held = self.newest.borrow().clone();
        let of_newest = |held: &Arc<Witnessed>| newest.lines().nth(1) == Some(held.size.to_string().as_str());
        match held {
            Some(held) if self.publishes_witnessed_only || of_newest(&held) => Ok(held.note.clone()),
            None if self.publishes_witnessed_only => {
                Err(Refusal::new(Code::LogWitnessQuorum, "no quorum has cosigned a checkpoint yet"))
            }
            Some(_) | None => Ok(newest),
        }
    }

    /// How the witnesses do.
    pub(crate) fn standings(&self) -> Vec<Standing> {
        self.standings.list()
    }

    /// Size of the newest tree with a quorum.
    pub(crate) fn witnessed_size(&self) -> Option<u64> {
        self.newest.borrow().as_ref().map(|held| held.size)
    }
}

/// Size of the tree that an answer's entry was proven into; none where it holds no entry.
fn size_of(answer: &Answer) -> Result<Option<u64>, Refusal> {
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
    Ok(Some(LogEntry::decode(&entry.0)?.size))
}
