//! One thing tried: its name, the code it must be refused with, and what happened.

use anyhow::Result;
use serde_json::json;
use signer_client::ClientError;
use signer_core::reason::{Code, Coded};

use crate::report;

/// Everything that was tried.
#[derive(Default)]
pub(crate) struct Doors {
    tried: u32,
    open: u32,
}

impl Doors {
    /// Notes an attempt on the engine.
    pub(crate) fn engine<T>(&mut self, name: &str, expected: Code, outcome: Result<T, ClientError>) -> Result<()> {
        let codes = match outcome {
            Ok(_) => Vec::new(),
            Err(error) => error.reasons().iter().map(|reason| reason.code).collect(),
        };
        self.note(name, expected, &codes)
    }

    /// Notes an attempt on a library.
    pub(crate) fn refused<T, E: Coded>(&mut self, name: &str, expected: Code, outcome: Result<T, E>) -> Result<()> {
        self.note(name, expected, &outcome.err().map(|error| error.code()).into_iter().collect::<Vec<_>>())
    }

    /// Notes an attempt of which only the codes are known; none means that it succeeded.
    pub(crate) fn note(&mut self, name: &str, expected: Code, codes: &[Code]) -> Result<()> {
        let found: Vec<_> = codes.iter().map(|code| code.as_str()).collect();
        let shut = codes.first() == Some(&expected);
        self.tried += 1;
        self.open += u32::from(!shut);
        report::answer(&json!({ "door": name, "expected": expected, "found": found, "shut": shut }))
    }

    /// Notes something that must work, so that refusals mean something.
    pub(crate) fn control(&mut self, name: &str, works: bool) -> Result<()> {
        self.tried += 1;
        self.open += u32::from(!works);
        report::answer(&json!({ "control": name, "works": works }))
    }

    /// Prints the sum; whether every door was shut.
    pub(crate) fn sum(&self) -> Result<bool> {
        report::answer(&json!({ "schema": "urn:chancery:side-doors:v1", "tried": self.tried, "open": self.open }))?;
        Ok(self.open == 0)
    }
}
