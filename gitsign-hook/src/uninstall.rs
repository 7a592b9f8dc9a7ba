//! `gitsign-hook uninstall`: git's configuration is what it was.

use std::path::PathBuf;

use serde::Serialize;
use signer_wire::Home;

use crate::arguments::Place;
use crate::failure::HookError;
use crate::git_config::{ConfigError, Git};
use crate::install::{Ground, regular};
use crate::install_record::{Record, Shelf, contents, digest, remove, replace};
use crate::{Answer, path};

/// What was taken back.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Uninstalled {
    schema: &'static str,
    /// The configuration file.
    pub file: PathBuf,
    /// How it was restored.
    pub restored: Restored,
    /// Keys that somebody changed since; they stay as they are.
    pub left: Vec<String>,
}

/// How a configuration file was restored.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Restored {
    /// Byte for byte: nobody else had changed the file.
    Bytes,
    /// Key by key: the file holds other changes, which stay.
    Keys,
}

impl Answer for Uninstalled {
    fn lines(&self) -> Vec<String> {
        let how = match self.restored {
            Restored::Bytes => "restored byte for byte",
            Restored::Keys => "restored key by key; other changes were left alone",
        };
        let left = self.left.iter().map(|key| format!("  {key} was changed by somebody else and stays"));
        [format!("{}: {how}", path(&self.file))].into_iter().chain(left).collect()
    }
}

/// Restores the configuration that the record speaks of.
pub fn uninstall(place: &Place) -> Result<Uninstalled, HookError> {
    let git = Git::find()?;
    let home = Home::of_process(place.home.clone())?;
    let Ground { shelf, file, .. } = Ground::find(&git, place, &home)?;
    let record = shelf.read()?.ok_or_else(|| ConfigError::NotInstalled { record: shelf.record.clone() })?;
    // A repository may have been moved since.
    let record = if place.global { record } else { Record { file, ..record } };
    regular(&record.file)?;
    let found = contents(&record.file)?;
    let (restored, left) = if digest(found.as_deref().unwrap_or_default()) == record.after {
        restore_bytes(&shelf, &record)?;
        (Restored::Bytes, Vec::new())
    } else {
        (Restored::Keys, restore_keys(&git, &record)?)
    };
    shelf.clear()?;
    Ok(Uninstalled { schema: "urn:chancery:hook-uninstall:v1", file: record.file, restored, left })
}

fn restore_bytes(shelf: &Shelf, record: &Record) -> Result<(), ConfigError> {
    if !record.existed {
        return remove(&record.file);
    }
    let before = contents(&shelf.copy)?.ok_or_else(|| ConfigError::NotInstalled { record: shelf.copy.clone() })?;
    replace(&record.file, &before, 0o644)
}

/// Gives each key that still has our value the values it had; names the others.
fn restore_keys(git: &Git, record: &Record) -> Result<Vec<String>, ConfigError> {
    let mut left = Vec::new();
    for previous in &record.previous {
        let found = git.values(&record.file, &previous.key)?;
        let ours = record.settings.iter().find(|(key, _)| *key == previous.key);
        // Without settings the installation broke off before it changed the record.
        if record.settings.is_empty() || ours.is_some_and(|(_, value)| found == [value.as_str()]) {
            git.replace(&record.file, &previous.key, &previous.values)?;
        } else if found != previous.values {
            left.push(previous.key.clone());
        }
    }
    Ok(left)
}
