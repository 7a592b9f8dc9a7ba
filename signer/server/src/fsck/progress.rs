//! How far long work is and how long the rest takes, on stderr where somebody watches.

use std::io::{self, IsTerminal as _, Write as _};
use std::time::Instant;

/// Work on fewer things is over before anybody reads about it.
const LONG: u64 = 1 << 17;
/// How often it is told, in milliseconds.
const STEP: u128 = 250;

/// One piece of long work.
pub(crate) struct Progress {
    what: &'static str,
    total: u64,
    start: Instant,
    /// Milliseconds after the start when it was told last.
    told: u128,
    is_watched: bool,
}

impl Progress {
    /// Work on `total` things. Told on a terminal only, and only where it takes long.
    pub(crate) fn new(what: &'static str, total: u64) -> Self {
        Self { what, total, start: Instant::now(), told: 0, is_watched: io::stderr().is_terminal() && total > LONG }
    }

    /// So many of so many are done.
    pub(crate) fn reached_of(&mut self, done: u64, total: u64) {
        self.total = total;
        self.is_watched = io::stderr().is_terminal() && total > LONG;
        self.reached(done);
    }

    /// So many are done.
    pub(crate) fn reached(&mut self, done: u64) {
        if !self.is_watched {
            return;
        }
        let passed = self.start.elapsed().as_millis();
        let is_over = done >= self.total;
        if !is_over && passed < self.told.saturating_add(STEP) {
            return;
        }
        self.told = passed;
        let line = told(self.what, done, self.total, passed);
        // What stood in the line before may have been longer.
        let end = if is_over { "\n" } else { "" };
        let _nobody_watches = write!(io::stderr(), "\r{line}\x1b[K{end}");
    }
}

/// How far, how fast, and how many seconds are left at that pace.
fn told(what: &str, done: u64, total: u64, milliseconds: u128) -> String {
    let pace = u128::from(done).saturating_mul(1000).checked_div(milliseconds).unwrap_or_default();
    let left = u128::from(total.saturating_sub(done));
    match left.checked_div(pace) {
        Some(seconds) if left > 0 => format!("{what}: {done} of {total}, {pace}/s, {seconds} s left"),
        Some(_) => format!("{what}: {done} of {total}, {pace}/s"),
        None => format!("{what}: {done} of {total}"),
    }
}

#[cfg(test)]
mod tests {
    use super::told;

    #[test]
    fn says_how_long_the_rest_takes() {
        assert_eq!(told("entries", 250_000, 1_000_000, 500), "entries: 250000 of 1000000, 500000/s, 1 s left");
        assert_eq!(told("entries", 7, 7, 1000), "entries: 7 of 7, 7/s");
    }

    #[test]
    fn says_nothing_about_the_rest_before_there_is_a_pace() {
        assert_eq!(told("entries", 0, 10, 0), "entries: 0 of 10");
        assert_eq!(told("entries", 0, 10, 400), "entries: 0 of 10");
    }
}
