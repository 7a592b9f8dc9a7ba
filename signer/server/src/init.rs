//! `chancery-server init`: makes an engine and shows the owner credential, once.

use std::path::PathBuf;

use serde::Serialize;
use signer_core::canonical::CanonicalError;
use signer_core::crypto::CryptoError;
use signer_core::digest::Digest;
use signer_core::reason::{Code, Coded};
use signer_engine::store::StoreError;
use zeroize::Zeroizing;

use crate::credential::{Credential, CredentialError, Source};
use crate::engine_file::EngineFile;
use crate::failure::Failure;
use crate::founding::{self, Founding, FoundingError};
use crate::head::{Head, HeadError};
use crate::keyring::KeyringError;
use crate::owner::{self, OwnerDigest};
use crate::process::{self, ProcessError};
use crate::seal::{self, SealError};
use crate::state::{self, StateDirectory, StateError};
use crate::{args, clock, store};

/// What `init` answers. Holds the owner credential where it was not written to a file: no `Debug`.
#[derive(Serialize)]
pub struct Founded {
    schema: &'static str,
    #[serde(serialize_with = "crate::output::path")]
    state: PathBuf,
    origin: String,
    trust_domain: String,
    #[serde(serialize_with = "crate::output::path")]
    trust_root: PathBuf,
    owner_credential: Option<Shown>,
    sealed_under: SealedUnder,
}

/// The owner credential on its one way out.
struct Shown(Zeroizing<String>);

impl Serialize for Shown {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// Which credential opens the keys.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SealedUnder {
    /// The owner credential itself.
    Owner,
    /// The one that was given.
    Credential,
}

impl Founded {
    /// For people.
    pub fn text(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(1024));
        for (name, value) in [
            ("engine", self.state.display().to_string()),
            ("trust domain", self.trust_domain.clone()),
            ("log", self.origin.clone()),
            ("trust root", self.trust_root.display().to_string()),
        ] {
            text.extend([name, ": ", &value, "\n"]);
        }
        match &self.owner_credential {
            Some(Shown(credential)) => {
                text.push_str("owner credential, shown this once: ");
                text.push_str(credential);
            }
            None => text.push_str("the owner credential is in the file you named"),
        }
        text
    }
}

/// Makes an engine.
pub(crate) fn run(arguments: &args::Init) -> Result<Box<Founded>, Failure> {
    let source = Source::named(&arguments.credential).map_err(InitError::from)?;
    process::harden().map_err(InitError::from)?;
    let given = source.map(Source::read).transpose().map_err(InitError::from)?;
    Ok(init(arguments, given.as_ref()).map(Box::new)?)
}

/// Makes an engine, sealed under `given` or else under the owner credential.
pub fn init(arguments: &args::Init, given: Option<&Credential>) -> Result<Founded, InitError> {
    let founding = founding::found(&arguments.organization, arguments.trust_domain.as_deref(), clock::system())?;
    let text = owner::generate()?;
    let owner = Credential::new(Zeroizing::new(text.as_bytes().to_vec()))?;
    let state = StateDirectory::create(&arguments.state)?;
    // Before anything is sealed under it, so that no state is left whose owner nobody is.
    if let Some(path) = &arguments.owner_out {
        state::write_new(path, &Zeroizing::new([owner.expose(), b"\n"].concat()))?;
    }
    let engine = EngineFile::new(&founding.deployment, founding.certificates.clone()).encode()?;
    write(&state, &founding, &engine, OwnerDigest::of(&owner), given.unwrap_or(&owner))?;
    // Leaves the empty store behind; its lock goes with it.
    drop(store::open(state.path())?);
    Head::create(&state, None)?;
    state.write(state::ENGINE, &engine)?;
    Ok(Founded {
        schema: "urn:chancery:init:v1",
        trust_root: state.file(state::TRUST_ROOT),
        state: state.path().to_owned(),
        origin: founding.deployment.origin,
        trust_domain: founding.deployment.trust_domain,
        owner_credential: arguments.owner_out.is_none().then_some(Shown(text)),
        sealed_under: if given.is_some() { SealedUnder::Credential } else { SealedUnder::Owner },
    })
}

/// Everything but `engine.json`, without which no server starts.
fn write(
    state: &StateDirectory,
    founding: &Founding,
    engine: &[u8],
    owner: OwnerDigest,
    credential: &Credential,
) -> Result<(), InitError> {
    let (trust_root, owner) = (founding.trust_root.to_json(), owner.encode());
    let context = sealing_context(state::KEYS, &[engine, &trust_root, &owner]);
    let keys = seal::seal(credential, &context, &founding.keyring.encode()?)?;
    let context = sealing_context(state::ROOT_KEY, &[engine]);
    let root = seal::seal(credential, &context, &founding.root_key.to_pkcs8()?)?;
    state.write(state::TRUST_ROOT, &trust_root)?;
    state.write(state::OWNER, &owner)?;
    state.write(state::ROOT_KEY, &root)?;
    Ok(state.write(state::KEYS, &keys)?)
}

/// What a sealed file belongs to: its own name and the bytes of the public files beside it.
pub(crate) fn sealing_context(name: &str, beside: &[&[u8]]) -> Vec<u8> {
    let mut context = format!("chancery {name} v1\n").into_bytes();
    for file in beside {
        context.extend_from_slice(Digest::of(file).as_bytes());
    }
    context
}

/// Why no engine was made.
#[derive(Debug, thiserror::Error)]
pub enum InitError {
    /// A document cannot be written.
    #[error(transparent)]
    Canonical(#[from] CanonicalError),
    /// The credential is none.
    #[error(transparent)]
    Credential(#[from] CredentialError),
    /// No randomness.
    #[error(transparent)]
    Crypto(#[from] CryptoError),
    /// Names, keys or certificates cannot be made.
    #[error(transparent)]
    Founding(#[from] FoundingError),
    /// The head file cannot be made.
    #[error(transparent)]
    Head(#[from] HeadError),
    /// Keys cannot be written.
    #[error(transparent)]
    Keyring(#[from] KeyringError),
    /// The process cannot be protected.
    #[error(transparent)]
    Process(#[from] ProcessError),
    /// Keys cannot be sealed.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The state cannot be written, or is there already.
    #[error(transparent)]
    State(#[from] StateError),
    /// The store cannot be made.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Coded for InitError {
    fn code(&self) -> Code {
        match self {
            Self::Canonical(_) | Self::Crypto(_) => Code::Internal,
            Self::Credential(source) => source.code(),
            Self::Founding(source) => source.code(),
            Self::Head(source) => source.code(),
            Self::Keyring(source) => source.code(),
            Self::Process(source) => source.code(),
            Self::Seal(source) => source.code(),
            Self::State(source) => source.code(),
            Self::Store(source) => source.code(),
        }
    }
}

#[cfg(test)]
mod tests;
