//! Whose checkpoints count: keys from the command line, a witness policy, a trust root, an anchor. Never the log itself.

use std::path::Path;

use signer_core::checkpoint::{Cosignature, KeyRole, Published, VerifierKey, claimed_origin};
use signer_core::reason::Code;
use signer_core::trust_root::{self, TrustRoot};
use signer_core::witness_policy::{self, WitnessPolicy};

use super::TlogError;
use crate::args::log::LogTrust as Arguments;
use crate::config::Config;
use crate::evidence;
use crate::failure::Failure;
use crate::named_file;

/// Whose checkpoints count.
pub struct LogTrust {
    logs: Vec<VerifierKey>,
    policy: Option<WitnessPolicy>,
}

/// A checkpoint that counts.
pub struct Shown {
    /// What it says, and who cosigned it.
    pub published: Published,
    /// The log's key.
    pub log: VerifierKey,
    /// The note as it was published.
    pub note: String,
}

impl LogTrust {
    /// What the command line names; else the anchor's trust root; else that of the engine in this home, read from its state.
    pub fn find(config: &Config, arguments: &Arguments) -> Result<Self, Failure> {
        let policy = arguments.policy.as_deref().map(read_policy).transpose()?;
        let mut logs = Vec::new();
        for key in &arguments.keys {
            logs.push(key.parse::<VerifierKey>()?);
        }
        logs.extend(policy.iter().flat_map(WitnessPolicy::logs).map(|log| log.key.clone()));
        if let Some(path) = &arguments.trust_root {
            logs.extend(logs_of(&read(path, trust_root::MAX_BYTES)?)?);
        }
        if logs.is_empty() {
            logs = logs_of(&default_trust_root(config)?)?;
        }
        Ok(Self { logs, policy })
    }

    /// Verifies a published checkpoint under the key of the log it names, and its quorum where the policy asks for one.
    pub fn verify(&self, note: &str) -> Result<Shown, TlogError> {
        let shown = self.verify_log(note)?;
        match &self.policy {
            Some(policy) if !policy.is_met(shown.published.cosignatures()) => {
                Err(TlogError::Quorum { size: shown.published.checkpoint().size })
            }
            Some(_) | None => Ok(shown),
        }
    }

    /// The same without asking for a quorum.
    pub fn verify_log(&self, note: &str) -> Result<Shown, TlogError> {
        let origin = claimed_origin(note).unwrap_or_default();
        let log = self.log(origin)?;
        let witnesses = self.policy.as_ref().map(WitnessPolicy::keys).unwrap_or_default();
        let published = Published::verify(note, log, &witnesses)?;
        Ok(Shown { published, log: log.clone(), note: note.to_owned() })
    }

    /// The log of that name.
    pub fn log(&self, origin: &str) -> Result<&VerifierKey, TlogError> {
        let known = self.logs.iter().find(|log| log.role() == KeyRole::Log && log.name() == origin);
        known.ok_or_else(|| TlogError::UnknownLog { origin: origin.to_owned() })
    }

    /// A witness's name in the policy.
    pub fn witness(&self, cosignature: &Cosignature) -> Option<&str> {
        let witness = self.policy.as_ref()?.witnesses().get(cosignature.witness)?;
        Some(&witness.name)
    }
}

fn default_trust_root(config: &Config) -> Result<Vec<u8>, Failure> {
    if config.anchor.is_some() {
        return Ok(evidence::anchor(config, Path::new("."))?.terms().trust_root.as_bytes().to_vec());
    }
    let own = config.home.path().join("engine").join("trusted_root.json");
    if own.exists() {
        return read(&own, trust_root::MAX_BYTES);
    }
    evidence::anchor(config, Path::new(".")).map(|anchor| anchor.terms().trust_root.as_bytes().to_vec()).map_err(|_| {
        Failure::new(
            Code::AnchorMissing,
            "no key of the log is known: pass --log-key, --policy, --trust-root or --anchor",
        )
    })
}

fn logs_of(json: &[u8]) -> Result<Vec<VerifierKey>, Failure> {
    let mut logs = Vec::new();
    for log in TrustRoot::from_json(json)?.logs() {
        logs.push(VerifierKey::new(&log.origin, KeyRole::Log, log.key.clone())?);
    }
    Ok(logs)
}

fn read_policy(path: &Path) -> Result<WitnessPolicy, Failure> {
    let bytes = read(path, witness_policy::MAX_BYTES)?;
    let text = String::from_utf8(bytes)
        .map_err(|_| Failure::new(Code::LogWitnessPolicy, format_args!("`{}` is not UTF-8", path.display())))?;
    Ok(WitnessPolicy::parse(&text)?)
}

fn read(path: &Path, limit: usize) -> Result<Vec<u8>, Failure> {
    let bytes = named_file::read(path, limit, Code::InternalIo)?;
    if bytes.len() > limit {
        let message = format_args!("`{}` has more than {limit} bytes", path.display());
        return Err(Failure::new(Code::RequestTooLarge, message));
    }
    Ok(bytes)
}
