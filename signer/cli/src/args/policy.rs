//! `policy …`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

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
