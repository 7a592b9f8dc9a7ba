//! Trees made to be expensive.

use super::*;
use crate::Commit;

fn entry(mode: &str, name: &str, id: &ObjectId) -> Vec<u8> {
    [format!("{mode} {name}\0").as_bytes(), id.as_bytes()].concat()
}

fn refusal(world: &World, tree: &ObjectId) -> Code {
    let id = world.commit_tree(&tree.to_string(), &[], "expensive");
    let repository = world.open();
    let commit: Commit = repository.commit(&id).unwrap();
    change_list(&repository, &commit).unwrap_err().code()
}

#[test]
fn refuses_trees_that_name_one_subtree_many_times_over() {
    let world = World::new(FORMATS[0]);
    for leaf in [b"100644 x\0".as_slice(), b""] {
        let blob = world.forge("blob", b"");
        let bottom = if leaf.is_empty() { vec![] } else { [leaf, blob.as_bytes()].concat() };
        let mut tree = world.forge("tree", &bottom);
        for _ in 0..8 {
            let level: Vec<u8> = (0..10).flat_map(|name| entry("40000", &name.to_string(), &tree)).collect();
            tree = world.forge("tree", &level);
        }
        assert_eq!(refusal(&world, &tree), Code::LimitChangeList);
    }
}

#[test]
fn refuses_trees_that_are_too_deep_or_paths_that_are_too_long() {
    let world = World::new(FORMATS[0]);
    let blob = world.forge("blob", b"");
    let mut tree = world.forge("tree", &entry("100644", "x", &blob));
    for _ in 0..300 {
        tree = world.forge("tree", &entry("40000", "d", &tree));
    }
    assert_eq!(refusal(&world, &tree), Code::LimitTreeDepth);
    let long = world.forge("tree", &entry("100644", &"x".repeat(4097), &blob));
    assert_eq!(refusal(&world, &long), Code::LimitChangeList);
}

// GIT-29, GIT-30, GIT-31 through a whole commit.
#[test]
fn refuses_a_commit_of_a_hostile_tree() {
    let world = World::new(FORMATS[0]);
    let blob = world.forge("blob", b"");
    let tree = |bytes: &[Vec<u8>]| world.forge("tree", &bytes.concat());
    let file = |name: &str| entry("100644", name, &blob);
    assert_eq!(refusal(&world, &tree(&[file("a"), file("a")])), Code::GitTreeDuplicateEntry);
    assert_eq!(refusal(&world, &tree(&[file("b"), file("a")])), Code::GitTreeNoncanonical);
    let nested = tree(&[file(".GIT")]);
    assert_eq!(refusal(&world, &tree(&[entry("40000", "sub", &nested)])), Code::GitTreeUnsafeName);
    assert_eq!(refusal(&world, &tree(&[entry("40000", "sub", &blob)])), Code::GitMalformedObjectType);
    assert_eq!(refusal(&world, &tree(&[entry("100644", "file", &nested)])), Code::GitMalformedObjectType);
}
