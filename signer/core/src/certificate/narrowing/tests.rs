//! Delegation chains that narrow, and every way not to.

use crate::certificate::tests::world::{agent, hop, life, now, person, scope, workload};
use crate::certificate::{CertificateError, check_narrowing};
use crate::identity::{ActorClass, Purpose};
use crate::leaf::LeafIdentity;
use crate::reason::{Code, Coded};
use crate::scope::Operation;
use crate::time::Window;

/// An agent under an agent under a person.
fn sub_agent() -> LeafIdentity {
    let parent = "spiffe://example.chancery.internal/agent/lead/s-0";
    LeafIdentity {
        hops: vec![
            hop("alice@example.com", ActorClass::Person, &["src/", "docs/"], 2),
            hop(parent, ActorClass::Agent, &["src/"], 1),
        ],
        scope: scope(&["src/parser/"]),
        ..agent()
    }
}

fn check(alter: impl FnOnce(&mut LeafIdentity)) -> Result<(), CertificateError> {
    let mut identity = sub_agent();
    alter(&mut identity);
    check_narrowing(&identity, &life())
}

fn code(alter: impl FnOnce(&mut LeafIdentity)) -> Code {
    check(alter).unwrap_err().code()
}

#[test]
fn accepts_chains_that_narrow() {
    check(|_| ()).unwrap();
    check_narrowing(&agent(), &life()).unwrap();
    check_narrowing(&person(), &life()).unwrap();
    check_narrowing(&workload(), &life()).unwrap();
    check(|leaf| leaf.hops[0].class = ActorClass::Workload).unwrap();
}

#[test]
fn rejects_an_agent_that_nobody_sent() {
    assert_eq!(code(|leaf| leaf.hops.clear()), Code::AgentHops);
}

#[test]
fn rejects_a_person_who_was_sent() {
    assert_eq!(code(|leaf| leaf.class = ActorClass::Person), Code::AgentHops);
}

#[test]
fn rejects_a_chain_that_starts_with_an_agent_or_returns_to_a_person() {
    assert_eq!(code(|leaf| leaf.hops[0].class = ActorClass::Agent), Code::AgentHops);
    assert_eq!(code(|leaf| leaf.hops[1].class = ActorClass::Person), Code::AgentHops);
}

#[test]
fn rejects_five_hops() {
    assert_eq!(code(|leaf| leaf.hops = vec![leaf.hops[0].clone(); 5]), Code::AgentHops);
}

#[test]
fn rejects_a_leaf_beyond_its_last_hop() {
    let alterations: [fn(&mut LeafIdentity); 7] = [
        |leaf| leaf.scope.repositories.push("r-2".into()),
        |leaf| leaf.scope.targets = vec!["refs/heads/".into()],
        |leaf| leaf.scope.paths = vec!["docs/".into()],
        |leaf| leaf.scope.operations.push(Operation::Delete),
        |leaf| leaf.scope.purposes.push(Purpose::Attestation),
        |leaf| leaf.scope.max_paths += 1,
        |leaf| leaf.scope.max_bytes += 1,
    ];
    for alter in alterations {
        assert_eq!(check(alter).unwrap_err(), CertificateError::NotNarrower { hop: 1 });
    }
}

#[test]
fn rejects_a_path_that_only_looks_like_a_longer_one() {
    assert_eq!(code(|leaf| leaf.scope.paths = vec!["src-y".into()]), Code::ScopeNotNarrower);
    assert_eq!(code(|leaf| leaf.scope.paths = vec!["/".into()]), Code::ScopeNotNarrower);
}

#[test]
fn rejects_a_hop_beyond_the_one_before() {
    let alterations: [fn(&mut LeafIdentity); 6] = [
        |leaf| leaf.hops[1].scope.paths = vec!["/".into()],
        |leaf| leaf.hops[1].window.end = leaf.hops[0].window.end.plus(1),
        |leaf| leaf.hops[1].window.start = leaf.hops[0].window.start.minus(1),
        |leaf| leaf.hops[1].depth = 2,
        |leaf| leaf.hops[1].depth = 3,
        |leaf| leaf.hops[0].depth = 0,
    ];
    for alter in alterations {
        assert_eq!(check(alter).unwrap_err(), CertificateError::NotNarrower { hop: 0 });
    }
}

#[test]
fn rejects_a_life_outside_the_last_hops_window() {
    let short = Window { start: now().plus(1), end: now().plus(100) };
    assert_eq!(code(|leaf| leaf.hops[1].window = short), Code::ScopeNotNarrower);
}

#[test]
fn rejects_scopes_over_their_limits() {
    assert_eq!(code(|leaf| leaf.scope.paths = vec!["src/parser/a".into(); 17]), Code::ScopeElement);
    assert_eq!(code(|leaf| leaf.scope.paths = vec![String::new()]), Code::ScopeElement);
    assert_eq!(code(|leaf| leaf.hops[0].scope.paths.push("x".repeat(257))), Code::ScopeElement);
}
