//! `grant …`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::session::Listed;

/// `grant …`.
#[derive(Subcommand, Debug)]
pub enum Grant {
    /// Sign a grant for an agent
    Create(GrantCreate),
    /// Grants, newest first (owner)
    List(Listed),
    /// One grant, and how it stands (owner)
    Show(GrantShow),
}

/// `grant show`.
#[derive(Args, Debug)]
pub struct GrantShow {
    /// Leaf hash of its log entry, as `grant create` and `grant list` name it
    #[arg(value_name = "sha256:DIGEST")]
    pub grant: String,
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
    /// Every tag of the repository too, where the policy lets agents tag: the baseline leaves that to persons
    #[arg(long)]
    pub tags: bool,
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
