//! `chancery prompt verify | accept FILE`: judge a prompt; accept also burns its nonce, and only then prints its text.

use std::path::Path;

use signer_core::accept::{Accepted, Judge};
use signer_core::decision::Decision;
use signer_core::digest::Digest;
use signer_core::verdict::{Kind, Outcome, SubjectVerdict};
use signer_core::verify::{Signed, SignedPrompt};
use signer_policy::{Actor, Matter, Question, ScopeFacts};
use signer_wire::Secret;
use signer_wire::message::AcceptPrompt;

use crate::args::FileVerify;
use crate::clock;
use crate::command::prompt_sign;
use crate::config::Config;
use crate::evidence::{self, Beside, Ground};
use crate::exit::Exit;
use crate::failure::Failure;

/// Reads and judges; nothing is burnt and no text shown.
pub(crate) fn verify(config: &Config, arguments: &FileVerify) -> Result<Exit, Failure> {
    let ground = Ground::find(config, Path::new("."))?;
    let (subject, _) = judge(&ground, arguments);
    Ok(evidence::answer(config, &ground.verdict(subject)))
}

/// Judges, burns the nonce at the engine, and prints the text.
pub(crate) fn accept(config: &Config, arguments: &FileVerify) -> Result<Exit, Failure> {
    let ground = Ground::find(config, Path::new("."))?;
    let (subject, accepted) = judge(&ground, arguments);
    let Some((leaf, prompt)) = accepted else { return Ok(evidence::answer(config, &ground.verdict(subject))) };
    burn(config, leaf, config.session())?;
    let document = serde_json::json!({
        "schema": "urn:chancery:accepted-prompt:v1", "prompt": leaf, "text": prompt.text(),
    });
    config.output.verbatim(&document, prompt.text().trim_end_matches('\n'));
    Ok(Exit::Accepted)
}

/// The leaf of a prompt that a session may accept before it starts working.
pub(crate) fn acceptable(config: &Config, file: &Path) -> Result<Digest, Failure> {
    let ground = Ground::find(config, Path::new("."))?;
    match judge(&ground, &FileVerify { file: file.to_path_buf(), bundle: None }) {
        (_, Some((leaf, _))) => Ok(leaf),
        (subject, None) => Err(Failure::denied(subject.reasons)),
    }
}

/// Burns a prompt's nonce at the engine: no other session gets it.
pub(crate) fn burn(config: &Config, leaf: Digest, session: Option<Secret>) -> Result<(), Failure> {
    config.broker()?.accept_prompt(AcceptPrompt { session, prompt: leaf.to_string() }).map_err(Failure::wire)
}

type Judged = (SubjectVerdict, Option<(Digest, Accepted<SignedPrompt>)>);

fn judge(ground: &Ground, arguments: &FileVerify) -> Judged {
    let name = arguments.file.display().to_string();
    match try_judge(ground, arguments) {
        Ok(judged) => judged,
        Err(failure) => (evidence::refused(Kind::Prompt, name, failure), None),
    }
}

fn try_judge(ground: &Ground, arguments: &FileVerify) -> Result<Judged, Failure> {
    let (bundle, decision) = Beside::of(&arguments.file, arguments.bundle.as_deref())?.read()?;
    let untrusted = prompt_sign::read(&arguments.file)?;
    let leaf = prompt_sign::leaf(&bundle)?;
    let repository = ground.anchor.terms().repository;
    let verified = ground.verifier.prompt(untrusted, &bundle, &decision, repository, clock::now())?;
    let mut subject = verified.get().verdict(Kind::Prompt, verified.get().digest().to_string());
    ground.stock(&bundle, &verified.get().digest(), verified.get().countersigned().leaf.leaf())?;
    evidence::weigh(&mut subject, ground.struck(verified.get()));
    match Accepted::new(verified, ground) {
        Ok(accepted) if subject.verdict == Outcome::Accepted => Ok((subject, Some((leaf, accepted)))),
        Ok(_) => Ok((subject, None)),
        Err(reasons) => {
            evidence::weigh(&mut subject, reasons);
            Ok((subject, None))
        }
    }
}

impl Judge<SignedPrompt> for Ground {
    fn judge(&self, subject: &SignedPrompt) -> Decision {
        let leaf = subject.countersigned().leaf.leaf();
        let binding = &subject.terms().binding;
        let repository = binding.repository.to_string();
        let scope = ScopeFacts::of(&leaf.identity().scope, &repository, binding.target.as_str());
        let actor = Actor::from((leaf.subject(), leaf.identity()));
        self.policy.decide(&actor, &Question::Accept(Matter::Prompt { repository, scope }, self.context(subject)))
    }
}
