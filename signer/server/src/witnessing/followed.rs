//! One log as the rim sees its witnesses: what they have cosigned of it, and what an answer has to wait for.

use std::sync::Arc;
use std::time::Duration;

use signer_engine::past_log::WrittenLog;
use tokio::sync::{Notify, watch};
use tokio::time;

/// The newest checkpoint that enough witnesses have cosigned.
#[derive(Debug)]
pub(crate) struct Witnessed {
    pub(crate) size: u64,
    pub(crate) note: String,
}

/// A log whose checkpoints witnesses cosign.
pub(super) struct Followed {
    pub(super) log: WrittenLog,
    pub(super) newest: watch::Receiver<Option<Arc<Witnessed>>>,
    pub(super) nudge: Arc<Notify>,
    /// The size above which every answer carries the cosignatures of its own checkpoint; none where none does.
    pub(super) embeds_above: Option<u64>,
}

impl Followed {
    /// The newest checkpoint with a quorum.
    pub(super) fn newest(&self) -> Option<Arc<Witnessed>> {
        self.newest.borrow().clone()
    }

    /// Whether a quorum has cosigned a tree of at least this size, now or within this time.
    pub(super) async fn reaches(&self, size: u64, patience: Duration) -> bool {
        let covers = |held: &Option<Arc<Witnessed>>| held.as_ref().is_some_and(|held| held.size >= size);
        if covers(&self.newest.borrow()) {
            return true;
        }
        self.nudge.notify_one();
        let mut newest = self.newest.clone();
        matches!(time::timeout(patience, newest.wait_for(covers)).await, Ok(Ok(_)))
    }
}
