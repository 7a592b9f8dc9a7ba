//! `chancery prompt sign FILE`: a prompt that agents may be given, bound to a repository and usable once.

use std::path::Path;

use signer_core::bundle::Bundle;
use signer_core::crypto;
use signer_core::digest::Digest;
use signer_core::log_entry;
use signer_core::merkle;
use signer_core::nonce::Nonce;
use signer_core::prompt::{self, Binding, PromptTerms, Segment, SegmentTrust, UntrustedPrompt};
use signer_core::reason::Code;
use signer_elsewhere::Content;
use signer_sigstore::foreign::Artifact;
use signer_wire::message::StatementPurpose;
use std::collections::BTreeMap;

use crate::args::PromptSign;
use crate::clock;
use crate::config::Config;
use crate::elsewhere::{self, Place};
use crate::evidence::{self, Beside};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::named_file;
use crate::output::shown;
use crate::repository;

/// Signs and writes the bundle beside the file.
pub(crate) fn sign(config: &Config, arguments: &PromptSign) -> Result<Exit, Failure> {
    let beside = Beside::of(&arguments.file, arguments.bundle.as_deref())?;
    if let Some(place) = elsewhere::place(config, &arguments.elsewhere)? {
        return sign_elsewhere(config, arguments, &place, &beside);
    }
    let bundle = signed(config, arguments, &beside)?;
    let prompt = leaf(&bundle)?;
    let text = format!("prompt {prompt}\nbundle {}", beside.bundle.display());
    let document = serde_json::json!({
        "schema": "urn:chancery:prompt:v1", "prompt": prompt, "file": shown(&arguments.file),
        "bundle": shown(&beside.bundle), "decision": shown(&beside.decision),
    });
    config.output.answer(&document, &text);
    Ok(Exit::Accepted)
}

/// The same statement, signed where no policy of ours was asked: agents' programs accept what the engine countersigned.
fn sign_elsewhere(config: &Config, arguments: &PromptSign, place: &Place, beside: &Beside) -> Result<Exit, Failure> {
    let (prompt, payload, _) = statement(arguments)?;
    let artifact = Artifact::Digest(prompt.digest());
    let proven = place.sign(&Content::Statement { payload: &payload }, artifact, &beside.bundle)?;
    let judgement = proven.judgement();
    let text = format!("{}\nbundle {}", elsewhere::line(judgement), beside.bundle.display());
    let document = serde_json::json!({
        "schema": "urn:chancery:prompt:v1", "prompt": judgement.log.first().map(|place| place.leaf),
        "file": shown(&arguments.file), "bundle": shown(&beside.bundle), "decision": null, "elsewhere": elsewhere::described(judgement),
    });
    config.output.answer(&document, &text);
    Ok(Exit::Accepted)
}

/// The bundle of a signed prompt.
pub(crate) fn signed(config: &Config, arguments: &PromptSign, beside: &Beside) -> Result<Bundle, Failure> {
    let (_, payload, summary) = statement(arguments)?;
    evidence::sign(config, StatementPurpose::Prompt, payload, summary, beside)
}

/// What is signed, and what a person is asked about it.
fn statement(arguments: &PromptSign) -> Result<(UntrustedPrompt, Vec<u8>, String), Failure> {
    let repository = repository::open(&arguments.repo)?;
    let here = repository::config(&repository)?;
    let prompt = read(&arguments.file)?;
    let name = arguments.file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let terms = PromptTerms {
        binding: Binding {
            repository: here.repository,
            target: here.target,
            base: repository::head(&repository)?,
            session: None,
        },
        model: None,
        tools: None,
        template: None,
        parameters: BTreeMap::new(),
        segments: vec![Segment::whole(&prompt, SegmentTrust::Directive)],
        expires: clock::now().plus(arguments.minutes.saturating_mul(60)),
        nonce: Nonce::from_bytes(crypto::random().map_err(Failure::crypto)?),
        previous: None,
    };
    let payload = terms.into_statement(&name, &prompt)?.encode()?;
    let summary = format!("prompt `{name}`, {} bytes, {}", prompt.length(), prompt.digest());
    Ok((prompt, payload, summary))
}

/// The bytes of a prompt file; forms that other keys sign are refused.
pub(crate) fn read(file: &Path) -> Result<UntrustedPrompt, Failure> {
    let bytes = named_file::read(file, prompt::MAX_TEXT, Code::InternalIo)?;
    signer_core::oracle::refuse_foreign_form(&bytes)?;
    Ok(UntrustedPrompt::new(bytes)?)
}

/// The leaf hash that names a bundle's log entry.
pub(crate) fn leaf(bundle: &Bundle) -> Result<Digest, Failure> {
    let body = log_entry::body(&bundle.signed_digest(), &bundle.signature, &bundle.certificate)?;
    Ok(merkle::leaf_hash(&body))
}
