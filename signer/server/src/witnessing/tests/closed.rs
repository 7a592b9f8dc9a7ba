//! A log that another has followed: its end reaches the witnesses, and whoever asks for one of its entries gets it.

use signer_core::checkpoint::Checkpoint;
use signer_core::reason::Code;
use signer_core::witness_policy::WitnessPolicy;

use super::world::World;
use crate::witness::tests::office::Office;

/// A policy for both logs of an engine under which this office is the one witness.
fn both(before: &World, world: &World, office: &Office) -> WitnessPolicy {
    let text = world.policy_text(1, &[(office, office.serve())], &[]);
    WitnessPolicy::parse(&format!("log {}\n{text}", before.log())).unwrap()
}

#[test]
fn the_end_of_a_closed_log_is_brought_to_the_witnesses() {
    let before = World::new(3);
    let signed = before.sign(3);
    let world = World::after(&before);
    let office = Office::named("w0", &[before.log(), world.log()]);
    let policy = both(&before, &world, &office);
    let running = world.run(&policy);
    let last = *signed.last().unwrap();
    assert_eq!(running.closed()[0].size, last);
    for size in &signed {
        assert_eq!(running.embedded_under(before.note(*size), *size).unwrap(), before.note(*size));
    }
    assert_eq!(running.closed()[0].witnessed, Some(last));
    let published = running.published_closed(before.origin(), &before.note(last));
    let read = Checkpoint::verify_cosigned(&published, before.origin(), before.log().key(), &policy.keys()).unwrap();
    assert_eq!((read.0.size, read.1.len()), (last, 1));
    drop((running, office));
    // Nobody has to be asked again.
    let running = world.run(&policy);
    running.embedded_under(before.note(last), last).unwrap();
    assert_eq!(running.published_closed(before.origin(), &before.note(last)), published);
}

/// Both logs have a checkpoint of this size; each answer carries its own.
#[test]
fn what_a_rotation_caught_carries_the_cosignatures_of_its_own_log() {
    let before = World::new(1);
    let office = before.office("w0");
    let policy = before.policy(1, &[(&office, office.serve())], &[]);
    drop(before.run_embedding(&policy));
    let signed = before.sign(3);
    let world = World::after(&before);
    let office = Office::named("w0", &[before.log(), world.log()]);
    let running = world.run_embedding(&both(&before, &world, &office));
    let own = world.sign(3);
    assert_eq!(own, signed);
    for size in &signed {
        let note = running.embedded_under(before.note(*size), *size).unwrap();
        assert!(note.starts_with(before.note(*size).split("\n\n").next().unwrap()), "the closed log's");
        assert_eq!(note.matches("\u{2014} ").count(), 2, "with a cosignature");
        assert_eq!(running.embedded(*size).unwrap().matches("\u{2014} ").count(), 2);
    }
}

#[test]
fn a_closed_log_that_the_policy_or_the_witness_does_not_know_holds_nobody_else_up() {
    let before = World::new(2);
    let signed = before.sign(1)[0];
    let world = World::after(&before);
    let office = Office::named("w0", &[world.log()]);
    for policy in [world.policy(1, &[(&office, office.serve())], &[]), both(&before, &world, &office)] {
        let running = world.run_embedding(&policy);
        running.released(1).unwrap();
        let impatient = world.run_in_an_outage(&policy);
        let refused = impatient.embedded_under(before.note(signed), signed).unwrap_err();
        assert_eq!(refused.code(), Code::LogWitnessQuorum);
        assert_eq!(running.closed()[0].witnessed, None);
        assert_eq!(running.published_closed(before.origin(), &before.note(signed)), before.note(signed));
    }
}

#[test]
fn an_entry_of_a_log_that_this_engine_never_wrote_gets_nothing() {
    let (stranger, world) = (World::new(3), World::new(3));
    let office = world.office("w0");
    let running = world.run(&world.policy(1, &[(&office, office.serve())], &[]));
    let refused = running.embedded_under(stranger.note(2), 2).unwrap_err();
    assert_eq!(refused.code(), Code::LogWitnessQuorum);
}
