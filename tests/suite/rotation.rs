//! Rotation, as repositories see it: old and new keys under the next anchor, and the new ones under no older.

use chancery_tests::World;
use chancery_tests::rotation::NEXT_ORIGIN;
use chancery_tests::verdicts::{codes, is_accepted, row};
use ci::run::Selection;
use signer_core::anchor::{self, AnchorTerms};
use signer_core::crypto::P256Key;
use signer_core::reason::Code;

fn terms(world: &World, trust_root: &signer_core::trust_root::TrustRoot) -> AnchorTerms {
    AnchorTerms { trust_root: String::from_utf8(trust_root.to_json()).unwrap(), ..world.next_terms(1) }
}

#[test]
fn what_was_signed_before_and_after_verifies_once_the_next_anchor_was_brought() {
    let mut world = World::new();
    let before = world.person().commits("a", "a");
    world.passes(10);
    let trust = world.rotates();
    let brought = world.anchors(terms(&world, &trust));
    world.passes(10);
    let after = world.agent("builder").commits("src/lib.rs", "b\n");
    for version in [1, 2] {
        let verdict = world.judge(&world.anchor_file(version), Selection::All);
        assert!(is_accepted(&verdict), "from anchor {version}: {verdict:#?}");
        let origin = |id: &str| row(&verdict, id).log.as_ref().unwrap().origin.clone();
        assert_ne!(origin(&before.id), NEXT_ORIGIN);
        assert_eq!(origin(&brought.id), NEXT_ORIGIN);
        assert_eq!(origin(&after.id), NEXT_ORIGIN);
    }
}

#[test]
fn refuses_the_new_keys_under_the_old_anchor_and_says_what_to_bring() {
    let mut world = World::new();
    world.rotates();
    let signed = world.person().commits("a", "a");
    let verdict = world.verify_commit(&signed.id);
    assert_eq!(codes(&verdict), [Code::X509Untrusted]);
    assert!(row(&verdict, &signed.id).reasons.iter().any(|reason| reason.help.contains("chancery anchor update")));
    assert!(Code::LogOriginMismatch.help().contains("chancery anchor update"));
    assert!(Code::TimeTsaUntrusted.help().contains("chancery anchor update"));
}

#[test]
fn refuses_a_trust_root_that_the_keyholders_did_not_sign() {
    // Whoever runs an engine cannot bring its keys into force by a commit of that engine.
    let mut world = World::new();
    let trust = world.rotates();
    let file = anchor::sign(terms(&world, &trust), &[&P256Key::generate().unwrap()]).unwrap();
    world.keep_anchor(2, &file);
    let brought = world.brings_anchor(2, &file);
    assert!(!is_accepted(&world.verify_commit(&brought.id)));
}

#[test]
fn refuses_a_new_key_between_the_rotation_and_the_anchor_that_brings_it() {
    let mut world = World::new();
    let trust = world.rotates();
    let early = world.person().commits("a", "a");
    let brought = world.anchors(terms(&world, &trust));
    let verdict = world.judge(&world.anchor_file(2), Selection::All);
    assert_eq!(codes(&verdict), [Code::X509Untrusted]);
    assert_eq!(row(&verdict, &early.id).reasons.first().map(|reason| reason.code), Some(Code::X509Untrusted));
    assert!(row(&verdict, &brought.id).reasons.iter().all(|reason| reason.code != Code::X509Untrusted));
}

#[test]
fn refuses_what_an_old_key_signs_after_its_end() {
    let mut world = World::new();
    let old = world.person().commits("a", "a");
    let forged = chancery_tests::Parts::of(&old.bytes, world.checkout.format());
    let late = world.now().plus(5);
    // As a thief holds them.
    let office = world.office.copied();
    let trust = world.rotates();
    world.passes(60);
    let forged = forged.decided(&office, late, |_| ());
    let verifier = signer_core::verify::Verifier::new(trust, world.now());
    let refused = world.check_with(&verifier, &forged.object()).map(drop).map_err(|error| {
        use signer_core::reason::Coded as _;
        error.code()
    });
    assert_eq!(refused, Err(Code::TimeOutsideWindow));
    assert!(world.check_with(&verifier, &old.bytes).is_ok(), "and what it signed before stays");
}
