//! A witness: C2SP tlog-witness behind HTTP, for logs that somebody else runs.
//!
//! It keeps, for each log it was told to watch, the newest checkpoint it cosigned, and cosigns only what grows from it.
//! What it keeps is on the disk before it answers, and looking and keeping are one step (docs/formats.md F6).

mod answer;
mod init;
mod memory;
mod routes;
mod serve;
#[cfg(test)]
pub(crate) mod tests;

use signer_core::canonical::{self, CanonicalError};
use signer_core::checkpoint::{CheckpointError, KeyRole, VerifierKey};
use signer_core::crypto::{CryptoError, Ed25519Key};
use signer_core::reason::{Code, Coded};
use signer_core::witness_policy::MAX_ITEMS;

use crate::clock::ClockFault;
use crate::credential::{Credential, CredentialError};
use crate::init::sealing_context;
use crate::process::ProcessError;
use crate::seal::{self, SealError};
use crate::state::{StateDirectory, StateError};

pub(crate) use init::run as init;
pub(crate) use serve::run as serve;

/// The witness's name and key, public.
const WITNESS: &str = "witness.json";
/// Its private key.
const KEY: &str = "witness.sealed";
/// Most bytes of `witness.json`.
const MAX_WITNESS: usize = 4096;

/// `witness.json`.
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct WitnessFile {
    schema: Schema,
    key: String,
}

#[derive(serde::Serialize, serde::Deserialize)]
enum Schema {
    #[serde(rename = "urn:chancery:witness:v1")]
    Version1,
}

/// A key that cosigns, under the name it is known by. No `Debug`.
struct Cosigner {
    key: Ed25519Key,
    named: VerifierKey,
}

impl Cosigner {
    /// A fresh key under this name.
    fn generate(name: &str) -> Result<Self, WitnessFailure> {
        let key = Ed25519Key::generate()?;
        let named = VerifierKey::new(name, KeyRole::Witness, key.public())?;
        Ok(Self { key, named })
    }

    /// Writes name and key into a state, the key sealed.
    fn write(&self, state: &StateDirectory, credential: &Credential) -> Result<(), WitnessFailure> {
        let file = canonical::to_vec(&WitnessFile { schema: Schema::Version1, key: self.named.to_string() })?;
        let context = sealing_context(KEY, &[&file]);
        state.write(KEY, &seal::seal(credential, &context, &self.key.to_pkcs8()?)?)?;
        // Last, so that a half-made state never starts.
        Ok(state.write(WITNESS, &file)?)
    }

    /// Opens what [`Self::write`] wrote. Fails where the key is not the one the state names.
    fn open(state: &StateDirectory, credential: &Credential) -> Result<Self, WitnessFailure> {
        let file = state.read(WITNESS, MAX_WITNESS)?;
        let context = sealing_context(KEY, &[&file]);
        let key = Ed25519Key::from_pkcs8(&seal::unseal(credential, &context, &state.read(KEY, seal::MAX_BYTES)?)?)?;
        let named: VerifierKey = canonical::from_slice::<WitnessFile>(&file, MAX_WITNESS)?.key.parse()?;
        if named.role() == KeyRole::Witness && *named.key() == key.public() {
            Ok(Self { key, named })
        } else {
            Err(WitnessFailure::OtherKey)
        }
    }
}

/// Why a witness cannot be made or cannot work.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WitnessFailure {
    /// A name, key or kept checkpoint that is none.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The clock is behind the last cosignature: a witness never says that it saw more before than after.
    #[error("the clock is behind the last cosignature")]
    Clock,
    /// The clock cannot be believed.
    #[error(transparent)]
    ClockFault(#[from] ClockFault),
    /// The credential is none.
    #[error(transparent)]
    Credential(#[from] CredentialError),
    /// No key.
    #[error(transparent)]
    Crypto(#[from] CryptoError),
    /// `witness.json` is malformed.
    #[error("`{WITNESS}` is malformed")]
    File(#[from] CanonicalError),
    /// Another witness runs on this state.
    #[error("another witness is running on this state")]
    InUse,
    /// A checkpoint that was kept is not text.
    #[error("a kept checkpoint is not text")]
    Kept,
    /// A log's key that is a witness's, or one log twice.
    #[error("`{origin}` is named twice, or its key is no log's")]
    Log {
        /// Which.
        origin: String,
    },
    /// No log is named.
    #[error("no log is named that the witness could watch")]
    NoLog,
    /// The sealed key is not the one the state names.
    #[error("the sealed key is not the one that `{WITNESS}` names")]
    OtherKey,
    /// The process cannot be protected.
    #[error(transparent)]
    Process(#[from] ProcessError),
    /// The key does not seal or open.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The state cannot be read or written.
    #[error(transparent)]
    State(#[from] StateError),
    /// More logs than a policy may name.
    #[error("{actual} logs are named, at most {MAX_ITEMS} are allowed")]
    TooManyLogs {
        /// Logs named.
        actual: usize,
    },
}

impl Coded for WitnessFailure {
    fn code(&self) -> Code {
        match self {
            Self::Checkpoint(source) => source.code(),
            Self::Clock => Code::TimeClockRegression,
            Self::ClockFault(source) => source.code(),
            Self::Credential(source) => source.code(),
            Self::Crypto(_) => Code::Internal,
            Self::File(_) | Self::Kept | Self::OtherKey => Code::EngineState,
            Self::InUse => Code::EngineInUse,
            Self::Log { .. } | Self::NoLog => Code::LogWitnessPolicy,
            Self::Process(source) => source.code(),
            Self::Seal(source) => source.code(),
            Self::State(source) => source.code(),
            Self::TooManyLogs { .. } => Code::LimitPolicy,
        }
    }
}
