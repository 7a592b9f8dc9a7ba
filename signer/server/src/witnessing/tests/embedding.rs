//! An answer bears the quorum of its own checkpoint or none at all leaves, through outages, restarts and changes of mind.

use signer_core::checkpoint::{Checkpoint, KeyRole, VerifierKey};
use signer_core::crypto::Ed25519Key;
use signer_core::reason::Code;
use signer_core::witness_policy::WitnessPolicy;

use super::world::{Liar, World};

/// Cosignatures of the checkpoint that an answer carries, which is over that many entries.
fn cosignatures(world: &World, policy: &WitnessPolicy, note: &str, size: u64) -> usize {
    let (checkpoint, found) =
        Checkpoint::verify_cosigned(note, world.origin(), world.log().key(), &policy.keys()).unwrap();
    assert_eq!(checkpoint.size, size, "of this very tree");
    found.len()
}

/// A policy whose one witness is gone.
fn outage(world: &World) -> WitnessPolicy {
    let gone = VerifierKey::new("gone", KeyRole::Witness, Ed25519Key::generate().unwrap().public()).unwrap();
    world.policy(1, &[], &[(&gone, Liar::gone().address)])
}

#[test]
fn an_answer_carries_the_cosignatures_of_its_own_checkpoint_and_so_does_its_repeat() {
    let world = World::new(3);
    let offices = [world.office("w0"), world.office("w1")];
    let policy = world.policy(2, &[(&offices[0], offices[0].serve()), (&offices[1], offices[1].serve())], &[]);
    let running = world.run_embedding(&policy);
    let first_size = world.sign(1)[0];
    let first = running.embedded(first_size).unwrap();
    world.grow(4);
    let second = running.embedded(world.size()).unwrap();
    assert_eq!(cosignatures(&world, &policy, &first, first_size), 2);
    assert_eq!(cosignatures(&world, &policy, &second, world.size()), 2);
    assert_eq!(running.embedded(first_size).unwrap(), first);
    drop(running);
    assert_eq!(world.run_embedding(&policy).embedded(first_size).unwrap(), first, "the same after a restart");
    assert_eq!(
        world.run(&policy).embedded(first_size).unwrap(),
        world.note(first_size),
        "and none where none are embedded"
    );
}

/// LOG-28: whatever of an outage and a restart comes first, the repeat is whole, and the same ever after.
#[test]
fn answers_that_an_outage_caught_are_whole_once_the_witnesses_are_back() {
    let world = World::new(1);
    let running = world.run_in_an_outage(&outage(&world));
    let caught = world.sign(2);
    world.grow(2);
    for size in &caught {
        assert_eq!(running.embedded(*size).unwrap_err().code(), Code::LogWitnessQuorum);
    }
    drop(running);
    // Nobody asks before the server is restarted once more, and more is recorded meanwhile.
    let later = world.sign(1);
    let office = world.office("w0");
    let policy = world.policy(1, &[(&office, office.serve())], &[]);
    let running = world.run_embedding(&policy);
    let newest = running.embedded(later[0]).unwrap();
    assert_eq!(cosignatures(&world, &policy, &newest, later[0]), 1);
    let whole: Vec<String> = caught.iter().map(|size| running.embedded(*size).unwrap()).collect();
    for (note, size) in whole.iter().zip(&caught) {
        assert_eq!(cosignatures(&world, &policy, note, *size), 1);
    }
    drop(running);
    let running = world.run_embedding(&policy);
    for (note, size) in whole.iter().zip(&caught) {
        assert_eq!(running.embedded(*size).unwrap(), *note, "the same after a restart");
    }
}

#[test]
fn no_checkpoint_that_an_answer_ends_in_is_passed_over_for_a_later_one() {
    let world = World::new(1);
    let office = world.office("w0");
    let policy = world.policy(1, &[(&office, office.serve())], &[]);
    let running = world.run_embedding(&policy);
    let sizes = world.sign(12);
    world.grow(3);
    // The newest first: whoever asks for it waits for all before.
    for size in sizes.iter().rev() {
        assert_eq!(cosignatures(&world, &policy, &running.embedded(*size).unwrap(), *size), 1);
    }
}

#[test]
fn what_left_without_cosignatures_is_repeated_without() {
    let world = World::new(1);
    let office = world.office("w0");
    let policy = world.policy(1, &[(&office, office.serve())], &[]);
    let before = world.sign(2);
    for size in &before {
        assert_eq!(world.run(&policy).embedded(*size).unwrap(), world.note(*size));
    }
    let running = world.run_embedding(&policy);
    for size in &before {
        assert_eq!(running.embedded(*size).unwrap(), world.note(*size));
    }
    let after = world.sign(1)[0];
    assert_eq!(cosignatures(&world, &policy, &running.embedded(after).unwrap(), after), 1);
}

/// What an outage caught leaves without cosignatures where the operator embeds none any more; begun again, what is asked
/// for is what is recorded from then on, and nothing waits for a checkpoint that was passed over.
#[test]
fn an_operator_who_changes_his_mind_blocks_nobody() {
    let world = World::new(1);
    let running = world.run_in_an_outage(&outage(&world));
    let caught = world.sign(1)[0];
    assert_eq!(running.embedded(caught).unwrap_err().code(), Code::LogWitnessQuorum);
    drop(running);
    world.embed_nothing();
    let office = world.office("w0");
    let policy = world.policy(1, &[(&office, office.serve())], &[]);
    world.grow(1);
    assert_eq!(world.run(&policy).embedded(world.size()).unwrap(), world.note(world.size()));
    assert_eq!(world.run(&policy).embedded(caught).unwrap(), world.note(caught));
    let running = world.run_embedding(&policy);
    assert_eq!(running.embedded(caught).unwrap(), world.note(caught));
    let after = world.sign(1)[0];
    assert_eq!(cosignatures(&world, &policy, &running.embedded(after).unwrap(), after), 1);
}
