//! The one place that writes to the terminal: answers on stdout, failures on stderr.

use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use serde::{Serialize, Serializer};
use signer_core::command_line::{Misread, wants_json};
use signer_core::reason::error_document;

use crate::failure::Failure;

/// A path in an answer. One that is not UTF-8 is shown as near as text comes: the answer never fails on it.
pub(crate) fn path<S: Serializer>(path: &Path, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&path.to_string_lossy())
}

/// How the program answers.
#[derive(Clone, Copy)]
pub(crate) struct Output {
    /// One JSON document on stdout.
    pub(crate) json: bool,
}

impl Output {
    /// Prints the answer and makes sure that it left. The buffer is wiped: an answer may hold the owner credential.
    pub(crate) fn answer<T: Serialize>(self, document: &T, text: &str) -> io::Result<()> {
        let mut line = zeroize::Zeroizing::new(Vec::with_capacity(4096));
        if self.json {
            serde_json::to_writer(&mut *line, document)?;
        } else {
            for character in escaped(text) {
                line.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
            }
        }
        line.push(b'\n');
        let mut stdout = io::stdout().lock();
        stdout.write_all(&line)?;
        stdout.flush()
    }

    /// A line for people that is no answer.
    pub(crate) fn remark(text: &str) {
        // A closed terminal changes nothing about the exit code.
        let _closed = writeln!(io::stderr().lock(), "{}", visible(text));
    }

    /// A command line that makes no sense.
    pub(crate) fn misread(misread: &Misread) -> ExitCode {
        // A closed terminal changes nothing about the exit code.
        let _closed = io::stderr().lock().write_all(visible(&misread.text()).as_bytes());
        if wants_json(std::env::args_os()) {
            let _closed = writeln!(io::stdout().lock(), "{}", misread.document());
        }
        ExitCode::from(2)
    }

    /// A failure: prose on stderr, and the document on stdout where JSON was asked for.
    pub(crate) fn failure(self, failure: &Failure) {
        let mut stderr = io::stderr().lock();
        for reason in failure.reasons() {
            // A closed terminal changes nothing about the exit code.
            let message = visible(&one_line(&reason.message));
            let _closed = writeln!(stderr, "error[{}]: {message}\nhelp: {}", reason.code, reason.help);
        }
        if self.json {
            let _closed = writeln!(io::stdout().lock(), "{}", error_document(failure.reasons()));
        }
    }
}

/// Foreign text that belongs on one line: no line of it can pass for one of ours.
pub(crate) fn one_line(text: &str) -> String {
    text.replace('\n', "\\u{a}")
}

/// Text as it may reach a terminal: control, invisible and direction-changing characters escaped, lines kept.
fn visible(text: &str) -> String {
    escaped(text).collect()
}

fn escaped(text: &str) -> impl Iterator<Item = char> {
    text.chars().flat_map(|character| {
        let is_hidden = (character.is_control() && character != '\n')
            || matches!(character, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}');
        let (shown, plain) = if is_hidden { (Some(character.escape_unicode()), None) } else { (None, Some(character)) };
        shown.into_iter().flatten().chain(plain)
    })
}

#[cfg(test)]
mod tests {
    use super::{one_line, visible};

    #[test]
    fn foreign_text_is_escaped_and_the_programs_own_words_stay() {
        assert_eq!(visible("the engine's \"x\\\u{1b}[2J\u{202e}\n`b`"), "the engine's \"x\\\\u{1b}[2J\\u{202e}\n`b`");
        assert_eq!(visible(&one_line("a\nhelp: b\r")), "a\\u{a}help: b\\u{d}");
    }
}
