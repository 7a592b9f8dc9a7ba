//! Where state lives: `--home`, `CHANCERY_HOME`, the folder above `bin/gitsign-hook` this program was called by,
//! `XDG_STATE_HOME/chancery`, `~/.local/state/chancery`; the first that is set wins.

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

use crate::error::WireError;

/// Name of the hook's program inside `<home>/bin`.
pub const HOOK: &str = "gitsign-hook";
/// The name by which git's signing program knows that it signs through a Sigstore elsewhere.
pub const HOOK_ELSEWHERE: &str = "gitsign-elsewhere";

/// The folder that holds state, an absolute path.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Home(PathBuf);

/// What a process was told about its home.
#[derive(Clone, Default, Debug)]
pub struct Sources {
    /// `--home`.
    pub flag: Option<PathBuf>,
    /// `CHANCERY_HOME`.
    pub variable: Option<OsString>,
    /// `argv[0]`.
    pub program: Option<OsString>,
    /// `XDG_STATE_HOME`.
    pub state: Option<OsString>,
    /// `HOME`.
    pub user: Option<OsString>,
    /// The current folder, for a relative `--home`.
    pub current: PathBuf,
}

impl Sources {
    /// What this process was told, with the value of its `--home` flag.
    pub fn of_process(flag: Option<PathBuf>) -> Self {
        Self {
            flag,
            variable: std::env::var_os("CHANCERY_HOME"),
            program: std::env::args_os().next(),
            state: std::env::var_os("XDG_STATE_HOME"),
            user: std::env::var_os("HOME"),
            current: std::env::current_dir().unwrap_or_default(),
        }
    }
}

impl Home {
    /// The home this process was told of. Fails where nothing names an absolute path.
    pub fn of_process(flag: Option<PathBuf>) -> Result<Self, WireError> {
        Self::resolve(Sources::of_process(flag))
    }

    /// The first source that names a home.
    pub fn resolve(sources: Sources) -> Result<Self, WireError> {
        let told = sources.flag.or_else(|| set(sources.variable)).map(|path| sources.current.join(path));
        let home = told
            .or_else(|| sources.program.as_deref().map(Path::new).and_then(above_hook))
            // XDG Base Directory: a relative value is invalid and ignored.
            .or_else(|| set(sources.state).filter(|p| p.is_absolute()).map(|path| path.join("chancery")))
            .or_else(|| set(sources.user).map(|path| path.join(".local/state/chancery")));
        match home {
            Some(home) if home.is_absolute() => Ok(Self(home)),
            _ => Err(WireError::HomeUnknown),
        }
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The broker's socket.
    pub fn socket(&self) -> PathBuf {
        self.0.join("broker.sock")
    }

    /// Where the broker writes what it has to say.
    pub fn broker_log(&self) -> PathBuf {
        self.0.join("broker.log")
    }

    /// The link git is configured with.
    pub fn hook(&self) -> PathBuf {
        self.0.join("bin").join(HOOK)
    }

    /// The link git is configured with where it signs without an engine.
    pub fn hook_elsewhere(&self) -> PathBuf {
        self.0.join("bin").join(HOOK_ELSEWHERE)
    }

    /// What starts this home's engine, ready to be typed anywhere: the home is named unless it is the platform's own.
    pub fn serve_command(&self) -> String {
        let (state, user) = (std::env::var_os("XDG_STATE_HOME"), std::env::var_os("HOME"));
        let platforms = Self::resolve(Sources { state, user, ..Sources::default() });
        if platforms.is_ok_and(|platforms| platforms == *self) {
            return "chancery serve".to_owned();
        }
        format!("chancery --home {} serve", typed(&self.0.to_string_lossy()))
    }

    /// What to do about an engine that does not answer.
    pub fn start_help(&self) -> String {
        format!("Start it: `{}`.", self.serve_command())
    }

    /// Makes the folder with mode 0700. Fails where it belongs to somebody else or others may write to it.
    pub fn ensure(&self) -> Result<(), WireError> {
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&self.0)
            .map_err(|source| WireError::Io { what: "make the home folder", source })?;
        let found = fs::metadata(&self.0).map_err(|source| WireError::Io { what: "read the home folder", source })?;
        // As mkdir(2) has it: what is sticky and open to all is kept for all.
        if found.mode() & 0o1002 == 0o1002 {
            return Err(WireError::HomeShared { home: self.0.clone() });
        }
        if found.uid() != rustix::process::geteuid().as_raw() || found.mode() & 0o022 != 0 {
            return Err(WireError::HomeUnsafe { home: self.0.clone() });
        }
        Ok(())
    }
}

/// A word as a shell takes it.
fn typed(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-+".contains(c);
    if word.chars().all(is_plain) { word.to_owned() } else { format!("'{}'", word.replace('\'', r"'\''")) }
}

fn set(value: Option<OsString>) -> Option<PathBuf> {
    value.filter(|text| !text.is_empty()).map(PathBuf::from)
}

/// `<home>/bin/gitsign-hook` names its home, but only where `<home>` looks like one: a program installed in
/// `/usr/bin` says nothing.
fn above_hook(program: &Path) -> Option<PathBuf> {
    let folder = program.parent()?;
    let home = folder.parent()?;
    let linked = fs::symlink_metadata(program).is_ok_and(|found| found.is_symlink());
    let is_ours = [HOOK, HOOK_ELSEWHERE].iter().any(|name| program.ends_with(Path::new("bin").join(name)));
    (program.is_absolute() && is_ours && linked).then(|| home.to_path_buf())
}

#[cfg(test)]
mod tests;
