//! What a home has seen outlives its broker, log by log.

use super::*;

fn note(origin: &str, size: u64) -> String {
    format!("{origin}\n{size}\nroot\n\n")
}

fn memory(folder: &tempfile::TempDir) -> CheckpointMemory {
    CheckpointMemory::open(folder.path().join("checkpoint"))
}

#[test]
fn the_largest_tree_of_a_log_is_the_newest() {
    let folder = tempfile::tempdir().unwrap();
    let known = memory(&folder);
    for size in [3, 7, 5] {
        known.saw(size, note("log-1.example", size)).unwrap();
    }
    assert_eq!(known.newest(), Some(note("log-1.example", 7)));
    known.keep();
    assert_eq!(memory(&folder).newest(), Some(note("log-1.example", 7)));
}

#[test]
fn a_log_that_follows_is_newer_whatever_its_size() {
    let folder = tempfile::tempdir().unwrap();
    let known = memory(&folder);
    known.saw(700, note("log-1.example", 700)).unwrap();
    known.keep();
    known.saw(2, note("log-2.example", 2)).unwrap();
    known.keep();
    assert_eq!(memory(&folder).newest(), Some(note("log-2.example", 2)));
    let before = fs::read_to_string(folder.path().join("checkpoint.log-1.example")).unwrap();
    assert_eq!(before, note("log-1.example", 700));
}

#[test]
fn refuses_a_log_that_was_left_also_after_a_restart() {
    // LOG-14, across two logs: an engine that was set back to before a rotation.
    let folder = tempfile::tempdir().unwrap();
    let known = memory(&folder);
    known.saw(700, note("log-1.example", 700)).unwrap();
    known.keep();
    known.saw(2, note("log-2.example", 2)).unwrap();
    known.keep();
    for known in [known, memory(&folder)] {
        assert!(matches!(known.saw(701, note("log-1.example", 701)), Err(BrokerError::LogLeft { .. })));
        assert_eq!(known.newest(), Some(note("log-2.example", 2)));
    }
}

#[test]
fn the_file_may_be_behind_within_one_log_alone() {
    let folder = tempfile::tempdir().unwrap();
    let known = memory(&folder);
    let kept = || memory(&folder).newest();
    assert!(!known.settle());
    known.saw(3, note("log-1.example", 3)).unwrap();
    assert!(!known.settle());
    assert_eq!(kept(), Some(note("log-1.example", 3)));
    known.saw(4, note("log-1.example", 4)).unwrap();
    assert!(known.settle());
    assert_eq!(kept(), Some(note("log-1.example", 3)));
    known.keep();
    assert!(!known.settle());
    assert_eq!(kept(), Some(note("log-1.example", 4)));
    // That a log was left must not be forgotten with this process.
    known.saw(2, note("log-2.example", 2)).unwrap();
    assert!(!known.settle());
    assert!(matches!(memory(&folder).saw(5, note("log-1.example", 5)), Err(BrokerError::LogLeft { .. })));
}
