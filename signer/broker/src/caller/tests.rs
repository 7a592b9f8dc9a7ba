use signer_core::identity::{Custody, Subject};
use signer_core::protocol::SessionOpened;
use signer_core::reason::{Code, Coded};
use signer_core::scope::Scope;
use signer_core::time::Timestamp;

use super::*;
use crate::identity::Identity;
use crate::process::tests::FakeTable;

const SHELL: u32 = 100;
const LAUNCHER: u32 = 200;
const AGENT: u32 = 300;
const BESIDE: u32 = 400;

/// A shell with a launcher and its agent beneath, and another program beside them.
struct World {
    fake: FakeTable,
    sessions: Sessions,
    session: Arc<AgentSession>,
    handle: Secret,
}

fn world() -> World {
    let fake = FakeTable::new();
    fake.plain(1, 0, 1).plain(SHELL, 1, 10).plain(LAUNCHER, SHELL, 20).plain(AGENT, LAUNCHER, 30);
    fake.plain(BESIDE, SHELL, 25);
    let sessions = Sessions::default();
    let (session, handle) = start(&fake, &sessions, "s1", Some(LAUNCHER));
    World { fake, sessions, session, handle }
}

fn start(fake: &FakeTable, sessions: &Sessions, id: &str, root: Option<u32>) -> (Arc<AgentSession>, Secret) {
    let table = ProcessTable::at(fake.path());
    let now = Timestamp::from_unix(1_795_000_000).unwrap();
    let subject: Subject = format!("spiffe://example.org/agent/builder/{id}").parse().unwrap();
    let opened = SessionOpened {
        session: id.to_owned(),
        credential: "credential".to_owned(),
        subject,
        agent: Some("builder".parse().unwrap()),
        sponsor: "alice@example.org".parse().unwrap(),
        scope: Scope {
            repositories: Vec::new(),
            targets: Vec::new(),
            paths: Vec::new(),
            operations: Vec::new(),
            purposes: Vec::new(),
            max_paths: 1,
            max_bytes: 1,
        },
        grants: Vec::new(),
        expires: now.plus(3600),
        custody: Custody::SharedUser,
    };
    let root = root.map(|pid| table.process(pid).unwrap());
    let (session, handle) = AgentSession::new(Identity::new(opened).unwrap(), root).unwrap();
    (sessions.add(session, &table, now), handle)
}

impl World {
    fn table(&self) -> ProcessTable {
        ProcessTable::at(self.fake.path())
    }

    fn caller(&self, pid: u32, handle: Option<&Secret>) -> Result<Caller, BrokerError> {
        attribute(descend(&self.table(), &self.sessions, pid), &self.sessions, handle)
    }

    /// What stops the process from acting for a person, if anything.
    fn outside(&self, pid: u32) -> Option<Code> {
        self.caller(pid, None).and_then(|caller| caller.outside(&self.table(), pid)).err().map(|error| error.code())
    }
}

#[test]
fn a_process_beneath_the_launcher_is_the_agents_whatever_it_says() {
    let world = world();
    for pid in [LAUNCHER, AGENT] {
        assert!(matches!(world.caller(pid, None), Ok(Caller::Agent(found)) if Arc::ptr_eq(&found, &world.session)));
        assert_eq!(world.outside(pid), Some(Code::AgentCallerNotPerson));
    }
}

#[test]
fn a_handle_makes_a_process_of_no_session_the_agents() {
    let world = world();
    assert!(matches!(world.caller(BESIDE, Some(&world.handle)), Ok(Caller::Agent(_))));
    let handle = Secret::new(world.handle.expose().to_owned());
    let caller = world.caller(BESIDE, Some(&handle)).unwrap();
    let refused = caller.outside(&world.table(), BESIDE).err().map(|error| error.code());
    assert_eq!(refused, Some(Code::AgentCallerNotPerson));
}

#[test]
fn a_program_beside_the_agent_is_no_agent() {
    let world = world();
    assert_eq!(world.outside(BESIDE), None);
    assert_eq!(world.outside(SHELL), None);
}

#[test]
fn refuses_a_handle_that_nobody_was_given() {
    let world = world();
    for handle in [
        "",
        "x",
        &world.handle.expose().to_uppercase(),
        world.handle.expose().trim_start_matches(char::is_alphanumeric),
    ] {
        let refused = world.caller(BESIDE, Some(&Secret::new(handle.to_owned()))).err().map(|error| error.code());
        assert_eq!(refused, Some(Code::AgentSessionUnknown));
    }
}

#[test]
fn refuses_the_handle_of_another_session() {
    let world = world();
    let (_, other) = start(&world.fake, &world.sessions, "s2", Some(BESIDE));
    let refused = world.caller(AGENT, Some(&other)).err().map(|error| error.code());
    assert_eq!(refused, Some(Code::AgentCachePeer));
}

#[test]
fn a_process_that_left_its_tree_is_betrayed_by_its_environment() {
    let world = world();
    let orphan = Process { pid: 500, parent: 1, leader: 500, terminal: 0, start: 40 };
    world.fake.add(orphan, "agent", b"CHANCERY_SESSION=x\0");
    assert_eq!(world.outside(500), Some(Code::AgentCallerNotPerson));
    world.fake.plain(501, 500, 41);
    assert_eq!(world.outside(501), Some(Code::AgentCallerNotPerson));
}

#[test]
fn an_agent_does_not_become_a_person_by_ending_its_session() {
    let world = world();
    world.sessions.end(&world.session, false, Vec::new());
    assert_eq!(world.outside(AGENT), Some(Code::AgentCallerNotPerson));
    let Ok(Caller::Agent(session)) = world.caller(AGENT, None) else { panic!("not the agent's") };
    assert_eq!(session.require_running().unwrap_err().code(), Code::AgentSessionUnknown);
    assert!(world.sessions.running().is_empty());
}

#[test]
fn a_launcher_that_ended_its_session_is_free_again() {
    let world = world();
    world.sessions.end(&world.session, true, Vec::new());
    assert_eq!(world.outside(LAUNCHER), None);
    let refused = world.caller(LAUNCHER, Some(&world.handle)).err().map(|error| error.code());
    assert_eq!(refused, Some(Code::AgentSessionUnknown));
}

#[test]
fn another_process_under_the_launchers_number_is_not_the_agents() {
    let world = world();
    world.fake.plain(LAUNCHER, 1, 900);
    assert_eq!(world.outside(LAUNCHER), None);
}

#[test]
fn a_process_that_cannot_be_seen_acts_for_nobody() {
    assert_eq!(world().outside(9999), Some(Code::AgentCachePeer));
}

#[test]
fn handles_are_random_and_long() {
    let world = world();
    let (_, other) = start(&world.fake, &world.sessions, "s2", None);
    assert_ne!(world.handle.expose(), other.expose());
    assert_eq!(other.expose().len(), 64);
}

#[test]
fn a_session_that_was_found_once_is_the_callers_whatever_it_presents() {
    let world = world();
    let found = || Caller::Agent(Arc::clone(&world.session));
    let (other, foreign) = start(&world.fake, &world.sessions, "s2", None);
    assert!(
        matches!(attribute(found(), &world.sessions, None), Ok(Caller::Agent(own)) if Arc::ptr_eq(&own, &world.session))
    );
    assert!(attribute(found(), &world.sessions, Some(&world.handle)).is_ok());
    let refused = attribute(found(), &world.sessions, Some(&foreign)).err().unwrap();
    assert_eq!(refused.code(), Code::AgentCachePeer);
    assert!(other.require_running().is_ok());
}
