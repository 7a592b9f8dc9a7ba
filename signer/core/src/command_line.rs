//! A command line that makes no sense, said as every refusal is: `error[code]: …`, `help: …`, or one JSON document of the
//! schema `urn:chancery:error:v1`. What an argument parser says is taken as text, so that no parser is needed here.

use std::ffi::OsStr;

use crate::reason::{Code, Reason, error_document};

/// What is said of a command line that no program of ours understands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Misread {
    reason: Reason,
    usage: String,
}

impl Misread {
    /// For one reason.
    pub fn because(reason: Reason) -> Self {
        Self { reason, usage: String::new() }
    }

    /// From a parser's words: a paragraph `error: what is wrong`, then how the command is written.
    pub fn parsed(said: &str) -> Self {
        let mut paragraphs = said.trim().split("\n\n");
        let wrong = paragraphs.next().unwrap_or_default();
        let wrong = wrong.strip_prefix("error: ").unwrap_or(wrong);
        let message: Vec<&str> = wrong.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        let usage: Vec<&str> = paragraphs.filter(|paragraph| !paragraph.starts_with("For more information")).collect();
        Self { reason: Reason::new(Code::Usage, message.join(" ")), usage: usage.join("\n\n") }
    }

    /// For people: several lines, the last one ended.
    pub fn text(&self) -> String {
        let Self { reason, usage } = self;
        let gap = if usage.is_empty() { "" } else { "\n" };
        format!("error[{}]: {}\n{gap}{usage}{gap}{gap}help: {}\n", reason.code, reason.message, reason.help)
    }

    /// For programs: one line, not ended.
    pub fn document(&self) -> String {
        error_document(std::slice::from_ref(&self.reason))
    }
}

/// Whether a command line asks for a JSON document, even if it makes no sense otherwise.
pub fn wants_json<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>) -> bool {
    let mut own = arguments.into_iter().take_while(|argument| argument.as_ref() != "--");
    own.any(|argument| ["--json", "--format=json"].iter().any(|json| argument.as_ref() == *json))
}

#[cfg(test)]
mod tests;
