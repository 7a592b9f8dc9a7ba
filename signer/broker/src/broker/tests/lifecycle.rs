use signer_core::digest::Digest;
use signer_core::reason::Code;
use signer_wire::Secret;
use signer_wire::message::{AcceptPrompt, Answer, EndSession, Request, StartSession};

use super::fake_engine::REPOSITORY;
use super::world::{AGENT, LAUNCHER, SCRIPT, World, code, login, refused};

pub(super) fn start(grant: Option<String>, repository: Option<&str>, pid: Option<u32>) -> Request {
    let repository = repository.map(str::to_owned);
    Request::StartSession(StartSession { agent: "builder".into(), grant, repository, pid, claims: Vec::new() })
}

fn end(handle: &Secret) -> Request {
    Request::EndSession(EndSession { session: Secret::new(handle.expose().to_owned()) })
}

fn accept(handle: Option<&Secret>, prompt: &str) -> Request {
    let session = handle.map(|handle| Secret::new(handle.expose().to_owned()));
    Request::AcceptPrompt(AcceptPrompt { session, prompt: prompt.to_owned() })
}

#[test]
fn the_engine_decides_about_a_login() {
    let world = World::new();
    world.engine.mood.lock().unwrap().refuse = Some(("/v1/sessions/person", Code::IssueUnauthorized));
    assert_eq!(code(world.broker.answer(SCRIPT, login("guess"))), "issue.unauthorized");
    let Answer::Status(status) = world.broker.answer(SCRIPT, Request::Status) else { panic!("no status") };
    assert_eq!(status.person, None);
}

#[test]
fn an_agent_neither_logs_in_nor_out_nor_stops_nor_grants() {
    let (world, handle) = World::with_agent();
    let requests = || {
        [
            login("owner"),
            Request::Logout,
            Request::Stop,
            start(None, None, None),
            Request::CreateGrant(signer_wire::message::CreateGrant {
                payload_type: "application/vnd.in-toto+json".to_owned(),
                payload: signer_wire::bytes::Bytes(super::statements::grant_statement()),
                owner: Some(Secret::new("owner".to_owned())),
            }),
        ]
    };
    for request in requests() {
        assert_eq!(code(world.broker.answer(AGENT, request)), "agent.caller_not_person");
    }
    // Ending its own session changes nothing about what its processes are.
    assert!(matches!(world.broker.answer(AGENT, end(&handle)), Answer::Done));
    for request in requests() {
        assert_eq!(code(world.broker.answer(AGENT, request)), "agent.caller_not_person");
    }
}

#[test]
fn a_grant_opens_one_session() {
    let (world, _handle) = World::with_agent();
    assert_eq!(code(world.broker.answer(SCRIPT, start(None, None, None))), "issue.grant_unknown");
    assert_eq!(world.engine.calls("/v1/sessions/agent"), 1);
}

#[test]
fn a_grant_for_another_agent_or_of_another_name_is_not_taken() {
    let world = World::with_person();
    let mut other = start(None, None, None);
    if let Request::StartSession(start) = &mut other {
        start.agent = "reviewer".into();
    }
    assert_eq!(code(world.broker.answer(SCRIPT, other)), "issue.grant_unknown");
    let named = Some(Digest::of(b"nothing").to_string());
    assert_eq!(code(world.broker.answer(SCRIPT, start(named, None, None))), "issue.grant_unknown");
    assert_eq!(code(world.broker.answer(SCRIPT, start(Some("sha256:x".into()), None, None))), "request.malformed");
}

#[test]
fn a_grant_for_another_repository_is_kept_for_it() {
    let world = World::with_person();
    let grant = world.grant();
    let elsewhere = || start(None, Some("another"), None);
    let Answer::Refused(refusal) = world.broker.answer(SCRIPT, elsewhere()) else { panic!("started") };
    assert_eq!(refusal.code, "scope.repository");
    assert!(refusal.message.contains(REPOSITORY) && refusal.message.contains("another"), "{}", refusal.message);
    assert_eq!(world.engine.calls("/v1/sessions/agent"), 0);
    // Whoever names a grant means it; and where it is for, it is taken.
    refused(world.broker.answer(SCRIPT, start(Some(grant), Some("another"), None))).unwrap();
    world.grant();
    refused(world.broker.answer(SCRIPT, start(None, Some(REPOSITORY), None))).unwrap();
    assert_eq!(code(world.broker.answer(SCRIPT, elsewhere())), "issue.grant_unknown");
}

#[test]
fn a_grant_survives_an_engine_that_is_away_and_not_one_that_refuses() {
    let world = World::with_person();
    world.engine.mood.lock().unwrap().refuse = Some(("/v1/sessions/agent", Code::EngineStorage));
    assert_eq!(world.start_agent(LAUNCHER).err().as_deref(), Some("engine.storage"));
    world.engine.mood.lock().unwrap().refuse = Some(("/v1/sessions/agent", Code::IssueGrantRedeemed));
    assert_eq!(code(world.broker.answer(SCRIPT, start(None, None, None))), "issue.grant_redeemed");
    world.engine.mood.lock().unwrap().refuse = None;
    assert_eq!(code(world.broker.answer(SCRIPT, start(None, None, None))), "issue.grant_unknown");
}

#[test]
fn a_launcher_names_processes_of_its_own_alone() {
    let world = World::with_person();
    world.fake.plain(700, 1, 50);
    for (caller, root) in [(LAUNCHER, 1), (LAUNCHER, SCRIPT), (LAUNCHER, 700), (LAUNCHER, 9999)] {
        assert_eq!(code(world.broker.answer(caller, start(None, None, Some(root)))), "agent.cache_peer");
    }
}

#[test]
fn an_accepted_prompt_stands_in_the_session() {
    let (world, handle) = World::with_agent();
    let prompt = Digest::of(b"prompt").to_string();
    refused(world.broker.answer(AGENT, accept(Some(&handle), &prompt))).unwrap();
    let Answer::Status(status) = world.broker.answer(AGENT, Request::Status) else { panic!("no status") };
    assert_eq!(status.sessions[0].prompt, Some(prompt));
    assert_eq!(status.caller.as_deref(), Some("agent"));
}

#[test]
fn a_prompt_the_engine_refuses_is_not_accepted() {
    let (world, _) = World::with_agent();
    world.engine.mood.lock().unwrap().refuse = Some(("/v1/prompts/accept", Code::PromptNonceUsed));
    let prompt = Digest::of(b"prompt").to_string();
    assert_eq!(code(world.broker.answer(AGENT, accept(None, &prompt))), "prompt.nonce_used");
    assert_eq!(code(world.broker.answer(AGENT, accept(None, "sha256:0"))), "request.malformed");
    let Answer::Status(status) = world.broker.answer(SCRIPT, Request::Status) else { panic!("no status") };
    assert_eq!((status.sessions[0].prompt.clone(), status.caller), (None, None));
}

#[test]
fn nobody_outside_a_session_accepts_a_prompt_or_ends_one() {
    let (world, _) = World::with_agent();
    let prompt = Digest::of(b"prompt").to_string();
    assert_eq!(code(world.broker.answer(SCRIPT, accept(None, &prompt))), "agent.session_unknown");
    let guess = Secret::new("guess".to_owned());
    assert_eq!(code(world.broker.answer(SCRIPT, end(&guess))), "agent.session_unknown");
    assert_eq!(world.engine.calls("/v1/sessions/self"), 0);
}

#[test]
fn an_ended_session_signs_nothing() {
    let (world, handle) = World::with_agent();
    refused(world.broker.answer(LAUNCHER, end(&handle))).unwrap();
    assert_eq!(world.engine.calls("/v1/sessions/self"), 1);
    let answer = world.sign(SCRIPT, world.commit_object("one"), Some(&handle), None);
    assert_eq!(code(answer), "agent.session_unknown");
}

#[test]
fn what_an_agent_leaves_behind_does_not_become_a_person() {
    let (world, handle) = World::with_agent();
    // It has lost its parent, and the launcher took it over; its environment shows nothing.
    world.fake.plain(310, LAUNCHER, 40).plain(320, SCRIPT, 41);
    refused(world.broker.answer(LAUNCHER, end(&handle))).unwrap();
    // The launcher ends, and another takes over what is left.
    world.fake.plain(310, 1, 40).plain(311, 310, 50);
    let signs = |pid| world.sign(pid, world.commit_object("one"), None, Some("owner"));
    for left in [310, 311] {
        assert_eq!(code(signs(left)), "agent.caller_not_person", "{left}");
        assert_eq!(code(world.broker.answer(left, login("owner"))), "agent.caller_not_person", "{left}");
    }
    refused(signs(320)).unwrap();
    // Another process of the same number is another one.
    world.fake.plain(310, 1, 60);
    refused(signs(310)).unwrap();
}

#[test]
fn a_logout_ends_the_session_with_the_engine() {
    let world = World::with_person();
    refused(world.broker.answer(SCRIPT, Request::Logout)).unwrap();
    assert_eq!(world.engine.calls("/v1/sessions/self"), 1);
    let answer = world.sign(SCRIPT, world.commit_object("one"), None, Some("owner"));
    assert_eq!(code(answer), "issue.unauthorized");
}

#[test]
fn a_status_shows_no_secret() {
    let (world, handle) = World::with_agent();
    let Answer::Status(status) = world.broker.answer(AGENT, Request::Status) else { panic!("no status") };
    let text = serde_json::to_string(&status).unwrap();
    for secret in [handle.expose(), "\"owner\"", "redemption", "credential"] {
        assert!(!text.contains(secret), "{secret}");
    }
}
