//! Asking policy: the actor is what its certificate says, the answer is the names of the rules that allowed it.

use signer_core::decision::Decision;
use signer_core::identity::Subject;
use signer_core::leaf::LeafIdentity;
use signer_policy::{Actor, Matter, Question};

use crate::engine::Engine;
use crate::refusal::Refusal;

impl Engine {
    /// The rules that allow it, sorted; or why not.
    pub(crate) fn ask(
        &self,
        subject: &Subject,
        identity: &LeafIdentity,
        question: &Question,
    ) -> Result<Vec<String>, Refusal> {
        match self.policy.decide(&Actor::from((subject, identity)), question) {
            Decision::Allow { determining } => Ok(determining),
            Decision::Deny(reasons) => Err(Refusal::denied(reasons)),
        }
    }

    /// The rules that allow an act whose record is a statement to countersign: both must be allowed.
    pub(crate) fn ask_to_state(
        &self,
        subject: &Subject,
        identity: &LeafIdentity,
        act: &Question,
        predicate_type: &str,
    ) -> Result<Vec<String>, Refusal> {
        let mut rules = self.ask(subject, identity, act)?;
        let matter = Matter::Attestation { predicate_type: predicate_type.to_owned() };
        rules.extend(self.ask(subject, identity, &Question::Countersign(matter))?);
        rules.sort();
        rules.dedup();
        Ok(rules)
    }
}
