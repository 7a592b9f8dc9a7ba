//! An actor is what its leaf says, and a leaf may not say two things at once.

use signer_core::digest::Digest;
use signer_core::identity::{ActorClass, Custody, Enrolment, Purpose, Subject};
use signer_core::leaf::{AgentName, Hop, LeafIdentity};
use signer_core::scope::Scope;
use signer_core::time::{Timestamp, Window};

use super::Actor;

fn scope() -> Scope {
    Scope {
        repositories: Vec::new(),
        targets: Vec::new(),
        paths: Vec::new(),
        operations: Vec::new(),
        purposes: Vec::new(),
        max_paths: 0,
        max_bytes: 0,
    }
}

fn hop(depth: u8) -> Hop {
    let at = |seconds| Timestamp::from_unix(seconds).unwrap();
    Hop {
        actor: "ada@example.org".parse().unwrap(),
        class: ActorClass::Person,
        certificate: Digest::of(b"certificate"),
        grant: Digest::of(b"grant"),
        scope: scope(),
        window: Window { start: at(1_795_000_000), end: at(1_795_003_600) },
        depth,
    }
}

fn leaf(hops: Vec<Hop>) -> LeafIdentity {
    LeafIdentity {
        class: ActorClass::Agent,
        purpose: Purpose::Commit,
        agent: Some(AgentName { name: "builder".parse().unwrap(), class: "coder".parse().unwrap() }),
        session: "s-1".to_owned(),
        sponsor: Some("ada@example.org".parse().unwrap()),
        hops,
        scope: scope(),
        enrolment: Enrolment::Grant,
        custody: Custody::SharedUser,
        claims: Vec::new(),
    }
}

fn actor(leaf: &LeafIdentity) -> Actor {
    let subject: Subject = "spiffe://demo.chancery.internal/agent/builder/s-1".parse().unwrap();
    Actor::from((&subject, leaf))
}

#[test]
fn has_the_depth_of_its_newest_hop() {
    assert_eq!(actor(&leaf(Vec::new())).depth, None);
    assert_eq!(actor(&leaf(vec![hop(2), hop(1)])).depth, Some(1));
}

#[test]
fn keeps_what_its_leaf_says() {
    let actor = actor(&leaf(vec![hop(0)]));
    assert_eq!(actor.agent, Some(("builder".parse().unwrap(), "coder".parse().unwrap())));
    assert_eq!(
        (actor.class, actor.custody, actor.enrolment),
        (ActorClass::Agent, Custody::SharedUser, Enrolment::Grant)
    );
    assert_eq!(actor.contradiction(), None);
}

#[test]
fn contradicts_itself_where_name_or_sponsor_do_not_fit_its_class() {
    let agent = actor(&leaf(vec![hop(0)]));
    assert!(Actor { agent: None, ..agent.clone() }.contradiction().is_some());
    assert!(Actor { sponsor: None, ..agent.clone() }.contradiction().is_some());
    for class in [ActorClass::Person, ActorClass::Workload] {
        assert!(Actor { class, ..agent.clone() }.contradiction().is_some());
        assert!(Actor { class, agent: None, ..agent.clone() }.contradiction().is_none());
    }
}
