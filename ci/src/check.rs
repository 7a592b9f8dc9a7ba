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
use signer_policy::{AcceptContext, Actor, ChangeFacts, ChangeKind, Matter, PolicySet, Question};

use crate::error::RunError;
use crate::governance::{Governance, Governments};
use crate::selection::Placed;

/// Where policy, anchors and configuration lie.
const GOVERNED: &[u8] = b".chancery/";

/// Where commits are judged.
pub(crate) struct Court<'a> {
    pub(crate) governments: &'a Governments,
    pub(crate) repository: &'a Repository,
}

impl Court<'_> {
    /// Judges one commit of the repository.
    pub(crate) fn commit(&self, reader: &mut ChangeReader<'_>, placed: &Placed) -> SubjectVerdict {
        let id = placed.id.to_string();
        match self.read(&placed.id).and_then(|(commit, signed)| self.judge(reader, placed.base, &id, &commit, &signed))
        {
            Ok(verdict) => verdict,
            Err(reasons) => SubjectVerdict::refused(Kind::Commit, id, reasons),
        }
    }

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
        base: Option<ObjectId>,
        id: &str,
        commit: &Commit,
        signed: &Signed,
    ) -> Result<SubjectVerdict, Vec<Reason>> {
        let base = self.base(base, id, commit).map_err(one)?;
        let changes = reader.change_list(commit).map_err(one)?;
        let repository = base.anchor.terms().repository.to_string();
        let verified = base.verifier.commit(&signed.payload, &signed.armor, &repository, &changes).map_err(one)?;
        let mut verdict = verified.get().verdict(Kind::Commit, id.to_owned());
        verdict.reasons = remarks(commit, &verdict);
        let governed = self.governed(&base, commit, &changes, verified.get().provenance.target.as_str());
        let later = self.later(&base, commit).map_err(one)?;
        let judges = std::iter::once(&base).chain(&later).map(|judge| &judge.policy).collect();
        let bench = Bench { base: &base, judges, commit, changes: &changes };
        if let Err(reasons) = Accepted::new(verified, &bench) {
            verdict.reasons.extend(reasons);
        }
        verdict.reasons.extend(governed.err().map(|error| error.reason()));
        verdict.reasons.sort_by_key(|reason| std::cmp::Reverse(reason.severity));
        verdict.verdict = Outcome::of(&verdict.reasons);
        Ok(verdict)
    }

    /// The governance in force where the commit is going; of its own tree for the adoption change.
    fn base(&self, base: Option<ObjectId>, id: &str, commit: &Commit) -> Result<Arc<Governance>, RunError> {
        let adoption = self.governments.adoption().map(|adoption| adoption.commit.as_str().to_owned());
        // Of all roots, only the first commit of a repository that was empty has no base.
        if commit.parents.is_empty() && (adoption.is_some() || base.is_some()) {
            return Err(RunError::NewRoot { id: id.to_owned() });
        }
        let Some(base) = base else { return self.governments.first(self.repository, &commit.tree) };
        let tree = self.repository.linkage(&base)?.tree;
        match self.governments.of_tree(self.repository, &tree)? {
            Some(governance) => Ok(governance),
            None if adoption.as_deref() == Some(base.to_string().as_str()) && commit.parents.first() == Some(&base) => {
                self.governments.first(self.repository, &commit.tree)
            }
            None => Err(RunError::NotDescendant { id: id.to_owned() }),
        }
    }

    /// The governance of the commit's own first parent, where it is a later one than the base's: a range that brings a new
    /// anchor satisfies the old policy throughout and the new one after it.
    fn later(&self, base: &Governance, commit: &Commit) -> Result<Option<Arc<Governance>>, RunError> {
        let Some(parent) = commit.parents.first() else { return Ok(None) };
        let tree = self.repository.linkage(parent)?.tree;
        let parents = self.governments.of_tree(self.repository, &tree)?;
        let version = base.anchor.terms().version;
        Ok(parents.filter(|governance| governance.anchor.terms().version > version))
    }

    /// What the anchor demands beyond the signature: a protected target, and a tree whose governance follows from that of
    /// every parent.
    fn governed(&self, base: &Governance, commit: &Commit, changes: &ChangeList, target: &str) -> Result<(), RunError> {
        if !base.anchor.terms().protected.iter().any(|protected| protected.as_str() == target) {
            return Err(RunError::TargetForeign { target: target.to_owned() });
        }
        let touches = changes.entries().iter().any(|entry| entry.path.starts_with(GOVERNED));
        if !touches && commit.parents.len() < 2 {
            return Ok(());
        }
        let mut current = 0;
        for parent in &commit.parents {
            let tree = self.repository.linkage(parent)?.tree;
            let governance = self.governments.of_tree(self.repository, &tree)?;
            current = current.max(governance.map_or(0, |governance| governance.anchor.terms().version));
        }
        let after = self.governments.of_tree(self.repository, &commit.tree)?;
        let found = after.map_or(0, |governance| governance.anchor.terms().version);
        if found < current || found == 0 {
            return Err(RunError::AnchorRollback { current, found });
        }
        // The adoption change brings version 1 where there was none; any other change of `.chancery` the next version.
        if !touches || (found == current.saturating_add(1) && brings(changes, found)) {
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
    let author = commit.author.email.as_str();
    let is_own = verdict.signer.as_ref().is_some_and(|signer| {
        let own = signer.agent.as_ref().map(|agent| format!("{agent}@{}.agent.invalid", signer.session));
        signer.identity == author || signer.sponsor.as_deref() == Some(author) || own.as_deref() == Some(author)
    });
    if !is_own {
        remarks.push(Reason::new(Code::IdAuthorDiffers, format_args!("the author line says `{author}`")));
    }
    remarks
}

/// The policy of the base, asked about one commit.
struct Bench<'a> {
    base: &'a Governance,
    judges: Vec<&'a PolicySet>,
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
        let question = Question::Accept(Matter::Change(facts), context);
        let mut determining = Vec::new();
        for policy in &self.judges {
            match policy.decide(&actor, &question) {
                Decision::Allow { determining: rules } => determining.extend(rules),
                denied @ Decision::Deny(_) => return denied,
            }
        }
        Decision::Allow { determining }
    }
}
