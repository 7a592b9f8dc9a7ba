//! The command line of `chancery-ci`.

use std::path::PathBuf;

use clap::{ArgGroup, Args, Parser, Subcommand, ValueEnum};

use crate::run::Selection;

/// Judge who made every change, offline.
#[derive(Parser, Debug)]
#[command(name = "chancery-ci", version, about, max_term_width = 100)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// Judge commits or a tag from an anchor and git objects alone
    Verify(Verify),
    /// git's verification protocol; gitsign-hook calls it
    #[command(hide = true)]
    GpgVerify(GpgVerify),
}

/// Which commits, or which tag.
#[derive(Args, Debug)]
#[command(group(ArgGroup::new("selection").args(["range", "commit", "tag", "all"])))]
pub struct Choice {
    /// Every commit reachable from HEAD and not from BASE
    #[arg(long, value_name = "BASE..HEAD")]
    pub range: Option<String>,
    /// One commit
    #[arg(long, value_name = "REV")]
    pub commit: Option<String>,
    /// One tag
    #[arg(long, value_name = "TAG")]
    pub tag: Option<String>,
    /// Every commit since the adoption (the default)
    #[arg(long)]
    pub all: bool,
}

/// `verify`.
#[derive(Args, Debug)]
pub struct Verify {
    /// Which subjects.
    #[command(flatten)]
    pub choice: Choice,
    /// Work tree, bare repository or .git folder [default: the one here, or the work tree around here]
    #[arg(long, value_name = "DIR")]
    pub repo: Option<PathBuf>,
    /// Where trust starts: an anchor file, or its digest [default: $CHANCERY_ANCHOR]
    #[arg(long, value_name = "FILE|sha256:DIGEST", env = "CHANCERY_ANCHOR", hide_env = true)]
    pub anchor: Option<String>,
    /// Judge signatures made without an engine, gitsign's too: needs --trusted-root, --identity and --issuer
    #[arg(long, requires = "trusted_root", requires = "identity", requires = "issuer", conflicts_with = "feed")]
    pub sigstore: bool,
    /// What may vouch for them.
    #[command(flatten)]
    pub word: Word,
    /// Feed of revocations to judge by, from `chancery revoke feed` [default: $CHANCERY_FEED]
    #[arg(long, value_name = "FILE", env = "CHANCERY_FEED", hide_env = true)]
    pub feed: Option<PathBuf>,
    /// Form of the answer
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub format: Format,
    /// As --format json
    #[arg(long)]
    pub json: bool,
    /// Stop at the first subject that is not accepted
    #[arg(long)]
    pub fail_fast: bool,
}

/// Whose word counts for signatures made without an engine.
#[derive(Args, Debug, Clone, Default)]
#[command(next_help_heading = "Signed elsewhere")]
pub struct Word {
    /// Whose certificates, logs and time-stamps count; `public` is public Sigstore
    #[arg(long, value_name = "FILE|public", requires = "sigstore")]
    pub trusted_root: Option<PathBuf>,
    /// Who may have signed: a certificate's subject, exactly; may be repeated
    #[arg(long, visible_alias = "certificate-identity", value_name = "MAIL|URI", requires = "sigstore")]
    pub identity: Vec<String>,
    /// Who must have vouched for the subject, exactly; one for all, or one for each --identity in their order
    #[arg(long, visible_alias = "certificate-oidc-issuer", value_name = "URL", requires = "sigstore")]
    pub issuer: Vec<String>,
}

impl Choice {
    /// What to judge; [`None`] where the range is not of the form `BASE..HEAD`.
    pub fn selection(&self) -> Option<Selection> {
        if let Some(range) = &self.range {
            let (base, head) =
                range.split_once("..").filter(|(base, head)| !base.is_empty() && !head.starts_with('.'))?;
            let head = if head.is_empty() { "HEAD" } else { head };
            return Some(Selection::Range { base: base.to_owned(), head: head.to_owned() });
        }
        let named = self.commit.clone().map(Selection::Commit).or_else(|| self.tag.clone().map(Selection::Tag));
        Some(named.unwrap_or(Selection::All))
    }
}

/// Forms of the answer.
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Table,
    /// One verdict document.
    Json,
}

/// `gpg-verify`.
#[derive(Args, Debug)]
pub struct GpgVerify {
    /// State directory: anchors this machine knows lie in its `anchors` folder
    #[arg(long)]
    pub home: PathBuf,
    /// Anchor to use instead of the one the home knows
    #[arg(long)]
    pub anchor: Option<String>,
    /// Signatures made without an engine count, in a repository without an anchor, as far as the caller says whose
    #[arg(long)]
    pub sigstore: bool,
    /// What may vouch for them.
    #[command(flatten)]
    pub word: Word,
    /// The repository
    #[arg(long, default_value = ".")]
    pub repo: PathBuf,
    /// Where status lines go
    #[arg(long, default_value_t = 1)]
    pub status_fd: u32,
    /// The signature
    pub file: PathBuf,
    /// `-`: the payload is on stdin
    pub payload: Option<String>,
}

#[cfg(test)]
mod tests;
