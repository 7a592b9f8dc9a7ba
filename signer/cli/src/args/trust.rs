//! `trust …`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

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
    /// A file, or a folder: one that is there, or is to be made and ends in `/`; `-` is stdout [default: stdout]
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
