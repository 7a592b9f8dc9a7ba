//! How each witness does: what the operator is shown.

use std::sync::{Mutex, PoisonError};

use serde::Serialize;
use signer_core::reason::Code;
use signer_core::time::Timestamp;
use signer_core::witness_policy::WitnessPolicy;

/// How one witness does.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub(crate) struct Standing {
    /// Its name in the policy.
    pub(crate) name: String,
    /// Its verifier key.
    pub(crate) key: String,
    /// Size of the newest tree it cosigned for this server.
    pub(crate) size: Option<u64>,
    /// When it did.
    pub(crate) cosigned: Option<Timestamp>,
    /// Why it gave no cosignature when it was asked last.
    pub(crate) problem: Option<Code>,
}

/// How they all do, in the policy's order.
pub(crate) struct Standings(Mutex<Vec<Standing>>);

impl Standings {
    pub(super) fn of(policy: &WitnessPolicy) -> Self {
        let standings = policy.witnesses().iter().map(|witness| Standing {
            name: witness.name.clone(),
            key: witness.key.to_string(),
            size: None,
            cosigned: None,
            problem: None,
        });
        Self(Mutex::new(standings.collect()))
    }

    pub(super) fn list(&self) -> Vec<Standing> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn cosigned(&self, witness: usize, size: u64, time: Timestamp) {
        self.change(witness, |standing| {
            *standing = Standing { size: Some(size), cosigned: Some(time), problem: None, ..standing.clone() };
        });
    }

    pub(super) fn failed(&self, witness: usize, problem: Code) {
        self.change(witness, |standing| standing.problem = Some(problem));
    }

    fn change(&self, witness: usize, change: impl FnOnce(&mut Standing)) {
        let mut standings = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(standing) = standings.get_mut(witness) {
            change(standing);
        }
    }
}
