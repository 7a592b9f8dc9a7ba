//! Asking all witnesses about one log, one checkpoint at a time: each has at most one request under way, and nobody waits
//! for the slowest once the policy is met.

use std::sync::Arc;
use std::time::Duration;

use signer_core::checkpoint::{Published, VerifierKey};
use signer_core::reason::{Code, Coded};
use signer_core::time::Timestamp;
use signer_core::witness_policy::WitnessPolicy;
use signer_engine::engine::Engine;
use signer_engine::past_log::WrittenLog;
use tokio::sync::{Notify, mpsc, watch};
use tokio::time::Instant;
use tokio::{task, time};

use super::ask::{Door, Reply, Target};
use super::cosigned::{Cosigned, Use};
use super::error::{AskError, WitnessingError};
use super::followed::Witnessed;
use super::standing::Standings;
use super::turn;
use crate::clock::Clock;

/// How often the log is looked at where nobody waits.
const TICK: Duration = Duration::from_secs(1);
/// How long a witness that failed is left alone; doubled each time, up to the second.
const PAUSES: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(30));
/// How far a witness's clock may be before ours, in seconds.
const SKEW: u64 = 300;

/// The log that is asked about, and who is told.
pub(super) struct Matter {
    pub(super) key: VerifierKey,
    pub(super) log: WrittenLog,
    /// The size above which every answer carries the cosignatures of its own checkpoint; none where none does.
    pub(super) embeds_above: Option<u64>,
    pub(super) witnessed: watch::Sender<Option<Arc<Witnessed>>>,
    pub(super) nudge: Arc<Notify>,
}

/// The task that asks.
pub(crate) struct Asking {
    policy: WitnessPolicy,
    keys: Vec<VerifierKey>,
    matter: Matter,
    witnesses: Vec<Asked>,
    current: Option<Current>,
    clock: Clock,
    standings: Arc<Standings>,
    cosigned: Arc<Cosigned>,
    /// Up to which size no answer waits for cosignatures of its own.
    free: u64,
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
        matter: Matter,
        clock: Clock,
        standings: Arc<Standings>,
        cosigned: Arc<Cosigned>,
    ) -> Result<Self, WitnessingError> {
        let mut witnesses = Vec::with_capacity(policy.witnesses().len());
        for witness in policy.witnesses() {
            let door = Arc::new(Door::new(&witness.name, witness.url.as_deref())?);
            witnesses.push(Asked { door, size: 0, is_busy: false, pause: PAUSES.0, rests_until: None });
        }
        let (keys, free) = (policy.keys(), matter.embeds_above.unwrap_or_default());
        Ok(Self { policy, keys, matter, witnesses, current: None, clock, standings, cosigned, free })
    }

    /// Asks for as long as the server runs, and about a closed log until its end has its quorum.
    pub(crate) async fn run(mut self, engine: Arc<Engine>) {
        self.remember(&engine).await;
        let (answers, mut answered) = mpsc::channel(self.witnesses.len().max(1));
        while self.matter.log.end.is_none_or(|end| self.reached() < end) {
            self.take_up().await;
            self.ask_idle(&answers);
            tokio::select! {
                Some(answer) = answered.recv() => self.hear(&engine, answer).await,
                () = self.matter.nudge.notified() => {}
                () = time::sleep(TICK) => {}
            }
        }
    }

    /// What was witnessed before the server was restarted; an engine that does not know it is an old copy.
    async fn remember(&mut self, engine: &Arc<Engine>) {
        let Ok(Some(note)) = self.cosigned.newest(self.matter.key.name()) else { return };
        let Ok(held) = Published::verify(&note, &self.matter.key, &self.keys) else { return };
        if self.is_known(engine, &held).await && self.policy.is_met(held.cosignatures()) {
            self.matter.witnessed.send_replace(Some(Arc::new(witnessed(&held))));
        }
    }

    /// Turns to the next checkpoint once the current one has its quorum, or nobody is left to ask about it.
    async fn take_up(&mut self) {
        let is_met = |current: &Current| self.policy.is_met(current.published.cosignatures());
        let is_settled = self.current.as_ref().is_none_or(is_met);
        if self.current.as_ref().is_some_and(|current| is_settled && self.reached() < current.target.size) {
            // It could not be kept, and is not passed over.
            self.publish();
        }
        if !is_settled && self.witnesses.iter().any(|witness| witness.is_busy) {
            return;
        }
        let reader = Arc::clone(&self.matter.log.reader);
        let free = self.matter.embeds_above.map(|_| self.free.max(self.reached()));
        let found = task::spawn_blocking(move || match free {
            Some(free) => turn::in_order(&*reader, free),
            None => turn::newest(&*reader),
        });
        let Ok(Ok(turn)) = found.await else { return };
        self.free = turn.free;
        let Some(row) = turn.row else { return };
        let Ok(published) = Published::verify(&row.note, &self.matter.key, &self.keys) else { return };
        let size = published.checkpoint().size;
        if self.current.as_ref().is_none_or(|current| current.target.size < size) {
            self.current = Some(Current { target: Arc::new(Target { size, note: row.note }), published });
            // Where the policy asks for nobody.
            self.publish();
        }
    }

    /// Size of the newest tree that was released.
    fn reached(&self) -> u64 {
        self.matter.witnessed.borrow().as_ref().map_or(0, |held| held.size)
    }

    fn ask_idle(&mut self, answers: &mpsc::Sender<Answer>) {
        let Some(current) = &self.current else { return };
        let now = Instant::now();
        for (place, witness) in self.witnesses.iter_mut().enumerate() {
            let has_cosigned = current.published.cosignatures().iter().any(|found| found.witness == place);
            if has_cosigned || witness.is_busy || witness.rests_until.is_some_and(|until| now < until) {
                continue;
            }
            witness.is_busy = true;
            let (door, target, size) = (Arc::clone(&witness.door), Arc::clone(&current.target), witness.size);
            let (log, answers) = (self.matter.log.clone(), answers.clone());
            // A reply that nobody hears any more belongs to a server that has stopped.
            let _asking = task::spawn_blocking(move || {
                let reply = door.ask(&*log.reader, &log.origin, size, &target);
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
        let mut published = Published::verify(&target.note, &self.matter.key, &[])?;
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
        let shown = Published::verify(note, &self.matter.key, &[])?;
        let size = shown.checkpoint().size;
        if size > target.size && !self.is_known(engine, &shown).await {
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
        let is_embedded = self.matter.embeds_above.is_some_and(|since| since < held.size);
        let used = if is_embedded { Use::Embedded } else { Use::Published };
        if let Err(error) = self.cosigned.keep(self.matter.key.name(), held.size, &held.note, used) {
            tracing::error!(error = %error.reason(), "a cosigned checkpoint could not be kept");
            if is_embedded {
                return;
            }
        }
        self.matter.witnessed.send_replace(Some(Arc::new(held)));
    }

    /// Whether this is a checkpoint of ours. One that the engine has signed and does not know stops recording; a closed
    /// log's stops nobody, as nothing is recorded in it any more.
    async fn is_known(&self, engine: &Arc<Engine>, shown: &Published) -> bool {
        if self.matter.log.end.is_some() {
            let held = self.matter.log.reader.checkpoint(shown.checkpoint().size);
            return held.is_ok_and(|row| row.is_some_and(|row| row.root == shown.checkpoint().root));
        }
        let (engine, note) = (Arc::clone(engine), shown.log_note());
        task::spawn_blocking(move || engine.check_seen(Some(&note)).is_ok()).await.unwrap_or(false)
    }
}

fn witnessed(published: &Published) -> Witnessed {
    Witnessed { size: published.checkpoint().size, note: published.note() }
}
