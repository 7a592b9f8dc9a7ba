//! The status descriptor: lines of the `GnuPG` protocol that git reads to learn what happened.

use std::fs::File;
use std::io::{self, Write};

use crate::failure::HookError;

/// Where status lines go.
pub struct StatusChannel {
    descriptor: u32,
    sink: Sink,
}

enum Sink {
    Nowhere,
    Stdout,
    Stderr,
    Inherited(File),
}

impl StatusChannel {
    /// The descriptor git named, or none.
    pub fn open(descriptor: Option<u32>) -> Result<Self, HookError> {
        let number = descriptor.unwrap_or_default();
        let sink = match descriptor {
            None => Sink::Nowhere,
            Some(1) => Sink::Stdout,
            Some(2) => Sink::Stderr,
            // Appending: a reopened file starts at its beginning, where the caller's own words are.
            Some(other) => File::options()
                .append(true)
                .open(format!("/dev/fd/{other}"))
                .map(Sink::Inherited)
                .map_err(|source| HookError::StatusChannel { descriptor: other, source })?,
        };
        Ok(Self { descriptor: number, sink })
    }

    /// Writes lines, all at once: git is woken by each write. The words are this program's own, never foreign text.
    pub fn lines(&mut self, words: &[&str]) -> Result<(), HookError> {
        let line = words.iter().fold(String::new(), |lines, words| lines + "[GNUPG:] " + words + "\n");
        let written = match &mut self.sink {
            Sink::Nowhere => Ok(()),
            Sink::Stdout => whole(&mut io::stdout().lock(), &line),
            Sink::Stderr => whole(&mut io::stderr().lock(), &line),
            Sink::Inherited(file) => whole(file, &line),
        };
        written.map_err(|source| HookError::StatusChannel { descriptor: self.descriptor, source })
    }
}

fn whole(out: &mut impl Write, line: &str) -> io::Result<()> {
    out.write_all(line.as_bytes()).and_then(|()| out.flush())
}
