//! Prompts: accepted once, by the session they are for, and named by its commits from then on.

use signer_core::digest::Digest;
use signer_core::identity::Purpose;
use signer_core::merkle;
use signer_core::prompt::PromptTerms;
use signer_core::reason::Code;

use crate::answer::Answer;
use crate::session::Session;
use crate::signature::Entry;
use crate::world::{World, changes, commit_of, countersignature, prompt_for, refusal};

/// A prompt of alice's, by the leaf hash of its entry.
fn prompt(world: &mut World, alter: impl FnOnce(&mut PromptTerms)) -> Digest {
    let alice = world.alice();
    let signer = world.signer(&alice, Purpose::Prompt);
    let request = signer.statement(&prompt_for(alter));
    let answer = countersignature(world.commit(world.engine.statement(&alice, &request, world.now)));
    signer_core::decision::DecisionRecord::decode(&answer.decision.0).unwrap().leaf
}

fn accept(world: &mut World, session: &Session, prompt: &Digest) -> Result<Answer, Code> {
    world.commit(world.engine.accept_prompt(session, prompt, world.now))
}

#[test]
fn an_accepted_prompt_is_named_by_the_sessions_commits() {
    let mut world = World::peopled();
    let session = world.builder(0);
    let signer = world.signer(&session, Purpose::Commit);
    let leaf = prompt(&mut world, |_| ());
    assert!(matches!(accept(&mut world, &session, &leaf), Ok(Answer::Accepted { prompt }) if prompt == leaf));
    let list = changes(&["src/lib.rs"]);
    let unaware = signer.commit(&commit_of(&session, &list), &list);
    let session = world.refreshed(&session);
    let code = refusal(world.commit(world.engine.countersign(&session, &unaware, world.now)));
    assert_eq!(code, Code::SignGrantMismatch);
    let aware = signer.commit(&commit_of(&session, &list), &list);
    countersignature(world.commit(world.engine.countersign(&session, &aware, world.now)));
}

#[test]
fn refuses_a_prompt_that_was_accepted_before() {
    let mut world = World::peopled();
    let (session, other) = (world.builder(0), world.builder(0));
    let leaf = prompt(&mut world, |_| ());
    accept(&mut world, &session, &leaf).unwrap();
    assert_eq!(refusal(accept(&mut world, &session, &leaf)), Code::PromptNonceUsed);
    assert_eq!(refusal(accept(&mut world, &other, &leaf)), Code::PromptNonceUsed);
}

#[test]
fn two_prompts_of_one_nonce_are_accepted_once() {
    let mut world = World::peopled();
    let session = world.builder(0);
    let nonce = "0123456789abcdef0123456789abcdef".parse().unwrap();
    let first = prompt(&mut world, |p| p.nonce = nonce);
    let second = prompt(&mut world, |p| p.nonce = nonce);
    assert_ne!(first, second);
    let prepare = |leaf| world.engine.accept_prompt(&session, leaf, world.now);
    let batch = vec![prepare(&first), prepare(&second)];
    let mut answers = world.commit_all(batch);
    assert_eq!(refusal(answers.pop().unwrap()), Code::PromptNonceUsed);
    answers.pop().unwrap().unwrap();
}

#[test]
fn refuses_a_prompt_that_is_over() {
    let mut world = World::peopled();
    let session = world.builder(0);
    let leaf = prompt(&mut world, |_| ());
    let in_time = world.engine.accept_prompt(&session, &leaf, world.now);
    world.now = world.now.plus(600);
    assert_eq!(refusal(accept(&mut world, &session, &leaf)), Code::PromptExpired);
    assert_eq!(refusal(world.commit(in_time)), Code::PromptExpired);
}

#[test]
fn refuses_a_prompt_for_other_work() {
    let mut world = World::peopled();
    let session = world.builder(0);
    let bound_elsewhere: [fn(&mut PromptTerms); 3] = [
        |p| p.binding.session = Some("another".to_owned()),
        |p| p.binding.target = "refs/tags/v1".parse().unwrap(),
        |p| p.binding.repository = "repo-ffffffffffffffffffffffffffffffff".parse().unwrap(),
    ];
    for alter in bound_elsewhere {
        let leaf = prompt(&mut world, alter);
        assert_eq!(refusal(accept(&mut world, &session, &leaf)), Code::PromptBinding);
    }
}

#[test]
fn refuses_a_prompt_of_another_chain() {
    let mut world = World::peopled();
    let session = world.builder(0);
    let first = prompt(&mut world, |_| ());
    let stranger = prompt(&mut world, |_| ());
    accept(&mut world, &session, &first).unwrap();
    let session = world.refreshed(&session);
    let foreign = prompt(&mut world, |p| p.previous = Some(stranger));
    assert_eq!(refusal(accept(&mut world, &session, &foreign)), Code::PromptBinding);
    let next = prompt(&mut world, |p| p.previous = Some(first));
    accept(&mut world, &session, &next).unwrap();
}

#[test]
fn refuses_what_is_no_prompt() {
    let mut world = World::peopled();
    let session = world.builder(0);
    let grant = *session.row().grants.last().unwrap();
    assert_eq!(refusal(accept(&mut world, &session, &grant)), Code::PromptNotRecorded);
    let nothing = Entry { leaf: merkle::leaf_hash(b""), body: Vec::new() };
    assert_eq!(refusal(accept(&mut world, &session, &nothing.leaf)), Code::PromptNotRecorded);
}
