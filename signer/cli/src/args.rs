//! The command line: every command, flag and help text. Completions and man pages come from here too.

pub mod elsewhere;
pub mod log;
pub mod revoke;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

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

/// `quickstart`.
#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Quickstart {
    /// The repository to try it on; a fresh one if absent. Works on a clone unless --in-place
    pub repository: Option<PathBuf>,
    /// Work in REPO itself
    #[arg(long, requires = "repository")]
    pub in_place: bool,
    /// Write the owner credential to this new file (0600) instead of printing it
    #[arg(long, value_name = "FILE")]
    pub owner_out: Option<PathBuf>,
    /// `clean` removes what quick starts left
    #[command(subcommand)]
    pub action: Option<QuickstartAction>,
}

/// What else quickstart can do.
#[derive(Subcommand, Debug)]
pub enum QuickstartAction {
    /// Stop the engines and brokers that quick starts left, and remove their state
    Clean,
}

/// `login`.
#[derive(Args, Debug)]
pub struct Login {
    /// A registered person
    pub person: String,
}

/// `agent …`.
#[derive(Subcommand, Debug)]
pub enum Agent {
    /// Register an agent (owner)
    Register(AgentRegister),
    /// Registered agents
    List,
    /// Revoke an agent that is no longer used: its sessions end, its name signs no more
    Retire(AgentRetire),
}

/// `agent retire`.
#[derive(Args, Debug)]
pub struct AgentRetire {
    /// Its name
    pub name: String,
    /// Do not ask
    #[arg(long)]
    pub yes: bool,
}

/// `agent register`.
#[derive(Args, Debug)]
pub struct AgentRegister {
    /// Name: a-z, 0-9 and inner -
    pub name: String,
    /// The class it belongs to
    #[arg(long, default_value = "coder")]
    pub class: String,
    /// The registered person who answers for it
    #[arg(long)]
    pub sponsor: String,
}

/// `person …`.
#[derive(Subcommand, Debug)]
pub enum Person {
    /// Register a person (owner)
    Register(PersonRegister),
}

/// `person register`.
#[derive(Args, Debug)]
pub struct PersonRegister {
    /// A mail address
    pub person: String,
}

/// `grant …`.
#[derive(Subcommand, Debug)]
pub enum Grant {
    /// Sign a grant for an agent
    Create(GrantCreate),
}

/// `grant create`.
#[derive(Args, Debug, Clone)]
pub struct GrantCreate {
    /// The agent
    #[arg(long)]
    pub agent: String,
    /// Repository whose id is granted [default: the one here]
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub repo: PathBuf,
    /// Branches, full ref names, or prefixes that end in / [default: the repository's target]
    #[arg(long = "target", value_name = "REF")]
    pub targets: Vec<String>,
    /// Paths, or prefixes that end in /; / alone is every path
    #[arg(long = "path", value_name = "PATH", default_value = "/")]
    pub paths: Vec<String>,
    /// What may be signed
    #[arg(long = "purpose", value_enum, default_values_t = [PurposeArg::Commit, PurposeArg::Artifact])]
    pub purposes: Vec<PurposeArg>,
    /// How long the grant holds, in minutes
    #[arg(long, default_value_t = 480, value_name = "MINUTES")]
    pub minutes: u64,
    /// The most paths one change may touch
    #[arg(long, default_value_t = 10_000)]
    pub max_paths: u32,
    /// The most bytes of new content one change may bring
    #[arg(long, default_value_t = 1 << 30)]
    pub max_bytes: u64,
}

/// Purposes a grant may name.
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum PurposeArg {
    /// Commits.
    Commit,
    /// Prompts.
    Prompt,
    /// Artifacts.
    Artifact,
}

/// `run`.
#[derive(Args, Debug)]
pub struct Run {
    /// The agent to run as
    #[arg(long)]
    pub agent: String,
    /// A signed prompt the session accepts before it starts
    #[arg(long, value_name = "FILE")]
    pub prompt: Option<PathBuf>,
    /// What the launcher says of the session: NAME=VALUE, such as model=…
    #[arg(long = "claim", value_name = "NAME=VALUE")]
    pub claims: Vec<String>,
    /// The command
    #[arg(trailing_var_arg = true, required = true, allow_hyphen_values = true)]
    pub command: Vec<std::ffi::OsString>,
}

/// `prompt …`.
#[derive(Subcommand, Debug)]
pub enum Prompt {
    /// Sign a prompt file
    Sign(PromptSign),
    /// Judge a signed prompt
    Verify(FileVerify),
    /// Judge a signed prompt, burn its nonce, and print its text: the only way it should reach a model
    Accept(FileVerify),
}

/// `prompt sign`.
#[derive(Args, Debug)]
pub struct PromptSign {
    /// The file
    pub file: PathBuf,
    /// Repository the prompt is bound to
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub repo: PathBuf,
    /// Where the bundle goes [default: FILE.sigstore.json]
    #[arg(long)]
    pub bundle: Option<PathBuf>,
    /// How long it may be accepted, in minutes
    #[arg(long, default_value_t = 480, value_name = "MINUTES")]
    pub minutes: u64,
    /// Where, if not through the engine
    #[command(flatten)]
    pub elsewhere: elsewhere::Elsewhere,
}

/// `prompt verify`, `prompt accept`.
#[derive(Args, Debug)]
pub struct FileVerify {
    /// The file
    pub file: PathBuf,
    /// The bundle [default: FILE.sigstore.json]
    #[arg(long)]
    pub bundle: Option<PathBuf>,
}

/// `artifact …`.
#[derive(Subcommand, Debug)]
pub enum Artifact {
    /// Sign a file or directory
    Sign(ArtifactSign),
    /// Judge a signed file or directory
    Verify(ArtifactVerify),
}

/// `artifact sign`.
#[derive(Args, Debug)]
pub struct ArtifactSign {
    /// A file or directory
    pub path: PathBuf,
    /// Where the bundle goes [default: PATH.sigstore.json]
    #[arg(long)]
    pub bundle: Option<PathBuf>,
    /// Where, if not through the engine
    #[command(flatten)]
    pub elsewhere: elsewhere::Elsewhere,
}

/// `artifact verify`.
#[derive(Args, Debug)]
pub struct ArtifactVerify {
    /// A file or directory; with --sigstore sha256:DIGEST too
    pub path: PathBuf,
    /// The bundle [default: PATH.sigstore.json]
    #[arg(long)]
    pub bundle: Option<PathBuf>,
    /// The bundle is a Sigstore client's, not ours: needs --trusted-root, and --identity with --issuer, or --key
    #[arg(long, requires = "trusted_root", requires = "signer")]
    pub sigstore: bool,
    /// Whose certificates, logs and time-stamps count; `public` is public Sigstore
    #[arg(long, value_name = "FILE|public", requires = "sigstore")]
    pub trusted_root: Option<PathBuf>,
    /// Who must have signed: the certificate's subject, exactly
    #[arg(long, group = "signer", requires = "issuer", requires = "sigstore", value_name = "MAIL|URI")]
    pub identity: Option<String>,
    /// Who must have vouched for the subject, exactly
    #[arg(long, requires = "identity", value_name = "URL")]
    pub issuer: Option<String>,
    /// The public key it must be signed with, PEM
    #[arg(long, group = "signer", requires = "sigstore", value_name = "FILE")]
    pub key: Option<PathBuf>,
}

/// `anchor …`.
#[derive(Subcommand, Debug)]
pub enum Anchor {
    /// Adopt a repository: anchor, policy and configuration as one signed commit
    Create(AnchorCreate),
    /// Print what an anchor says
    Show(AnchorShow),
    /// A next version, with the policy that lies in .chancery/policy
    Update(AnchorUpdate),
}

/// `anchor create`.
#[derive(Args, Debug)]
pub struct AnchorCreate {
    /// The repository
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub repo: PathBuf,
    /// The protected ref work is meant for [default: the branch checked out]
    #[arg(long, value_name = "REF")]
    pub target: Option<String>,
    /// Witnesses whose cosignatures count in this repository: a C2SP tlog-policy
    #[arg(long, value_name = "FILE")]
    pub witness_policy: Option<PathBuf>,
    /// Foreign time authorities whose tokens count in this repository
    #[arg(long, value_name = "FILE")]
    pub time_authority: Option<PathBuf>,
    /// Where to put a copy of the anchor, to be handed to verifiers
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// `anchor show`.
#[derive(Args, Debug)]
pub struct AnchorShow {
    /// The anchor file [default: --anchor, else the one this home knows for the repository here]
    pub file: Option<PathBuf>,
}

/// `anchor update`.
#[derive(Args, Debug)]
pub struct AnchorUpdate {
    /// The repository
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub repo: PathBuf,
    /// Witnesses whose cosignatures count from now on: a C2SP tlog-policy, or `none` [default: as before]
    #[arg(long, value_name = "FILE|none")]
    pub witness_policy: Option<PathBuf>,
    /// Foreign time authorities whose tokens count from now on, or `none` [default: as before]
    #[arg(long, value_name = "FILE|none")]
    pub time_authority: Option<PathBuf>,
    /// Where to put a copy of the anchor, to be handed to verifiers
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// `policy …`.
#[derive(Subcommand, Debug)]
pub enum Policy {
    /// Parse and validate a policy set
    Check(PolicyCheck),
}

/// `policy check`.
#[derive(Args, Debug)]
pub struct PolicyCheck {
    /// Directory with schema, rules and groups; the shipped baseline if absent
    pub directory: Option<PathBuf>,
}

/// `trust …`.
#[derive(Subcommand, Debug)]
pub enum Trust {
    /// Every key of the engine's trust root, and until when it counts
    Show,
    /// Write what verifiers and stock Sigstore clients need to know of the engine
    Export(TrustExport),
    /// Replace keys of an engine that is stopped; the old ones stay trusted for what they signed before (owner)
    Rotate(TrustRotate),
}

/// `trust rotate`.
#[derive(Args, Debug)]
pub struct TrustRotate {
    /// Which keys
    #[arg(value_enum)]
    pub what: Rotated,
    /// The engine's state [default: `engine` in the state directory]
    #[arg(long, value_name = "DIR")]
    pub state: Option<PathBuf>,
    /// File with the credential that the keys are sealed under [default: --owner-file, else asked for]
    #[arg(long, value_name = "FILE")]
    pub credential_file: Option<PathBuf>,
    /// Show what would change, and change nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Do not ask on the terminal
    #[arg(long)]
    pub yes: bool,
}

/// Keys that are rotated together.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rotated {
    /// The log: it is closed for ever, and another one with its own key follows.
    Log,
    /// The issuing authority.
    Issuing,
    /// The countersigning and the time authority.
    Time,
    /// The key that promises the logging of certificates.
    Ct,
}

/// `trust export`.
#[derive(Args, Debug)]
pub struct TrustExport {
    /// What to write; every format, where --out is a folder and none is named [default: trusted-root]
    #[arg(long, value_enum)]
    pub format: Option<TrustFormat>,
    /// A file, or a folder that is there; `-` is stdout [default: stdout]
    #[arg(long, value_name = "PATH")]
    pub out: Option<PathBuf>,
    /// Foreign time authorities that whoever reads it shall believe too
    #[arg(long, value_name = "FILE")]
    pub time_authority: Option<PathBuf>,
}

/// What stock clients read.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrustFormat {
    /// Whom to believe: `trusted_root.json`
    TrustedRoot,
    /// Where the services are: `signing_config.json`
    SigningConfig,
    /// Both in one document: `client_trust_config.json`
    ClientTrustConfig,
    /// The authorities' certificates: `authorities.pem`
    Pem,
}

/// `completions`.
#[derive(Args, Debug)]
pub struct Completions {
    /// The shell
    pub shell: clap_complete::Shell,
}

#[cfg(test)]
mod tests;
