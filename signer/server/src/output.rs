//! The one place that writes to the terminal: answers on stdout, failures on stderr.

use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use serde::{Serialize, Serializer};
use signer_core::command_line::{Misread, wants_json};
use signer_core::reason::error_document;
use signer_core::terminal_text::{escape, escaped};

pub(crate) use signer_core::terminal_text::one_line;

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
        let _closed = writeln!(io::stderr().lock(), "{}", escape(text));
    }

    /// A command line that makes no sense.
    pub(crate) fn misread(misread: &Misread) -> ExitCode {
        // A closed terminal changes nothing about the exit code.
        let _closed = io::stderr().lock().write_all(escape(&misread.text()).as_bytes());
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
            let message = escape(&one_line(&reason.message));
            let _closed = writeln!(stderr, "error[{}]: {message}\nhelp: {}", reason.code, reason.help);
        }
        if self.json {
            let _closed = writeln!(io::stdout().lock(), "{}", error_document(failure.reasons()));
        }
    }
}
