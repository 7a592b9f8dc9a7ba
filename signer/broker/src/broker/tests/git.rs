use std::sync::Arc;

use signer_core::cms::CommitSignature;
use signer_core::digest::Digest;
use signer_core::provenance::Provenance;
use signer_core::reason::Code;
use signer_core::{armor, protocol};
use signer_git::commit::join;
use signer_git::repository::object_id;
use signer_git::{ObjectFormat, ObjectKind};
use signer_wire::Secret;
use signer_wire::message::Answer;

use super::fake_engine::{REPOSITORY, grant};
use super::world::{AGENT, LAUNCHER, SCRIPT, World, code, refused};
use crate::caller::Caller;
use crate::lookout::{Lookout, Sighting};

fn signature(answer: Answer) -> CommitSignature {
    match answer {
        Answer::GitSigned(signed) => CommitSignature::parse(&armor::decode(signed.armor.as_bytes()).unwrap()).unwrap(),
        other => panic!("{}", code(other)),
    }
}

fn provenance(signature: &CommitSignature) -> Provenance {
    Provenance::decode(signature.signed_attributes().provenance_bytes()).unwrap()
}

#[test]
fn an_agent_signs_as_itself_and_says_under_what() {
    let (world, handle) = World::with_agent();
    world.write("src/lib.rs", "fn f() {}\n");
    let object = world.commit_object("one");
    let signed = signature(world.sign(AGENT, object.clone(), Some(&handle), None));
    assert_eq!(*signed.signed_attributes().message_digest(), Digest::of(&object));
    let Provenance::Commit(commit) = provenance(&signed) else { panic!("not a commit") };
    assert_eq!(commit.repository, REPOSITORY);
    assert_eq!(commit.target, "refs/heads/main");
    assert_eq!((commit.grant, commit.counts.added), (Some(grant()), 2));
    let call = world.engine.arrived.lock().unwrap().pop().unwrap();
    let request: protocol::CountersignRequest = serde_json::from_slice(&call.body).unwrap();
    assert_eq!(Digest::of(&request.change_list.unwrap().0), commit.change);
    assert_eq!(call.owner, None);
}

#[test]
fn a_person_signs_for_the_target_in_the_tree_with_the_owner_credential() {
    let world = World::with_person();
    let signed = signature(world.sign(SCRIPT, world.commit_object("one"), None, Some("owner")));
    let Provenance::Commit(commit) = provenance(&signed) else { panic!("not a commit") };
    assert_eq!((commit.target.as_str(), commit.grant), ("refs/heads/main", None));
    assert_eq!(world.engine.arrived.lock().unwrap().pop().unwrap().owner.as_deref(), Some("owner"));
}

// The bytes are known by then; what they are in this tree is asked each time.
#[test]
fn a_known_configuration_counts_only_where_it_is_a_file() {
    let (world, handle) = World::with_agent();
    let sign = || world.sign(AGENT, world.commit_object("one"), Some(&handle), None);
    let path = ".chancery/config.toml";
    let id = world.git(&world.repository, &["rev-parse", &format!(":{path}")]);
    let entry = |mode: &str| {
        world.git(&world.repository, &["update-index", "--cacheinfo", &format!("{mode},{id},{path}")]);
    };
    for (mode, expected) in [("100644", None), ("120000", Some(Code::AnchorMissing)), ("100755", None)] {
        entry(mode);
        assert_eq!(refused(sign()).err().as_deref(), expected.map(Code::as_str), "{mode}");
    }
    world.git(&world.repository, &["rm", "-q", "--cached", "--force", path]);
    assert_eq!(code(sign()), Code::AnchorMissing.as_str(), "removed");
}

#[test]
fn an_agent_signs_for_no_target_but_the_one_in_the_tree() {
    let (world, handle) = World::with_agent();
    for target in ["refs/heads/release", "refs/heads/mainly", "refs/heads/agents/x"] {
        let config = format!("repository = \"{REPOSITORY}\"\ntarget = \"{target}\"\n");
        world.write(".chancery/config.toml", &config);
        let answer = world.sign(AGENT, world.commit_object("one"), Some(&handle), None);
        assert_eq!(code(answer), Code::ScopeTarget.as_str(), "{target}");
    }
    assert_eq!(world.engine.calls("/v1/countersign"), 0);
}

#[test]
fn a_tag_names_what_it_tags() {
    let world = World::with_person();
    world.git(&world.repository, &["commit", "-q", "-m", "one"]);
    let head = world.git(&world.repository, &["rev-parse", "HEAD"]);
    let ident = "Alice <alice@example.org> 1795000000 +0000";
    let object = format!("object {head}\ntype commit\ntag v1\ntagger {ident}\n\nrelease\n");
    let Provenance::Tag(tag) = provenance(&signature(world.sign(SCRIPT, object.into(), None, Some("owner")))) else {
        panic!("not a tag")
    };
    assert_eq!((tag.name.as_str(), tag.object, tag.object_type.as_str()), ("v1", head, "commit"));
}

#[test]
fn one_key_serves_until_a_minute_before_its_certificate_ends() {
    let (world, handle) = World::with_agent();
    let sign = |message: &str| signature(world.sign(AGENT, world.commit_object(message), Some(&handle), None));
    let before = world.engine.calls("/v1/certificates");
    world.engine.mood.lock().unwrap().lifetime = Some(59);
    assert_ne!(sign("one").certificate_der(), sign("two").certificate_der());
    world.engine.mood.lock().unwrap().lifetime = Some(60);
    assert_eq!(sign("three").certificate_der(), sign("four").certificate_der());
    assert_eq!(world.engine.calls("/v1/certificates") - before, 3);
}

#[test]
fn the_newest_checkpoint_is_shown_to_the_engine_and_outlives_the_broker() {
    let (world, handle) = World::with_agent();
    signature(world.sign(AGENT, world.commit_object("one"), Some(&handle), None));
    let call = world.engine.arrived.lock().unwrap().pop().unwrap();
    let request: protocol::CountersignRequest = serde_json::from_slice(&call.body).unwrap();
    let seen = request.newest_checkpoint.unwrap();
    assert!(seen.starts_with("log-1.example.org\n1\n"));
    world.broker.keep();
    assert_eq!(std::fs::read_to_string(world.folder.path().join("state/checkpoint")).unwrap(), seen);
}

#[test]
fn a_person_who_confirms_nothing_signs_nothing() {
    let world = World::with_person();
    assert_eq!(code(world.sign(SCRIPT, world.commit_object("one"), None, None)), "agent.presence_missing");
    assert_eq!(code(world.sign(SCRIPT, world.commit_object("one"), None, Some("guess"))), "issue.unauthorized");
    assert_eq!(world.engine.calls("/v1/countersign"), 0);
}

#[test]
fn without_a_login_nobody_outside_a_session_signs() {
    let world = World::new();
    assert_eq!(code(world.sign(SCRIPT, world.commit_object("one"), None, Some("owner"))), "issue.unauthorized");
}

#[test]
fn an_agent_never_signs_as_a_person_even_with_the_owner_credential() {
    let (world, handle) = World::with_agent();
    for (pid, session) in [(AGENT, None), (AGENT, Some(&handle)), (LAUNCHER, None), (SCRIPT, Some(&handle))] {
        let answer = world.sign(pid, world.commit_object("one"), session, Some("owner"));
        assert_eq!(code(answer), "agent.caller_not_person");
    }
}

#[test]
fn an_agent_without_its_handle_still_signs_as_the_agent() {
    let (world, _) = World::with_agent();
    let signed = signature(world.sign(AGENT, world.commit_object("one"), None, None));
    let Provenance::Commit(commit) = provenance(&signed) else { panic!("not a commit") };
    assert_eq!(commit.grant, Some(grant()));
}

#[test]
fn refuses_bytes_that_are_no_object_git_would_write() {
    let (world, handle) = World::with_agent();
    let good = String::from_utf8(world.commit_object("one")).unwrap();
    let author = good.lines().find(|line| line.starts_with("author ")).unwrap();
    for bad in [
        String::new(),
        "DSSEv1 4 type 2 {}".to_owned(),
        good.replacen(author, &format!("{author}\n{author}"), 1),
        good.replacen("\n\n", "\ngpgsig x\n\n", 1),
        good.replace("one", "o\0ne"),
        good.replace("tree ", "tree  "),
        good.split_once("\n\n").unwrap().0.to_owned(),
    ] {
        let code = code(world.sign(AGENT, bad.clone().into_bytes(), Some(&handle), None));
        assert!(code.starts_with("git."), "{code}: {bad}");
    }
    assert_eq!(world.engine.calls("/v1/countersign"), 0);
}

#[test]
fn refuses_a_commit_whose_objects_are_not_this_repositorys() {
    let (world, handle) = World::with_agent();
    let object = String::from_utf8(world.commit_object("one")).unwrap();
    let tree = world.git(&world.repository, &["write-tree"]);
    let foreign = object.replace(&tree, &"1".repeat(40));
    assert_eq!(code(world.sign(AGENT, foreign.into_bytes(), Some(&handle), None)), "agent.foreign_payload");
    let parent = object.replacen("\nauthor", &format!("\nparent {}\nauthor", "2".repeat(40)), 1);
    assert_eq!(code(world.sign(AGENT, parent.into_bytes(), Some(&handle), None)), "agent.foreign_payload");
}

#[test]
fn refuses_a_tree_that_names_no_repository() {
    let (world, handle) = World::with_agent();
    world.git(&world.repository, &["rm", "-q", "-f", ".chancery/config.toml"]);
    world.write("README", "x");
    assert_eq!(code(world.sign(AGENT, world.commit_object("one"), Some(&handle), None)), "anchor.missing");
}

#[test]
fn what_the_engine_refuses_stays_refused_in_its_own_words() {
    let (world, handle) = World::with_agent();
    world.engine.mood.lock().unwrap().refuse = Some(("/v1/countersign", Code::PolicyDenied));
    let Answer::Refused(refusal) = world.sign(AGENT, world.commit_object("one"), Some(&handle), None) else {
        panic!("accepted")
    };
    assert_eq!(refusal.code, "policy.denied");
    assert_eq!(refusal.message, "no\u{1b}[2J", "who shows it escapes it, once");
}

// LOG-04: what an engine answers is checked before it is embedded.
#[test]
fn evidence_of_another_change_never_enters_a_signature() {
    let (world, handle) = World::with_agent();
    let lies: [fn(&mut signer_core::decision::DecisionRecord); 10] = [
        |record| record.certificate = Digest::of(b"other"),
        |record| record.session = "other".to_owned(),
        |record| record.subject = "bob@example.org".parse().unwrap(),
        |record| record.repository = Some("r-2".to_owned()),
        |record| record.target = None,
        |record| record.change = Some(Digest::of(b"other")),
        |record| record.grants.clear(),
        |record| record.prompt = Some(Digest::of(b"other")),
        |record| record.log.size = 2,
        |record| record.log.origin = "log-2.example.org".to_owned(),
    ];
    for lie in lies {
        world.engine.mood.lock().unwrap().lie = Some(lie);
        let answer = world.sign(AGENT, world.commit_object("one"), Some(&handle), None);
        assert_eq!(code(answer), "engine.answer_invalid");
    }
}

#[test]
fn a_certificate_for_somebody_else_is_not_used() {
    let (world, handle) = World::with_agent();
    world.engine.mood.lock().unwrap().foreign_certificate = true;
    let answer = world.sign(AGENT, world.commit_object("one"), Some(&handle), None);
    assert_eq!(code(answer), "engine.answer_invalid");
    assert_eq!(world.engine.calls("/v1/countersign"), 0);
}

#[test]
fn an_engine_that_is_away_is_undetermined_and_signs_nothing() {
    let (world, handle) = World::with_agent();
    let config = world.folder.path().join("state/config.toml");
    std::fs::write(&config, "engine = \"http://127.0.0.1:1\"\n").unwrap();
    let answer = world.sign(AGENT, world.commit_object("one"), Some(&handle), None);
    assert!(
        matches!(&answer, Answer::Refused(refusal) if refusal.severity == signer_wire::message::Severity::Undetermined)
    );
    assert_eq!(code(answer), "engine.unreachable");
    std::fs::write(&config, "").unwrap();
    assert_eq!(code(world.sign(AGENT, world.commit_object("one"), Some(&handle), None)), "engine.unreachable");
}

#[test]
fn another_repository_in_the_same_place_is_another_one() {
    let (world, handle) = World::with_agent();
    signature(world.sign(AGENT, world.commit_object("one"), Some(&handle), None));
    let object = world.commit_object("two");
    std::fs::rename(&world.repository, world.folder.path().join("moved")).unwrap();
    world.git(world.folder.path(), &["init", "-q", "repository"]);
    assert_eq!(code(world.sign(AGENT, object, Some(&handle), None)), "agent.foreign_payload");
}

#[test]
fn whoever_was_an_agents_on_connecting_remains_one_and_nobody_becomes_one() {
    let (world, _handle) = World::with_agent();
    let (agent, script) = (Sighting::of(AGENT), Sighting::of(SCRIPT));
    assert!(agent.session(&world.broker).is_some() && script.session(&world.broker).is_none());
    // The launcher's end makes its child another's, and takes no session from the connection.
    world.fake.plain(AGENT, 1, 30);
    assert!(matches!(world.broker.attribute(AGENT, None), Ok(Caller::Outside(_))));
    assert!(matches!(world.broker.attribute_seen(&agent, None), Ok(Caller::Agent(_))));
    // Nor does having been nobody's make anybody a person who is an agent's by now.
    world.fake.plain(SCRIPT, LAUNCHER, 40);
    assert!(matches!(world.broker.attribute_seen(&script, None), Ok(Caller::Agent(_))));
}

#[test]
fn a_crowd_is_looked_at_one_by_one_and_found_the_same() {
    let (World { broker, fake: _fake, .. }, _handle) = World::with_agent();
    let broker = Arc::new(broker);
    let lookout = Lookout::start(&broker);
    let crowd: Vec<_> = (0..16).map(|_| lookout.sight(AGENT, &broker)).collect();
    let own = broker.recognise(AGENT).unwrap();
    assert!(crowd.iter().all(|caller| caller.session(&broker).is_some_and(|found| Arc::ptr_eq(found, &own))));
    assert!(lookout.sight(SCRIPT, &broker).session(&broker).is_none());
}

// A handle that was given out lets the object be read early, and says nothing of it to whom it was not given.
#[test]
fn who_asks_is_judged_before_what_is_asked_for() {
    let (mut world, own) = World::with_agent();
    let foreign = world.start_agent(SCRIPT).unwrap_or_else(|code| panic!("{code}")).handle;
    world.repository = world.folder.path().join("missing");
    let sign = |handle: &Secret, owner| code(world.sign(AGENT, b"no object".to_vec(), Some(handle), owner));
    assert_eq!(sign(&foreign, None), Code::AgentCachePeer.as_str());
    assert_eq!(sign(&own, Some("owner")), Code::AgentCallerNotPerson.as_str());
    assert_eq!(sign(&Secret::new("x".to_owned()), None), Code::AgentSessionUnknown.as_str());
    assert!(![Code::AgentCachePeer, Code::AgentSessionUnknown].map(Code::as_str).contains(&&*sign(&own, None)));
    assert_eq!(world.engine.calls("/v1/countersign"), 0);
}

#[test]
fn a_commit_that_was_signed_here_needs_no_second_reading() {
    let (world, handle) = World::with_agent();
    let object = world.commit_object("one");
    let Answer::GitSigned(signed) = world.sign(AGENT, object.clone(), Some(&handle), None) else { panic!("refused") };
    let made = join(&object, signed.armor.as_bytes(), ObjectFormat::Sha1).unwrap();
    let made = object_id(ObjectKind::Commit, &made, ObjectFormat::Sha1).unwrap();
    let child = String::from_utf8(world.commit_object("two")).unwrap().replacen('\n', &format!("\nparent {made}\n"), 1);
    // Nobody has written the commit: what is known of it is what was signed.
    let sign = || world.sign(AGENT, child.clone().into_bytes(), Some(&handle), None);
    assert_eq!(code(sign()), Code::AgentForeignPayload.as_str());
    world.broker.learn();
    let Provenance::Commit(commit) = provenance(&signature(sign())) else { panic!("not a commit") };
    assert_eq!(commit.counts.added, 0);
}
