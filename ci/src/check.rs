//! One commit: base, signature, change, policy, verdict.

use std::sync::Arc;

use signer_core::accept::{Accepted, Judge};
use signer_core::change::ChangeList;
use signer_core::decision::Decision;
use signer_core::reason::{Code, Coded, Reason};
use signer_core::verdict::{Kind, Outcome, SubjectVerdict, TimeAssurance};
use signer_core::verify::{Signed as _, SignedCommit};
use signer_git::change::ChangeReader;
use signer_git::commit::{self, Commit};
use signer_git::object::Signed;
use signer_git::object_id::ObjectId;
use signer_git::repository::Repository;
use signer_policy::{AcceptContext, Actor, ChangeFacts, ChangeKind, Matter, Question};

use crate::error::RunError;
use crate::governance::{Governance, Governments};

/// Where policy, anchors and configuration lie.
const GOVERNED: &[u8] = b".chancery/";

/// Judges one commit.
pub(crate) fn commit(
    governments: &Governments,
    repository: &Repository,
    reader: &mut ChangeReader<'_>,
    id: &ObjectId,
) -> SubjectVerdict {
    let bench = Court { governments, repository };
    match bench.read(id).and_then(|(commit, signed)| bench.judge(reader, &id.to_string(), &commit, &signed)) {
        Ok(verdict) => verdict,
        Err(reasons) => SubjectVerdict::refused(Kind::Commit, id.to_string(), reasons),
    }
}

/// Where commits are judged.
pub(crate) struct Court<'a> {
    pub(crate) governments: &'a Governments,
    pub(crate) repository: &'a Repository,
}

impl Court<'_> {
    fn read(&self, id: &ObjectId) -> Result<(Commit, Signed), Vec<Reason>> {
        let raw = self.repository.read(id).map_err(one)?;
        let commit = Commit::parse(&raw.bytes, self.repository.format()).map_err(one)?;
        let signed = commit::split_signature(&raw.bytes, self.repository.format()).map_err(one)?;
        Ok((commit, signed))
    }

    /// Judges a commit whose headers, payload and armour are at hand; `id` is how the verdict names it.
    pub(crate) fn judge(
        &self,
        reader: &mut ChangeReader<'_>,
        id: &str,
        commit: &Commit,
        signed: &Signed,
    ) -> Result<SubjectVerdict, Vec<Reason>> {
        let base = self.base(id, commit).map_err(one)?;
        let changes = reader.change_list(commit).map_err(one)?;
        let repository = base.anchor.terms().repository.to_string();
        let verified = base.verifier.commit(&signed.payload, &signed.armor, &repository, &changes).map_err(one)?;
        let mut verdict = verified.get().verdict(Kind::Commit, id.to_owned());
        verdict.reasons = remarks(commit, &verdict);
        let bench = Bench { base: &base, commit, changes: &changes };
        if let Err(reasons) = Accepted::new(verified, &bench) {
            verdict.reasons.extend(reasons);
        }
        if let Err(error) = self.governed(&base, commit, &changes) {
            verdict.reasons.push(error.reason());
        }
        verdict.reasons.sort_by_key(|reason| std::cmp::Reverse(reason.severity));
        verdict.verdict = Outcome::of(&verdict.reasons);
        Ok(verdict)
    }

    /// The governance of the first parent's tree; of the commit's own tree for the adoption change.
    fn base(&self, id: &str, commit: &Commit) -> Result<Arc<Governance>, RunError> {
        let adoption = self.governments.adoption().map(|adoption| adoption.commit.as_str().to_owned());
        let Some(parent) = commit.parents.first() else {
            return match adoption {
                None => self.governments.first(self.repository, &commit.tree),
                Some(_) => Err(RunError::NewRoot { id: id.to_owned() }),
            };
        };
        let tree = self.repository.linkage(parent)?.tree;
        match self.governments.of_tree(self.repository, &tree)? {
            Some(governance) => Ok(governance),
            None if adoption.as_deref() == Some(parent.to_string().as_str()) => {
                self.governments.first(self.repository, &commit.tree)
            }
            None => Err(RunError::NotDescendant { id: id.to_owned() }),
        }
    }

    /// A commit that touches `.chancery` must leave a tree whose governance follows from its base's.
    fn governed(&self, base: &Governance, commit: &Commit, changes: &ChangeList) -> Result<(), RunError> {
        if !changes.entries().iter().any(|entry| entry.path.starts_with(GOVERNED)) {
            return Ok(());
        }
        let current = base.anchor.terms().version;
        let after = self.governments.of_tree(self.repository, &commit.tree)?;
        let after = after.ok_or(RunError::AnchorRollback { current, found: 0 })?;
        let found = after.anchor.terms().version;
        if found < current {
            return Err(RunError::AnchorRollback { current, found });
        }
        let adopts = found == 1 && after.anchor.digest() == base.anchor.digest();
        if (adopts || found == current.saturating_add(1)) && brings(changes, found) {
            return Ok(());
        }
        Err(RunError::SelfModification)
    }
}

#[expect(clippy::needless_pass_by_value, reason = "handed to `map_err`, which gives the error away")]
pub(crate) fn one(error: impl Coded) -> Vec<Reason> {
    vec![error.reason()]
}

fn brings(changes: &ChangeList, version: u32) -> bool {
    let path = format!(".chancery/anchor/{version}.json");
    changes.entries().iter().any(|entry| entry.path == path.as_bytes() && entry.content().is_some())
}

/// What is worth saying without changing the verdict.
fn remarks(commit: &Commit, verdict: &SubjectVerdict) -> Vec<Reason> {
    let mut remarks = Vec::new();
    if commit.has_unusual_encoding() {
        remarks.push(Reason::new(Code::GitEncodingUnusual, "the commit declares an encoding other than UTF-8"));
    }
    let identity = verdict.signer.as_ref().map(|signer| signer.identity.as_str());
    let sponsor = verdict.signer.as_ref().and_then(|signer| signer.sponsor.as_deref());
    let author = commit.author.email.as_str();
    if identity != Some(author) && sponsor != Some(author) && !identity.is_some_and(|i| i.starts_with("spiffe://")) {
        remarks.push(Reason::new(Code::IdAuthorDiffers, format_args!("the author line says `{author}`")));
    }
    remarks
}

/// The policy of the base, asked about one commit.
struct Bench<'a> {
    base: &'a Governance,
    commit: &'a Commit,
    changes: &'a ChangeList,
}

impl Judge<SignedCommit> for Bench<'_> {
    fn judge(&self, subject: &SignedCommit) -> Decision {
        let leaf = subject.countersigned().leaf.leaf();
        let kind = match self.commit.parents.len() {
            0 => ChangeKind::Root,
            1 => ChangeKind::Commit,
            _ => ChangeKind::Merge,
        };
        let facts = ChangeFacts::new(&subject.provenance, self.changes, &leaf.identity().scope).of_kind(kind);
        let context = AcceptContext {
            time_assurance: TimeAssurance::Own,
            trust: self.base.anchor.trust(),
            approvals: Vec::new(),
        };
        let actor = Actor::from((leaf.subject(), leaf.identity()));
        self.base.policy.decide(&actor, &Question::Accept(Matter::Change(facts), context))
    }
}
