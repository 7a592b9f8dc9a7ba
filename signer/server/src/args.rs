//! The command line of `chancery-server`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use serde::Serialize;

/// The engine: issues, decides, countersigns, records.
#[derive(Parser)]
#[command(name = "chancery-server", version, arg_required_else_help = true)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Subcommand)]
pub enum Command {
    /// Copy a state, in use or not, into a new directory, and check the copy.
    Backup(Backup),
    /// Check the stored log against its newest checkpoint, without any credential.
    Fsck(Fsck),
    /// Make an engine: keys, certificates, trust root, owner credential.
    Init(Init),
    /// Make a state of a backup. It serves once the newest checkpoint that anybody has is brought.
    Restore(Restore),
    /// Replace a key of the engine, which must be stopped: the old one stays trusted for what it signed before.
    Rotate(Rotate),
    /// Answer requests on this machine.
    Serve(Serve),
    /// Cosign the checkpoints of logs that somebody else runs.
    #[command(subcommand)]
    Witness(Witness),
}

/// What a witness does.
#[derive(Subcommand)]
pub enum Witness {
    /// Make a witness: a name and a key.
    Init(WitnessInit),
    /// Answer logs on this machine.
    Serve(WitnessServe),
}

/// Arguments of `witness init`.
#[derive(Args)]
pub struct WitnessInit {
    /// Directory for the witness's state; must be absent or empty.
    #[arg(long, value_name = "DIR")]
    pub state: PathBuf,
    /// The witness's name in its cosignatures, such as `witness.example.org/w1`.
    #[arg(long, value_name = "NAME")]
    pub name: String,
    /// Under what the key is sealed, instead of a fresh credential.
    #[command(flatten)]
    pub credential: CredentialSource,
    /// New file for the fresh credential, which is then not printed.
    #[arg(long, value_name = "FILE")]
    pub credential_out: Option<PathBuf>,
    /// Answer with one JSON document.
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `witness serve`.
#[derive(Args)]
pub struct WitnessServe {
    /// Directory of the witness's state.
    #[arg(long, value_name = "DIR")]
    pub state: PathBuf,
    /// Loopback address to listen on; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:0")]
    pub listen: SocketAddr,
    /// Verifier key of a log to watch; several may be given.
    #[arg(long = "known-log", value_name = "KEY")]
    pub known_logs: Vec<String>,
    /// Watch the logs of this C2SP tlog-policy.
    #[arg(long, value_name = "FILE")]
    pub policy: Option<PathBuf>,
    /// Under what the key is sealed; asked for on the terminal otherwise.
    #[command(flatten)]
    pub credential: CredentialSource,
    /// Leave the terminal's session and log to `server.log` in the state; a shell that shall go on starts it with `&`.
    #[arg(long)]
    pub background: bool,
    /// What to log, such as `info` or `signer_server=debug`.
    #[arg(long, value_name = "FILTER", env = "CHANCERY_LOG", default_value = "info")]
    pub log: String,
    /// Answer with one JSON document.
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `init`.
#[derive(Args)]
#[command(override_usage = "chancery-server init [OPTIONS] --state <DIR>\n       chancery init [OPTIONS]")]
pub struct Init {
    /// Directory for the engine's state; must be absent or empty. `chancery init` takes `engine` in the home.
    #[arg(long, value_name = "DIR")]
    pub state: PathBuf,
    /// Organisation in the authorities' names.
    #[arg(long, value_name = "NAME", default_value = "Chancery")]
    pub organization: String,
    /// Host in every SPIFFE id, instead of a random `<id>.chancery.internal`.
    #[arg(long, value_name = "HOST")]
    pub trust_domain: Option<String>,
    /// Under what the keys are sealed, instead of the owner credential.
    #[command(flatten)]
    pub credential: CredentialSource,
    /// New file for the owner credential, which is then not printed.
    #[arg(long, value_name = "FILE")]
    pub owner_out: Option<PathBuf>,
    /// Answer with one JSON document.
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `serve`.
#[derive(Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line, and none excludes another")]
#[command(override_usage = "chancery-server serve [OPTIONS] --state <DIR>\n       chancery serve [OPTIONS]")]
pub struct Serve {
    /// Directory of the engine's state. `chancery serve` takes `engine` in the home.
    #[arg(long, value_name = "DIR")]
    pub state: PathBuf,
    /// Loopback address to listen on; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:0")]
    pub listen: SocketAddr,
    /// Under what the keys are sealed; asked for on the terminal otherwise.
    #[command(flatten)]
    pub credential: CredentialSource,
    /// Newest checkpoint that a client, a witness or a mirror has; an engine that does not know it does not start.
    #[arg(long, value_name = "FILE")]
    pub expect_checkpoint: Option<PathBuf>,
    /// Ask the witnesses of this C2SP tlog-policy to cosign every checkpoint.
    #[arg(long, value_name = "FILE")]
    pub witness_policy: Option<PathBuf>,
    /// Answer what enters the log only once the policy's quorum has cosigned it.
    #[arg(long, requires = "witness_policy")]
    pub witness_quorum: bool,
    /// Embed the cosignatures in what is answered. The anchors of all repositories must name these witnesses first.
    #[arg(long, requires = "witness_quorum")]
    pub witness_embed: bool,
    /// Have one of these foreign time authorities stamp every signature before it is recorded. The anchors of all repositories
    /// must name them first.
    #[arg(long, value_name = "FILE")]
    pub time_authority: Option<PathBuf>,
    /// Let everybody who reaches the server read checkpoint, tiles and entries, not the owner and open sessions alone.
    #[arg(long)]
    pub public_log: bool,
    /// Identity issuers whose tokens get certificates of the purpose `open` [default: `oidc.json` in the state, if it is there].
    #[arg(long, value_name = "FILE")]
    pub oidc: Option<PathBuf>,
    /// Authorities (PEM) that vouch for the names of issuers and time authorities, instead of this system's.
    #[arg(long, value_name = "FILE")]
    pub ca: Option<PathBuf>,
    /// Leave the terminal's session and log to `server.log` in the state; a shell that shall go on starts it with `&`.
    #[arg(long)]
    pub background: bool,
    /// What to log, such as `info` or `signer_server=debug`.
    #[arg(long, value_name = "FILTER", env = "CHANCERY_LOG", default_value = "info")]
    pub log: String,
    /// Answer with one JSON document.
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `backup`.
#[derive(Args)]
pub struct Backup {
    /// Directory of the engine's state.
    #[arg(long, value_name = "DIR")]
    pub state: PathBuf,
    /// Directory for the backup; must be absent or empty.
    #[arg(value_name = "BACKUP")]
    pub directory: PathBuf,
    /// Answer with one JSON document.
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `restore`.
#[derive(Args)]
pub struct Restore {
    /// Directory for the state; must be absent or empty.
    #[arg(long, value_name = "DIR")]
    pub state: PathBuf,
    /// Directory of the backup.
    #[arg(value_name = "BACKUP")]
    pub directory: PathBuf,
    /// Answer with one JSON document.
    #[arg(long)]
    pub json: bool,
}

/// Which keys are replaced.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Rotated {
    /// The log: it is closed for ever, and another log with its own key follows.
    Log,
    /// The issuing authority: key and certificate.
    Issuing,
    /// The countersigning and the time authority: keys and certificates.
    Time,
    /// The key that promises the logging of certificates.
    Ct,
}

/// Arguments of `rotate`.
#[derive(Args)]
pub struct Rotate {
    /// Which keys.
    #[arg(value_enum, value_name = "WHAT")]
    pub what: Rotated,
    /// Directory of the engine's state.
    #[arg(long, value_name = "DIR")]
    pub state: PathBuf,
    /// Under what the keys are sealed; asked for on the terminal otherwise.
    #[command(flatten)]
    pub credential: CredentialSource,
    /// Show what would change, and change nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Do not ask on the terminal.
    #[arg(long)]
    pub yes: bool,
    /// Answer with one JSON document.
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `fsck`.
#[derive(Args)]
pub struct Fsck {
    /// Directory of the engine's state.
    #[arg(long, value_name = "DIR")]
    pub state: PathBuf,
    /// Check entries, tiles and checkpoints alone: neither events nor the rows that follow from them.
    #[arg(long)]
    pub log_only: bool,
    /// Answer with one JSON document.
    #[arg(long)]
    pub json: bool,
}

/// Where a credential is read from. Never the command line itself, which every process can see.
#[derive(Args)]
#[group(multiple = false)]
pub struct CredentialSource {
    /// Read the credential from this open file descriptor.
    #[arg(long, value_name = "N")]
    pub credential_fd: Option<u32>,
    /// Read the credential from this file, which nobody else may read.
    #[arg(long, value_name = "FILE")]
    pub credential_file: Option<PathBuf>,
}

impl Command {
    /// Whether to answer in JSON.
    pub const fn json(&self) -> bool {
        match self {
            Self::Backup(arguments) => arguments.json,
            Self::Fsck(arguments) => arguments.json,
            Self::Init(arguments) => arguments.json,
            Self::Restore(arguments) => arguments.json,
            Self::Rotate(arguments) => arguments.json,
            Self::Serve(arguments) => arguments.json,
            Self::Witness(Witness::Init(arguments)) => arguments.json,
            Self::Witness(Witness::Serve(arguments)) => arguments.json,
        }
    }
}
