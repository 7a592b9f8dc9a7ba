//! Walks over history. Parents come from the objects alone, and no date is read: the committer chooses dates, and a walk
//! that stops early because of one would skip commits.

use std::collections::HashSet;

use crate::object_id::ObjectId;
use crate::repository::{Repository, RepositoryError};

impl Repository {
    /// Every commit that is reachable from `head` and from none of `excluded`, parents before children.
    pub fn walk(&self, head: &ObjectId, excluded: &[ObjectId]) -> Result<Vec<ObjectId>, RepositoryError> {
        let boundary: HashSet<_> = excluded.iter().copied().collect();
        let (order, reached_root) = self.descend(head, &boundary)?;
        // INVARIANT: where every way down ends at the one excluded commit, nothing found is below it: it would have to be
        // its own ancestor. Otherwise all that lies below the excluded commits has to be known.
        if !reached_root && boundary.len() == 1 {
            return Ok(order);
        }
        let below = self.ancestors(excluded)?;
        Ok(order.into_iter().filter(|id| !below.contains(id)).collect())
    }

    /// Whether `descendant` is `ancestor` or descends from it.
    pub fn is_ancestor(&self, ancestor: &ObjectId, descendant: &ObjectId) -> Result<bool, RepositoryError> {
        let mut seen = HashSet::from([*descendant]);
        let mut open = vec![*descendant];
        while let Some(id) = open.pop() {
            if id == *ancestor {
                return Ok(true);
            }
            open.extend(self.linkage(&id)?.parents.into_iter().filter(|parent| seen.insert(*parent)));
        }
        Ok(false)
    }

    /// The best common ancestors: those that are no ancestor of another one. Sorted by id.
    pub fn merge_bases(&self, left: &ObjectId, right: &ObjectId) -> Result<Vec<ObjectId>, RepositoryError> {
        let left = self.ancestors(&[*left])?;
        let right = self.ancestors(&[*right])?;
        let common: HashSet<_> = left.intersection(&right).copied().collect();
        // Ancestors of common ancestors are common too, so whoever is below another one has a child among them.
        let mut below = HashSet::new();
        for id in &common {
            below.extend(self.linkage(id)?.parents);
        }
        let mut best: Vec<_> = common.difference(&below).copied().collect();
        best.sort_unstable();
        Ok(best)
    }

    /// The first parents of `head`, newest first, `head` itself included, down to the root or to `last`, which is included.
    pub fn first_parents(&self, head: &ObjectId, last: Option<&ObjectId>) -> Result<Vec<ObjectId>, RepositoryError> {
        let mut chain = vec![*head];
        let mut id = *head;
        while Some(&id) != last {
            let Some(parent) = self.linkage(&id)?.parents.first().copied() else { break };
            chain.push(parent);
            id = parent;
        }
        Ok(chain)
    }

    /// The commits given and all their ancestors.
    fn ancestors(&self, of: &[ObjectId]) -> Result<HashSet<ObjectId>, RepositoryError> {
        let mut seen: HashSet<_> = of.iter().copied().collect();
        let mut open: Vec<_> = seen.iter().copied().collect();
        while let Some(id) = open.pop() {
            open.extend(self.linkage(&id)?.parents.into_iter().filter(|parent| seen.insert(*parent)));
        }
        Ok(seen)
    }

    /// What is reachable from `head` without passing `boundary`, parents first, and whether a root was among it.
    fn descend(&self, head: &ObjectId, boundary: &HashSet<ObjectId>) -> Result<(Vec<ObjectId>, bool), RepositoryError> {
        let mut order = Vec::new();
        let mut reached_root = false;
        let mut seen = boundary.clone();
        let mut path = Vec::new();
        let mut next = Some(*head).filter(|head| seen.insert(*head));
        loop {
            if let Some(id) = next.take() {
                let parents = self.linkage(&id)?.parents;
                reached_root |= parents.is_empty();
                path.push((id, parents.into_iter()));
            }
            let Some((id, parents)) = path.last_mut() else { return Ok((order, reached_root)) };
            next = parents.find(|parent| seen.insert(*parent));
            if next.is_none() {
                order.push(*id);
                path.pop();
            }
        }
    }
}
