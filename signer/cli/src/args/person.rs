//! `person …` and `login`.

use clap::{Args, Subcommand};

/// `login`.
#[derive(Args, Debug)]
pub struct Login {
    /// A registered person
    pub person: String,
}

/// `person …`.
#[derive(Subcommand, Debug)]
pub enum Person {
    /// Register a person (owner)
    Register(PersonRegister),
}

/// `person register`.
#[derive(Args, Debug)]
pub struct PersonRegister {
    /// A mail address
    pub person: String,
}
