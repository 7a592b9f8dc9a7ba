//! Git's configuration, read and changed by the real `git config`.
//!
//! Git is found in a fixed list of places, never by PATH: a repository or an agent may put another `git` first there.

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// Where systems keep git.
const PLACES: &[&str] =
    &["/usr/bin/git", "/usr/local/bin/git", "/opt/homebrew/bin/git", "/run/current-system/sw/bin/git", "/bin/git"];

/// The real git.
pub struct Git {
    program: &'static str,
}

/// Whose word counts when a value is read as git would read it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Environment {
    /// As the caller's environment has it, `git -c` and `GIT_CONFIG_*` included.
    Callers,
    /// Files alone.
    Plain,
}

impl Git {
    /// The first git of the fixed list.
    pub fn find() -> Result<Self, ConfigError> {
        let found = PLACES.iter().find(|place| Path::new(place).is_file());
        found.map(|program| Self { program }).ok_or(ConfigError::GitMissing)
    }

    /// The folder of the current repository that its work trees share.
    pub fn common_folder(&self) -> Result<PathBuf, ConfigError> {
        let mut command = self.plain();
        if let Some(folder) = std::env::var_os("GIT_DIR") {
            command.env("GIT_DIR", folder);
        }
        command.args(["rev-parse", "--path-format=absolute", "--git-common-dir"]);
        let output = run(&mut command)?;
        let path = output.stdout.strip_suffix(b"\n").unwrap_or(&output.stdout);
        if !output.status.success() || path.is_empty() {
            return Err(nowhere(&output.stderr));
        }
        Ok(PathBuf::from(OsString::from_vec(path.to_vec())))
    }

    /// Every value of `key` in `file`, in order; a file that does not exist has none.
    pub fn values(&self, file: &Path, key: &str) -> Result<Vec<String>, ConfigError> {
        if !file.exists() {
            return Ok(Vec::new());
        }
        let mut command = self.plain();
        command.args(["config", "--null", "--file"]).arg(file).args(["--get-all", key]);
        found(&run(&mut command)?, key)
    }

    /// Leaves exactly `values` for `key` in `file`.
    pub fn replace(&self, file: &Path, key: &str, values: &[String]) -> Result<(), ConfigError> {
        if values.is_empty() && self.values(file, key)?.is_empty() {
            return Ok(());
        }
        let Some((first, others)) = values.split_first() else { return self.change(file, key, "--unset-all", None) };
        self.change(file, key, "--replace-all", Some(first))?;
        others.iter().try_for_each(|value| self.change(file, key, "--add", Some(value)))
    }

    /// The value git would use here, or none.
    pub fn effective(&self, key: &str, scope: Scope, environment: Environment) -> Result<Option<String>, ConfigError> {
        let mut command = match environment {
            Environment::Callers => Command::new(self.program),
            Environment::Plain => self.plain(),
        };
        command.args(["config", "--null"]).args(scope.flag()).args(["--get", key]).stdin(Stdio::null());
        found(&run(&mut command)?, key).map(|mut values| values.pop())
    }

    /// Every value that git would use here, in order.
    pub fn all(&self, key: &str) -> Result<Vec<String>, ConfigError> {
        let mut command = Command::new(self.program);
        command.args(["config", "--null", "--get-all", key]).stdin(Stdio::null());
        found(&run(&mut command)?, key)
    }

    fn change(&self, file: &Path, key: &str, how: &str, value: Option<&String>) -> Result<(), ConfigError> {
        let mut command = self.plain();
        command.args(["config", "--file"]).arg(file).args([how, key]).args(value);
        let output = run(&mut command)?;
        if output.status.success() { Ok(()) } else { Err(refused(key, &output)) }
    }

    /// Git without a word of the caller's environment beyond where the user's files are.
    fn plain(&self) -> Command {
        let mut command = Command::new(self.program);
        command.env_clear().stdin(Stdio::null());
        for name in ["HOME", "XDG_CONFIG_HOME", "GIT_CONFIG_GLOBAL"] {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        command
    }
}

/// Which files are read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Scope {
    /// All that count in the current repository.
    Repository,
    /// The user's.
    Global,
}

impl Scope {
    fn flag(self) -> Option<&'static str> {
        match self {
            Self::Repository => None,
            Self::Global => Some("--global"),
        }
    }
}

/// The user's file, as `git config --global` chooses it (git-config(1), FILES).
pub fn global_file(variable: impl Fn(&str) -> Option<OsString>) -> Result<PathBuf, ConfigError> {
    let set = |name: &str| variable(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    if let Some(file) = set("GIT_CONFIG_GLOBAL") {
        return Ok(file);
    }
    let home = set("HOME").ok_or(ConfigError::NoUser)?;
    let (own, shared) = (home.join(".gitconfig"), set("XDG_CONFIG_HOME").unwrap_or_else(|| home.join(".config")));
    let shared = shared.join("git/config");
    Ok(if !own.exists() && shared.exists() { shared } else { own })
}

/// Why git finds no repository here: there is none, or git does not trust whose it is.
fn nowhere(said: &[u8]) -> ConfigError {
    // git-config(1), safe.directory. Git runs without the caller's locale, so that its words are these.
    let said = String::from_utf8_lossy(said);
    let distrusted = said.split_once("detected dubious ownership in repository at '");
    match distrusted.and_then(|(_, rest)| rest.split_once("'\n")) {
        Some((folder, _)) => ConfigError::Distrusted { folder: PathBuf::from(folder) },
        None => ConfigError::NoRepository,
    }
}

fn run(command: &mut Command) -> Result<Output, ConfigError> {
    command.output().map_err(|source| ConfigError::Start { source })
}

fn found(output: &Output, key: &str) -> Result<Vec<String>, ConfigError> {
    match output.status.code() {
        Some(0) => split(&output.stdout, key),
        // git-config(1): 1 is "the key is not there".
        Some(1) => Ok(Vec::new()),
        _ => Err(refused(key, output)),
    }
}

fn split(output: &[u8], key: &str) -> Result<Vec<String>, ConfigError> {
    let values = output.split_inclusive(|byte| *byte == 0).map(|value| value.strip_suffix(b"\0").unwrap_or(value));
    let texts = values.map(|value| String::from_utf8(value.to_vec()));
    texts.collect::<Result<_, _>>().map_err(|_| ConfigError::Encoding { key: key.to_owned() })
}

fn refused(key: &str, output: &Output) -> ConfigError {
    ConfigError::Refused {
        key: key.to_owned(),
        words: OsStr::to_string_lossy(&OsString::from_vec(output.stderr.clone())).trim_end().to_owned(),
    }
}

/// Why git's configuration could not be read or changed.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A repository of another user.
    #[error("git does not trust the repository {}: it belongs to another user", folder.display())]
    Distrusted {
        /// Where it is.
        folder: PathBuf,
    },
    /// A value that is not UTF-8.
    #[error("the value of `{key}` is not UTF-8")]
    Encoding {
        /// Which key.
        key: String,
    },
    /// A file could not be read or written.
    #[error("cannot {what} {}", path.display())]
    File {
        /// What was tried.
        what: &'static str,
        /// Which file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// No git in the usual places.
    #[error("git is in none of {PLACES:?}")]
    GitMissing,
    /// Something that is no link of ours stands where the link should.
    #[error("{} is not a link; it is not replaced", path.display())]
    LinkOccupied {
        /// Where.
        path: PathBuf,
    },
    /// Another process changes the file.
    #[error("{} exists: another process changes the file", lock.display())]
    Locked {
        /// Git's lock.
        lock: PathBuf,
    },
    /// A device or folder, which a new file must not replace.
    #[error("{} is not a regular file; it is not replaced", path.display())]
    NotRegular {
        /// Where.
        path: PathBuf,
    },
    /// Not inside a repository.
    #[error("this is not inside a git repository")]
    NoRepository,
    /// No folder of the user's.
    #[error("HOME is not set")]
    NoUser,
    /// Nothing to take back.
    #[error("gitsign-hook was not installed here: there is no {}", record.display())]
    NotInstalled {
        /// Where the record would be.
        record: PathBuf,
    },
    /// A record of an installation that does not fit its schema.
    #[error("{} is not a record of an installation", record.display())]
    Record {
        /// Which file.
        record: PathBuf,
        /// What the reader said.
        #[source]
        source: serde_json::Error,
    },
    /// Git said no.
    #[error("git refuses `{key}`: {words}")]
    Refused {
        /// Which key.
        key: String,
        /// What git said.
        words: String,
    },
    /// Git did not start.
    #[error("git does not start")]
    Start {
        /// What the system said.
        #[source]
        source: io::Error,
    },
}

impl ConfigError {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotInstalled { .. } => "hook.not_installed",
            _ => "internal.io",
        }
    }

    /// What to do next.
    pub const fn help(&self) -> &'static str {
        match self {
            Self::Distrusted { .. } => {
                "Run it as that user; or, if you trust what is in it, `git config --global --add safe.directory FOLDER`."
            }
            Self::Encoding { .. } => "Change the value by hand, then try again.",
            Self::GitMissing => "Install git with the system's package manager.",
            Self::LinkOccupied { .. } => "Move it away, or choose another --home.",
            Self::Locked { .. } => "Let it finish; remove the lock if nothing runs.",
            Self::NotRegular { .. } => "Name another file by GIT_CONFIG_GLOBAL, or unset it.",
            Self::NoRepository => "Run it inside a repository, or pass --global.",
            Self::NotInstalled { .. } => "Run `gitsign-hook install`.",
            Self::Record { .. } => "Restore the configuration by hand and remove the record.",
            Self::File { .. } | Self::NoUser | Self::Refused { .. } | Self::Start { .. } => {
                "Check the path and its permissions."
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{ConfigError, nowhere};

    #[test]
    fn a_repository_that_git_distrusts_is_told_from_none() {
        // git 2.39 and 2.47.
        let said = b"fatal: detected dubious ownership in repository at '/srv/it's'\nTo add an exception for this \
                     directory, call:\n\n\tgit config --global --add safe.directory /srv/it\\'s\n";
        let distrusted = nowhere(said);
        assert_eq!(distrusted.to_string(), "git does not trust the repository /srv/it's: it belongs to another user");
        assert!(distrusted.help().contains("safe.directory"));
        let none = nowhere(b"fatal: not a git repository (or any of the parent directories): .git\n");
        assert!(matches!(none, ConfigError::NoRepository));
    }
}
