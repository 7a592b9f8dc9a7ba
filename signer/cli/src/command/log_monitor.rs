//! `chancery log monitor`: follows a log of anybody's and says what is wrong with it, one JSON line an alert.
//!
//! A log is believed in nothing: its checkpoint is verified, its growth since the last look is proven, every new entry is
//! read again and hashed into the tree, and what repositories carry of it is held against it.

mod alert;
mod known;
mod memory;
mod pattern;

use std::path::Path;
use std::thread;
use std::time::Duration;

use signer_core::log_entry::{self, Observed};
use signer_core::reason::{Code, Coded as _};

use crate::args::log::LogMonitor;
use crate::config::Config;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::tlog::{self, LogSource, LogTrust, Replay, Shown, Tiles, TlogError, prove_growth};
use alert::{Alert, Alerts};
use known::Known;
use memory::{Memory, Remembered};
use pattern::Pattern;

/// Looks once, or for ever.
pub(crate) fn monitor(config: &Config, arguments: &LogMonitor) -> Result<Exit, Failure> {
    let watch = Watch {
        config,
        arguments,
        source: LogSource::open(config, arguments.log.as_deref())?,
        trust: LogTrust::find(config, &arguments.trust)?,
        patterns: arguments.identities.iter().map(|text| Pattern::new(text)).collect(),
        known: Known::find(config, arguments)?,
    };
    loop {
        let mut alerts = Alerts::default();
        let looked = watch.look(&mut alerts);
        if arguments.once {
            looked?;
            return Ok(if alerts.is_empty() { Exit::Accepted } else { Exit::Rejected });
        }
        if let Err(failure) = looked {
            config.output.failure(&failure);
        }
        thread::sleep(Duration::from_secs(arguments.interval));
    }
}

struct Watch<'a> {
    config: &'a Config,
    arguments: &'a LogMonitor,
    source: LogSource,
    trust: LogTrust,
    patterns: Vec<Pattern>,
    known: Known,
}

impl Watch<'_> {
    /// One look. Alerts are printed as they are found; an error means that the log could not be looked at.
    fn look(&self, alerts: &mut Alerts) -> Result<(), Failure> {
        let note = self.source.checkpoint()?;
        let shown = match self.trust.verify_log(&note) {
            Ok(shown) => shown,
            Err(error) => {
                alerts.raise(&Alert::about(error.code(), &error).with_checkpoints(&[&note]));
                return Ok(());
            }
        };
        if let Err(error) = self.trust.verify(&note) {
            alerts.raise(&Alert::about(error.code(), &error).with_checkpoints(&[&note]));
        }
        let memory = Memory::of(self.config, self.arguments.state.as_deref(), &shown.log)?;
        let remembered = memory.read(&self.trust)?;
        let tiles = Tiles::new(&self.source);
        if !self.has_grown(&shown, &remembered, &tiles, &memory, alerts)? {
            return Ok(());
        }
        if !self.read_new(&shown, &remembered, &tiles, alerts)? {
            return Ok(());
        }
        for directory in &self.arguments.repositories {
            self.compare(directory, &shown, &tiles, &memory, alerts)?;
        }
        memory.write(&shown)
    }

    /// Whether the log is what was seen last and more. Where it is not, both checkpoints are kept.
    fn has_grown(
        &self,
        shown: &Shown,
        remembered: &Remembered,
        tiles: &Tiles<'_>,
        memory: &Memory,
        alerts: &mut Alerts,
    ) -> Result<bool, Failure> {
        let Some(seen) = remembered else { return Ok(true) };
        let (before, newest) = (seen.published.checkpoint(), shown.published.checkpoint());
        let notes = [seen.note.as_str(), shown.note.as_str()];
        if newest.size < before.size {
            let message = format_args!("the log showed {} entries and shows {}", before.size, newest.size);
            alerts.raise(&Alert::about(Code::LogRollback, message).with_checkpoints(&notes));
            memory.keep_evidence(&notes)?;
            return Ok(false);
        }
        match prove_growth(tiles, before.size, &before.root, newest) {
            Ok(()) => Ok(true),
            Err(TlogError::Merkle(error)) => {
                alerts.raise(&Alert::about(Code::LogSplitView, error).with_checkpoints(&notes));
                memory.keep_evidence(&notes)?;
                Ok(false)
            }
            Err(error) => self.blamed(error, alerts),
        }
    }

    /// Reads every entry since the last look. Whether all of them are in the tree.
    fn read_new(
        &self,
        shown: &Shown,
        remembered: &Remembered,
        tiles: &Tiles<'_>,
        alerts: &mut Alerts,
    ) -> Result<bool, Failure> {
        let checkpoint = shown.published.checkpoint();
        let start = remembered.as_ref().map_or(0, |seen| seen.published.checkpoint().size);
        let mut replay = match Replay::new(tiles, checkpoint, start) {
            Ok(replay) => replay,
            Err(error) => return self.blamed(error, alerts),
        };
        loop {
            match replay.next_bundle() {
                Ok(None) => return Ok(true),
                Ok(Some(bundle)) => {
                    for (index, body) in bundle.from(start) {
                        for observed in log_entry::observe(body) {
                            self.hold_against(&checkpoint.origin, index, &observed, alerts);
                        }
                    }
                    self.config.output.progress("read", replay.size(), checkpoint.size);
                }
                Err(error) => return self.blamed(error, alerts),
            }
        }
    }

    /// Alerts about the names in one certificate.
    fn hold_against(&self, origin: &str, index: u64, observed: &Observed, alerts: &mut Alerts) {
        let watched = |subject: &&String| self.patterns.iter().any(|pattern| pattern.matches(subject));
        for subject in observed.subjects.iter().filter(watched) {
            let message = format_args!("entry {index} was signed under `{subject}`");
            alerts.raise(&Alert::about(Code::LogIdentitySeen, message).with_entry(index, observed));
        }
        if let Some(why) = self.known.unexplained(origin, observed) {
            let message = format_args!("entry {index} was signed {why}");
            alerts.raise(&Alert::about(Code::LogIdentityUnexplained, message).with_entry(index, observed));
        }
    }

    /// Holds the checkpoints that a repository's signatures carry against the log.
    fn compare(
        &self,
        directory: &Path,
        shown: &Shown,
        tiles: &Tiles<'_>,
        memory: &Memory,
        alerts: &mut Alerts,
    ) -> Result<(), Failure> {
        let newest = shown.published.checkpoint();
        for embedded in tlog::embedded(directory, &shown.log)? {
            let notes = [embedded.note.as_str(), shown.note.as_str()];
            let outcome = if embedded.checkpoint.size > newest.size {
                Err((Code::LogRollback, format!("commit {} carries a larger tree than the log shows", embedded.commit)))
            } else {
                match prove_growth(tiles, embedded.checkpoint.size, &embedded.checkpoint.root, newest) {
                    Ok(()) => Ok(()),
                    Err(TlogError::Merkle(error)) => {
                        Err((Code::LogSplitView, format!("commit {} carries another tree: {error}", embedded.commit)))
                    }
                    Err(error) => return self.blamed(error, alerts).map(drop),
                }
            };
            if let Err((code, message)) = outcome {
                alerts.raise(&Alert::about(code, message).with_checkpoints(&notes).with_commit(&embedded.commit));
                memory.keep_evidence(&notes)?;
            }
        }
        Ok(())
    }

    /// A log that shows wrong tiles or entries is an alert; one that cannot be asked is not the log's word.
    #[expect(clippy::unused_self, reason = "reads as the other steps do")]
    fn blamed(&self, error: TlogError, alerts: &mut Alerts) -> Result<bool, Failure> {
        match error {
            TlogError::Client(_) | TlogError::Io { .. } => Err(error.into()),
            error => {
                alerts.raise(&Alert::about(error.code(), &error));
                Ok(false)
            }
        }
    }
}

#[cfg(test)]
mod tests;
