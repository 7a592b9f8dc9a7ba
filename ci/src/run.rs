//! A whole run: select, judge every subject on all cores, then what only the set of them shows.

use std::collections::HashMap;
use std::path::PathBuf;

use signer_core::digest::Digest;
use signer_core::reason::{Code, Coded, Reason};
use signer_core::time::Timestamp;
use signer_core::verdict::{Kind, Mode, Outcome, SubjectVerdict, Verdict};
use signer_git::object_id::ObjectId;
use signer_git::repository::Repository;

use crate::check::Court;
use crate::error::RunError;
use crate::governance::{self, Governments};
use crate::selection::{self, Placed, Selected};
use crate::shared::on_all_processors;
use crate::tagged;

pub use crate::selection::Selection;

/// What to judge, and from where trust starts.
#[derive(Clone, Debug)]
pub struct Request {
    /// A work tree, a bare repository or a `.git` folder.
    pub repository: PathBuf,
    /// An anchor file, or `sha256:` and its digest.
    pub anchor: String,
    /// Which subjects.
    pub selection: Selection,
    /// File of the feed of revocations; without one, each commit counts as clear when it was decided about.
    pub feed: Option<PathBuf>,
    /// Stop at the first subject that is not accepted.
    pub fail_fast: bool,
    /// The verifier's time: bounds what lies in the future, decides nothing about the past.
    pub now: Timestamp,
}

/// Judges what the request selects. A run that cannot judge at all is a verdict too: undetermined or rejected, with the
/// reason on one subject that names the repository.
pub fn verify(request: &Request) -> Verdict {
    match judge(request) {
        Ok(verdict) => verdict,
        Err(error) => {
            let subject = request.repository.display().to_string();
            Verdict::new(Mode::Enforce, vec![SubjectVerdict::refused(Kind::Commit, subject, vec![error.reason()])])
        }
    }
}

fn judge(request: &Request) -> Result<Verdict, RunError> {
    let repository = Repository::open(&request.repository)?;
    let head = selection::tip(&repository, &request.selection)?;
    let tree = repository.linkage(&head)?.tree;
    let given = governance::given(&request.anchor, &repository, &tree)?;
    let mut governments = Governments::new(given, &repository, &tree, request.now)?;
    if let Some(feed) = &request.feed {
        governments.take_feed(feed, &repository, &tree)?;
    }
    let (selected, judged) = if request.fail_fast {
        let selected = selection::select(&governments, &repository, &request.selection, head, &mut |_| {})?;
        let judged = until_first_fault(&governments, &repository, &selected);
        (selected, judged)
    } else {
        on_all_cores(request, &governments, &repository, head)?
    };
    let mut subjects = match &request.selection {
        // A tag is worth no more than the history it names.
        Selection::Tag(name) => {
            let tag = tagged::tag(&governments, &repository, name);
            std::iter::once(tag).chain(judged).collect()
        }
        Selection::All | Selection::Range { .. } | Selection::Commit(_) => judged,
    };
    refuse_copies(&mut subjects);
    remark_replacements(&repository, &mut subjects);
    let mut verdict = Verdict::new(Mode::Enforce, subjects);
    verdict.anchor = Some(governments.given().digest());
    verdict.trust = Some(governments.given().trust());
    let in_force = governments.of_tree(&repository, &tree).ok().flatten();
    verdict.policy = in_force.map(|governance| governance.policy.digest());
    verdict.feed = governments.feed().map(|feed| feed.head().clone());
    verdict.base = selected.base.map(|id| id.to_string());
    verdict.head = Some(selected.head.to_string());
    Ok(verdict)
}

/// Judges while it still selects. What was foreseen counts where the selection holds it, judged by the same base.
fn on_all_cores(
    request: &Request,
    governments: &Governments,
    repository: &Repository,
    head: ObjectId,
) -> Result<(Selected, Vec<SubjectVerdict>), RunError> {
    // Handles are not shared between threads, what they remember is.
    let start = || repository.reopen();
    let judge =
        |repository: &mut Repository, placed: Placed| (placed, Court { governments, repository }.commit(&placed));
    let select =
        |foresee: &mut dyn FnMut(Placed)| selection::select(governments, repository, &request.selection, head, foresee);
    let (selected, foreseen) = on_all_processors(select, start, judge);
    let selected = selected?;
    let mut judged: HashMap<Placed, SubjectVerdict> = foreseen.into_iter().collect();
    let left = |hand: &mut dyn FnMut(Placed)| {
        selected.commits.iter().filter(|placed| !judged.contains_key(*placed)).copied().for_each(hand);
    };
    let ((), rest) = on_all_processors(left, start, judge);
    judged.extend(rest);
    let verdicts = selected.commits.iter().filter_map(|placed| judged.remove(placed)).collect();
    Ok((selected, verdicts))
}

fn until_first_fault(governments: &Governments, repository: &Repository, selected: &Selected) -> Vec<SubjectVerdict> {
    let court = Court { governments, repository };
    let mut subjects = Vec::new();
    for placed in &selected.commits {
        let subject = court.commit(placed);
        let stop = subject.verdict != Outcome::Accepted;
        subjects.push(subject);
        if stop {
            break;
        }
    }
    subjects
}

/// Git shows other objects in the place of those that were judged.
pub(crate) fn remark_replacements(repository: &Repository, subjects: &mut [SubjectVerdict]) {
    if repository.state().replace_refs > 0
        && let Some(first) = subjects.first_mut()
    {
        first.reasons.push(Reason::new(Code::HistReplaceRefsPresent, "replace refs were ignored"));
    }
}

/// A log entry stands for one object: of two that carry it, none counts.
pub(crate) fn refuse_copies(subjects: &mut [SubjectVerdict]) {
    let mut holders: HashMap<Digest, usize> = HashMap::new();
    for log in subjects.iter().filter_map(|subject| subject.log.as_ref()) {
        let count = holders.entry(log.leaf).or_default();
        *count = count.saturating_add(1);
    }
    for subject in subjects {
        let Some(leaf) = subject.log.as_ref().map(|log| log.leaf) else { continue };
        if holders.get(&leaf).is_some_and(|count| *count > 1) {
            subject.reasons.insert(0, Reason::new(Code::GitDuplicateEvidence, format_args!("{leaf} stands twice")));
            subject.verdict = Outcome::of(&subject.reasons);
        }
    }
}
