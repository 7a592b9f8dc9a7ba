//! An engine and its witnesses over real sockets: quorums are met without the slow, the gone and the lying; what is
//! recorded is never lost to them; an engine that went back is told so by proof alone.

mod closed;
mod embedding;
mod world;

use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect};
use signer_core::checkpoint::{Published, cosign};
use signer_core::crypto::Ed25519Key;
use signer_core::reason::{Code, Coded as _};

use super::*;
use crate::witness::tests::office::now;
use world::{Liar, World};

#[test]
fn a_quorum_is_published_in_the_policys_order() {
    let world = World::new(3);
    let offices = [world.office("w0"), world.office("w1")];
    let policy = world.policy(2, &[(&offices[0], offices[0].serve()), (&offices[1], offices[1].serve())], &[]);
    let running = world.run(&policy);
    running.released(3).unwrap();
    world.grow(4);
    running.released(world.size()).unwrap();
    let note = running.published().unwrap();
    let names: Vec<_> = note.lines().filter_map(|line| line.strip_prefix("— ")?.split(' ').next()).collect();
    assert_eq!(names, [world.origin(), "w0", "w1"]);
    let read = Published::verify(&note, &world.log(), &policy.keys()).unwrap();
    assert!(policy.is_met(read.cosignatures()));
    assert_eq!(read.checkpoint().size, world.size());
}

/// LOG-17 and issue text: unreachable, lying and slow witnesses neither block nor count.
#[test]
fn lying_and_slow_witnesses_do_not_count_and_do_not_block() {
    let world = World::new(2);
    let honest = world.office("w0");
    let stranger = Ed25519Key::generate().unwrap();
    let strange = VerifierKey::new("liar", KeyRole::Witness, stranger.public()).unwrap();
    let text = world.text();
    let own = Ed25519Key::generate().unwrap();
    let liar_key = VerifierKey::new("liar", KeyRole::Witness, own.public()).unwrap();
    let unsigned = cosign("another text\n", &liar_key, &own, now());
    let future = cosign(&text, &liar_key, &own, now().plus(3600));
    let lies: Vec<(Liar, Code)> = vec![
        (Liar::says(StatusCode::OK, &cosign(&text, &strange, &stranger, now())), Code::LogWitnessAnswer),
        (Liar::says(StatusCode::OK, &unsigned), Code::LogWitnessSignature),
        (Liar::says(StatusCode::OK, &future), Code::LogWitnessAnswer),
        (Liar::says(StatusCode::OK, ""), Code::LogCheckpointMalformed),
        (Liar::says(StatusCode::OK, &"x".repeat(1 << 20)), Code::LogWitnessAnswer),
        (Liar::says(StatusCode::CONFLICT, "99999999\n"), Code::LogWitnessAnswer),
        (Liar::says(StatusCode::CONFLICT, "-1\n"), Code::LogWitnessAnswer),
        (Liar::says(StatusCode::CONFLICT, "1"), Code::LogWitnessAnswer),
        (Liar::says(StatusCode::CONFLICT, "0\n"), Code::LogWitnessRefused),
        (Liar::says(StatusCode::NOT_FOUND, ""), Code::LogWitnessRefused),
        (Liar::says(StatusCode::UNPROCESSABLE_ENTITY, ""), Code::LogWitnessRefused),
        (Liar::answers(|| Redirect::temporary("http://127.0.0.1:9/").into_response()), Code::LogWitnessRefused),
        (Liar::gone(), Code::LogWitnessUnreachable),
    ];
    for (liar, expected) in lies {
        let policy = world.policy(1, &[(&honest, honest.serve())], &[(&liar_key, liar.address)]);
        let running = world.run(&policy);
        running.released(world.size()).unwrap();
        assert_eq!(running.problem_of(1), expected);
        let read = Published::verify(&running.published().unwrap(), &world.log(), &policy.keys()).unwrap();
        assert!(read.cosignatures().iter().all(|found| found.witness == 0));
        assert_eq!(world.engine.check_seen(None), Ok(()));
    }
    let slow = Liar::slow();
    let policy = world.policy(1, &[(&honest, honest.serve())], &[(&liar_key, slow.address)]);
    let running = world.run(&policy);
    world.grow(1);
    running.released(world.size()).unwrap();
}

#[test]
fn what_was_recorded_waits_for_its_quorum_and_is_not_lost() {
    let world = World::new(2);
    let (first, second) = (world.office("w0"), world.office("w1"));
    let gone = Liar::gone();
    let missing = world.policy(2, &[(&first, first.serve())], &[(second.key(), gone.address)]);
    let running = world.run(&missing);
    let refused = running.released(2).unwrap_err();
    assert_eq!(refused.code(), Code::LogWitnessQuorum);
    assert!(refused.is_undetermined());
    assert_eq!(running.published().map_err(|refusal| refusal.code()), Err(Code::LogWitnessQuorum));
    drop(running);
    // The witness comes back: the same answer is released.
    let both = world.policy(2, &[(&first, first.serve()), (&second, second.serve())], &[]);
    world.run(&both).released(2).unwrap();
}

#[test]
fn answers_that_hold_no_entry_wait_for_nobody() {
    let world = World::new(1);
    let gone = Liar::gone();
    let key = VerifierKey::new("w0", KeyRole::Witness, Ed25519Key::generate().unwrap().public()).unwrap();
    let running = world.run(&world.policy(1, &[], &[(&key, gone.address)]));
    running.released_without_entry().unwrap();
}

/// LOG-28, LOG-14: restored from an older copy. The witness's proof stops the engine for good.
#[test]
fn an_engine_that_went_back_is_stopped_by_its_witness() {
    let world = World::new(5);
    let office = world.office("w0");
    let policy = world.policy(1, &[(&office, office.serve())], &[]);
    world.run(&policy).released(world.size()).unwrap();
    let older = world.again(2);
    let running = older.run(&policy);
    assert_eq!(running.released(older.size()).unwrap_err().code(), Code::LogWitnessQuorum);
    assert_eq!(running.problem_of(0), Code::LogStateRegression);
    assert_eq!(older.engine.check_seen(None).map_err(|refusal| refusal.code()), Err(Code::LogStateRegression));
    // The engine that has everything goes on.
    assert_eq!(world.engine.check_seen(None), Ok(()));
}

#[test]
fn a_restarted_server_publishes_what_was_witnessed_before() {
    let world = World::new(3);
    let office = world.office("w0");
    let policy = world.policy(1, &[(&office, office.serve())], &[]);
    world.run(&policy).released(3).unwrap();
    drop(office);
    let running = world.run(&policy);
    running.released(3).unwrap();
    assert!(running.published().unwrap().starts_with(&world.text()));
}

#[test]
fn without_a_quorum_the_newest_checkpoint_is_published_with_what_it_has() {
    let world = World::new(2);
    let office = world.office("w0");
    let policy = world.policy(0, &[(&office, office.serve())], &[]);
    let running = world.run(&policy);
    running.released(2).unwrap();
    assert!(running.published().unwrap().starts_with(&world.text()));
}

#[test]
fn refuses_policies_that_are_not_about_this_log() {
    let world = World::new(1);
    let office = world.office("w0");
    let address = office.serve();
    let right = world.policy_text(1, &[(&office, address)], &[]);
    let refused = |text: &str| world.open(&WitnessPolicy::parse(text).unwrap()).err().map(|error| error.code());
    assert_eq!(refused(&right), None);
    let other = VerifierKey::new(world.origin(), KeyRole::Log, Ed25519Key::generate().unwrap().public()).unwrap();
    assert_eq!(refused(&right.replace(&world.log().to_string(), &other.to_string())), Some(Code::LogWitnessPolicy));
    let own = VerifierKey::new("own", KeyRole::Witness, world.log().key().clone()).unwrap();
    let own = format!("witness own {own} http://{address}\nquorum own\n");
    assert_eq!(refused(&own), Some(Code::LogWitnessPolicy));
    let url = format!("http://{address}");
    for wrong in ["https://127.0.0.1:1", "http://witness.example:80", "http://127.0.0.1", "http://10.0.0.1:1", "x", ""]
    {
        assert_eq!(refused(&right.replace(&url, wrong)), Some(Code::EngineAddress), "{wrong}");
    }
    assert_eq!(refused(&right.replace(&url, &format!("{url}/prefix/"))), None);
}

#[test]
fn reads_policies_within_their_limits() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("policy");
    let code = || read_policy(&path).err().map(|error| error.code());
    assert_eq!(code(), Some(Code::InternalIo));
    for (bytes, expected) in [
        (b"quorum none\n".to_vec(), None),
        (b"quorum none # \xff\n".to_vec(), Some(Code::LogWitnessPolicy)),
        (vec![b'#'; MAX_BYTES + 1], Some(Code::LogWitnessPolicy)),
        (b"quorum nobody\n".to_vec(), Some(Code::LogWitnessPolicy)),
    ] {
        std::fs::write(&path, bytes).unwrap();
        assert_eq!(code(), expected);
    }
}
