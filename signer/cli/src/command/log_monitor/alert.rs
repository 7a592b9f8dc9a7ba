//! Alerts: one JSON line each on stdout.

use std::fmt;
use std::io::{self, Write as _};

use serde::Serialize;
use signer_core::log_entry::Observed;
use signer_core::reason::{Code, Reason};

/// Something that a person should look at.
#[derive(Serialize)]
pub(super) struct Alert {
    schema: &'static str,
    #[serde(flatten)]
    reason: Reason,
    #[serde(skip_serializing_if = "Option::is_none")]
    index: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    certificate: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    subjects: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    commit: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    checkpoints: Vec<String>,
}

impl Alert {
    pub(super) fn about(code: Code, message: impl fmt::Display) -> Self {
        Self {
            schema: "urn:chancery:log-alert:v1",
            reason: Reason::new(code, message),
            index: None,
            certificate: None,
            subjects: Vec::new(),
            commit: None,
            checkpoints: Vec::new(),
        }
    }

    pub(super) fn with_checkpoints(self, notes: &[&str]) -> Self {
        Self { checkpoints: notes.iter().map(|note| (*note).to_owned()).collect(), ..self }
    }

    pub(super) fn with_entry(self, index: u64, observed: &Observed) -> Self {
        let certificate = Some(observed.certificate.to_string());
        Self { index: Some(index), certificate, subjects: observed.subjects.clone(), ..self }
    }

    pub(super) fn with_commit(self, commit: &str) -> Self {
        Self { commit: Some(commit.to_owned()), ..self }
    }
}

/// The alerts of one look.
#[derive(Default)]
pub(super) struct Alerts {
    raised: usize,
}

impl Alerts {
    /// Prints an alert.
    pub(super) fn raise(&mut self, alert: &Alert) {
        self.raised += 1;
        // JSON escapes control characters, so that nothing foreign reaches a terminal raw.
        let line = serde_json::to_string(alert).unwrap_or_default();
        crate::output::remember(writeln!(io::stdout().lock(), "{line}"));
    }

    /// Whether none was raised.
    pub(super) const fn is_empty(&self) -> bool {
        self.raised == 0
    }
}
