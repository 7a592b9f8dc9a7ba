//! The files of a rotation, beside the old ones until it is decided, and what to do with them after a crash.
//!
//! They are written into `rotation.new/`, which becomes `rotation/` once all of them are durable. Then one transaction of
//! the store says that the rotation happened, and the files move to their places. Whoever opens a state first looks for
//! what was left: a rotation that the store knows is carried on, any other is forgotten.

use std::fs::{self, DirBuilder, File};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;

use signer_core::digest::Digest;
use signer_core::trust_root;

use super::RotationError;
use crate::{state, store};

/// Files that are complete.
const READY: &str = "rotation";
/// Files that may not be.
const DRAFT: &str = "rotation.new";
/// In the order in which they move. The trust root is last: it says which rotation this is.
const FILES: [&str; 5] = [state::KEYS, state::ROOT_KEY, state::HEAD, state::ENGINE, state::TRUST_ROOT];

/// Lays the files of a rotation beside the old ones, durably.
pub(super) fn stage(state: &Path, files: &[(&'static str, Vec<u8>)]) -> Result<(), RotationError> {
    let draft = state.join(DRAFT);
    let written = || {
        DirBuilder::new().mode(0o700).create(&draft)?;
        for (name, bytes) in files {
            let mut file = File::options().write(true).create_new(true).mode(0o600).open(draft.join(name))?;
            file.write_all(bytes)?;
            file.sync_all()?;
        }
        sync(&draft)?;
        fs::rename(&draft, state.join(READY))?;
        sync(state)
    };
    written().map_err(|source| failed(&draft, source))
}

/// Moves the files of a rotation that happened to their places. May be begun again at any point.
pub(super) fn install(state: &Path) -> Result<(), RotationError> {
    let ready = state.join(READY);
    let moved = || {
        for name in FILES {
            match fs::rename(ready.join(name), state.join(name)) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                moved => moved?,
            }
        }
        sync(state)?;
        fs::remove_dir(&ready)?;
        sync(state)
    };
    moved().map_err(|source| failed(&ready, source))
}

/// Carries an interrupted rotation on, or forgets it, as the store says. Without one it touches nothing.
///
/// Fails where the rotation is still under way.
pub(crate) fn settle(state: &Path) -> Result<(), RotationError> {
    let (draft, ready) = (state.join(DRAFT), state.join(READY));
    if !draft.exists() && !ready.exists() {
        return Ok(());
    }
    let (_reader, writer) = store::open(state)?;
    remove(&draft)?;
    let trust_root = match fs::read(ready.join(state::TRUST_ROOT)) {
        Ok(bytes) if bytes.len() <= trust_root::MAX_BYTES => Some(Digest::of(&bytes)),
        Ok(_) => None,
        // It moved last, so that nothing is left to do.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return remove(&ready),
        Err(source) => return Err(failed(&ready, source)),
    };
    match trust_root {
        Some(digest) if writer.is_rotated_to(&digest)? => install(state),
        Some(_) | None => remove(&ready),
    }
}

fn remove(directory: &Path) -> Result<(), RotationError> {
    match fs::remove_dir_all(directory) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed.map_err(|source| failed(directory, source)),
    }
}

fn sync(directory: &Path) -> io::Result<()> {
    File::open(directory)?.sync_all()
}

fn failed(path: &Path, source: io::Error) -> RotationError {
    RotationError::Files { path: path.to_owned(), source }
}
