//! Histories that would choose their own judge: the order of a merge's parents is the committer's choice.

use chancery_tests::verdicts::{codes, is_accepted};
use chancery_tests::world::PERSON;
use chancery_tests::{Office, World};
use ci::run::Selection;
use signer_core::anchor::AnchorTerms;

/// Checks out an engine's merge made after the anchor dropped that engine; its first parent is older than the new anchor. Gives
/// the second, the tip of `main` before.
fn merge_of_a_dropped_engine(world: &World) -> String {
    let first = world.checkout.id("HEAD");
    let successor = Office::new(world.now());
    let trust_root = String::from_utf8(successor.trust(world.now()).to_json()).unwrap();
    world.anchors(AnchorTerms { trust_root, ..world.next_terms(1) });
    let tip = world.checkout.id("main");
    world.checkout.write("src/evil.rs", "evil\n");
    let tree = world.checkout.tree();
    let payload = world.checkout.payload(&tree, &[first, tip.clone()], PERSON, "Merge");
    let merge = world.person().signs(&payload).unwrap();
    world.checkout.advance(&merge.bytes);
    tip
}

#[test]
fn refuses_a_dropped_engines_merge_that_chooses_an_old_first_parent() {
    let world = World::new();
    merge_of_a_dropped_engine(&world);
    for version in [2, 1] {
        let verdict = world.judge(&world.anchor_file(version), Selection::All);
        assert!(!is_accepted(&verdict), "v{version}: {:?}", codes(&verdict));
    }
}

#[test]
fn refuses_a_dropped_engines_merge_that_chooses_an_old_first_parent_in_a_range_from_main() {
    let world = World::new();
    let tip = merge_of_a_dropped_engine(&world);
    for version in [2, 1] {
        let verdict =
            world.judge(&world.anchor_file(version), Selection::Range { base: tip.clone(), head: "HEAD".to_owned() });
        assert!(!is_accepted(&verdict), "v{version}: {:?}", codes(&verdict));
    }
}

#[test]
fn refuses_an_agents_merge_that_chooses_an_old_first_parent_to_get_an_old_policy() {
    let world = World::new();
    let first = world.checkout.id("HEAD");
    let policy = world.policy().clone().without_rule("agent-change").unwrap();
    for (name, content) in policy.files() {
        world.checkout.write(&format!(".chancery/policy/{name}"), content);
    }
    world.anchors(AnchorTerms { policy: policy.digest(), ..world.next_terms(1) });
    let parents = [first, world.checkout.id("main")];
    world.checkout.write("src/new.rs", "new\n");
    let payload = world.checkout.payload(&world.checkout.tree(), &parents, PERSON, "Merge");
    let merge = world.agent("builder").signs(&payload).unwrap();
    world.checkout.advance(&merge.bytes);
    assert!(!is_accepted(&world.verify()));
}
