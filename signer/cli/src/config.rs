//! What a command runs with: home, engine, anchor and credentials, from flags, environment and files, in that order.
//! The only file of this crate that reads the environment.

use std::ffi::OsStr;
use std::fs;
use std::io::{self, IsTerminal, Write};
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use rustix::fs::{MemfdFlags, memfd_create};
use signer_client::{Credential, Engine};
use signer_core::reason::Code;
use signer_wire::{Client, Home, Secret, secret_file};

use crate::args::Global;
use crate::failure::Failure;
use crate::output::Output;
use crate::terminal;
use crate::user_file::{ElsewhereTable, UserFile, UserFileBefore};

/// Most bytes of a credential file.
const MAX_CREDENTIAL: u64 = 4096;

/// What a command runs with.
pub struct Config {
    /// Where state lives.
    pub home: Home,
    /// How to answer.
    pub output: Output,
    /// `--anchor` or `CHANCERY_ANCHOR`.
    pub anchor: Option<String>,
    /// `--feed` or `CHANCERY_FEED`.
    pub feed: Option<PathBuf>,
    engine: Option<String>,
    owner: Owner,
    session: Option<String>,
}

/// Where the owner credential comes from.
enum Owner {
    /// A person types it.
    Terminal,
    /// A script named a file.
    File(PathBuf),
    /// This process made the engine.
    Held(Secret),
}

impl Config {
    /// Reads flags and environment. Fails where no home can be named.
    pub fn new(global: &Global) -> Result<Self, Failure> {
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let colour = io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
        Ok(Self {
            home: Home::of_process(global.home.clone()).map_err(Failure::wire)?,
            output: Output { json: global.json, quiet: global.quiet, colour },
            anchor: global.anchor.clone().or_else(|| variable("CHANCERY_ANCHOR")),
            feed: global.feed.clone().or_else(|| variable("CHANCERY_FEED").map(PathBuf::from)),
            engine: global.engine.clone().or_else(|| variable("CHANCERY_ENGINE")),
            owner: global
                .owner_file
                .clone()
                .or_else(|| variable("CHANCERY_OWNER_FILE").map(PathBuf::from))
                .map_or(Owner::Terminal, Owner::File),
            session: variable("CHANCERY_SESSION"),
        })
    }

    /// For a home that this process has just made, whose owner credential it holds.
    #[must_use]
    pub fn for_new_home(&self, home: Home, owner: Secret) -> Self {
        Self {
            home,
            output: self.output,
            anchor: None,
            feed: None,
            engine: None,
            owner: Owner::Held(owner),
            session: None,
        }
    }

    /// The engine's URL: flag, environment, then `config.toml` in the home.
    pub fn engine_url(&self) -> Result<String, Failure> {
        if let Some(url) = &self.engine {
            return Ok(url.clone());
        }
        let home = self.home.path();
        UserFile::read(home)?.engine.ok_or_else(|| {
            let path = home.join("config.toml");
            Failure::new(
                Code::EngineUnreachable,
                format_args!("`{}` does not say `engine = \"http://127.0.0.1:PORT\"`", path.display()),
            )
        })
    }

    /// The Sigstore that `config.toml` names in the engine's place.
    pub fn elsewhere(&self) -> Result<Option<ElsewhereTable>, Failure> {
        Ok(UserFile::read(self.home.path())?.elsewhere)
    }

    /// The identity token: from the file, else from `SIGSTORE_ID_TOKEN`, as other clients take it.
    pub fn identity_token(&self, file: Option<&Path>, limit: usize) -> Result<Option<Secret>, Failure> {
        let limit = u64::try_from(limit).unwrap_or(u64::MAX);
        match file {
            Some(path) => read_token(path, limit.saturating_add(2)).map(Some),
            None => Ok(std::env::var("SIGSTORE_ID_TOKEN").ok().map(Secret::new)),
        }
    }

    /// A connection to the engine.
    pub fn engine(&self) -> Result<Engine, Failure> {
        Ok(Engine::new(&self.engine_url()?)?)
    }

    /// The same for one who waits no longer than `limit` for an answer.
    pub fn engine_within(&self, limit: Duration) -> Result<Engine, Failure> {
        Ok(Engine::within(&self.engine_url()?, limit)?)
    }

    /// A connection to the broker, which is started where it does not run. Fails where flag or environment name another
    /// engine than it signs with.
    pub fn broker(&self) -> Result<Client, Failure> {
        self.home.ensure().map_err(Failure::wire)?;
        let mut broker = Client::connect(&self.home).map_err(Failure::wire)?;
        if let Some(url) = &self.engine {
            broker.require_engine(url).map_err(Failure::wire)?;
        }
        Ok(broker)
    }

    /// Has the home sign with the engine that flag or environment name, where it has none yet. Gives what stood there.
    pub fn settle_engine(&self) -> Result<Option<UserFileBefore>, Failure> {
        let home = self.home.path();
        match &self.engine {
            Some(url) if UserFile::read(home)?.engine.is_none() => {
                self.home.ensure().map_err(Failure::wire)?;
                Ok(Some(UserFile::name_engine(home, Engine::new(url)?.url())?))
            }
            _ => Ok(None),
        }
    }

    /// The agent session this process belongs to, by its handle.
    pub fn session(&self) -> Option<Secret> {
        self.session.clone().map(Secret::new)
    }

    /// The owner credential where a script named a file with it, or this process holds it.
    pub fn owner_for_scripts(&self) -> Result<Option<Secret>, Failure> {
        match &self.owner {
            Owner::Terminal => Ok(None),
            Owner::File(path) => secret_file::read(path, MAX_CREDENTIAL).map(Some).map_err(Failure::wire),
            Owner::Held(owner) => Ok(Some(Secret::new(owner.expose().to_owned()))),
        }
    }

    /// The file that a script named for the owner credential.
    pub fn owner_file(&self) -> Option<&Path> {
        if let Owner::File(path) = &self.owner { Some(path) } else { None }
    }

    /// The owner credential: from the file, else asked for on the terminal.
    pub fn owner(&self) -> Result<Secret, Failure> {
        match self.owner_for_scripts()? {
            Some(owner) => Ok(owner),
            None => terminal::ask_secret("Owner credential: "),
        }
    }

    /// The same as the engine takes it, for whoever is no agent: what the broker refuses to an agent, the engine is not asked
    /// for by one either. Whoever can read the credential can still use it without this program.
    pub fn owner_credential(&self) -> Result<Credential, Failure> {
        if let Ok(Some(mut broker)) = Client::attach(&self.home)
            && let Some(session) = broker.status().map_err(Failure::wire)?.caller
        {
            let message = format_args!("the caller belongs to agent session `{session}` and may not act as the owner");
            return Err(Failure::new(Code::AgentCallerNotPerson, message));
        }
        Ok(Credential::new(self.owner()?.expose().to_owned())?)
    }

    /// Runs a command beneath which git calls our hook: where a script acts as the person, the credential goes along in
    /// a file that only this command's processes can open.
    pub fn with_owner<T>(
        &self,
        command: &mut Command,
        run: impl FnOnce(&mut Command) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        command.env("CHANCERY_HOME", self.home.path());
        match &self.owner {
            Owner::Terminal => run(command),
            Owner::File(path) => run(command.env("CHANCERY_OWNER_FILE", path)),
            Owner::Held(owner) => {
                let failed = |error: io::Error| Failure::io(Path::new("memfd"), &error);
                // Not close-on-exec: inherited by this one command, and closed when this function ends.
                let memory = memfd_create("chancery-owner", MemfdFlags::empty()).map_err(|e| failed(e.into()))?;
                let mut file = fs::File::from(memory);
                file.write_all(owner.expose().as_bytes()).map_err(failed)?;
                run(command.env("CHANCERY_OWNER_FILE", format!("/proc/self/fd/{}", file.as_raw_fd())))
            }
        }
    }
}

/// A token lives for minutes, and platforms hand it over in files of any mode.
fn read_token(path: &Path, limit: u64) -> Result<Secret, Failure> {
    use std::io::Read as _;
    let file = fs::File::open(path).map_err(|error| Failure::io(path, &error))?;
    let mut text = String::new();
    file.take(limit).read_to_string(&mut text).map_err(|error| Failure::io(path, &error))?;
    let credential = text.trim_end_matches('\n').to_owned();
    zeroize::Zeroize::zeroize(&mut text);
    Ok(Secret::new(credential))
}

/// Whether a command can be started: a file by its path, or by its name in one of the folders of PATH.
pub fn is_command(name: &OsStr) -> bool {
    let path = Path::new(name);
    if path.components().count() != 1 {
        return path.is_file();
    }
    // As execvp(3) searches where nothing is said.
    let folders = std::env::var_os("PATH").unwrap_or_else(|| "/bin:/usr/bin".into());
    std::env::split_paths(&folders).any(|folder| folder.join(path).is_file())
}

/// How many settings the environment gives to git already, by `GIT_CONFIG_COUNT`.
pub fn git_settings() -> usize {
    std::env::var("GIT_CONFIG_COUNT").ok().and_then(|count| count.parse().ok()).unwrap_or(0)
}

/// This program's real file.
pub fn program() -> Result<PathBuf, Failure> {
    let program = std::env::current_exe().and_then(fs::canonicalize);
    program.map_err(|error| Failure::io(Path::new("/proc/self/exe"), &error))
}

/// The folder it lies in: the other programs are looked for there and nowhere else.
pub fn program_folder() -> Result<PathBuf, Failure> {
    Ok(program()?.parent().map(Path::to_path_buf).unwrap_or_default())
}
