//! `quickstart …`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

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
    /// Stop the engines and brokers that quick starts left, give git its settings back, and remove their state
    Clean,
}
