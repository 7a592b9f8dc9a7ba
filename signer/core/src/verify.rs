//! Verification: the only maker of [`Verified`]. The steps are those of docs/formats.md V1 to V14, in their order, each of
//! which consumes what the one before established; and V16, by a feed.
//!
//! It judges truth, not permission: whether what is true is acceptable is `accept` and the policy.

mod commit;
mod countersigned;
mod error;
mod feed;
mod foreign;
mod prompt;
mod statement;
mod witnesses;

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use crate::certificate::{Certified, Leaf};
use crate::decision::DecisionRecord;
use crate::digest::Digest;
use crate::foreign_time::ForeignAuthorities;
use crate::identity::Subject;
use crate::time::Timestamp;
use crate::trust_root::TrustRoot;
use crate::verdict::{Assurance, DecisionShown, Kind, LogPlace, Outcome, Signer, SubjectVerdict};
use crate::witness_policy::WitnessPolicy;

pub use commit::{SignedCommit, SignedTag, Tagged};
pub use countersigned::Countersigned;
use countersigned::Evidence;
pub use error::VerifyError;
pub use feed::{FeedRecord, VerifyRecord};
pub use prompt::SignedPrompt;
pub use statement::SignedStatement;
use witnesses::Witnesses;

/// Something all steps of docs/formats.md held for. Made in this module only.
#[derive(Debug)]
pub struct Verified<T>(T);

impl<T> Verified<T> {
    /// What was verified.
    pub const fn get(&self) -> &T {
        &self.0
    }

    /// Gives up the evidence that it was verified.
    pub fn into_inner(self) -> T {
        self.0
    }
}

/// How far the clock of a witness or a foreign authority may be before the verifier's, in seconds.
const SKEW: u64 = 300;
/// Most certificates remembered between signatures.
const MEMORY: usize = 4096;

/// Checks signatures against one trust root. Remembers certificates it has certified, so that a session's hundred
/// commits cost one chain.
pub struct Verifier {
    trust: TrustRoot,
    witnesses: Option<Witnesses>,
    time_authorities: Option<ForeignAuthorities>,
    now: Timestamp,
    certified: RwLock<HashMap<Digest, Arc<Certified>>>,
}

impl Verifier {
    /// A verifier under `trust`; `now` only bounds times that lie in the future (attack TIME-18).
    pub fn new(trust: TrustRoot, now: Timestamp) -> Self {
        Self { trust, witnesses: None, time_authorities: None, now, certified: RwLock::default() }
    }

    /// The same, to which the cosignatures of these witnesses count. Without them an embedded checkpoint carries none.
    #[must_use]
    pub fn with_witnesses(self, policy: Option<WitnessPolicy>) -> Self {
        Self { witnesses: policy.map(Witnesses::new), ..self }
    }

    /// The same, to which tokens of these foreign authorities count. Without them a signature carries none.
    #[must_use]
    pub fn with_time_authorities(self, time_authorities: Option<ForeignAuthorities>) -> Self {
        Self { time_authorities, ..self }
    }

    /// The trust root it checks against.
    pub const fn trust(&self) -> &TrustRoot {
        &self.trust
    }

    /// V3: the enclosed certificate is a leaf of our profile, issued under the trust root.
    fn certify(&self, der: &[u8]) -> Result<Arc<Certified>, VerifyError> {
        let digest = Digest::of(der);
        let remembered = self.certified.read().unwrap_or_else(PoisonError::into_inner).get(&digest).cloned();
        if let Some(certified) = remembered {
            return Ok(certified);
        }
        let certified = Arc::new(self.trust.certify(Leaf::parse(der)?)?);
        let mut memory = self.certified.write().unwrap_or_else(PoisonError::into_inner);
        if memory.len() >= MEMORY {
            memory.clear();
        }
        memory.insert(digest, Arc::clone(&certified));
        Ok(certified)
    }
}

/// What every verified signature has: a signer, a time, a place in the log and a decision.
pub trait Signed {
    /// What countersigning established.
    fn countersigned(&self) -> &Countersigned;

    /// Leaf hash of the prompt it was made under.
    fn prompt(&self) -> Option<Digest>;

    /// The row of the verdict document, before policy was asked.
    fn verdict(&self, kind: Kind, id: String) -> SubjectVerdict {
        let countersigned = self.countersigned();
        let decision = &countersigned.decision;
        SubjectVerdict {
            kind,
            id,
            verdict: Outcome::Accepted,
            assurance: Assurance::Chancery,
            signer: Some(signer(countersigned.leaf.leaf(), decision)),
            sigstore_signer: None,
            signed_at: Some(countersigned.time),
            time_assurance: Some(countersigned.time_assurance),
            log: Some(LogPlace {
                origin: decision.log.origin.clone(),
                index: decision.log.index,
                tree_size: decision.log.size,
                leaf: decision.leaf,
            }),
            decision: Some(DecisionShown {
                policy: decision.policy,
                rules: decision.rules.clone(),
                approvals: decision.approvals.clone(),
            }),
            prompt: self.prompt(),
            reasons: Vec::new(),
        }
    }
}

fn signer(leaf: &Leaf, decision: &DecisionRecord) -> Signer {
    let identity = leaf.identity();
    Signer {
        class: identity.class,
        identity: leaf.subject().to_string(),
        agent: identity.agent.as_ref().map(|agent| agent.name.to_string()),
        session: identity.session.clone(),
        sponsor: identity.sponsor.as_ref().map(Subject::to_string),
        hops: identity.hops.iter().map(|hop| hop.actor.to_string()).collect(),
        custody: decision.custody,
    }
}
