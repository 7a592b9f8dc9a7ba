//! `artifact …`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::elsewhere::Elsewhere;

/// `artifact …`.
#[derive(Subcommand, Debug)]
pub enum Artifact {
    /// Sign a file or directory
    Sign(ArtifactSign),
    /// Judge a signed file or directory
    Verify(ArtifactVerify),
}

/// `artifact sign`.
#[derive(Args, Debug)]
pub struct ArtifactSign {
    /// A file or directory
    pub path: PathBuf,
    /// Where the bundle goes [default: PATH.sigstore.json]
    #[arg(long)]
    pub bundle: Option<PathBuf>,
    /// Where, if not through the engine
    #[command(flatten)]
    pub elsewhere: Elsewhere,
}

/// `artifact verify`.
#[derive(Args, Debug)]
pub struct ArtifactVerify {
    /// A file or directory; with --sigstore sha256:DIGEST too
    pub path: PathBuf,
    /// The bundle [default: PATH.sigstore.json]
    #[arg(long)]
    pub bundle: Option<PathBuf>,
    /// The bundle is a Sigstore client's, not ours: needs --trusted-root, and --identity with --issuer, or --key
    #[arg(long, requires = "trusted_root", requires = "signer")]
    pub sigstore: bool,
    /// Whose certificates, logs and time-stamps count; `public` is public Sigstore
    #[arg(long, value_name = "FILE|public", requires = "sigstore")]
    pub trusted_root: Option<PathBuf>,
    /// Who must have signed: the certificate's subject, exactly
    #[arg(long, group = "signer", requires = "issuer", requires = "sigstore", value_name = "MAIL|URI")]
    pub identity: Option<String>,
    /// Who must have vouched for the subject, exactly
    #[arg(long, requires = "identity", value_name = "URL")]
    pub issuer: Option<String>,
    /// The public key it must be signed with, PEM
    #[arg(long, group = "signer", requires = "sigstore", value_name = "FILE")]
    pub key: Option<PathBuf>,
}
