//! Stores that an `objects` directory borrows from (gitrepository-layout, `objects/info/alternates`).
//!
//! A verifier refuses them (`hist.alternates`); whoever signs reads through them as git does.

use std::path::{Path, PathBuf};

use crate::repository::RepositoryError;
use crate::repository::layout::read_text;

/// Most bytes of the file.
const MAX_FILE: u64 = 1024 * 1024;
/// Most directories, the first included: one may borrow from the next without end.
const MAX_PLACES: usize = 64;

/// The directory itself, then what it borrows from and what that borrows from, each once.
pub(super) fn with_borrowed(objects: &Path) -> Result<Vec<PathBuf>, RepositoryError> {
    let mut places = vec![objects.to_owned()];
    let mut looked_at = 0;
    while let Some(here) = places.get(looked_at).cloned() {
        let text = read_text(&here.join("info/alternates"), MAX_FILE)?.unwrap_or_default();
        for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let place = here.join(line);
            if places.len() < MAX_PLACES && !places.contains(&place) {
                places.push(place);
            }
        }
        looked_at += 1;
    }
    Ok(places)
}
