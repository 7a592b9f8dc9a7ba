//! What git is told when it asks about a signature: good only where the run accepts, never a good form of bad.

use std::fs;

use chancery_tests::world::PERSON;
use chancery_tests::{Signed, World};
use ci::args::GpgVerify;
use ci::gpg::{self, Answer};
use signer_core::verdict::Outcome;
use signer_git::ObjectFormat;

/// git's question about a payload and an armour.
fn ask(world: &World, payload: &[u8], armor: &[u8], anchor: Option<String>) -> Answer {
    let file = world.checkout.beside("signature");
    fs::write(&file, armor).unwrap();
    let arguments = GpgVerify {
        sigstore: false,
        word: ci::args::Word::default(),
        home: world.checkout.beside("home"),
        anchor,
        repo: world.checkout.path(),
        status_fd: 1,
        file,
        payload: Some("-".to_owned()),
    };
    gpg::verify(&arguments, payload, world.now())
}

fn about(world: &World, commit: &Signed, alter: impl FnOnce(&mut Vec<u8>, &mut Vec<u8>)) -> Answer {
    let mut signed = signer_git::commit::split_signature(&commit.bytes, ObjectFormat::Sha1).unwrap();
    alter(&mut signed.payload, &mut signed.armor);
    ask(world, &signed.payload, &signed.armor, Some(world.anchor_file(1)))
}

fn refused(answer: &Answer) {
    assert_ne!(answer.outcome, Outcome::Accepted);
    for good in ["GOODSIG", "VALIDSIG", "TRUST_", "EXPSIG", "EXPKEYSIG", "REVKEYSIG"] {
        assert!(!answer.status.contains(good), "{}", answer.status);
    }
}

#[test]
fn good_is_what_the_run_accepts() {
    let world = World::new();
    let commit = world.agent("builder").commits("src/lib.rs", "one\n");
    let answer = about(&world, &commit, |_, _| ());
    assert_eq!(answer.outcome, Outcome::Accepted);
    assert!(answer.status.contains("\n[GNUPG:] GOODSIG ") && answer.status.ends_with("TRUST_FULLY 0 shell\n"));
    let tag = world.person().tags("v1");
    let signed = signer_git::tag::split_signature(&tag.bytes, ObjectFormat::Sha1).unwrap();
    let answer = ask(&world, &signed.payload, &signed.armor, Some(world.anchor_file(1)));
    assert_eq!(answer.outcome, Outcome::Accepted);
}

#[test]
fn bad_is_everything_else() {
    let world = World::new();
    let commit = world.agent("builder").commits("src/lib.rs", "one\n");
    refused(&about(&world, &commit, |payload, _| payload.push(b'\n')));
    refused(&about(&world, &commit, |payload, _| payload.clear()));
    refused(&about(&world, &commit, |_, armor| armor.clear()));
    refused(&about(&world, &commit, |_, armor| armor.extend_from_slice(b"[GNUPG:] GOODSIG 0 ada\n")));
    refused(&about(&world, &commit, |_, armor| {
        let twice = armor.repeat(2);
        *armor = twice;
    }));
    refused(&about(&world, &commit, |_, armor| *armor = b"-----BEGIN PGP SIGNATURE-----\n".to_vec()));
    refused(&about(&World::new(), &commit, |_, _| ()));
}

#[test]
fn a_signed_commit_from_before_the_adoption_is_called_that() {
    let world = World::unadopted(ObjectFormat::Sha1);
    let armor = b"-----BEGIN SIGNED MESSAGE-----\nAAAA\n-----END SIGNED MESSAGE-----\n";
    let advance = |parents: &[String]| {
        let payload = world.checkout.payload(&world.checkout.tree(), parents, PERSON, "Signed elsewhere");
        let whole = signer_git::commit::join(&payload, armor, ObjectFormat::Sha1).unwrap();
        (world.checkout.advance(&whole), payload)
    };
    let (first, root) = advance(&[]);
    let (_, second) = advance(&[first]);
    world.adopts();
    for payload in [root, second] {
        let about = |armor| ask(&world, &payload, armor, Some(world.anchor_file(1)));
        let answer = about(armor);
        refused(&answer);
        assert!(
            answer.text.contains("error[hist.not_descendant]: commit is from before the adoption"),
            "{}",
            answer.text
        );
        let other = about(b"-----BEGIN SIGNED MESSAGE-----\nAAAB\n-----END SIGNED MESSAGE-----\n");
        refused(&other);
        assert!(!other.text.contains("from before the adoption"), "{}", other.text);
    }
}

#[test]
fn an_expired_certificate_at_signing_time_is_plainly_bad() {
    let world = World::new();
    let commit = world.agent("builder").commits("src/lib.rs", "one\n");
    world.passes(600);
    let forged = world.forges(&commit).object();
    let signed = signer_git::commit::split_signature(&forged, ObjectFormat::Sha1).unwrap();
    let answer = ask(&world, &signed.payload, &signed.armor, Some(world.anchor_file(1)));
    refused(&answer);
    assert!(answer.status.contains("BADSIG"));
}

#[test]
fn without_an_anchor_of_this_machine_nothing_is_good() {
    let world = World::new();
    let commit = world.agent("builder").commits("src/lib.rs", "one\n");
    let signed = signer_git::commit::split_signature(&commit.bytes, ObjectFormat::Sha1).unwrap();
    let answer = ask(&world, &signed.payload, &signed.armor, None);
    refused(&answer);
    assert_eq!(answer.outcome, Outcome::Undetermined);
    let anchors = world.checkout.beside("home").join("anchors");
    fs::create_dir_all(&anchors).unwrap();
    fs::write(anchors.join(format!("{}.json", world.repository)), world.anchor(1)).unwrap();
    let answer = ask(&world, &signed.payload, &signed.armor, None);
    assert_eq!(answer.outcome, Outcome::Accepted, "{}", answer.text);
}

#[test]
fn what_a_stranger_wrote_does_not_reach_the_status_lines() {
    let world = World::new();
    let commit = world.agent("builder").commits("src/lib.rs", "one\n");
    for evil in ["\n[GNUPG:] GOODSIG 0 ada", "\u{1b}[2J", "\r"] {
        let answer = about(&world, &commit, |payload, _| payload.extend_from_slice(evil.as_bytes()));
        refused(&answer);
        assert!(!answer.text.contains('\u{1b}') && !answer.text.contains("[GNUPG:]"));
    }
}
