//! Grants made through this broker that nobody has redeemed: their codes never leave its memory but for the engine.

use std::sync::{Mutex, PoisonError};

use signer_core::digest::Digest;
use signer_core::identity::Name;
use signer_core::scope::Scope;
use zeroize::Zeroizing;

use crate::error::BrokerError;

/// Most grants that are remembered; the oldest go first.
const MAX_GRANTS: usize = 1024;

/// A grant that can be redeemed once.
pub(crate) struct Redeemable {
    /// Leaf hash of the grant.
    pub grant: Digest,
    /// For whom.
    pub agent: Name,
    /// What it allows.
    pub scope: Scope,
    /// The code.
    pub redemption: Zeroizing<String>,
}

/// Which grant a session wants.
pub(crate) struct Wanted<'a> {
    /// For whom.
    pub agent: &'a Name,
    /// The one named.
    pub grant: Option<Digest>,
    /// The repository it starts in, which the grant must allow where none is named.
    pub repository: Option<&'a str>,
}

impl Wanted<'_> {
    fn is(&self, kept: &Redeemable) -> bool {
        kept.agent == *self.agent && self.grant.is_none_or(|named| kept.grant == named)
    }

    fn fits(&self, kept: &Redeemable) -> bool {
        self.grant.is_some() || self.repository.is_none_or(|repository| kept.scope.allows_repository(repository))
    }
}

/// The unredeemed grants, oldest first.
#[derive(Default)]
pub(crate) struct GrantMemory(Mutex<Vec<Redeemable>>);

impl GrantMemory {
    /// Remembers a grant as the newest.
    pub(crate) fn keep(&self, grant: Redeemable) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() == MAX_GRANTS {
            all.remove(0);
        }
        all.push(grant);
    }

    /// Takes the newest grant that is wanted; nobody else gets it meanwhile. Fails where there is none, and where each is
    /// for other repositories: a grant that could sign nothing is not spent.
    pub(crate) fn take(&self, wanted: &Wanted<'_>) -> Result<Redeemable, BrokerError> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(position) = all.iter().rposition(|kept| wanted.is(kept) && wanted.fits(kept)) {
            return Ok(all.remove(position));
        }
        let elsewhere = all.iter().rev().find(|kept| wanted.is(kept)).map(|kept| kept.scope.repositories.join("`, `"));
        let agent = wanted.agent.clone();
        Err(match (elsewhere, wanted.repository) {
            (Some(granted), Some(repository)) => {
                BrokerError::GrantElsewhere { agent, granted, repository: repository.to_owned() }
            }
            _ => BrokerError::GrantUnknown { agent },
        })
    }
}
