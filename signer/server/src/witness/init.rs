//! `chancery-server witness init`: a witness's key, sealed under a credential that is shown once.

use std::path::PathBuf;

use serde::Serialize;
use zeroize::Zeroizing;

use super::{Cosigner, WitnessFailure};
use crate::credential::{Credential, Source};
use crate::failure::Failure;
use crate::state::{self, StateDirectory};
use crate::{args, owner, process};

/// What `witness init` answers. Holds the credential where it was made here and not written to a file: no `Debug`.
#[derive(Serialize)]
pub(crate) struct Made {
    schema: &'static str,
    #[serde(serialize_with = "crate::output::path")]
    state: PathBuf,
    key: String,
    credential: Option<String>,
}

impl Made {
    /// For people.
    pub(crate) fn text(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(1024));
        text.extend(["witness: ", &self.state.display().to_string(), "\nkey: ", &self.key]);
        if let Some(credential) = &self.credential {
            text.extend(["\ncredential, shown this once: ", credential]);
        }
        text
    }
}

impl Drop for Made {
    fn drop(&mut self) {
        zeroize::Zeroize::zeroize(&mut self.credential);
    }
}

/// Makes a witness.
pub(crate) fn run(arguments: &args::WitnessInit) -> Result<Box<Made>, Failure> {
    Ok(make(arguments).map(Box::new)?)
}

pub(super) fn make(arguments: &args::WitnessInit) -> Result<Made, WitnessFailure> {
    let source = Source::named(&arguments.credential)?;
    process::harden()?;
    let given = source.map(Source::read).transpose()?;
    let cosigner = Cosigner::generate(&arguments.name)?;
    let text = owner::generate()?;
    let fresh = Credential::new(Zeroizing::new(text.as_bytes().to_vec()))?;
    let state = StateDirectory::create(&arguments.state)?;
    // Before anything is sealed under it, so that no key is left that nobody can open.
    if let (None, Some(path)) = (&given, &arguments.credential_out) {
        state::write_new(path, &Zeroizing::new([fresh.expose(), b"\n"].concat()))?;
    }
    cosigner.write(&state, given.as_ref().unwrap_or(&fresh))?;
    let is_shown = given.is_none() && arguments.credential_out.is_none();
    Ok(Made {
        schema: "urn:chancery:witness-init:v1",
        state: state.path().to_owned(),
        key: cosigner.named.to_string(),
        credential: is_shown.then(|| text.to_string()),
    })
}
