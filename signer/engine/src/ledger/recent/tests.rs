//! The newest answers exclude an earlier one only where they cannot have missed it.

use signer_core::digest::Digest;

use super::{MEMORY, RecentAnswers};
use crate::signature::Unanswered;

fn digest(number: u64) -> Digest {
    Digest::of(&number.to_be_bytes())
}

fn unanswered(key: u64, events: u64) -> Unanswered {
    Unanswered::at(digest(key), events)
}

#[test]
fn an_answer_that_was_given_since_is_not_excluded() {
    let mut recent = RecentAnswers::since(10);
    recent.add(digest(1), 12);
    assert!(!recent.excludes(&unanswered(1, 10)));
    assert!(!recent.excludes(&unanswered(1, 12)));
    assert!(recent.excludes(&unanswered(2, 10)));
}

#[test]
fn nothing_is_excluded_that_was_looked_for_before_the_oldest_answer() {
    let mut recent = RecentAnswers::since(10);
    assert!(!recent.excludes(&unanswered(1, 9)));
    let most = u64::try_from(MEMORY).unwrap();
    for number in 0..most {
        recent.add(digest(number), 11 + number);
    }
    assert!(recent.excludes(&unanswered(most, 10)));
    recent.add(digest(most), 11 + most);
    // The answer of event 11 is forgotten: whoever looked before it may have missed it.
    assert!(!recent.excludes(&unanswered(0, 10)));
    assert!(!recent.excludes(&unanswered(most + 1, 10)));
    assert!(recent.excludes(&unanswered(most + 1, 11)));
}

#[test]
fn answers_of_one_batch_are_forgotten_together() {
    let mut recent = RecentAnswers::since(0);
    let most = u64::try_from(MEMORY).unwrap();
    for number in 0..=most {
        recent.add(digest(number), 5);
    }
    assert!(!recent.excludes(&unanswered(most + 1, 4)));
    assert!(recent.excludes(&unanswered(most + 1, 5)));
}
