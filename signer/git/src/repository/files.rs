//! All files of one folder of a tree, for folders that are small by their nature.

use crate::object_id::ObjectId;
use crate::repository::{Repository, RepositoryError};

/// Most entries below such a folder, folders counted: trees may name one subtree many times over.
const MAX_ENTRIES: usize = 1024;

impl Repository {
    /// The content of everything but folders below `folder` of a tree, named from that folder and sorted by name; nothing
    /// where there is no such folder. Fails over 1024 entries, folders counted, and on a file over 8 MiB.
    pub fn files_below(&self, tree: &ObjectId, folder: &[u8]) -> Result<Vec<(String, Vec<u8>)>, RepositoryError> {
        let Some(entry) = self.entry_at(tree, folder)? else { return Ok(Vec::new()) };
        let mut open = vec![(String::new(), entry.id)];
        let (mut files, mut entries) = (Vec::new(), 0_usize);
        while let Some((prefix, id)) = open.pop() {
            let tree = self.tree(&id)?;
            entries = entries.saturating_add(tree.entries().len());
            if entries > MAX_ENTRIES {
                return Err(RepositoryError::TooManyFiles { limit: MAX_ENTRIES });
            }
            for child in tree.entries() {
                let name = format!("{prefix}{}", String::from_utf8_lossy(&child.name));
                if child.mode.is_directory() {
                    open.push((format!("{name}/"), child.id));
                } else {
                    files.push((name, self.read(&child.id)?.bytes));
                }
            }
        }
        files.sort();
        Ok(files)
    }
}
