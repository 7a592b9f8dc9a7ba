//! Grants made through this broker that nobody has redeemed: their codes never leave its memory but for the engine.

use std::sync::{Mutex, PoisonError};

use signer_core::digest::Digest;
use signer_core::identity::Name;
use zeroize::Zeroizing;

/// Most grants that are remembered; the oldest go first.
const MAX_GRANTS: usize = 1024;

/// A grant that can be redeemed once.
pub(crate) struct Redeemable {
    /// Leaf hash of the grant.
    pub grant: Digest,
    /// For whom.
    pub agent: Name,
    /// The code.
    pub redemption: Zeroizing<String>,
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

    /// Takes the newest grant for `agent`, or the one named; nobody else gets it meanwhile.
    pub(crate) fn take(&self, agent: &Name, grant: Option<&Digest>) -> Option<Redeemable> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let wanted = |kept: &Redeemable| kept.agent == *agent && grant.is_none_or(|named| kept.grant == *named);
        let position = all.iter().rposition(wanted)?;
        Some(all.remove(position))
    }
}
