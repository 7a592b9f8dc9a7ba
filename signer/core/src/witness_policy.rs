//! Whose cosignatures count, and how many: C2SP tlog-policy. One file says it to the engine, which asks the witnesses, and
//! to whoever verifies a checkpoint.
//!
//! A key counts once, whatever names it is given; several witnesses of one operator count once where the policy makes them
//! a group.

mod error;
mod read;
#[cfg(test)]
mod tests;

use crate::checkpoint::{Cosignature, VerifierKey};

pub use error::WitnessPolicyError;

/// Most bytes of a policy.
pub const MAX_BYTES: usize = 64 * 1024;
/// Most logs, witnesses or groups; C2SP asks for at least 32.
pub const MAX_ITEMS: usize = 64;

/// Known logs, known witnesses, and which of them are enough.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WitnessPolicy {
    logs: Vec<PolicyLog>,
    witnesses: Vec<PolicyWitness>,
    // INVARIANT: a group's members come before it.
    groups: Vec<Group>,
    quorum: Option<Member>,
}

/// A log that may be relied on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PolicyLog {
    /// Its origin and key.
    pub key: VerifierKey,
    /// Where it is read.
    pub url: Option<String>,
}

/// A witness that may be relied on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PolicyWitness {
    /// Its name inside the policy.
    pub name: String,
    /// Its name and key in signature lines.
    pub key: VerifierKey,
    /// Where it is asked: the submission prefix.
    pub url: Option<String>,
}

/// What a group or the quorum refers to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Member {
    Witness(usize),
    Group(usize),
}

#[derive(Clone, PartialEq, Eq, Debug)]
struct Group {
    threshold: usize,
    members: Vec<Member>,
}

impl WitnessPolicy {
    /// Reads a policy. Fails over its limits and on any line that C2SP tlog-policy does not know.
    pub fn parse(text: &str) -> Result<Self, WitnessPolicyError> {
        read::policy(text)
    }

    /// The known logs.
    pub fn logs(&self) -> &[PolicyLog] {
        &self.logs
    }

    /// The known log of that origin.
    pub fn log(&self, origin: &str) -> Option<&PolicyLog> {
        self.logs.iter().find(|log| log.key.name() == origin)
    }

    /// The known witnesses.
    pub fn witnesses(&self) -> &[PolicyWitness] {
        &self.witnesses
    }

    /// The witnesses' keys, in the policy's order.
    pub fn keys(&self) -> Vec<VerifierKey> {
        self.witnesses.iter().map(|witness| witness.key.clone()).collect()
    }

    /// Whether any cosignature is needed at all.
    pub const fn asks_for_witnesses(&self) -> bool {
        self.quorum.is_some()
    }

    /// Whether these cosignatures are enough; they must have been verified under [`Self::keys`].
    pub fn is_met(&self, cosignatures: &[Cosignature]) -> bool {
        let cosigned = |place| cosignatures.iter().any(|cosignature| cosignature.witness == place);
        let mut groups: Vec<bool> = Vec::with_capacity(self.groups.len());
        for group in &self.groups {
            let met = group.members.iter().filter(|member| holds(**member, &groups, cosigned)).count();
            groups.push(met >= group.threshold);
        }
        self.quorum.is_none_or(|quorum| holds(quorum, &groups, cosigned))
    }
}

fn holds(member: Member, groups: &[bool], cosigned: impl Fn(usize) -> bool) -> bool {
    match member {
        Member::Witness(place) => cosigned(place),
        Member::Group(place) => groups.get(place).copied().unwrap_or(false),
    }
}
