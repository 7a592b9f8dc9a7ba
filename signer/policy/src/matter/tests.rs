//! Facts of a change come from its list and its provenance, not from what anybody says of it.

use signer_core::change::{ChangeList, Content, Edit, Entry, Side};
use signer_core::digest::Digest;
use signer_core::provenance::{CommitProvenance, Counts};
use signer_core::scope::{Operation, Scope};

use super::{ChangeFacts, ChangeKind, ScopeFacts};

fn side() -> Side {
    Side { mode: 0o100_644, id: vec![7; 20] }
}

fn entry(path: &str, operation: Operation) -> Entry {
    let content = Content { side: Side { id: vec![8; 20], ..side() }, size: 10, sha256: Digest::of(b"x") };
    let edit = match operation {
        Operation::Add => Edit::Add(content),
        Operation::Modify => Edit::Modify(side(), content),
        Operation::Delete | Operation::Tag => Edit::Delete(side()),
    };
    Entry { path: path.as_bytes().to_vec(), edit }
}

fn facts(entries: &[(&str, Operation)], grant: bool) -> ChangeFacts {
    let changes = ChangeList::new(entries.iter().map(|(path, operation)| entry(path, *operation)).collect()).unwrap();
    let provenance = CommitProvenance {
        repository: "demo".to_owned(),
        target: "refs/heads/main".to_owned(),
        change: changes.digest(),
        counts: Counts::of(&changes),
        grant: grant.then(|| Digest::of(b"grant")),
        prompt: None,
        instructions: None,
        tools: None,
        attribution: None,
        derived: Vec::new(),
        salt: "00".repeat(16),
    };
    ChangeFacts::new(&provenance, &changes, &scope())
}

fn scope() -> Scope {
    Scope {
        repositories: vec!["demo".to_owned()],
        targets: vec!["refs/heads/topic/".to_owned()],
        paths: vec!["/".to_owned()],
        operations: vec![Operation::Add],
        purposes: Vec::new(),
        max_paths: 1,
        max_bytes: 1,
    }
}

#[test]
fn takes_paths_bytes_and_names_from_list_and_provenance() {
    let facts = facts(&[("a", Operation::Add), ("b", Operation::Delete), ("c", Operation::Modify)], true);
    let paths = [("a", Operation::Add), ("b", Operation::Delete), ("c", Operation::Modify)];
    assert_eq!(facts.paths, paths.map(|(path, operation)| (path.as_bytes().to_vec(), operation)));
    assert_eq!((facts.bytes, facts.grant, facts.prompt, facts.kind), (20, true, false, None));
    assert_eq!(facts.scope, ScopeFacts { repository: true, target: false });
    assert_eq!(facts.of_kind(ChangeKind::Merge).kind, Some(ChangeKind::Merge));
}

#[test]
fn sees_a_new_anchor_only_where_one_is_added() {
    assert!(facts(&[(".chancery/anchor/2.json", Operation::Add)], false).anchor_update);
    for (path, operation) in [
        (".chancery/anchor/1.json", Operation::Modify),
        (".chancery/anchor/1.json", Operation::Delete),
        (".chancery/anchor", Operation::Add),
        (".chancery/anchors/2.json", Operation::Add),
        ("x/.chancery/anchor/2.json", Operation::Add),
        (".chancery/policy/groups.json", Operation::Modify),
    ] {
        assert!(!facts(&[(path, operation)], false).anchor_update, "{path}");
    }
}
