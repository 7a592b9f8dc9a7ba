//! What the cosignatures in an embedded checkpoint are worth: the witness policy of the anchor says whose count and how
//! many are enough (docs/formats.md F6, V11).

use super::{SKEW, VerifyError};
use crate::checkpoint::{Cosignature, VerifierKey};
use crate::time::Timestamp;
use crate::trust_root::LogKey;
use crate::verdict::TimeAssurance;
use crate::witness_policy::WitnessPolicy;

/// A witness policy, read once.
pub(super) struct Witnesses {
    policy: WitnessPolicy,
    keys: Vec<VerifierKey>,
}

impl Witnesses {
    pub(super) fn new(policy: WitnessPolicy) -> Self {
        Self { keys: policy.keys(), policy }
    }

    /// Whose lines may stand in a checkpoint, in this order.
    pub(super) fn keys(&self) -> &[VerifierKey] {
        &self.keys
    }

    /// The worth of cosignatures that verified. A log is never its own witness, and a policy for other logs or without a
    /// quorum says nothing about this one.
    pub(super) fn judge(
        &self,
        log: &LogKey,
        cosignatures: &[Cosignature],
        now: Timestamp,
    ) -> Result<TimeAssurance, VerifyError> {
        if let Some(early) = cosignatures.iter().find(|cosignature| cosignature.time > now.plus(SKEW)) {
            return Err(VerifyError::Future { time: early.time, now });
        }
        let names_log = self.policy.logs().is_empty()
            || self.policy.log(&log.origin).is_some_and(|known| *known.key.key() == log.key);
        let is_own = self.keys.iter().any(|witness| *witness.key() == log.key);
        if names_log && !is_own && self.policy.asks_for_witnesses() && self.policy.is_met(cosignatures) {
            Ok(TimeAssurance::Witnessed)
        } else {
            Ok(TimeAssurance::Own)
        }
    }
}
