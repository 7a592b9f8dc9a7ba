//! `anchor …`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

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
