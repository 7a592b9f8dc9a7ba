//! The state's public files and the keys that open beside them.

use signer_core::canonical::CanonicalError;
use signer_core::reason::{Code, Coded};
use signer_core::trust_root::{self, LogKey, TrustRoot, TrustRootError};

use crate::credential::Credential;
use crate::engine_file::{self, EngineFile};
use crate::init::sealing_context;
use crate::keyring::{Keyring, KeyringError};
use crate::seal::{self, SealError};
use crate::state::{self, StateDirectory, StateError};

/// Most bytes of the owner's digest.
const MAX_OWNER: usize = 256;

/// The public files of a state, as they lie there.
pub(crate) struct PublicFiles {
    pub(crate) engine: Vec<u8>,
    pub(crate) trust_root: Vec<u8>,
    pub(crate) owner: Vec<u8>,
}

/// Keys, with the public files that they were sealed beside.
pub(crate) struct Unsealed {
    pub(crate) files: PublicFiles,
    pub(crate) engine: EngineFile,
    pub(crate) trust: TrustRoot,
    pub(crate) log: LogKey,
    pub(crate) keyring: Keyring,
}

impl PublicFiles {
    /// Reads them.
    pub(crate) fn read(state: &StateDirectory) -> Result<Self, UnsealError> {
        Ok(Self {
            engine: state.read(state::ENGINE, engine_file::MAX_BYTES)?,
            trust_root: state.read(state::TRUST_ROOT, trust_root::MAX_BYTES)?,
            owner: state.read(state::OWNER, MAX_OWNER)?,
        })
    }
}

/// Opens the keys. Fails where the credential is another, or a public file is not the one they were sealed beside.
pub(crate) fn open(state: &StateDirectory, credential: &Credential) -> Result<Unsealed, UnsealError> {
    let files = PublicFiles::read(state)?;
    let sealed = state.read(state::KEYS, seal::MAX_BYTES)?;
    let context = sealing_context(state::KEYS, &[&files.engine, &files.trust_root, &files.owner]);
    let keyring = Keyring::decode(&seal::unseal(credential, &context, &sealed)?)?;
    let engine = EngineFile::decode(&files.engine)?;
    let trust = TrustRoot::from_json(&files.trust_root)?;
    let log = trust.log(&engine.deployment().origin).cloned().ok_or(UnsealError::NoLog)?;
    Ok(Unsealed { files, engine, trust, log, keyring })
}

/// Why there are no keys.
#[derive(Debug, thiserror::Error)]
pub enum UnsealError {
    /// `engine.json` is malformed.
    #[error("`{}` is malformed", state::ENGINE)]
    Engine(#[from] CanonicalError),
    /// The unsealed keys are of another form.
    #[error(transparent)]
    Keyring(#[from] KeyringError),
    /// The trust root names no log of this engine.
    #[error("the trust root does not name the log of `{}`", state::ENGINE)]
    NoLog,
    /// The keys do not open.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The state cannot be read.
    #[error(transparent)]
    State(#[from] StateError),
    /// The trust root is malformed.
    #[error(transparent)]
    TrustRoot(#[from] TrustRootError),
}

impl Coded for UnsealError {
    fn code(&self) -> Code {
        match self {
            Self::Engine(_) | Self::NoLog => Code::EngineState,
            Self::Keyring(source) => source.code(),
            Self::Seal(source) => source.code(),
            Self::State(source) => source.code(),
            Self::TrustRoot(source) => source.code(),
        }
    }
}
