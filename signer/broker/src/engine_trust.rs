//! Whether a repository trusts the engine that signs: where its anchor does not name the engine's keys, every verifier would
//! refuse what git was given.

use std::sync::{Arc, Mutex, PoisonError};

use signer_client::Engine;
use signer_core::digest::Digest;
use signer_core::time::Timestamp;
use signer_core::trust_root::{Role, Standing, TrustRoot};

use crate::error::BrokerError;

/// Keys of the engine that answered last. Another process of an engine may have others.
#[derive(Default)]
pub(crate) struct EngineTrust(Mutex<Option<(String, Arc<[Standing]>)>>);

impl EngineTrust {
    /// Fails where an anchor, which names these keys, lacks one that the engine signs with at this time.
    pub(crate) fn check_named(
        &self,
        engine: &Engine,
        named: Option<&[Digest]>,
        now: Timestamp,
    ) -> Result<(), BrokerError> {
        // An engine that has not said which process it is cannot be told from the one before it.
        let (Some(named), Some(process)) = (named, engine.process()) else { return Ok(()) };
        match self.of(engine, process)?.iter().find(|key| signs_for_git(key, now) && !named.contains(&key.key)) {
            Some(key) => Err(BrokerError::AnchorBehind { role: key.role, name: key.name.clone() }),
            None => Ok(()),
        }
    }

    fn of(&self, engine: &Engine, process: String) -> Result<Arc<[Standing]>, BrokerError> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, keys)) = known.as_ref().filter(|(of, _)| *of == process) {
            return Ok(Arc::clone(keys));
        }
        let keys: Arc<[Standing]> = TrustRoot::from_json(&engine.trust()?)?.standings()?.into();
        *known = Some((process, Arc::clone(&keys)));
        Ok(keys)
    }
}

/// The plain time authority's tokens stand in no signature of git's.
fn signs_for_git(key: &Standing, now: Timestamp) -> bool {
    key.is_in_force && key.counts_at(now) && key.role != Role::Time
}

#[cfg(test)]
mod tests;
