//! `run`.

use std::path::PathBuf;

use clap::Args;

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
