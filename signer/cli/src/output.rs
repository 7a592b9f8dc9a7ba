//! The one place that writes to the terminal: answers on stdout, remarks on stderr, foreign text escaped.

use std::borrow::Cow;
use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::sync::OnceLock;

use serde::Serialize;
use signer_core::command_line::Misread;
use signer_core::reason::{Code, error_document};
use signer_core::terminal_text::escape;

pub use signer_core::terminal_text::one_line;

use crate::failure::Failure;

/// Why an answer was lost: the first failure to write to stdout, which ends the command as a failure.
static LOST: OnceLock<String> = OnceLock::new();

/// How a command answers.
#[derive(Clone, Copy, Debug)]
pub struct Output {
    /// One JSON document on stdout.
    pub json: bool,
    /// No remarks.
    pub quiet: bool,
    /// Colour on stderr: a terminal, and `NO_COLOR` is not set.
    pub colour: bool,
}

impl Output {
    /// Prints the answer: the document as JSON, or the text for people.
    pub fn answer<T: Serialize>(self, document: &T, text: &str) {
        self.verbatim(document, &escape(text));
    }

    /// The same where the text is what was asked for, and whoever reads it takes it byte for byte.
    pub fn verbatim<T: Serialize>(self, document: &T, text: &str) {
        let line = if self.json {
            serde_json::to_string_pretty(document).unwrap_or_else(|error| format!("{{\"error\":\"{error}\"}}"))
        } else {
            text.to_owned()
        };
        page(format!("{line}\n").as_bytes());
    }

    /// Prints a page that is the same for people and programs.
    pub fn page(self, content: &[u8]) {
        page(content);
    }

    /// A remark on stderr, unless quiet.
    pub fn remark(self, text: &str) {
        if !self.quiet {
            self.once(text);
        }
    }

    /// How far long work has come: one line on a terminal, nothing elsewhere.
    pub fn progress(self, what: &str, done: u64, total: u64) {
        let mut stderr = io::stderr().lock();
        if self.quiet || !stderr.is_terminal() {
            return;
        }
        let end = if done < total { "\r" } else { "\n" };
        let _closed = write!(stderr, "{what} {done} of {total}{end}");
    }

    /// What is said once and must be seen, quiet or not: on stderr.
    pub fn once(self, text: &str) {
        write_line(&mut io::stderr().lock(), &escape(text));
    }

    /// A failure: prose on stderr, and the document on stdout where JSON was asked for.
    pub fn failure(self, failure: &Failure) {
        for reason in &failure.reasons {
            let (heading, said) = (self.heading(reason.code.as_str()), escape(&reason.message));
            write_line(&mut io::stderr().lock(), &format!("{heading}: {said}\nhelp: {}", escape(&reason.help)));
        }
        if self.json {
            page(format!("{}\n", error_document(&failure.reasons)).as_bytes());
        }
    }

    fn heading(self, code: &str) -> String {
        if self.colour { format!("\u{1b}[1;31merror\u{1b}[0m[{code}]") } else { format!("error[{code}]") }
    }
}

/// A command line that makes no sense: before it is known how to answer.
pub fn misread(misread: &Misread, json: bool) {
    let _closed = io::stderr().lock().write_all(escape(&misread.text()).as_bytes());
    if json {
        page(format!("{}\n", misread.document()).as_bytes());
    }
}

/// Remembers what came of a write to stdout. A reader that went away (`| head`) is not a failure of the command.
pub fn remember(written: io::Result<()>) {
    if let Err(error) = written
        && error.kind() != io::ErrorKind::BrokenPipe
    {
        let _earlier = LOST.set(error.to_string());
    }
}

/// Fails where an answer could not be written, so that nobody takes an empty or a cut one for the whole.
pub fn delivered() -> Result<(), Failure> {
    remember(io::stdout().lock().flush());
    match LOST.get() {
        None => Ok(()),
        Some(error) => Err(Failure::new(Code::InternalIo, format_args!("the answer was lost: stdout: {error}"))
            .helped("Make room or give another place for the answer; what was done is done.")),
    }
}

/// Content for stdout, whole.
fn page(content: &[u8]) {
    let mut stdout = io::stdout().lock();
    remember(stdout.write_all(content).and_then(|()| stdout.flush()));
}

// What is said beside the answer is not worth a failure.
fn write_line(stream: &mut impl Write, text: &str) {
    let _closed = writeln!(stream, "{text}");
}

/// A path in a JSON answer. One that is not UTF-8 is shown as near as text comes: the answer never fails on it.
pub fn shown(path: &Path) -> Cow<'_, str> {
    path.to_string_lossy()
}
