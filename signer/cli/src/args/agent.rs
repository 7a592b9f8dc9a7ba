//! `agent …`.

use clap::{Args, Subcommand};

/// `agent …`.
#[derive(Subcommand, Debug)]
pub enum Agent {
    /// Register an agent (owner)
    Register(AgentRegister),
    /// Registered agents
    List,
    /// One agent, how it stands and its open sessions (owner)
    Show(AgentShow),
    /// Revoke an agent that is no longer used: its sessions end, its name signs no more
    Retire(AgentRetire),
}

/// `agent show`.
#[derive(Args, Debug)]
pub struct AgentShow {
    /// Its name
    pub name: String,
}

/// `agent retire`.
#[derive(Args, Debug)]
pub struct AgentRetire {
    /// Its name
    pub name: String,
    /// Do not ask
    #[arg(long)]
    pub yes: bool,
}

/// `agent register`.
#[derive(Args, Debug)]
pub struct AgentRegister {
    /// Name: a-z, 0-9 and inner -
    pub name: String,
    /// The class it belongs to
    #[arg(long, default_value = "coder")]
    pub class: String,
    /// The registered person who answers for it
    #[arg(long)]
    pub sponsor: String,
}
