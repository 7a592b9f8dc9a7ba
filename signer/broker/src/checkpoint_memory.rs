//! The newest checkpoint this home has seen of each log: whoever shows it to an engine that was set back finds out.
//!
//! The log that answered last is the one in `<home>/checkpoint`. Where an engine goes on in another log, what was seen of
//! the one before stays beside it as `<home>/checkpoint.<origin>`, and an engine that answers from there again was set back.

use std::collections::HashSet;
use std::fs::{self, File};
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use signer_core::bounded;
use signer_wire::whole_file;

use crate::error::BrokerError;

/// Most bytes of a checkpoint.
const MAX_BYTES: usize = 16 * 1024;

/// The newest checkpoint, in memory and in the home.
pub(crate) struct CheckpointMemory {
    file: PathBuf,
    memory: Mutex<Memory>,
    /// Origin and size of the checkpoint in the file; also what makes writers of the file wait for each other.
    kept: Mutex<Option<(String, u64)>>,
}

#[derive(Default)]
struct Memory {
    newest: Option<Seen>,
    /// Origins of logs that another has followed.
    left: HashSet<String>,
}

#[derive(Clone)]
struct Seen {
    size: u64,
    note: String,
}

impl Seen {
    /// C2SP tlog-checkpoint: the first line is the origin.
    fn origin(&self) -> &str {
        self.note.lines().next().unwrap_or_default()
    }
}

impl CheckpointMemory {
    /// What `file` remembers. A file that holds no checkpoint counts as none: the next signature writes it anew.
    pub(crate) fn open(file: PathBuf) -> Self {
        let bytes = File::open(&file).and_then(|file| bounded::read(file, MAX_BYTES)).ok();
        let text = bytes.filter(|bytes| bytes.len() <= MAX_BYTES).and_then(|bytes| String::from_utf8(bytes).ok());
        let newest = text.and_then(|note| Some(Seen { size: size(&note)?, note }));
        let kept = newest.as_ref().map(|seen| (seen.origin().to_owned(), seen.size));
        let left = left(&file);
        Self { file, memory: Mutex::new(Memory { newest, left }), kept: Mutex::new(kept) }
    }

    /// The newest checkpoint's note.
    pub(crate) fn newest(&self) -> Option<String> {
        let memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        memory.newest.as_ref().map(|seen| seen.note.clone())
    }

    /// Remembers a checkpoint unless a newer one of its log is known.
    ///
    /// Fails where it is of a log that another has followed: the engine is an older copy of itself.
    pub(crate) fn saw(&self, size: u64, note: String) -> Result<(), BrokerError> {
        let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        let seen = Seen { size, note };
        if memory.left.contains(seen.origin()) {
            return Err(BrokerError::LogLeft { origin: seen.origin().to_owned() });
        }
        match memory.newest.take() {
            Some(before) if before.origin() != seen.origin() => {
                memory.left.insert(before.origin().to_owned());
                memory.newest = Some(seen);
            }
            Some(before) if seen.size <= before.size => memory.newest = Some(before),
            Some(_) | None => memory.newest = Some(seen),
        }
        Ok(())
    }

    /// Whether the file is behind. Where it is of another log, or there is none, it is written at once: what is to be
    /// remembered then is that a log was left.
    pub(crate) fn settle(&self) -> bool {
        // Whoever writes it at this moment may have begun before the newest was seen.
        let Ok(kept) = self.kept.try_lock() else { return true };
        let memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(seen) = &memory.newest else { return false };
        match &*kept {
            Some((origin, size)) if origin == seen.origin() => return *size < seen.size,
            Some(_) | None => {}
        }
        drop((memory, kept));
        self.keep();
        false
    }

    /// Writes the file if it is behind. Nobody's answer waits for this: replacing a file waits for the disk.
    pub(crate) fn keep(&self) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let newest = self.memory.lock().unwrap_or_else(PoisonError::into_inner).newest.clone();
        let Some(seen) = newest else { return };
        match &*kept {
            Some((origin, size)) if origin == seen.origin() && *size >= seen.size => return,
            // The file is a memory beyond this process's life. Without it a set-back engine is found out later, by others.
            Some((origin, _)) if origin != seen.origin() => {
                let _not_kept = fs::rename(&self.file, beside(&self.file, origin));
            }
            Some(_) | None => {}
        }
        let _not_kept = whole_file::replace(&self.file, seen.note.as_ref());
        *kept = Some((seen.origin().to_owned(), seen.size));
    }
}

/// Where the last checkpoint of a log that was left stays.
fn beside(file: &std::path::Path, origin: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(format!(".{}", origin.replace('/', "_")));
    PathBuf::from(name)
}

/// The logs that were left, by the first lines of the files beside `file`.
fn left(file: &std::path::Path) -> HashSet<String> {
    let (Some(folder), Some(name)) = (file.parent(), file.file_name().and_then(|name| name.to_str())) else {
        return HashSet::new();
    };
    let prefix = format!("{name}.log-");
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let files = entries.filter(|entry| entry.file_name().to_str().is_some_and(|name| name.starts_with(&prefix)));
    let texts = files.filter_map(|entry| fs::read_to_string(entry.path()).ok());
    texts.filter_map(|text| text.lines().next().map(str::to_owned)).collect()
}

/// C2SP tlog-checkpoint: the second line is the size.
fn size(note: &str) -> Option<u64> {
    note.lines().nth(1)?.parse().ok()
}

#[cfg(test)]
mod tests;
