//! Revisions as people type them: an id, a ref, an abbreviation of seven digits or more, and `~n`, `^n` or `^{commit}`
//! after it.
//!
//! What people type is resolved once and shown as the full id it means; nothing that is signed holds a revision.

use crate::object::ObjectKind;
use crate::object_id::ObjectId;
use crate::repository::{Repository, RepositoryError};

/// Fewest digits of an abbreviated id.
const MIN_DIGITS: usize = 7;
/// Most bytes of a revision.
const MAX_REVISION: usize = 1024;
/// Most tags between a ref and its commit.
const MAX_TAGS: usize = 8;

impl Repository {
    /// The object a revision names. Fails where there is none, or more than one.
    pub fn resolve(&self, revision: &str) -> Result<ObjectId, RepositoryError> {
        let unknown = || RepositoryError::UnknownRevision { revision: revision.to_owned() };
        if revision.len() > MAX_REVISION {
            return Err(unknown());
        }
        let form = || RepositoryError::RevisionForm { revision: revision.to_owned() };
        // gitrevisions(7): a path, a reflog entry or a range; no ref name holds these.
        if [":", "@{", ".."].iter().any(|mark| revision.contains(mark)) {
            return Err(form());
        }
        let (base, steps) =
            revision.split_at_checked(revision.find(['~', '^']).unwrap_or(revision.len())).ok_or_else(unknown)?;
        let mut id = self.resolve_base(base)?.ok_or_else(unknown)?;
        for step in parse_steps(steps).ok_or_else(form)? {
            id = self.step(&id, step)?.ok_or_else(unknown)?;
        }
        Ok(id)
    }

    /// The commit a revision names, through tags.
    pub fn resolve_commit(&self, revision: &str) -> Result<ObjectId, RepositoryError> {
        self.peel_to_commit(&self.resolve(revision)?)
    }

    /// The commit itself, or the one behind tags.
    pub fn peel_to_commit(&self, id: &ObjectId) -> Result<ObjectId, RepositoryError> {
        let mut id = *id;
        for _ in 0..=MAX_TAGS {
            let object = self.read(&id)?;
            if object.kind != ObjectKind::Tag {
                return object.require(ObjectKind::Commit).map(|commit| commit.id);
            }
            id = self.tag(&id)?.object;
        }
        Err(RepositoryError::WrongKind { id, expected: ObjectKind::Commit, actual: ObjectKind::Tag })
    }

    fn resolve_base(&self, base: &str) -> Result<Option<ObjectId>, RepositoryError> {
        if let Ok(id) = ObjectId::from_hex(base.as_bytes(), self.format()) {
            return Ok(self.store.has(&id)?.then_some(id));
        }
        if matches!(base, "HEAD" | "@") {
            return Ok(self.head()?.id().copied());
        }
        if base.starts_with("refs/") {
            return self.reference(base);
        }
        match self.short_name(base)? {
            Some(id) => Ok(Some(id)),
            None if is_abbreviation(base) => self.store.complete(base),
            None => Ok(None),
        }
    }

    /// A branch, tag or remote branch by its short name. A name that means two objects means none.
    fn short_name(&self, name: &str) -> Result<Option<ObjectId>, RepositoryError> {
        let mut found = None;
        for place in ["refs/heads/", "refs/tags/", "refs/remotes/"] {
            let id = match self.reference(&format!("{place}{name}")) {
                Err(RepositoryError::BadRefName { .. }) => None,
                other => other?,
            };
            if id.is_some() && found.is_some() && found != id {
                return Err(RepositoryError::AmbiguousRevision { revision: name.to_owned() });
            }
            found = found.or(id);
        }
        Ok(found)
    }

    fn step(&self, id: &ObjectId, step: Step) -> Result<Option<ObjectId>, RepositoryError> {
        let mut id = self.peel_to_commit(id)?;
        match step {
            Step::Parent(0) => Ok(Some(id)),
            Step::Parent(number) => Ok(self.linkage(&id)?.parents.get(number - 1).copied()),
            Step::Ancestor(generations) => {
                for _ in 0..generations {
                    let Some(parent) = self.linkage(&id)?.parents.first().copied() else { return Ok(None) };
                    id = parent;
                }
                Ok(Some(id))
            }
        }
    }
}

#[derive(Clone, Copy)]
enum Step {
    Ancestor(usize),
    Parent(usize),
}

fn parse_steps(mut text: &str) -> Option<Vec<Step>> {
    let mut steps = Vec::new();
    while let Some(kind) = text.chars().next() {
        let rest = text.strip_prefix(kind)?;
        if let Some(tail) = text.strip_prefix("^{commit}") {
            steps.push(Step::Parent(0));
            text = tail;
            continue;
        }
        let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let (number, tail) = rest.split_at_checked(digits)?;
        let number = if number.is_empty() { 1 } else { number.parse().ok()? };
        match kind {
            '~' => steps.push(Step::Ancestor(number)),
            '^' => steps.push(Step::Parent(number)),
            _ => return None,
        }
        text = tail;
    }
    Some(steps)
}

fn is_abbreviation(text: &str) -> bool {
    text.len() >= MIN_DIGITS && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}
