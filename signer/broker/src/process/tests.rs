use std::fs;
use std::path::Path;

use super::*;

/// A table of processes in a folder of its own.
pub(crate) struct FakeTable(pub(crate) tempfile::TempDir);

impl FakeTable {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// Adds or replaces a process.
    pub(crate) fn add(&self, process: Process, name: &str, environment: &[u8]) -> &Self {
        let folder = self.0.path().join(process.pid.to_string());
        fs::create_dir_all(&folder).unwrap();
        let Process { pid, parent, leader, terminal, start } = process;
        let fields = format!(
            "{pid} ({name}) S {parent} {pid} {leader} {terminal} -1 4194560 1 0 0 0 1 2 3 4 20 0 1 0 {start} 0 0"
        );
        fs::write(folder.join("stat"), fields).unwrap();
        fs::write(folder.join("environ"), environment).unwrap();
        self
    }

    pub(crate) fn plain(&self, pid: u32, parent: u32, start: u64) -> &Self {
        self.add(Process { pid, parent, leader: pid, terminal: 0, start }, "sh", b"")
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    fn table(&self) -> ProcessTable {
        ProcessTable::at(self.path())
    }
}

fn pids(table: &ProcessTable, pid: u32) -> Vec<u32> {
    table.lineage(pid).iter().map(|process| process.pid).collect()
}

#[test]
fn reads_this_very_process() {
    let own = ProcessTable::system().process(std::process::id()).unwrap();
    assert_eq!(own.pid, std::process::id());
    assert_eq!(own.parent, std::os::unix::process::parent_id());
    assert!(own.start > 0);
    assert!(ProcessTable::system().runs(&own));
}

#[test]
fn a_name_cannot_pass_for_other_fields() {
    let fake = FakeTable::new();
    let process = Process { pid: 7, parent: 3, leader: 5, terminal: 34817, start: 99 };
    for name in ["sh", "a b", ") S 1 1 1 0 (", "x) R 2 2 2 2\n", "((", "))"] {
        fake.add(process, name, b"");
        assert_eq!(fake.table().process(7), Some(process), "{name}");
    }
}

#[test]
fn malformed_entries_are_no_process() {
    let fake = FakeTable::new();
    fake.plain(7, 1, 1);
    for stat in [
        "",
        "7",
        "7 (sh)",
        "7 (sh) S",
        "7 (sh) S 1 1 1",
        "8 (sh) S 1 1 1 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 5 0",
        "x (sh) S 1 1 1 0",
    ] {
        fs::write(fake.path().join("7/stat"), stat).unwrap();
        assert_eq!(fake.table().process(7), None, "{stat}");
    }
    fs::write(fake.path().join("7/stat"), b"\xff (\xff) \xff").unwrap();
    assert_eq!(fake.table().process(7), None);
}

#[test]
fn lineage_goes_up_to_the_first_process_and_no_further() {
    let fake = FakeTable::new();
    fake.plain(1, 0, 1).plain(10, 1, 5).plain(20, 10, 6);
    assert_eq!(pids(&fake.table(), 20), [20, 10, 1]);
    assert_eq!(pids(&fake.table(), 99), [0_u32; 0]);
}

#[test]
fn a_number_reused_by_a_younger_process_is_no_parent() {
    let fake = FakeTable::new();
    fake.plain(1, 0, 1).plain(10, 1, 900).plain(20, 10, 6);
    assert_eq!(pids(&fake.table(), 20), [20]);
}

#[test]
fn a_ring_of_parents_ends() {
    let fake = FakeTable::new();
    fake.plain(10, 20, 5).plain(20, 10, 5);
    assert_eq!(fake.table().lineage(20).len(), MAX_LINEAGE);
}

#[test]
fn a_reused_number_is_another_process() {
    let fake = FakeTable::new();
    fake.plain(10, 1, 5);
    let process = fake.table().process(10).unwrap();
    fake.plain(10, 1, 6);
    assert!(!fake.table().runs(&process));
}

#[test]
fn the_handle_in_an_environment_is_seen_and_look_alikes_are_not() {
    let fake = FakeTable::new();
    let process = Process { pid: 7, parent: 1, leader: 7, terminal: 0, start: 1 };
    for (environment, carries) in [
        (b"A=b\0CHANCERY_SESSION=x\0".as_slice(), true),
        (b"CHANCERY_SESSION=", true),
        (b"XCHANCERY_SESSION=x\0", false),
        (b"A=CHANCERY_SESSION=x\0", false),
        (b"", false),
    ] {
        fake.add(process, "sh", environment);
        assert_eq!(fake.table().carries_session(7), carries);
    }
    assert!(!fake.table().carries_session(8));
}
