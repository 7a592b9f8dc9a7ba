//! What is revoked now, in memory: requests ask it, the ledger alone changes it, and the store has it all.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use signer_core::leaf::Hop;
use signer_core::revocation::{Action, Cause, Chain, Selector, Struck};

use crate::store::rows::{RevocationRow, SessionRow};

/// Everything that is held or revoked, and how many revocations led there.
#[derive(Default)]
pub(crate) struct Standing(RwLock<State>);

#[derive(Default)]
struct State {
    number: u64,
    struck: HashMap<Selector, (Action, Cause)>,
}

impl Standing {
    /// How many revocations there are.
    pub(crate) fn number(&self) -> u64 {
        self.0.read().unwrap_or_else(PoisonError::into_inner).number
    }

    /// Whether nothing was ever revoked.
    pub(crate) fn is_clear(&self) -> bool {
        self.number() == 0
    }

    /// What is said of something now.
    pub(crate) fn of(&self, selector: &Selector) -> Option<(Action, Cause)> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).struck.get(selector).copied()
    }

    /// Takes the next revocation.
    pub(crate) fn apply(&self, row: &RevocationRow) {
        let mut state = self.0.write().unwrap_or_else(PoisonError::into_inner);
        state.number = state.number.saturating_add(1);
        match row.action {
            Action::Release => drop(state.struck.remove(&row.selector)),
            Action::Hold | Action::Revoke => {
                state.struck.insert(row.selector.clone(), (row.action, row.cause));
            }
        }
    }

    /// Fails where anything in the chain is held or revoked.
    pub(crate) fn check(&self, chain: &Chain) -> Result<(), Struck> {
        let state = self.0.read().unwrap_or_else(PoisonError::into_inner);
        if state.struck.is_empty() {
            return Ok(());
        }
        let found = chain.names().iter().find_map(|name| state.struck.get_key_value(name));
        match found {
            Some((selector, (action, cause))) => {
                Err(Struck { selector: selector.clone(), action: *action, cause: *cause, index: None })
            }
            None => Ok(()),
        }
    }
}

/// What a session rests on, the grants it acts under included.
pub(crate) fn chain_of(session: &SessionRow, hops: &[Hop]) -> Chain {
    let mut chain = Chain::default();
    chain.add_session(&session.id);
    if let Some(agent) = &session.agent {
        chain.add_agent(&agent.name, &agent.class);
    }
    chain.add_sponsor(&session.sponsor);
    session.claims.iter().for_each(|(name, value)| chain.add_claim(name, value));
    for hop in hops {
        chain.add_hop(hop);
    }
    chain
}
