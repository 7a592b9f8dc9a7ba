//! Flags of commands that can sign through somebody else's Sigstore.

use std::path::PathBuf;

use clap::Args;

/// Where to sign, if not through the engine.
#[derive(Args, Debug, Clone, Default)]
#[command(next_help_heading = "Signing elsewhere")]
pub struct Elsewhere {
    /// Sign through the Sigstore services this signing config names, not the engine; `public` is public Sigstore
    #[arg(long, value_name = "FILE|public", conflicts_with_all = ["trust_config", "built_in"], requires = "trusted_root")]
    pub signing_config: Option<PathBuf>,
    /// The same, with the trust root in one document: a client trust config
    #[arg(long, value_name = "FILE", conflicts_with = "built_in")]
    pub trust_config: Option<PathBuf>,
    /// What the result must verify under before it is written; `public` is public Sigstore
    #[arg(long, value_name = "FILE|public", conflicts_with = "built_in")]
    pub trusted_root: Option<PathBuf>,
    /// File (or /dev/fd/N) with an identity token for the certificate authority [default: $SIGSTORE_ID_TOKEN]
    #[arg(long, value_name = "FILE")]
    pub identity_token_file: Option<PathBuf>,
    /// Whom the certificate must name, where the token does not tell
    #[arg(long, value_name = "MAIL|URI")]
    pub identity: Option<String>,
    /// Authorities (PEM) that vouch for the services' names, instead of this system's
    #[arg(long, value_name = "FILE")]
    pub ca: Option<PathBuf>,
    /// Sign through the engine, whatever `config.toml` says
    #[arg(long)]
    pub built_in: bool,
}
