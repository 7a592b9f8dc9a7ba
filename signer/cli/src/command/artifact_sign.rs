//! `chancery artifact sign PATH`: a file or directory, by the digest of its content or of its canonical manifest.

use std::path::Path;

use signer_core::bundle::Bundle;
use signer_core::manifest::{self, Artifact};
use signer_core::oracle;
use signer_wire::message::StatementPurpose;

use crate::args::ArtifactSign;
use crate::command::prompt_sign;
use crate::config::Config;
use crate::elsewhere;
use crate::evidence::{self, Beside};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::shown;

/// Most bytes of a single file that could be a form another key signs.
const FOREIGN_FORM: u64 = 1024 * 1024;

/// Signs, through the engine or elsewhere, and writes the bundle beside the path.
pub(crate) fn sign(config: &Config, arguments: &ArtifactSign) -> Result<Exit, Failure> {
    let beside = Beside::of(&arguments.path, arguments.bundle.as_deref())?;
    let artifact = manifest::walk::walk(&arguments.path)?;
    let digest = artifact.terms.digest()?;
    let files = artifact.terms.manifest.entries().len();
    if let Some(place) = elsewhere::place(config, &arguments.elsewhere)? {
        refuse_foreign_file(&arguments.path)?;
        let proven = place.sign_artifact(artifact, &arguments.path, &beside.bundle)?;
        let judgement = proven.judgement();
        let line = elsewhere::line(judgement);
        let text = format!("artifact {digest}, {files} files\n{line}\nbundle {}", beside.bundle.display());
        let document = serde_json::json!({
            "schema": "urn:chancery:artifact:v1", "artifact": digest, "leaf": judgement.log.first().map(|place| place.leaf),
            "files": files, "path": shown(&arguments.path), "bundle": shown(&beside.bundle), "decision": null,
            "elsewhere": elsewhere::described(judgement),
        });
        config.output.answer(&document, &text);
        return Ok(Exit::Accepted);
    }
    let bundle = signed(config, artifact, &arguments.path, &beside)?;
    let text = format!("artifact {digest}, {files} files\nbundle {}", beside.bundle.display());
    let document = serde_json::json!({
        "schema": "urn:chancery:artifact:v1", "artifact": digest, "leaf": prompt_sign::leaf(&bundle)?, "files": files,
        "path": shown(&arguments.path), "bundle": shown(&beside.bundle), "decision": shown(&beside.decision),
    });
    config.output.answer(&document, &text);
    Ok(Exit::Accepted)
}

fn signed(config: &Config, artifact: Artifact, path: &Path, beside: &Beside) -> Result<Bundle, Failure> {
    refuse_foreign_file(path)?;
    let summary = format!("artifact `{}`, {} bytes", artifact.name, artifact.terms.manifest.size());
    let payload = artifact.into_statement()?.encode()?;
    evidence::sign(config, StatementPurpose::Artifact, payload, summary, beside)
}

/// A single file that is itself a document to be signed is an attempt to have it signed under another name.
fn refuse_foreign_file(path: &Path) -> Result<(), Failure> {
    let found = std::fs::metadata(path).map_err(|error| Failure::io(path, &error))?;
    if found.is_file() && found.len() <= FOREIGN_FORM {
        let bytes = std::fs::read(path).map_err(|error| Failure::io(path, &error))?;
        oracle::refuse_foreign_form(&bytes)?;
    }
    Ok(())
}
