//! One commit: base, signature, change, policy, verdict.

use std::sync::Arc;

use signer_core::accept::{Accepted, Judge};
use signer_core::change::{ChangeList, Entry};
use signer_core::decision::Decision;
use signer_core::folding::is_governed;
use signer_core::reason::{Code, Coded, Reason};
use signer_core::verdict::{Kind, Outcome, SubjectVerdict, TimeAssurance};
use signer_core::verify::{Signed as _, SignedCommit, Verified, VerifyError};
use signer_git::change::change_list;
use signer_git::commit::{self, Commit};
use signer_git::object::Signed;
use signer_git::object_id::ObjectId;
use signer_git::repository::Repository;
use signer_policy::{AcceptContext, Actor, ChangeFacts, ChangeKind, Matter, Question};

use crate::collision;
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
    pub(crate) fn commit(&self, placed: &Placed) -> SubjectVerdict {
        let id = placed.id.to_string();
        match self.read(&placed.id).and_then(|(commit, signed)| self.judge(placed.base, &id, &commit, &signed)) {
            Ok(verdict) => verdict,
            Err(reasons) => SubjectVerdict::refused(Kind::Commit, id, reasons),
        }
    }

    fn read(&self, id: &ObjectId) -> Result<(Commit, Signed), Vec<Reason>> {
        let raw = self.repository.read(id).map_err(one)?;
        commit::take_apart(&raw.bytes, self.repository.format()).map_err(one)
    }

    /// Judges a commit whose headers, payload and armour are at hand; `id` is how the verdict names it.
    pub(crate) fn judge(
        &self,
        base: Option<ObjectId>,
        id: &str,
        commit: &Commit,
        signed: &Signed,
    ) -> Result<SubjectVerdict, Vec<Reason>> {
        let base = self.base(base, id, commit, signed).map_err(one)?;
        let parents = self.parents(commit).map_err(one)?;
        let newest = newest(&base, &parents);
        let changes = change_list(self.repository, commit).map_err(one)?;
        let verified = self.verified(&newest, commit, signed, &changes).map_err(one)?;
        let mut verdict = verified.get().verdict(Kind::Commit, id.to_owned());
        verdict.reasons = remarks(commit, &verdict);
        verdict.reasons.extend(collision::added(self.repository, &commit.tree, &changes).map_err(one)?);
        verdict.reasons.extend(self.governments.struck(verified.get().countersigned()));
        let target = verified.get().provenance.target.as_str();
        let governed = self.governed(&newest, &parents, commit, &changes, target);
        let bench = Bench { base: &base, newest: &newest, commit, changes: &changes };
        if let Err(reasons) = Accepted::new(verified, &bench) {
            verdict.reasons.extend(reasons);
            verdict.reasons.extend(missing_clocks(&newest, &verdict));
        }
        verdict.reasons.extend(governed.err().map(|error| error.reason()));
        verdict.reasons.sort_by_key(|reason| std::cmp::Reverse(reason.severity));
        verdict.verdict = Outcome::of(&verdict.reasons);
        Ok(verdict)
    }

    /// The steps of verification under the trust root in force. Where an engine rotated its keys, the commit that brings
    /// the new trust root is signed with a key that only that one names: it is taken from the anchor that the commit
    /// brings, which the keyholders before have signed. Policy has no part in this, and stays the one in force.
    fn verified(
        &self,
        newest: &Governance,
        commit: &Commit,
        signed: &Signed,
        changes: &ChangeList,
    ) -> Result<Verified<SignedCommit>, VerifyError> {
        let repository = newest.anchor.terms().repository.to_string();
        let under =
            |governance: &Governance| governance.verifier.commit(&signed.payload, &signed.armor, &repository, changes);
        under(newest).or_else(|refused| {
            let brought = self.governments.of_tree(self.repository, &commit.tree).ok().flatten();
            let next = newest.anchor.terms().version.saturating_add(1);
            match brought.filter(|brought| brought.anchor.terms().version == next) {
                Some(brought) => under(&brought).map_err(|_| refused),
                None => Err(refused),
            }
        })
    }

    /// The governance in force where the commit is going; of its own tree for the adoption change.
    fn base(
        &self,
        base: Option<ObjectId>,
        id: &str,
        commit: &Commit,
        signed: &Signed,
    ) -> Result<Arc<Governance>, RunError> {
        let adoption = self.governments.adoption().map(|adoption| adoption.commit.as_str().to_owned());
        // Of all roots, only the first commit of a repository that was empty has no base.
        if commit.parents.is_empty() && (adoption.is_some() || base.is_some()) {
            let new = RunError::NewRoot { id: id.to_owned() };
            return Err(self.before_adoption(id, commit, signed)?.unwrap_or(new));
        }
        let Some(base) = base else { return self.governments.first(self.repository, &commit.tree) };
        let tree = self.repository.linkage(&base)?.tree;
        match self.governments.of_tree(self.repository, &tree)? {
            Some(governance) => Ok(governance),
            None if adoption.as_deref() == Some(base.to_string().as_str()) && commit.parents.first() == Some(&base) => {
                self.governments.first(self.repository, &commit.tree)
            }
            None => {
                let stray = RunError::NotDescendant { id: id.to_owned() };
                Err(self.before_adoption(id, commit, signed)?.unwrap_or(stray))
            }
        }
    }

    /// What is said of a commit outside the adopted history that belongs to the one before it.
    fn before_adoption(&self, id: &str, commit: &Commit, signed: &Signed) -> Result<Option<RunError>, RunError> {
        let Some(adoption) = self.governments.adoption() else { return Ok(None) };
        let (format, adoption) = (self.repository.format(), adoption.commit.as_str().to_owned());
        // Git asks about a commit without its name.
        let Ok(whole) = commit::join(&signed.payload, &signed.armor, format) else { return Ok(None) };
        for before in self.repository.walk(&ObjectId::from_hex(adoption.as_bytes(), format)?, &[])? {
            let linkage = self.repository.linkage(&before)?;
            let is_like = linkage.tree == commit.tree && linkage.parents == commit.parents;
            if is_like && self.repository.read(&before)?.bytes == whole {
                return Ok(Some(RunError::PreAdoption { id: id.to_owned(), adoption }));
            }
        }
        Ok(None)
    }

    /// The governance of every parent that has one.
    fn parents(&self, commit: &Commit) -> Result<Vec<Arc<Governance>>, RunError> {
        let mut found = Vec::with_capacity(commit.parents.len());
        for parent in &commit.parents {
            let tree = self.repository.linkage(parent)?.tree;
            found.extend(self.governments.of_tree(self.repository, &tree)?);
        }
        Ok(found)
    }

    /// What the anchor demands beyond the signature: a protected target, and a tree whose governance follows from that of
    /// every parent.
    fn governed(
        &self,
        newest: &Governance,
        parents: &[Arc<Governance>],
        commit: &Commit,
        changes: &ChangeList,
        target: &str,
    ) -> Result<(), RunError> {
        if !newest.anchor.terms().protected.iter().any(|protected| protected.as_str() == target) {
            return Err(RunError::TargetForeign { target: target.to_owned() });
        }
        let touches = changes.entries().iter().any(|entry| is_governed(&entry.path));
        // Another spelling would stand in for the governed folder where a file system folds names.
        let misspelt = |entry: &Entry| is_governed(&entry.path) && !entry.path.starts_with(GOVERNED);
        if changes.entries().iter().any(misspelt) {
            return Err(RunError::SelfModification);
        }
        if !touches && commit.parents.len() < 2 {
            return Ok(());
        }
        let current = parents.iter().map(|parent| parent.anchor.terms().version).max().unwrap_or(0);
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

/// The newest governance of the base and of every parent: which parent comes first is the committer's choice, and an old
/// one must not choose an old judge. A range that brings a new anchor satisfies the old policy throughout and the new one
/// after it.
fn newest(base: &Arc<Governance>, parents: &[Arc<Governance>]) -> Arc<Governance> {
    let version = |governance: &Governance| governance.anchor.terms().version;
    parents.iter().fold(
        Arc::clone(base),
        |newest, found| {
            if version(found) > version(&newest) { Arc::clone(found) } else { newest }
        },
    )
}

#[expect(clippy::needless_pass_by_value, reason = "handed to `map_err`, which gives the error away")]
pub(crate) fn one(error: impl Coded) -> Vec<Reason> {
    vec![error.reason()]
}

fn brings(changes: &ChangeList, version: u32) -> bool {
    let path = format!(".chancery/anchor/{version}.json");
    changes.entries().iter().any(|entry| entry.path == path.as_bytes() && entry.content().is_some())
}

/// Where policy refuses a commit that the anchor's witnesses or time authorities have not vouched for, that may be why.
fn missing_clocks(governance: &Governance, verdict: &SubjectVerdict) -> Vec<Reason> {
    let (terms, time) = (governance.anchor.terms(), verdict.time_assurance);
    let mut missing = Vec::new();
    if time == Some(TimeAssurance::Own) && terms.witnesses.is_some() {
        let message = "the commit's checkpoint carries no quorum of the anchor's witnesses";
        missing.push(Reason::new(Code::LogWitnessQuorum, message));
    }
    if time.is_some_and(|time| time != TimeAssurance::Foreign) && terms.time_authorities.is_some() {
        let message = "the commit carries no token of the anchor's time authorities that counts";
        missing.push(Reason::new(Code::TimeForeignMissing, message));
    }
    missing
}

/// Viewers may show other text than was signed.
pub(crate) fn unusual_encoding(commit: &Commit) -> Option<Reason> {
    let message = "the commit declares an encoding other than UTF-8";
    commit.has_unusual_encoding().then(|| Reason::new(Code::GitEncodingUnusual, message))
}

/// What is worth saying without changing the verdict.
fn remarks(commit: &Commit, verdict: &SubjectVerdict) -> Vec<Reason> {
    let mut remarks: Vec<Reason> = unusual_encoding(commit).into_iter().collect();
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
    newest: &'a Governance,
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
            time_assurance: subject.countersigned().time_assurance,
            trust: self.newest.anchor.trust(),
            approvals: Vec::new(),
        };
        let actor = Actor::from((leaf.subject(), leaf.identity()));
        let question = Question::Accept(Matter::Change(facts), context);
        let mut determining = Vec::new();
        let is_same = self.base.policy.digest() == self.newest.policy.digest();
        for judge in [self.base, self.newest].iter().skip(usize::from(is_same)) {
            match judge.policy.decide(&actor, &question) {
                Decision::Allow { determining: rules } => determining.extend(rules),
                denied @ Decision::Deny(_) => return denied,
            }
        }
        Decision::Allow { determining }
    }
}
