//! Why a question was answered as it was: every answer with the rules that determined it.

use std::sync::Arc;

use cedar_policy::AuthorizationError;
use signer_core::decision::Decision;
use signer_core::reason::{Code, Reason};

use crate::rule::Rule;

/// The answers to everything a question asked; it is allowed where every one of them is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Explanation {
    /// At least one: for a change the whole first, then each path group it touches.
    pub answers: Vec<Answer>,
}

/// One answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answer {
    /// What was asked, in words, such as `countersign` of the path group `ci`, with foreign text in it.
    pub asked: String,
    /// Whether a rule permits it, none forbids it and all could be evaluated.
    pub allowed: bool,
    /// The rules that permitted, or those that forbade, sorted; empty where no rule permits.
    pub rules: Vec<Arc<Rule>>,
    /// What could not be evaluated, sorted.
    pub failures: Vec<Failure>,
}

/// Something that could not be evaluated.
#[derive(Clone, PartialEq, Eq, Debug, PartialOrd, Ord)]
pub struct Failure {
    /// The rule, or `None` where the facts themselves could not be stated.
    pub rule: Option<String>,
    /// What went wrong.
    pub message: String,
}

impl From<&AuthorizationError> for Failure {
    fn from(error: &AuthorizationError) -> Self {
        match error {
            AuthorizationError::PolicyEvaluationError(error) => {
                Self { rule: Some(error.policy_id().to_string()), message: error.inner().to_string() }
            }
        }
    }
}

impl Explanation {
    /// Whether everything asked is allowed; nothing asked is not.
    pub fn is_allowed(&self) -> bool {
        !self.answers.is_empty() && self.answers.iter().all(|answer| answer.allowed)
    }

    /// Ids of the rules that determined the decision, sorted: of all answers, or where it is denied of those that denied.
    pub fn determining(&self) -> Vec<String> {
        let allowed = self.is_allowed();
        let answers = self.answers.iter().filter(|answer| answer.allowed == allowed);
        let mut rules: Vec<String> = answers.flat_map(|answer| &answer.rules).map(|rule| rule.id.clone()).collect();
        rules.sort();
        rules.dedup();
        rules
    }

    /// The decision.
    pub fn decision(&self) -> Decision {
        if self.is_allowed() {
            return Decision::Allow { determining: self.determining() };
        }
        let reasons: Vec<Reason> = self.answers.iter().flat_map(Answer::reasons).collect();
        if reasons.is_empty() {
            return Decision::Deny(vec![Reason::new(Code::PolicyDenied, "nothing was asked, so no rule permits it")]);
        }
        Decision::Deny(reasons)
    }
}

impl Answer {
    /// The denial of what could not even be asked.
    pub(crate) fn unstated(asked: String, message: String) -> Self {
        Self { asked, allowed: false, rules: Vec::new(), failures: vec![Failure { rule: None, message }] }
    }

    /// Why it was denied; empty where it was allowed.
    pub fn reasons(&self) -> Vec<Reason> {
        if self.allowed {
            return Vec::new();
        }
        let asked = &self.asked;
        let failed = self.failures.iter().map(|Failure { rule, message }| match rule {
            Some(rule) => {
                Reason::new(Code::PolicyEvaluation, format!("{asked}: rule `{rule}` cannot be evaluated: {message}"))
            }
            None => Reason::new(Code::PolicyEvaluation, format!("{asked}: {message}")),
        });
        let forbidden = self.rules.iter().map(|rule| match (&rule.id, &rule.reason) {
            (id, Some(reason)) => Reason::new(Code::PolicyDenied, format!("{asked}: rule `{id}` forbids it: {reason}")),
            (id, None) => Reason::new(Code::PolicyDenied, format!("{asked}: rule `{id}` forbids it")),
        });
        let mut reasons: Vec<Reason> = failed.chain(forbidden).collect();
        if reasons.is_empty() {
            reasons.push(Reason::new(Code::PolicyDenied, format!("{asked}: no rule permits it")));
        }
        reasons
    }
}
