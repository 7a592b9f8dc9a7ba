//! The command line: every command, flag and help text. Completions and man pages come from here too.

mod agent;
mod anchor;
mod artifact;
pub mod elsewhere;
mod grant;
pub mod log;
mod person;
mod policy;
mod prompt;
mod quickstart;
pub mod revoke;
mod run;
pub mod session;
mod trust;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

pub use agent::{Agent, AgentRegister, AgentRetire, AgentShow};
pub use anchor::{Anchor, AnchorCreate, AnchorShow, AnchorUpdate};
pub use artifact::{Artifact, ArtifactSign, ArtifactVerify};
pub use grant::{Grant, GrantCreate, GrantShow, PurposeArg};
pub use person::{Login, Person, PersonRegister};
pub use policy::{Policy, PolicyCheck};
pub use prompt::{FileVerify, Prompt, PromptSign};
pub use quickstart::{Quickstart, QuickstartAction};
pub use run::Run;
pub use trust::{Rotated, Trust, TrustExport, TrustFormat, TrustRotate};

/// Sign what people and AI agents change, and prove it later.
#[derive(Parser, Debug)]
#[command(name = "chancery", version, about, max_term_width = 100)]
pub struct Cli {
    /// Flags that mean the same everywhere.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Flags that mean the same everywhere.
#[derive(Args, Debug, Clone)]
pub struct Global {
    /// State directory [default: $CHANCERY_HOME, else the platform's]
    #[arg(long, global = true, value_name = "DIR")]
    pub home: Option<PathBuf>,
    /// The engine [default: $CHANCERY_ENGINE, else the one in the state directory]
    #[arg(long, global = true, value_name = "URL")]
    pub engine: Option<String>,
    /// Where trust starts: an anchor file, or its digest
    #[arg(long, global = true, value_name = "FILE|sha256:DIGEST")]
    pub anchor: Option<String>,
    /// Feed of revocations to judge by, from `chancery revoke feed`
    #[arg(long, global = true, value_name = "FILE")]
    pub feed: Option<PathBuf>,
    /// File (or /dev/fd/N) with the owner credential, for scripts [default: $CHANCERY_OWNER_FILE]
    #[arg(long, global = true, value_name = "FILE")]
    pub owner_file: Option<PathBuf>,
    /// Answer with one JSON document
    #[arg(long, global = true)]
    pub json: bool,
    /// No remarks on stderr
    #[arg(long, global = true)]
    pub quiet: bool,
    /// More remarks on stderr
    #[arg(short, global = true)]
    pub verbose: bool,
}

/// What to do.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// The whole pipeline on a real repository, in under a minute
    Quickstart(Quickstart),
    /// Create an engine's keys and state (as chancery-server init)
    Init(Passed),
    /// Start an engine (as chancery-server serve)
    Serve(Passed),
    /// Open a person's session on this machine, with the owner credential
    Login(Login),
    /// Close the person's session on this machine
    Logout,
    /// Who this machine signs as
    Whoami,
    /// Agents: name, class, sponsor
    #[command(subcommand)]
    Agent(Agent),
    /// People who may log in
    #[command(subcommand)]
    Person(Person),
    /// What a person lets an agent session do, until when
    #[command(subcommand)]
    Grant(Grant),
    /// Running agents and people who are logged in
    #[command(subcommand)]
    Session(session::Session),
    /// Revoke what no longer counts: a certificate, session, agent, class, model, sponsor, repository and more
    Revoke(revoke::Revoke),
    /// Start an agent with its own identity
    Run(Run),
    /// Prompts: sign, verify, accept
    #[command(subcommand)]
    Prompt(Prompt),
    /// Artifacts: sign, verify
    #[command(subcommand)]
    Artifact(Artifact),
    /// Where a repository's trust starts
    #[command(subcommand)]
    Anchor(Anchor),
    /// Policy sets: check
    #[command(subcommand)]
    Policy(Policy),
    /// The trust root, for us and for stock Sigstore clients
    #[command(subcommand)]
    Trust(Trust),
    /// The transparency log
    #[command(subcommand)]
    Log(log::Log),
    /// Cosign other people's logs: init, serve (as chancery-server witness)
    Witness(Passed),
    /// Sign a git object through a Sigstore elsewhere; gitsign-hook calls it
    #[command(hide = true)]
    GitSignElsewhere(GitSignElsewhere),
    /// What is wrong with this machine, and the command that mends it
    Doctor,
    /// Shell completions
    Completions(Completions),
    /// Man page
    Man,
}

/// Arguments handed on to chancery-server, --help among them.
#[derive(Args, Debug)]
#[command(disable_help_flag = true)]
pub struct Passed {
    /// As chancery-server takes them
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    pub arguments: Vec<std::ffi::OsString>,
}

/// `git-sign-elsewhere`: the object is on stdin, the services are those of `config.toml`.
#[derive(Args, Debug)]
pub struct GitSignElsewhere {
    /// The repository
    #[arg(long, value_name = "DIR")]
    pub directory: PathBuf,
}

/// `completions`.
#[derive(Args, Debug)]
pub struct Completions {
    /// The shell
    pub shell: clap_complete::Shell,
}

#[cfg(test)]
mod tests;
