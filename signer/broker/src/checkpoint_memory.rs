//! The newest checkpoint this home has seen: whoever shows it to an engine that was set back finds out.

use std::fs;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

/// Most bytes of a checkpoint.
const MAX_BYTES: usize = 16 * 1024;

/// The newest checkpoint, in memory and in `<home>/checkpoint`.
pub(crate) struct CheckpointMemory {
    file: PathBuf,
    newest: Mutex<Option<Seen>>,
    /// Size of the tree whose checkpoint the file holds; also what makes writers of the file wait for each other.
    kept: Mutex<u64>,
}

#[derive(Clone)]
struct Seen {
    size: u64,
    note: String,
}

impl CheckpointMemory {
    /// What `file` remembers. A file that holds no checkpoint counts as none: the next signature writes it anew.
    pub(crate) fn open(file: PathBuf) -> Self {
        let text = fs::read_to_string(&file).ok().filter(|text| text.len() <= MAX_BYTES);
        let newest = text.and_then(|note| Some(Seen { size: size(&note)?, note }));
        let kept = newest.as_ref().map_or(0, |seen| seen.size);
        Self { file, newest: Mutex::new(newest), kept: Mutex::new(kept) }
    }

    /// The newest checkpoint's note.
    pub(crate) fn newest(&self) -> Option<String> {
        let newest = self.newest.lock().unwrap_or_else(PoisonError::into_inner);
        newest.as_ref().map(|seen| seen.note.clone())
    }

    /// Remembers a checkpoint unless a newer one is known.
    pub(crate) fn saw(&self, size: u64, note: String) {
        let mut newest = self.newest.lock().unwrap_or_else(PoisonError::into_inner);
        if newest.as_ref().is_none_or(|seen| seen.size < size) {
            *newest = Some(Seen { size, note });
        }
    }

    /// Writes the file if it is behind. Nobody's answer waits for this: replacing a file waits for the disk.
    pub(crate) fn keep(&self) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let newest = self.newest.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let Some(seen) = newest.filter(|seen| seen.size > *kept) else { return };
        // The file is a memory beyond this process's life. Without it a set-back engine is found out later, by others.
        let fresh = self.file.with_extension("new");
        let _not_kept = fs::write(&fresh, &seen.note).and_then(|()| fs::rename(&fresh, &self.file));
        *kept = seen.size;
    }
}

/// C2SP tlog-checkpoint: the second line is the size.
fn size(note: &str) -> Option<u64> {
    note.lines().nth(1)?.parse().ok()
}
