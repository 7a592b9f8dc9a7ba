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
