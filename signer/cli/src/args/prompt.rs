//! `prompt …`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::elsewhere::Elsewhere;

/// `prompt …`.
#[derive(Subcommand, Debug)]
pub enum Prompt {
    /// Sign a prompt file
    Sign(PromptSign),
    /// Judge a signed prompt
    Verify(FileVerify),
    /// Judge a signed prompt, burn its nonce, and print its text: the only way it should reach a model
    Accept(FileVerify),
}

/// `prompt sign`.
#[derive(Args, Debug)]
pub struct PromptSign {
    /// The file
    pub file: PathBuf,
    /// Repository the prompt is bound to
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub repo: PathBuf,
    /// Where the bundle goes [default: FILE.sigstore.json]
    #[arg(long)]
    pub bundle: Option<PathBuf>,
    /// How long it may be accepted, in minutes
    #[arg(long, default_value_t = 480, value_name = "MINUTES")]
    pub minutes: u64,
    /// Where, if not through the engine
    #[command(flatten)]
    pub elsewhere: Elsewhere,
}

/// `prompt verify`, `prompt accept`.
#[derive(Args, Debug)]
pub struct FileVerify {
    /// The file
    pub file: PathBuf,
    /// The bundle [default: FILE.sigstore.json]
    #[arg(long)]
    pub bundle: Option<PathBuf>,
}
