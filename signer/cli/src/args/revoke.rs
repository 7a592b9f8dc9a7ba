//! The command line of `chancery revoke`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use signer_core::revocation::Cause;

/// `revoke`.
#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true, arg_required_else_help = true)]
pub struct Revoke {
    /// What is revoked for good
    #[command(flatten)]
    pub named: Named,
    /// Hold and release, and what was revoked
    #[command(subcommand)]
    pub action: Option<RevokeAction>,
}

/// What else `revoke` can do.
#[derive(Subcommand, Debug)]
pub enum RevokeAction {
    /// Stop something until it is released
    Hold(Named),
    /// End a hold
    Release(Named),
    /// Everything that was revoked, held or released (owner)
    List,
    /// Write the feed, which verifiers take by --feed: every revocation, under a head that counts for a day
    Feed(Feed),
}

/// What is named, and how carefully.
#[derive(Args, Debug, Clone)]
pub struct Named {
    /// KIND:ID, with a leaf, certificate, key, grant, session, agent, class, model, sponsor or repository, as in
    /// agent:builder
    #[arg(value_name = "SELECTOR")]
    pub selectors: Vec<String>,
    /// Why; key-compromise strikes everything ever signed by a certificate, key or session
    #[arg(long, value_enum, default_value_t = CauseArg::Unspecified)]
    pub cause: CauseArg,
    /// Show what would be touched, and touch nothing (owner)
    #[arg(long)]
    pub dry_run: bool,
    /// Do not ask
    #[arg(long)]
    pub yes: bool,
}

/// `revoke feed`.
#[derive(Args, Debug)]
pub struct Feed {
    /// Write it here instead of to stdout
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// Why something is revoked.
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum CauseArg {
    /// It is no longer used.
    Ceased,
    /// Somebody else may hold the key.
    KeyCompromise,
    /// It did what it must not do.
    Misuse,
    /// Something else took its place.
    Superseded,
    /// Not said.
    Unspecified,
}

impl From<CauseArg> for Cause {
    fn from(cause: CauseArg) -> Self {
        match cause {
            CauseArg::Ceased => Self::Ceased,
            CauseArg::KeyCompromise => Self::KeyCompromise,
            CauseArg::Misuse => Self::Misuse,
            CauseArg::Superseded => Self::Superseded,
            CauseArg::Unspecified => Self::Unspecified,
        }
    }
}
