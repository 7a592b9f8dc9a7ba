//! One tag: its object, its signature, what it names, and the policy of what it names.

use std::sync::Arc;

use signer_core::accept::{Accepted, Judge};
use signer_core::decision::Decision;
use signer_core::reason::{Code, Coded, Reason};
use signer_core::verdict::{Kind, Outcome, SubjectVerdict};
use signer_core::verify::{Signed as _, SignedTag, Tagged};
use signer_git::object::{ObjectKind, RawObject, Signed};
use signer_git::object_id::ObjectId;
use signer_git::repository::Repository;
use signer_git::tag::{self, Tag};
use signer_policy::{AcceptContext, Actor, Matter, Question};

use crate::check::one;
use crate::error::RunError;
use crate::governance::{Governance, Governments};

/// Judges the tag that a ref names.
pub(crate) fn tag(governments: &Governments, repository: &Repository, name: &str) -> SubjectVerdict {
    judged_by(repository, name, |id, tag, signed| judge(governments, repository, id, tag, signed))
}

/// Takes the tag that a ref names apart for whoever judges it.
pub(crate) fn judged_by(
    repository: &Repository,
    name: &str,
    judge: impl FnOnce(&str, &Tag, &Signed) -> Result<SubjectVerdict, Vec<Reason>>,
) -> SubjectVerdict {
    let short = name.strip_prefix("refs/tags/").unwrap_or(name);
    let raw = match read(repository, short) {
        Ok(raw) => raw,
        Err(error) => return SubjectVerdict::refused(Kind::Tag, short.to_owned(), vec![error.reason()]),
    };
    let id = raw.id.to_string();
    match take_apart(repository, short, &raw).and_then(|(tag, signed)| judge(&id, &tag, &signed)) {
        Ok(verdict) => verdict,
        Err(reasons) => SubjectVerdict::refused(Kind::Tag, id, reasons),
    }
}

/// Fails where a tag says that it names a tree or a file: no history ends there.
pub(crate) fn check_target(repository: &Repository, short: &str) -> Result<(), RunError> {
    let Some(id) = repository.reference(&format!("refs/tags/{short}"))? else { return Ok(()) };
    let raw = repository.read(&id)?;
    if raw.kind != ObjectKind::Tag {
        return Ok(());
    }
    let tag = Tag::parse(&raw.bytes, repository.format())?;
    match tag.kind {
        ObjectKind::Commit | ObjectKind::Tag => Ok(()),
        ObjectKind::Tree | ObjectKind::Blob => Err(RunError::TagTarget { kind: repository.tagged(&tag)?.kind }),
    }
}

fn read(repository: &Repository, short: &str) -> Result<RawObject, RunError> {
    let id = repository.reference(&format!("refs/tags/{short}"))?;
    let id = id.ok_or_else(|| RunError::TagUnknown { name: short.to_owned() })?;
    let raw = repository.read(&id)?;
    if raw.kind == ObjectKind::Tag { Ok(raw) } else { Err(RunError::TagUnsigned { name: short.to_owned() }) }
}

fn take_apart(repository: &Repository, short: &str, raw: &RawObject) -> Result<(Tag, Signed), Vec<Reason>> {
    let tag = Tag::parse(&raw.bytes, repository.format()).map_err(one)?;
    tag.check_name(&format!("refs/tags/{short}")).map_err(one)?;
    match tag::split_signature(&raw.bytes, repository.format()) {
        Ok(signed) => Ok((tag, signed)),
        Err(error) if error.code() == Code::GitSigMissing => Err(one(RunError::TagUnsigned { name: short.to_owned() })),
        Err(error) => Err(one(error)),
    }
}

/// Judges a tag whose headers, payload and armour are at hand; `id` is how the verdict names it.
pub(crate) fn judge(
    governments: &Governments,
    repository: &Repository,
    id: &str,
    tag: &Tag,
    signed: &Signed,
) -> Result<SubjectVerdict, Vec<Reason>> {
    let governance = governance(governments, repository, tag).map_err(one)?;
    let object = tag.object.to_string();
    let tagged = Tagged { name: &tag.name, object: &object, kind: tag.kind.as_str() };
    let named = governance.anchor.terms().repository.to_string();
    // An engine that a later anchor has dropped signs no more, however old the commit it tags.
    let given = governments.given();
    let is_later = given.terms().version > governance.anchor.terms().version;
    let checks = if is_later { governments.verifier(given).map_err(one)? } else { Arc::clone(&governance.verifier) };
    let verified = checks.tag(&signed.payload, &signed.armor, &named, &tagged).map_err(one)?;
    let mut verdict = verified.get().verdict(Kind::Tag, id.to_owned());
    verdict.reasons.extend(governments.struck(verified.get().countersigned()));
    if let Err(reasons) = Accepted::new(verified, &Bench { governance: &governance }) {
        verdict.reasons.extend(reasons);
    }
    verdict.verdict = Outcome::of(&verdict.reasons);
    Ok(verdict)
}

/// The governance of the tagged commit's own tree.
fn governance(governments: &Governments, repository: &Repository, tag: &Tag) -> Result<Arc<Governance>, RunError> {
    let tree = repository.linkage(&commit(repository, tag)?)?.tree;
    governments.of_tree(repository, &tree)?.ok_or(RunError::NotAdopted)
}

/// The commit that a tag names; fails where that is something else.
pub(crate) fn commit(repository: &Repository, tag: &Tag) -> Result<ObjectId, RunError> {
    let target = repository.tagged(tag)?;
    if target.kind == ObjectKind::Commit { Ok(target.id) } else { Err(RunError::TagTarget { kind: target.kind }) }
}

struct Bench<'a> {
    governance: &'a Governance,
}

impl Judge<SignedTag> for Bench<'_> {
    fn judge(&self, subject: &SignedTag) -> Decision {
        let leaf = subject.countersigned().leaf.leaf();
        let matter =
            Matter::Tag { repository: subject.provenance.repository.clone(), name: subject.provenance.name.clone() };
        let context = AcceptContext {
            time_assurance: subject.countersigned().time_assurance,
            trust: self.governance.anchor.trust(),
            approvals: Vec::new(),
        };
        let actor = Actor::from((leaf.subject(), leaf.identity()));
        self.governance.policy.decide(&actor, &Question::Accept(matter, context))
    }
}
