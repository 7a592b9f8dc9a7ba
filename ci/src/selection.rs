//! Which commits a run judges, and whether they belong to the adopted history at all.

use signer_core::digest::Digest;
use signer_git::change::ChangeReader;
use signer_git::object_id::ObjectId;
use signer_git::repository::{Repository, RepositoryError};

use crate::error::RunError;
use crate::governance::Governments;
use crate::tagged;

/// What the caller asked to judge.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Selection {
    /// Every commit from the adoption to the head.
    All,
    /// Every commit reachable from `head` and not from `base`.
    Range {
        /// First commit outside.
        base: String,
        /// Last commit inside.
        head: String,
    },
    /// One commit.
    Commit(String),
    /// One tag.
    Tag(String),
}

/// The commits to judge, parents before children.
pub(crate) struct Selected {
    /// First commit outside.
    pub(crate) base: Option<ObjectId>,
    /// Last commit inside.
    pub(crate) head: ObjectId,
    /// The commits.
    pub(crate) commits: Vec<Placed>,
}

/// A commit and what it is judged by.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Placed {
    /// The commit.
    pub(crate) id: ObjectId,
    /// The tip of the target before it came: of a branch that was merged, the merge's first parent (docs/formats.md F7).
    /// `None` for the first commit of a repository that was empty.
    pub(crate) base: Option<ObjectId>,
}

/// The tip that a selection starts from.
pub(crate) fn tip(repository: &Repository, selection: &Selection) -> Result<ObjectId, RunError> {
    let name = match selection {
        Selection::All => "HEAD".to_owned(),
        Selection::Range { head, .. } => head.clone(),
        Selection::Commit(commit) => commit.clone(),
        Selection::Tag(tag) => {
            let short = tag.strip_prefix("refs/tags/").unwrap_or(tag);
            tagged::check_target(repository, short)?;
            format!("refs/tags/{short}")
        }
    };
    Ok(repository.resolve_commit(&name)?)
}

/// The commits of a selection; of a tag, the history it names. What will most probably be among them is handed to
/// `foresee` as soon as it is known.
pub(crate) fn select(
    governments: &Governments,
    repository: &Repository,
    selection: &Selection,
    head: ObjectId,
    foresee: &mut dyn FnMut(Placed),
) -> Result<Selected, RunError> {
    let adoption = adoption(governments, repository)?;
    if matches!(selection, Selection::All | Selection::Tag(_)) {
        foresee_line(repository, adoption.as_ref(), &head, foresee);
    }
    if let Some(adoption) = &adoption {
        require_after(repository, adoption, &head)?;
    }
    let base = match selection {
        Selection::Commit(_) | Selection::Tag(_) if adoption == Some(head) => {
            return Err(RunError::PreAdoption { id: head.to_string(), adoption: head.to_string() });
        }
        Selection::Commit(_) => {
            let base = repository.linkage(&head)?.parents.first().copied();
            return Ok(Selected { base, head, commits: vec![Placed { id: head, base }] });
        }
        Selection::All | Selection::Tag(_) => adoption,
        Selection::Range { base, .. } => Some(range_base(repository, adoption.as_ref(), base, &head)?),
    };
    let excluded: Vec<ObjectId> = adoption.into_iter().chain(base).collect();
    let commits = place(repository, base, &head, &excluded)?;
    if commits.is_empty() {
        return Err(RunError::Nothing);
    }
    Ok(Selected { base, head, commits })
}

/// The first commit outside a range: it must belong to the adopted history, or where the repository was adopted empty,
/// to the same history as the head.
fn range_base(
    repository: &Repository,
    adoption: Option<&ObjectId>,
    name: &str,
    head: &ObjectId,
) -> Result<ObjectId, RunError> {
    let base = repository.resolve_commit(name)?;
    match adoption {
        Some(adoption) => require_after(repository, adoption, &base)?,
        None if repository.merge_bases(&base, head)?.is_empty() => {
            return Err(RunError::NotDescendant { id: base.to_string() });
        }
        None => {}
    }
    Ok(base)
}

/// Fails where a commit is neither the adoption commit nor descends from it.
fn require_after(repository: &Repository, adoption: &ObjectId, id: &ObjectId) -> Result<(), RunError> {
    if repository.is_ancestor(adoption, id)? {
        Ok(())
    } else if repository.is_ancestor(id, adoption)? {
        Err(RunError::PreAdoption { id: id.to_string(), adoption: adoption.to_string() })
    } else {
        Err(RunError::NotDescendant { id: id.to_string() })
    }
}

/// Gives each commit its base. Along the first parents from `floor` to `head`, what a commit brings is judged by the one
/// before; where `floor` does not lie on that line, as for a branch that is still to be merged, everything is judged by
/// `floor`.
fn place(
    repository: &Repository,
    floor: Option<ObjectId>,
    head: &ObjectId,
    excluded: &[ObjectId],
) -> Result<Vec<Placed>, RunError> {
    let line = repository.first_parents(head, floor.as_ref())?;
    if floor.is_some() && line.last() != floor.as_ref() {
        let commits = repository.walk(head, excluded)?;
        return Ok(commits.into_iter().map(|id| Placed { id, base: floor }).collect());
    }
    let mut placed = Vec::new();
    let mut base = floor;
    for id in line.into_iter().rev().filter(|id| Some(*id) != floor) {
        if repository.linkage(&id)?.parents.len() < 2 {
            placed.push(Placed { id, base });
        } else {
            let known: Vec<ObjectId> = excluded.iter().copied().chain(base).collect();
            placed.extend(repository.walk(&id, &known)?.into_iter().map(|id| Placed { id, base }));
        }
        base = Some(id);
    }
    Ok(placed)
}

/// Hands over what [`place`] will make of the commits with one parent between `floor` and `head`, if `floor` lies on the
/// line of first parents. What cannot be read ends it: the walk that counts says why.
fn foresee_line(repository: &Repository, floor: Option<&ObjectId>, head: &ObjectId, foresee: &mut dyn FnMut(Placed)) {
    let mut id = *head;
    while Some(&id) != floor
        && let Ok(linkage) = repository.linkage(&id)
        && let Some(base) = linkage.parents.first().copied()
    {
        if linkage.parents.len() == 1 {
            foresee(Placed { id, base: Some(base) });
        }
        id = base;
    }
}

/// The adoption commit, checked against what the anchor says of its bytes and files.
fn adoption(governments: &Governments, repository: &Repository) -> Result<Option<ObjectId>, RunError> {
    let Some(adoption) = governments.adoption() else { return Ok(None) };
    let id = ObjectId::from_hex(adoption.commit.as_str().as_bytes(), repository.format())?;
    let anchor = governments.given().terms().repository;
    let raw = match repository.read(&id) {
        Err(RepositoryError::Missing { .. }) => return Err(RunError::AdoptionAbsent { anchor, adoption: id }),
        read => read?,
    };
    let tree = repository.linkage(&id)?.tree;
    let manifest = ChangeReader::new(repository).manifest_digest(&tree)?;
    if Digest::of(&raw.bytes) != adoption.sha256 || manifest != adoption.manifest {
        return Err(RunError::AdoptionDiffers);
    }
    Ok(Some(id))
}
