//! Where a run lives: a folder of its own, and the repository it works on.

use std::fs;
use std::path::{Path, PathBuf};

use signer_core::reason::Code;
use signer_wire::Home;

use crate::args::Quickstart;
use crate::config::Config;
use crate::failure::Failure;
use crate::git;

/// Most runs that one home holds beside each other.
const MAX_RUNS: u32 = 10_000;

/// The folder of one run.
pub(super) struct Place {
    pub(super) home: Home,
}

impl Place {
    /// The next free folder below `<home>/quickstart`: every run is whole in itself, and none disturbs another.
    pub(super) fn choose(config: &Config) -> Result<Self, Failure> {
        config.home.ensure().map_err(Failure::wire)?;
        let runs = runs(config);
        fs::create_dir_all(&runs).map_err(|error| Failure::io(&runs, &error))?;
        for number in 1..=MAX_RUNS {
            let folder = runs.join(number.to_string());
            match fs::create_dir(&folder) {
                Ok(()) => return Self::at(folder),
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(Failure::io(&folder, &error)),
            }
        }
        Err(Failure::new(Code::InternalIo, format_args!("`{}` holds {MAX_RUNS} runs", runs.display())))
    }

    fn at(folder: PathBuf) -> Result<Self, Failure> {
        use std::os::unix::fs::PermissionsExt as _;
        let private = fs::Permissions::from_mode(0o700);
        fs::set_permissions(&folder, private).map_err(|error| Failure::io(&folder, &error))?;
        let place = Self { home: Home::of_process(Some(folder)).map_err(Failure::wire)? };
        fs::create_dir(place.work()).map_err(|error| Failure::io(&place.work(), &error))?;
        Ok(place)
    }

    /// Where prompt, artifact and repository lie.
    pub(super) fn work(&self) -> PathBuf {
        self.home.path().join("work")
    }

    /// The engine's state.
    pub(super) fn engine(&self) -> PathBuf {
        self.home.path().join("engine")
    }

    /// The repository to work on: the one named, a clone of it, or a fresh one.
    pub(super) fn repository(&self, arguments: &Quickstart) -> Result<PathBuf, Failure> {
        let Some(named) = &arguments.repository else { return self.fresh() };
        let source = fs::canonicalize(named).map_err(|error| Failure::io(named, &error))?;
        let is_repository = git::ask(&source, &["rev-parse", "--git-dir"]).is_ok();
        let is_empty = fs::read_dir(&source).is_ok_and(|mut entries| entries.next().is_none());
        match (is_repository, is_empty, arguments.in_place) {
            (true, _, true) => on_a_branch(&source).map(|()| source),
            (true, _, false) => self.clone_of(&source),
            (false, true, true) => git::ask(&source, &["init", "--quiet", "-b", "main"]).map(|_| source),
            (false, true, false) => self.fresh(),
            (false, false, _) => Err(Failure::usage(format_args!("`{}` is not a git repository", named.display()))),
        }
    }

    fn fresh(&self) -> Result<PathBuf, Failure> {
        let repository = self.work().join("repository");
        fs::create_dir(&repository).map_err(|error| Failure::io(&repository, &error))?;
        git::ask(&repository, &["init", "--quiet", "-b", "main"])?;
        Ok(repository)
    }

    fn clone_of(&self, source: &Path) -> Result<PathBuf, Failure> {
        let repository = self.work().join("repository");
        let mut command = git::command(&self.work())?;
        command
            .args(["-c", git::NO_HOOKS, "clone", "--quiet", "--no-recurse-submodules", "--"])
            .arg(source)
            .arg(&repository);
        git::finish(&mut command)?;
        on_a_branch(&repository)?;
        Ok(repository)
    }
}

/// Every run of a home. A home that is itself a run's, as quick start tells people to export, stands for all its siblings.
pub(super) fn runs(config: &Config) -> PathBuf {
    let home = config.home.path();
    let above = home.parent().filter(|parent| parent.ends_with("quickstart") && home.join("work").is_dir());
    above.map_or_else(|| home.join("quickstart"), Path::to_path_buf)
}

/// A detached head has no target: gives it a branch.
fn on_a_branch(repository: &Path) -> Result<(), Failure> {
    if git::ask(repository, &["symbolic-ref", "--quiet", "HEAD"]).is_err() {
        git::ask(repository, &["-c", git::NO_HOOKS, "switch", "--quiet", "-c", "chancery-quickstart"])?;
    }
    Ok(())
}
