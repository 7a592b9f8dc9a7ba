//! Git's settings in the repository of a run: given, and given back where that repository is somebody's own.

use std::fs;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use super::quietly;
use crate::failure::Failure;
use crate::{git, programs};

/// Which repository signs with this home's hook. Written before it does.
const KEPT: &str = "hooked-repository";

/// Lets git sign with the hook of this home.
pub(super) fn install(home: &Path, repository: &Path) -> Result<(), Failure> {
    let kept = home.join(KEPT);
    fs::write(&kept, repository.as_os_str().as_bytes()).map_err(|error| Failure::io(&kept, &error))?;
    run("install", home, repository)
}

/// Gives git the settings of before, unless somebody has changed them since. Names a repository that is not there.
pub(super) fn uninstall(home: &Path) -> Result<Option<PathBuf>, Failure> {
    let Ok(kept) = fs::read(home.join(KEPT)) else { return Ok(None) };
    let repository = PathBuf::from(std::ffi::OsString::from_vec(kept));
    if repository.starts_with(home) {
        return Ok(None);
    }
    if git::ask(&repository, &["rev-parse", "--git-dir"]).is_err() {
        return Ok(Some(repository));
    }
    let program = git::ask(&repository, &["config", "--local", "gpg.x509.program"]).unwrap_or_default();
    if Path::new(&program).starts_with(home) {
        run("uninstall", home, &repository)?;
    }
    Ok(None)
}

fn run(what: &str, home: &Path, repository: &Path) -> Result<(), Failure> {
    let mut hook = programs::command(programs::HOOK)?;
    hook.arg(what).arg("--home").arg(home).current_dir(repository);
    git::without_place(&mut hook);
    quietly(&mut hook)
}
