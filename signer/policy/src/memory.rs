//! Answers given before. A set answers equal statements alike, and most commits of a session state the same.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::explanation::Failure;
use crate::request::Statement;
use crate::rule::Rule;

/// Most answers remembered.
const MEMORY: usize = 4096;

/// What Cedar said.
#[derive(Clone, Debug)]
pub(crate) struct Outcome {
    pub(crate) allowed: bool,
    pub(crate) rules: Vec<Arc<Rule>>,
    pub(crate) failures: Vec<Failure>,
}

/// Outcomes by all that determined them. Copies of a set share theirs, since they hold the same rules.
#[derive(Clone, Debug, Default)]
pub(crate) struct Memory(Arc<Mutex<HashMap<Statement, Outcome>>>);

impl Memory {
    /// The outcome of an equal statement.
    pub(crate) fn find(&self, statement: &Statement) -> Option<Outcome> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(statement).cloned()
    }

    /// Keeps an outcome; forgets all others where there are too many.
    pub(crate) fn keep(&self, statement: Statement, outcome: Outcome) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MEMORY {
            known.clear();
        }
        known.insert(statement, outcome);
    }
}
