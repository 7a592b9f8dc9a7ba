//! The command line of `chancery log …`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// `log …`.
#[derive(Subcommand, Debug)]
pub enum Log {
    /// Origin, key, size and witnesses
    Status,
    /// Judge the log entry of a bundle or commit, or look an entry up: proven into a tree that its log has signed
    Verify(LogVerify),
    /// Follow a log and say what is wrong with it, one JSON line an alert
    Monitor(LogMonitor),
    /// Recompute the root from every entry: of this home's engine, or of a mirror
    Fsck(LogFsck),
    /// Every entry with its proof, one JSON line each
    Export(LogExport),
    /// Copy a log into a directory, or bring the copy up to date; everything is verified before it is kept
    Mirror(LogMirror),
    /// Let the log take nothing more, for ever (owner)
    Freeze(LogFreeze),
}

/// Whose checkpoints count.
#[derive(Args, Debug, Clone)]
pub struct LogTrust {
    /// Verifier key of the log, `name+hash+key`; several may be given
    #[arg(long = "log-key", value_name = "KEY")]
    pub keys: Vec<String>,
    /// C2SP tlog-policy: logs, witnesses, and the quorum a checkpoint must have
    #[arg(long, value_name = "FILE")]
    pub policy: Option<PathBuf>,
    /// Trust root that names the log [default: that of the anchor, else of this home's engine]
    #[arg(long, value_name = "FILE")]
    pub trust_root: Option<PathBuf>,
}

/// `log verify`.
#[derive(Args, Debug)]
pub struct LogVerify {
    /// A Sigstore bundle, an entry as Rekor v2 answers it, or the body of an entry
    #[arg(required_unless_present_any = ["commit", "leaf"], conflicts_with_all = ["commit", "leaf"])]
    pub file: Option<PathBuf>,
    /// The entry that this commit's signature carries
    #[arg(long, value_name = "REV", conflicts_with = "leaf")]
    pub commit: Option<String>,
    /// The commit's repository
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub repo: PathBuf,
    /// The entry with this leaf hash, looked up where the log is published
    #[arg(long, value_name = "sha256:DIGEST")]
    pub leaf: Option<String>,
    /// Where the entry stands, if it is known: nothing is searched then
    #[arg(long, value_name = "INDEX")]
    pub index: Option<u64>,
    /// Also compare with the log as it is published there: URL, or directory of a mirror
    #[arg(long, value_name = "URL|DIR")]
    pub log: Option<String>,
    /// Whose checkpoints count
    #[command(flatten)]
    pub trust: LogTrust,
}

/// `log monitor`.
#[derive(Args, Debug)]
pub struct LogMonitor {
    /// The log: URL, or directory of a mirror [default: the engine's]
    pub log: Option<String>,
    /// What was seen last is kept here [default: a file in the state directory]
    #[arg(long, value_name = "FILE")]
    pub state: Option<PathBuf>,
    /// Look once; exit 1 after an alert
    #[arg(long)]
    pub once: bool,
    /// Seconds between two looks
    #[arg(long, default_value_t = 60, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..))]
    pub interval: u64,
    /// Alert when somebody signs under this name; * stands for any characters
    #[arg(long = "identity", value_name = "PATTERN")]
    pub identities: Vec<String>,
    /// The agents there are: certificates of others are alerts [default: what the engine tells its owner]
    #[arg(long = "agent", value_name = "NAME")]
    pub agents: Vec<String>,
    /// The persons there are, * stands for any characters: certificates of others are alerts [default: what the engine tells its owner]
    #[arg(long = "person", value_name = "PATTERN")]
    pub persons: Vec<String>,
    /// Also compare the checkpoints that this repository's signatures carry
    #[arg(long = "repo", value_name = "DIR")]
    pub repositories: Vec<PathBuf>,
    /// Whose checkpoints count
    #[command(flatten)]
    pub trust: LogTrust,
}

/// `log fsck`.
#[derive(Args, Debug)]
pub struct LogFsck {
    /// Directory of a mirror [default: the engine in this home]
    pub mirror: Option<PathBuf>,
    /// Whose checkpoints count
    #[command(flatten)]
    pub trust: LogTrust,
}

/// `log export`.
#[derive(Args, Debug)]
pub struct LogExport {
    /// The log: URL, or directory of a mirror [default: the engine's]
    pub log: Option<String>,
    /// The first entry
    #[arg(long, default_value_t = 0, value_name = "INDEX")]
    pub start: u64,
    /// Where it goes [default: stdout]
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Whose checkpoints count
    #[command(flatten)]
    pub trust: LogTrust,
}

/// `log mirror`.
#[derive(Args, Debug)]
pub struct LogMirror {
    /// Where the copy lies, in the layout of C2SP tlog-tiles
    pub directory: PathBuf,
    /// The log: URL, or directory of another mirror [default: the engine's]
    #[arg(long, value_name = "URL|DIR")]
    pub log: Option<String>,
    /// Whose checkpoints count
    #[command(flatten)]
    pub trust: LogTrust,
}

/// `log freeze`.
#[derive(Args, Debug)]
pub struct LogFreeze {
    /// Show what would be frozen, and freeze nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Do not ask
    #[arg(long)]
    pub yes: bool,
}
