//! What a foreign authority's token is worth: the authorities of the anchor say whose counts (docs/formats.md F15, V8, V9).

use super::{Evidence, SKEW, Verifier, VerifyError};
use crate::certificate::Certified;
use crate::foreign_time::{ForeignToken, ForeignTokenError};
use crate::time::Timestamp;
use crate::trust_root::LogKey;

/// A time that a foreign authority vouches for.
#[derive(Clone, Copy)]
pub(super) struct ForeignTime {
    time: Timestamp,
    /// Whether somebody else than the engine says it.
    pub(super) counts: bool,
}

impl Verifier {
    /// V8: the foreign token, if one travels. Where the anchor names no authority, nobody could judge it and none may stand.
    pub(super) fn foreign_time(&self, evidence: &Evidence<'_>) -> Result<Option<ForeignTime>, VerifyError> {
        let Some(token) = evidence.foreign else { return Ok(None) };
        let token = ForeignToken::parse(token)?;
        let authorities = self.time_authorities.as_ref().ok_or(ForeignTokenError::Untrusted)?;
        let (stamp, counts) = authorities.judge(&token, evidence.signature, &self.trust)?;
        if stamp.time > self.now.plus(SKEW) {
            return Err(VerifyError::Future { time: stamp.time, now: self.now });
        }
        Ok(Some(ForeignTime { time: stamp.time, counts }))
    }
}

impl ForeignTime {
    /// V9: it fits what signed, as the engine's time must (attack TIME-12): one time that fits does not excuse another.
    pub(super) fn fits(&self, leaf: &Certified, log: &LogKey) -> Result<(), VerifyError> {
        if leaf.valid_at(self.time).is_ok() && log.window.contains(self.time) {
            Ok(())
        } else {
            Err(VerifyError::Conflict { time: self.time })
        }
    }
}
