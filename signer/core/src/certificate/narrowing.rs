//! Delegation, checked from the leaf alone: each hop is narrower than the one before (docs/formats.md F5).

use super::CertificateError;
use crate::identity::ActorClass;
use crate::leaf::{Hop, LeafIdentity, MAX_HOPS};
use crate::time::Window;

/// Checks that the leaf's scope and life follow from its hops, and that the hops could have been made.
///
/// Fails for an agent without a hop, a person with one, a chain that starts with an agent, and wherever a hop, the
/// leaf's scope or its life exceeds the hop before.
pub fn check_narrowing(identity: &LeafIdentity, window: &Window) -> Result<(), CertificateError> {
    identity.scope.check_limits()?;
    for hop in &identity.hops {
        hop.scope.check_limits()?;
    }
    check_classes(identity)?;
    for (index, (outer, inner)) in identity.hops.iter().zip(identity.hops.iter().skip(1)).enumerate() {
        if !narrows(outer, inner) {
            return Err(CertificateError::NotNarrower { hop: index });
        }
    }
    match identity.hops.last() {
        Some(last) if !last.scope.encloses(&identity.scope) || !last.window.encloses(window) => {
            Err(CertificateError::NotNarrower { hop: identity.hops.len().saturating_sub(1) })
        }
        _ => Ok(()),
    }
}

fn check_classes(identity: &LeafIdentity) -> Result<(), CertificateError> {
    let (class, hops) = (identity.class, identity.hops.len());
    let count_fits = match class {
        ActorClass::Agent => (1..=MAX_HOPS).contains(&hops),
        ActorClass::Person => hops == 0,
        ActorClass::Workload => hops <= MAX_HOPS,
    };
    let rooted = identity.hops.first().is_none_or(|hop| hop.class != ActorClass::Agent);
    // Whoever received the hop before is an agent: nobody else redeems grants.
    let continued = identity.hops.iter().skip(1).all(|hop| hop.class == ActorClass::Agent);
    if count_fits && rooted && continued { Ok(()) } else { Err(CertificateError::Hops { class, hops }) }
}

fn narrows(outer: &Hop, inner: &Hop) -> bool {
    outer.scope.encloses(&inner.scope) && outer.window.encloses(&inner.window) && inner.depth < outer.depth
}

#[cfg(test)]
mod tests;
