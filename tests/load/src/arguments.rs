//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// Clients of a running engine, for tests and measurements.
#[derive(Parser)]
#[command(name = "chancery-load")]
pub(crate) struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Ask for certificates, one key each, as fast as they come.
    Certificates(Load),
    /// Ask again for everything in the ledgers, verify it, and recompute the log's root.
    Check(Check),
    /// Measure what signing, verifying and hashing alone take on this machine.
    Curves,
    /// Fill the log of an engine that does not run with synthetic entries.
    Grow(Grow),
    /// Hash every entry of a log, for comparison with what `fsck` takes.
    Hashes(Hashes),
    /// Kill and restart an engine while clients work on it.
    Kills(Kills),
    /// Ask for countersignatures of synthetic commits.
    Load(Load),
    /// Ask for certificates on Fulcio's wire, one identity token and one key each.
    OpenCertificates(OpenCertificates),
    /// Try what must be refused.
    SideDoors(SideDoors),
    /// Ask for RFC 3161 time-stamps.
    Tokens(Load),
}

/// Which engine, and who administers it.
#[derive(Args, Clone)]
pub(crate) struct Target {
    /// Address of the engine.
    #[arg(long, value_name = "URL")]
    pub(crate) engine: String,
    /// File with the owner credential.
    #[arg(long, value_name = "FILE")]
    pub(crate) owner_file: PathBuf,
}

/// Arguments of `load`, `certificates` and `tokens`.
#[derive(Args)]
pub(crate) struct Load {
    /// Which engine.
    #[command(flatten)]
    pub(crate) target: Target,
    /// Threads, each with its own session, key and connection.
    #[arg(long, default_value_t = 1)]
    pub(crate) clients: usize,
    /// How long.
    #[arg(long, default_value_t = 5)]
    pub(crate) seconds: u64,
    /// Stop each client after this many.
    #[arg(long)]
    pub(crate) count: Option<u64>,
    /// Sign this many requests of each client before the clock runs; later ones while it does.
    #[arg(long, default_value_t = 0, value_name = "COUNT")]
    pub(crate) prepare: usize,
    /// Directory for one ledger per client, synced line by line.
    #[arg(long, value_name = "DIR")]
    pub(crate) ledger: Option<PathBuf>,
    /// Go on with the sessions and the last unanswered requests of these ledgers.
    #[arg(long, requires = "ledger")]
    pub(crate) resume: bool,
    /// How long a client waits for an engine that does not answer, in seconds.
    #[arg(long, default_value_t = 0)]
    pub(crate) patience: u64,
}

/// Arguments of `open-certificates`.
#[derive(Args)]
pub(crate) struct OpenCertificates {
    /// Who asks, and how often.
    #[command(flatten)]
    pub(crate) load: Load,
    /// Where the issuer of the tokens answers: the engine's `oidc.json` names it, with the audience `sigstore`.
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub(crate) issuer: SocketAddr,
    /// The issuer's key, made where it is missing: an engine remembers keys for a while.
    #[arg(long, value_name = "FILE")]
    pub(crate) issuer_key: PathBuf,
}

/// Arguments of `check`.
#[derive(Args)]
pub(crate) struct Check {
    /// Address of the engine.
    #[arg(long, value_name = "URL")]
    pub(crate) engine: String,
    /// Directory of the ledgers.
    #[arg(long, value_name = "DIR")]
    pub(crate) ledger: PathBuf,
    /// The trust root to verify under.
    #[arg(long, value_name = "FILE")]
    pub(crate) trust_root: PathBuf,
}

/// Arguments of `grow`.
#[derive(Args)]
pub(crate) struct Grow {
    /// The engine's state.
    #[arg(long, value_name = "DIR")]
    pub(crate) state: PathBuf,
    /// File with the credential under which the keys are sealed.
    #[arg(long, value_name = "FILE")]
    pub(crate) owner_file: PathBuf,
    /// How many entries the log has in the end.
    #[arg(long, value_name = "COUNT")]
    pub(crate) entries: u64,
    /// Entries under one checkpoint.
    #[arg(long, value_name = "COUNT", default_value_t = 256)]
    pub(crate) batch: u64,
}

/// Arguments of `hashes`.
#[derive(Args)]
pub(crate) struct Hashes {
    /// The engine's state.
    #[arg(long, value_name = "DIR")]
    pub(crate) state: PathBuf,
}

/// Arguments of `kills`.
#[derive(Args)]
pub(crate) struct Kills {
    /// The engine's program.
    #[arg(long, value_name = "FILE")]
    pub(crate) server: PathBuf,
    /// The engine's state.
    #[arg(long, value_name = "DIR")]
    pub(crate) state: PathBuf,
    /// File with the owner credential, under which the keys are sealed too.
    #[arg(long, value_name = "FILE")]
    pub(crate) owner_file: PathBuf,
    /// Where the engine listens, always the same.
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub(crate) listen: SocketAddr,
    /// How often to kill it.
    #[arg(long, default_value_t = 20)]
    pub(crate) count: u32,
    /// Clients that work meanwhile.
    #[arg(long, default_value_t = 8)]
    pub(crate) clients: usize,
    /// Directory of the ledgers.
    #[arg(long, value_name = "DIR")]
    pub(crate) ledger: PathBuf,
    /// Go on with the sessions and the last unanswered requests of these ledgers.
    #[arg(long)]
    pub(crate) resume: bool,
}

/// Arguments of `side-doors`.
#[derive(Args)]
pub(crate) struct SideDoors {
    /// Which engine.
    #[command(flatten)]
    pub(crate) target: Target,
    /// The engine's trust root.
    #[arg(long, value_name = "FILE")]
    pub(crate) trust_root: PathBuf,
    /// An adopted repository.
    #[arg(long, value_name = "DIR")]
    pub(crate) repository: PathBuf,
    /// Its anchor.
    #[arg(long, value_name = "FILE")]
    pub(crate) anchor: PathBuf,
    /// The verifier's program.
    #[arg(long, value_name = "FILE")]
    pub(crate) verifier: PathBuf,
}
