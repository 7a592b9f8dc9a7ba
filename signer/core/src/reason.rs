//! Reasons: why something was refused, with a stable machine-readable code.
//!
//! The table in `reason/table.rs` is the only list of codes; `docs/reasons.md` is made from it.

mod table;

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

pub use table::Code;

/// What a reason does to a verdict.
#[derive(Clone, Copy, PartialEq, Eq, Debug, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Shown, does not change the verdict.
    Warn,
    /// The verifier could not decide; every caller treats it as failure.
    Undetermined,
    /// Refused.
    Reject,
}

/// Why something was refused or could not be decided. `message` is prose for people; tests assert on `code`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Reason {
    /// The stable code.
    pub code: Code,
    /// What it does to the verdict.
    pub severity: Severity,
    /// What happened, with the values at hand.
    pub message: String,
    /// What to do next.
    pub help: Cow<'static, str>,
}

impl Reason {
    /// A reason with the severity and help of its code's row in the table.
    pub fn new(code: Code, message: impl fmt::Display) -> Self {
        Self { code, severity: code.severity(), message: message.to_string(), help: code.help().into() }
    }

    /// The same with a help that knows more than the table.
    #[must_use]
    pub fn with_help(self, help: impl Into<Cow<'static, str>>) -> Self {
        Self { help: help.into(), ..self }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

/// What a program answers in place of its document when it fails: one line, schema `urn:chancery:error:v1`, written without
/// anything that needs randomness, which may be what is missing.
pub fn error_document(reasons: &[Reason]) -> String {
    #[derive(Serialize)]
    struct Document<'a> {
        schema: &'static str,
        reasons: &'a [Reason],
    }
    serde_json::to_string(&Document { schema: "urn:chancery:error:v1", reasons }).unwrap_or_default()
}

/// An error that knows its stable code.
pub trait Coded: std::error::Error {
    /// The row of the table this error is.
    fn code(&self) -> Code;

    /// What to do next: what the table says of the code, unless the error knows what fits better.
    fn help(&self) -> &'static str {
        self.code().help()
    }

    /// The error as a reason: its own text and that of its sources, on one line.
    fn reason(&self) -> Reason
    where
        Self: Sized,
    {
        let mut message = self.to_string();
        let mut source = self.source();
        while let Some(error) = source {
            message.push_str(": ");
            message.push_str(&error.to_string());
            source = error.source();
        }
        Reason::new(self.code(), message).with_help(self.help())
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Code {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Code {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::from_code(&text).ok_or_else(|| serde::de::Error::custom(format!("unknown reason code `{text}`")))
    }
}
