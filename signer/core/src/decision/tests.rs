//! A record that gets its place later is the record that had it at once, to the byte.

use super::{DecisionRecord, LAST_PLACE, LogPosition};
use crate::canonical::CanonicalError;
use crate::digest::Digest;
use crate::identity::Custody;

fn record(repository: Option<&str>, origin: &str) -> DecisionRecord {
    DecisionRecord {
        leaf: Digest::of(b"leaf"),
        log: LogPosition { origin: origin.to_owned(), index: 7, size: 9 },
        subject: "alice@example.org".parse().unwrap(),
        policy: Digest::of(b"policy"),
        rules: vec!["a".to_owned(), "b".to_owned()],
        session: "0".repeat(32),
        certificate: Digest::of(b"certificate"),
        repository: repository.map(str::to_owned),
        target: None,
        change: None,
        grants: vec![Digest::of(b"grant")],
        prompt: None,
        approvals: Vec::new(),
        feed: 3,
        custody: Custody::Broker,
        salt: "f".repeat(32),
    }
}

#[test]
fn a_record_that_is_placed_later_has_the_bytes_of_one_that_was_placed_at_once() {
    // Texts that look like the members between which the place stands.
    let hostile =
        [r#","size":9007199254740991"#, r#""log":{"index":9007199254740991,"#, r#"\","size":9007199254740991}"#];
    let repositories = hostile.into_iter().map(Some).chain([None, Some("repository")]);
    for (repository, origin) in repositories.zip(hostile.into_iter().chain(["log.example", ""])) {
        for (index, size) in [(0, 1), (7, 9), (12_345, 99_999), (LAST_PLACE, LAST_PLACE)] {
            let mut whole = record(repository, origin);
            let unplaced = whole.clone().unplaced().unwrap();
            (whole.log.index, whole.log.size) = (index, size);
            assert_eq!(unplaced.placed(index, size).unwrap(), whole.encode().unwrap());
            assert_eq!(unplaced.feed(), 3);
        }
    }
}

#[test]
fn refuses_a_place_that_canonical_json_cannot_write() {
    let unplaced = record(None, "log.example").unplaced().unwrap();
    for (index, size) in [(LAST_PLACE + 1, LAST_PLACE), (0, LAST_PLACE + 1), (u64::MAX, u64::MAX)] {
        assert!(matches!(unplaced.placed(index, size), Err(CanonicalError::NotCanonical)));
    }
}

#[test]
fn refuses_a_record_that_only_fits_at_an_early_place() {
    let mut long = record(Some(""), "log.example");
    let room = super::MAX_BYTES - long.encode().unwrap().len();
    long.repository = Some("x".repeat(room));
    assert_eq!(long.encode().unwrap().len(), super::MAX_BYTES);
    assert!(matches!(long.unplaced(), Err(CanonicalError::TooLarge { .. })));
}
