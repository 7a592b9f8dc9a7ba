use proptest::prelude::*;

use super::*;
use crate::identity::Purpose;
use crate::scope::Operation;
use crate::time::Timestamp;

fn now() -> Timestamp {
    Timestamp::from_unix(1_795_000_000).unwrap()
}

fn grant() -> Grant {
    Grant {
        grantee: Grantee { agent: "builder".parse().unwrap(), class: None },
        scope: Scope {
            repositories: vec!["repo-00112233445566778899aabbccddeeff".to_owned()],
            targets: vec!["refs/heads/main".to_owned()],
            paths: vec!["src/".to_owned()],
            operations: vec![Operation::Add, Operation::Modify],
            purposes: vec![Purpose::Commit],
            max_paths: 100,
            max_bytes: 1 << 20,
        },
        window: Window { start: now(), end: now().plus(3600) },
        depth: 0,
        task: None,
        salt: Nonce::from_bytes([7; 16]),
    }
}

/// The grant after `alter`, refused with this code.
fn refused(alter: impl FnOnce(&mut Grant)) -> Code {
    let mut altered = grant();
    alter(&mut altered);
    altered.into_statement().unwrap_err().code()
}

#[test]
fn a_grant_survives_its_own_bytes() {
    let statement = grant().into_statement().unwrap();
    assert_eq!(Statement::<Grant>::decode(&statement.encode().unwrap()).unwrap(), statement);
}

#[test]
fn rejects_a_grant_of_nothing() {
    assert_eq!(refused(|g| g.scope.repositories.clear()), Code::AgentGrant);
    assert_eq!(refused(|g| g.scope.targets.clear()), Code::AgentGrant);
    assert_eq!(refused(|g| g.scope.paths.clear()), Code::AgentGrant);
    assert_eq!(refused(|g| g.scope.operations.clear()), Code::AgentGrant);
    assert_eq!(refused(|g| g.scope.purposes.clear()), Code::AgentGrant);
    assert_eq!(refused(|g| g.scope.max_paths = 0), Code::AgentGrant);
}

#[test]
fn a_target_that_git_cannot_have_is_refused_where_a_grant_is_made_and_read_where_one_was() {
    for target in ["", "main", "refs/heads/..", "refs/heads//", "refs/heads/a b", "refs/heads/x.lock"] {
        assert_eq!(refused(|g| g.scope.targets = vec![target.to_owned()]), Code::ScopeElement, "{target}");
    }
    for target in ["/", "refs/", "refs/heads/", "refs/heads/main"] {
        let mut altered = grant();
        altered.scope.targets = vec![target.to_owned()];
        altered.into_statement().unwrap();
    }
    let mut earlier = grant();
    earlier.scope.targets = vec!["refs/heads/..".to_owned()];
    let earlier = Statement::about_itself("grant", earlier).unwrap().encode().unwrap();
    Statement::<Grant>::decode(&earlier).unwrap();
}

#[test]
fn rejects_a_window_that_is_empty_reversed_or_over_thirty_days() {
    assert_eq!(refused(|g| g.window.end = g.window.start), Code::AgentGrant);
    assert_eq!(refused(|g| g.window.end = g.window.start.minus(1)), Code::AgentGrant);
    assert_eq!(refused(|g| g.window.end = g.window.start.plus(MAX_WINDOW + 1)), Code::AgentGrant);
    let mut longest = grant();
    longest.window.end = longest.window.start.plus(MAX_WINDOW);
    longest.into_statement().unwrap();
}

#[test]
fn rejects_more_further_hops_than_a_leaf_can_carry() {
    assert_eq!(refused(|g| g.depth = 4), Code::AgentGrant);
    assert_eq!(refused(|g| g.depth = u8::MAX), Code::AgentGrant);
}

#[test]
fn rejects_scopes_over_their_limits() {
    assert_eq!(refused(|g| g.scope.paths = vec!["a".to_owned(); 17]), Code::ScopeElement);
    assert_eq!(refused(|g| g.scope.paths = vec!["a".repeat(257)]), Code::ScopeElement);
    assert_eq!(refused(|g| g.scope.targets = vec![String::new()]), Code::ScopeElement);
    for path in ["/src", "../x", "src/../x", "./src/", "src//x", "//", ".", "a\0b"] {
        assert_eq!(refused(|g| g.scope.paths = vec![path.to_owned()]), Code::ScopeElement, "{path:?}");
    }
    for target in ["main", "heads/main", "/refs/heads/main"] {
        assert_eq!(refused(|g| g.scope.targets = vec![target.to_owned()]), Code::ScopeElement, "{target}");
    }
    assert_eq!(refused(|g| g.scope.purposes = vec![Purpose::Commit; 17]), Code::ScopeElement);
}

#[test]
fn rejects_numbers_that_json_cannot_write_exactly() {
    assert_eq!(refused(|g| g.scope.max_bytes = 1 << 53), Code::AgentGrant);
    assert_eq!(refused(|g| g.scope.max_bytes = u64::MAX), Code::AgentGrant);
    let text = String::from_utf8(grant().into_statement().unwrap().encode().unwrap()).unwrap();
    for number in ["-1", "1.5", "1e3", "18446744073709551616", "\"100\"", "0100"] {
        let other = text.replace(r#""max_paths":100"#, &format!(r#""max_paths":{number}"#));
        assert_ne!(other, text);
        assert!(Statement::<Grant>::decode(other.as_bytes()).is_err(), "{number}");
    }
}

#[test]
fn rejects_a_predicate_altered_under_its_subject() {
    let text = String::from_utf8(grant().into_statement().unwrap().encode().unwrap()).unwrap();
    let wider = text.replace(r#""paths":["src/"]"#, r#""paths":["/"]"#);
    assert_ne!(wider, text);
    assert_eq!(Statement::<Grant>::decode(wider.as_bytes()).unwrap_err().code(), Code::IntotoSubject);
}

#[test]
fn two_equal_grants_differ_by_their_salt() {
    let mut other = grant();
    other.salt = Nonce::from_bytes([8; 16]);
    assert_ne!(grant().into_statement().unwrap().encode().unwrap(), other.into_statement().unwrap().encode().unwrap());
}

proptest! {
    #[test]
    fn every_acceptable_grant_survives_its_own_bytes(
        paths in proptest::collection::vec("[^\\x00/.][^\\x00/]{0,18}(/[^\\x00/.][^\\x00/]{0,10})?/?", 1..16),
        seconds in 1..=MAX_WINDOW, depth in 0_u8..4, bytes in 0..=MAX_NUMBER, salt in any::<[u8; 16]>(), task in proptest::option::of(any::<[u8; 32]>()),
    ) {
        let mut grant = grant();
        grant.scope.paths = paths;
        grant.scope.max_bytes = bytes;
        grant.window.end = grant.window.start.plus(seconds);
        grant.depth = depth;
        grant.salt = Nonce::from_bytes(salt);
        grant.task = task.map(Digest::from_bytes);
        let statement = grant.into_statement().unwrap();
        prop_assert_eq!(Statement::<Grant>::decode(&statement.encode().unwrap()).unwrap(), statement);
    }
}
