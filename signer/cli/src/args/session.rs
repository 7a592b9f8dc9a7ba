//! `session …`, and what it has in common with `grant list`.

use clap::{Args, Subcommand};

/// `session …`.
#[derive(Subcommand, Debug)]
pub enum Session {
    /// Sessions, newest first (owner)
    List(Listed),
    /// One session, and how it stands (owner)
    Show(SessionShow),
    /// End a session for good: the one named, as a person who revokes it, or the agent's own
    End(SessionEnd),
}

/// Which are listed.
#[derive(Args, Debug)]
pub struct Listed {
    /// Of this agent alone
    #[arg(long)]
    pub agent: Option<String>,
    /// Of what this person answers for alone
    #[arg(long, value_name = "PERSON")]
    pub sponsor: Option<String>,
    /// What holds now, and is neither held nor revoked, alone
    #[arg(long)]
    pub live: bool,
    /// How many at most
    #[arg(long, default_value_t = 100, value_name = "COUNT")]
    pub limit: u64,
    /// Behind what an earlier list named as its next
    #[arg(long, value_name = "NEXT")]
    pub before: Option<u64>,
}

/// `session show`.
#[derive(Args, Debug)]
pub struct SessionShow {
    /// Its id
    pub session: String,
}

/// `session end`.
#[derive(Args, Debug)]
pub struct SessionEnd {
    /// Its id [default: the agent's own]
    pub session: Option<String>,
    /// Do not ask
    #[arg(long)]
    pub yes: bool,
}
