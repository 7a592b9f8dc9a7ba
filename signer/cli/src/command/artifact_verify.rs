//! `chancery artifact verify PATH`: judge the bundle, walk the path again, compare.

use std::path::Path;

use signer_core::accept::{Accepted, Judge};
use signer_core::decision::Decision;
use signer_core::identity::Purpose;
use signer_core::manifest::{self, ArtifactTerms};
use signer_core::reason::Coded as _;
use signer_core::rights::{self, RightsError};
use signer_core::statement::Statement;
use signer_core::verdict::{Kind, SubjectVerdict};
use signer_core::verify::{Signed, SignedStatement};
use signer_policy::{Actor, Matter, Question};

use crate::args::ArtifactVerify;
use crate::config::Config;
use crate::evidence::{self, Beside, Ground};
use crate::exit::Exit;
use crate::failure::Failure;

/// Reads and judges.
pub(crate) fn verify(config: &Config, arguments: &ArtifactVerify) -> Result<Exit, Failure> {
    let ground = Ground::find(config, Path::new("."))?;
    let subject = judge(&ground, arguments)
        .unwrap_or_else(|failure| evidence::refused(Kind::Artifact, arguments.path.display().to_string(), failure));
    Ok(evidence::answer(config, &ground.verdict(subject)))
}

fn judge(ground: &Ground, arguments: &ArtifactVerify) -> Result<SubjectVerdict, Failure> {
    let (bundle, decision) = Beside::of(&arguments.path, arguments.bundle.as_deref())?.read()?;
    let verified = ground.verifier.statement(&bundle, &decision, Purpose::Artifact)?;
    let statement = Statement::<ArtifactTerms>::decode(&verified.get().payload)?;
    let found = manifest::walk::walk(&arguments.path)?;
    let digest = statement.predicate().digest()?;
    let mut subject = verified.get().verdict(Kind::Artifact, digest.to_string());
    let leaf = verified.get().countersigned().leaf.leaf();
    ground.stock(&bundle, &digest, leaf)?;
    // An agent speaks for the repositories of its grant, and another one's anchor may stand on the same engine.
    let right = rights::check_repository(&leaf.identity().scope, &ground.anchor.terms().repository.to_string());
    evidence::weigh(&mut subject, right.err().iter().map(RightsError::reason).collect());
    let differences = statement.predicate().differences(&found);
    evidence::weigh(&mut subject, differences.iter().map(manifest::Difference::reason).collect());
    evidence::weigh(&mut subject, ground.struck(verified.get()));
    let name = found.name.to_string();
    if let Err(reasons) = Accepted::new(verified, &Bench { ground, name }) {
        evidence::weigh(&mut subject, reasons);
    }
    Ok(subject)
}

struct Bench<'a> {
    ground: &'a Ground,
    name: String,
}

impl Judge<SignedStatement> for Bench<'_> {
    fn judge(&self, subject: &SignedStatement) -> Decision {
        let leaf = subject.countersigned().leaf.leaf();
        let actor = Actor::from((leaf.subject(), leaf.identity()));
        let matter = Matter::Artifact { name: self.name.clone() };
        self.ground.policy.decide(&actor, &Question::Accept(matter, self.ground.context(subject)))
    }
}
