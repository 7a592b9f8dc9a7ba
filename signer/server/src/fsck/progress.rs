//! How far long work is, on stderr where somebody watches.

use std::io::{self, IsTerminal as _, Write as _};

/// How often it is told.
const STEP: u64 = 1 << 17;

/// One piece of long work.
pub(crate) struct Progress {
    what: &'static str,
    total: u64,
    told: u64,
    is_watched: bool,
}

impl Progress {
    /// Work on `total` things. Told on a terminal only, and only where it takes long.
    pub(crate) fn new(what: &'static str, total: u64) -> Self {
        Self { what, total, told: 0, is_watched: io::stderr().is_terminal() && total > STEP }
    }

    /// So many of so many are done.
    pub(crate) fn reached_of(&mut self, done: u64, total: u64) {
        self.total = total;
        self.is_watched = io::stderr().is_terminal() && total > STEP;
        self.reached(done);
    }

    /// So many are done.
    pub(crate) fn reached(&mut self, done: u64) {
        if !self.is_watched || done < self.told.saturating_add(STEP) && done < self.total {
            return;
        }
        self.told = done;
        let end = if done >= self.total { "\n" } else { "" };
        let _nobody_watches = write!(io::stderr(), "\r{}: {done} of {}{end}", self.what, self.total);
    }
}
