//! Repositories that were signed in lately, kept open: a warm commit reads objects and nothing else.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use signer_git::{Repository, RepositoryError, RepositoryPath};

/// Most repositories that are kept open.
const MAX_OPEN: usize = 16;

/// Open repositories, newest last.
#[derive(Default)]
pub(crate) struct RepositoryMemory(Mutex<Vec<Open>>);

struct Open {
    path: PathBuf,
    /// Device and number of the folder: another repository in the same place is another one.
    place: (u64, u64),
    repository: Arc<Repository>,
}

impl RepositoryMemory {
    /// The repository `directory` lies in, or is.
    pub(crate) fn open(&self, directory: &Path) -> Result<Arc<Repository>, RepositoryError> {
        let path = if directory.join("HEAD").is_file() && directory.join("objects").is_dir() {
            directory.to_path_buf()
        } else if directory.join(".git").exists() || !directory.join("HEAD").is_file() {
            RepositoryPath::discover(directory)?.as_path().to_path_buf()
        } else {
            // The private folder of a linked work tree has a HEAD and shares the objects.
            directory.to_path_buf()
        };
        let place = place(&path);
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = all.iter().find(|open| open.path == path && Some(open.place) == place) {
            return Ok(Arc::clone(&known.repository));
        }
        // Enough to sign in: whoever judges the commit later demands the whole history.
        let repository = Arc::new(Repository::danger_open_incomplete(&path)?);
        all.retain(|open| open.path != path);
        if all.len() == MAX_OPEN {
            all.remove(0);
        }
        if let Some(place) = place {
            all.push(Open { path, place, repository: Arc::clone(&repository) });
        }
        Ok(repository)
    }
}

fn place(path: &Path) -> Option<(u64, u64)> {
    let git = path.join(".git");
    let found = fs::metadata(&git).or_else(|_| fs::metadata(path)).ok()?;
    Some((found.dev(), found.ino()))
}
