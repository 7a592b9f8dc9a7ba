//! Asking all witnesses, one checkpoint at a time: each has at most one request under way, and nobody waits for the
//! slowest once the policy is met.

use std::sync::Arc;
use std::time::Duration;

use signer_core::checkpoint::{Published, VerifierKey};
use signer_core::reason::{Code, Coded};
use signer_core::time::Timestamp;
use signer_core::witness_policy::WitnessPolicy;
use signer_engine::engine::Engine;
use tokio::sync::{Notify, mpsc, watch};
use tokio::time::Instant;
use tokio::{task, time};

use super::ask::{Door, Reply, Target};
use super::cosigned::Cosigned;
use super::error::{AskError, WitnessingError};
use super::standing::Standings;
use super::{FILE, Witnessed};
use crate::clock::Clock;
use crate::state::StateDirectory;

/// How often the log is looked at where nobody waits.
const TICK: Duration = Duration::from_secs(1);
/// How long a witness that failed is left alone; doubled each time, up to the second.
const PAUSES: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(30));
/// How far a witness's clock may be before ours, in seconds.
const SKEW: u64 = 300;

/// The task that asks.
pub(crate) struct Asking {
    policy: WitnessPolicy,
    keys: Vec<VerifierKey>,
    log: VerifierKey,
    witnesses: Vec<Asked>,
    current: Option<Current>,
    state: StateDirectory,
    clock: Clock,
    witnessed: watch::Sender<Option<Arc<Witnessed>>>,
    nudge: Arc<Notify>,
    standings: Arc<Standings>,
    cosigned: Option<Arc<Cosigned>>,
}

/// One witness as it is asked.
struct Asked {
    door: Arc<Door>,
    /// Size of the tree it is believed to be at.
    size: u64,
    is_busy: bool,
    pause: Duration,
    rests_until: Option<Instant>,
}

/// The checkpoint that is being cosigned.
struct Current {
    target: Arc<Target>,
    published: Published,
}

struct Answer {
    witness: usize,
    target: Arc<Target>,
    reply: Result<Reply, AskError>,
}

impl Asking {
    pub(super) fn new(
        policy: WitnessPolicy,
        log: VerifierKey,
        state: StateDirectory,
        clock: Clock,
        witnessed: watch::Sender<Option<Arc<Witnessed>>>,
        nudge: Arc<Notify>,
        standings: Arc<Standings>,
    ) -> Result<Self, WitnessingError> {
        let mut asked = Vec::with_capacity(policy.witnesses().len());
        for witness in policy.witnesses() {
            let door = Arc::new(Door::new(&witness.name, witness.url.as_deref())?);
            asked.push(Asked { door, size: 0, is_busy: false, pause: PAUSES.0, rests_until: None });
        }
        let keys = policy.keys();
        let cosigned = None;
        Ok(Self {
            policy,
            keys,
            log,
            witnesses: asked,
            current: None,
            state,
            clock,
            witnessed,
            nudge,
            standings,
            cosigned,
        })
    }

    /// The same, which has the very checkpoints cosigned that are wanted, and keeps them.
    pub(super) fn keeping(self, cosigned: Option<Arc<Cosigned>>) -> Self {
        Self { cosigned, ..self }
    }

    /// Asks for as long as the server runs.
    pub(crate) async fn run(mut self, engine: Arc<Engine>) {
        self.remember(&engine).await;
        let (answers, mut answered) = mpsc::channel(self.witnesses.len().max(1));
        loop {
            self.take_up(&engine).await;
            self.ask_idle(&engine, &answers);
            tokio::select! {
                Some(answer) = answered.recv() => self.hear(&engine, answer).await,
                () = self.nudge.notified() => {}
                () = time::sleep(TICK) => {}
            }
        }
    }

    /// What was witnessed before the server was restarted; an engine that does not know it is an old copy.
    async fn remember(&mut self, engine: &Arc<Engine>) {
        let Ok(bytes) = self.state.read(FILE, signer_core::checkpoint::MAX_PUBLISHED) else { return };
        let read = String::from_utf8(bytes).ok().and_then(|note| Published::verify(&note, &self.log, &self.keys).ok());
        let Some(held) = read else { return };
        if is_known(engine, &held).await && self.policy.is_met(held.cosignatures()) {
            self.witnessed.send_replace(Some(Arc::new(witnessed(&held))));
        }
    }

    /// Turns to the newest checkpoint once the current one has its quorum, or nobody is left to ask about it.
    async fn take_up(&mut self, engine: &Arc<Engine>) {
        let is_settled =
            self.current.as_ref().is_none_or(|current| self.policy.is_met(current.published.cosignatures()));
        if !is_settled && self.witnesses.iter().any(|witness| witness.is_busy) {
            return;
        }
        let published = self.witnessed.borrow().as_ref().map_or(0, |held| held.size);
        let wanted = self.cosigned.as_ref().and_then(|cosigned| cosigned.next(published));
        // One that is under way and wanted is not given up for another.
        if !is_settled && wanted.is_some() && wanted == self.current.as_ref().map(|current| current.target.size) {
            return;
        }
        let asked = Arc::clone(engine);
        let found = task::spawn_blocking(move || match wanted {
            Some(size) => asked.checkpoint_of(size),
            None => asked.checkpoint(),
        });
        let Ok(Ok(Some(note))) = found.await else { return };
        let Ok(published) = Published::verify(&note, &self.log, &self.keys) else { return };
        let size = published.checkpoint().size;
        if self.current.as_ref().is_none_or(|current| current.target.size < size) {
            self.current = Some(Current { target: Arc::new(Target { size, note }), published });
            // Where the policy asks for nobody.
            self.publish();
        }
    }

    fn ask_idle(&mut self, engine: &Arc<Engine>, answers: &mpsc::Sender<Answer>) {
        let Some(current) = &self.current else { return };
        let now = Instant::now();
        for (place, witness) in self.witnesses.iter_mut().enumerate() {
            let has_cosigned = current.published.cosignatures().iter().any(|found| found.witness == place);
            if has_cosigned || witness.is_busy || witness.rests_until.is_some_and(|until| now < until) {
                continue;
            }
            witness.is_busy = true;
            let (door, target, size) = (Arc::clone(&witness.door), Arc::clone(&current.target), witness.size);
            let (engine, origin, answers) = (Arc::clone(engine), self.log.name().to_owned(), answers.clone());
            // A reply that nobody hears any more belongs to a server that has stopped.
            let _asking = task::spawn_blocking(move || {
                let reply = door.ask(&engine, &origin, size, &target);
                let _stopped = answers.blocking_send(Answer { witness: place, target, reply });
            });
        }
    }

    async fn hear(&mut self, engine: &Arc<Engine>, answer: Answer) {
        let place = answer.witness;
        let outcome = match answer.reply {
            Err(error) => Err(error),
            Ok(Reply::Ahead { note }) => self.compare(engine, &answer.target, &note).await,
            Ok(Reply::Lines { lines }) => self.admit(place, &answer.target, &lines),
        };
        let Some(witness) = self.witnesses.get_mut(place) else { return };
        witness.is_busy = false;
        match outcome {
            Ok(time) => {
                (witness.size, witness.pause, witness.rests_until) = (answer.target.size, PAUSES.0, None);
                self.standings.cosigned(place, answer.target.size, time);
                self.publish();
            }
            Err(error) => {
                witness.rests_until = Some(Instant::now() + witness.pause);
                witness.pause = (witness.pause * 2).min(PAUSES.1);
                tracing::warn!(witness = place, error = %error.reason(), "no cosignature");
                self.standings.failed(place, error.code());
            }
        }
    }

    /// Takes a witness's cosignature, once it verified.
    fn admit(&mut self, place: usize, target: &Arc<Target>, lines: &str) -> Result<Timestamp, AskError> {
        let mut published = Published::verify(&target.note, &self.log, &[])?;
        published.admit(lines, &self.keys)?;
        let own = published.cosignatures().iter().find(|found| found.witness == place).ok_or(AskError::Missing)?;
        let time = own.time;
        if time > self.clock.newest().plus(SKEW) {
            return Err(AskError::Future);
        }
        // One that came too late is still worth having seen.
        if let Some(current) = self.current.as_mut().filter(|current| current.target.size == target.size) {
            current.published.admit(own.line(), &self.keys)?;
        }
        Ok(time)
    }

    /// A witness is ahead of us: either it shows a checkpoint of ours that we have lost, or it lies.
    async fn compare(&self, engine: &Arc<Engine>, target: &Target, note: &str) -> Result<Timestamp, AskError> {
        let shown = Published::verify(note, &self.log, &[])?;
        let size = shown.checkpoint().size;
        if size > target.size && !is_known(engine, &shown).await {
            tracing::error!(size, "a witness shows a checkpoint of this log that this engine does not know");
            return Err(AskError::Proof { size, code: Code::LogStateRegression });
        }
        Err(AskError::Unshown { size })
    }

    /// Lets readers and waiting answers have the current checkpoint, if its quorum is met.
    fn publish(&self) {
        let Some(current) = self.current.as_ref() else { return };
        if !self.policy.is_met(current.published.cosignatures()) {
            return;
        }
        let held = witnessed(&current.published);
        if let Some(Err(error)) = self.cosigned.as_ref().map(|cosigned| cosigned.keep(held.size, &held.note)) {
            tracing::error!(error = %error.reason(), "the cosigned checkpoint could not be kept, and is not released");
            return;
        }
        if let Err(error) = self.state.write(FILE, held.note.as_bytes()) {
            tracing::warn!(error = %error.reason(), "the cosigned checkpoint could not be kept");
        }
        self.witnessed.send_replace(Some(Arc::new(held)));
    }
}

fn witnessed(published: &Published) -> Witnessed {
    Witnessed { size: published.checkpoint().size, note: published.note() }
}

/// Whether the engine knows a checkpoint that its log has signed. One that does not stops recording.
async fn is_known(engine: &Arc<Engine>, shown: &Published) -> bool {
    let (engine, note) = (Arc::clone(engine), shown.log_note());
    task::spawn_blocking(move || engine.check_seen(Some(&note)).is_ok()).await.unwrap_or(false)
}
