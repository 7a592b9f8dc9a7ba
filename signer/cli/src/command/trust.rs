//! `chancery trust export`: what verifiers and stock Sigstore clients need to know of the engine.

use std::path::Path;

use signer_client::Engine;
use signer_core::foreign_time::ForeignAuthorities;
use signer_core::reason::Code;

use crate::args::{TrustExport, TrustFormat};
use crate::command::anchor_create;
use crate::config::Config;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::shown;

/// Every format, in the order in which a folder is filled.
const ALL: [TrustFormat; 4] =
    [TrustFormat::TrustedRoot, TrustFormat::SigningConfig, TrustFormat::ClientTrustConfig, TrustFormat::Pem];

impl TrustFormat {
    /// The name of its file in a folder.
    const fn file(self) -> &'static str {
        match self {
            Self::TrustedRoot => "trusted_root.json",
            Self::SigningConfig => "signing_config.json",
            Self::ClientTrustConfig => "client_trust_config.json",
            Self::Pem => "authorities.pem",
        }
    }
}

/// Where the documents come from.
struct Source {
    engine: Engine,
    /// Who is believed beside the engine.
    foreign: Option<ForeignAuthorities>,
}

impl Source {
    fn fetch(&self, format: TrustFormat) -> Result<Vec<u8>, Failure> {
        let believed = |document: Vec<u8>| match &self.foreign {
            Some(foreign) => Ok(foreign.published(&document)?),
            None => Ok(document),
        };
        match format {
            TrustFormat::TrustedRoot => believed(self.engine.trust()?),
            TrustFormat::SigningConfig => Ok(self.engine.signing_config()?),
            TrustFormat::ClientTrustConfig => believed(self.engine.client_trust_config()?),
            TrustFormat::Pem => Ok(self.engine.authorities()?),
        }
    }
}

/// Writes one format to a file or stdout, or into a folder one or all of them.
pub(crate) fn export(config: &Config, arguments: &TrustExport) -> Result<Exit, Failure> {
    let text = arguments.time_authority.as_deref().map(anchor_create::time_authorities).transpose()?;
    let foreign = text.as_deref().map(ForeignAuthorities::parse).transpose()?;
    let source = Source { engine: config.engine()?, foreign };
    match arguments.out.as_deref().filter(|out| *out != Path::new("-")) {
        Some(folder) if folder.is_dir() || folder.as_os_str().as_encoded_bytes().ends_with(b"/") => {
            into_folder(config, &source, arguments.format, folder)
        }
        Some(file) => into_file(config, &source, arguments.format.unwrap_or(TrustFormat::TrustedRoot), file),
        None => print(config, &source, arguments.format.unwrap_or(TrustFormat::TrustedRoot)),
    }
}

fn into_folder(config: &Config, source: &Source, format: Option<TrustFormat>, folder: &Path) -> Result<Exit, Failure> {
    let formats = ALL.into_iter().filter(|one| format.is_none_or(|format| format == *one));
    std::fs::create_dir_all(folder).map_err(|error| Failure::io(folder, &error))?;
    let mut written = Vec::new();
    for format in formats {
        let path = folder.join(format.file());
        std::fs::write(&path, source.fetch(format)?).map_err(|error| Failure::io(&path, &error))?;
        written.push(path);
    }
    let names: Vec<_> = written.iter().map(|path| shown(path)).collect();
    let document = serde_json::json!({ "schema": "urn:chancery:trust:v1", "files": names });
    config.output.answer(&document, &names.join("\n"));
    Ok(Exit::Accepted)
}

fn into_file(config: &Config, source: &Source, format: TrustFormat, file: &Path) -> Result<Exit, Failure> {
    std::fs::write(file, source.fetch(format)?).map_err(|error| Failure::io(file, &error))?;
    let mut document = serde_json::json!({ "schema": "urn:chancery:trust:v1", "files": [shown(file)] });
    if format == TrustFormat::TrustedRoot
        && let Some(members) = document.as_object_mut()
    {
        members.insert("trust_root".to_owned(), serde_json::json!(shown(file)));
    }
    config.output.answer(&document, &file.display().to_string());
    Ok(Exit::Accepted)
}

/// The document itself, which under `--json` a PEM text is wrapped into.
fn print(config: &Config, source: &Source, format: TrustFormat) -> Result<Exit, Failure> {
    let bytes = source.fetch(format)?;
    let text = String::from_utf8_lossy(&bytes);
    let document = match format {
        TrustFormat::Pem => serde_json::json!({ "schema": "urn:chancery:trust:v1", "pem": text }),
        _ => serde_json::from_slice(&bytes).map_err(|error| Failure::new(Code::TrustMalformed, error))?,
    };
    config.output.verbatim(&document, text.trim_end());
    Ok(Exit::Accepted)
}
